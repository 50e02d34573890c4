// SPDX-License-Identifier: Apache-2.0

package postfixtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

func need(t *testing.T) context.Context {
	t.Helper()
	if why := Missing(); why != "" {
		t.Skip(why)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func startSink(t *testing.T) *sink.Server {
	t.Helper()
	s, err := sink.Start(sink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func start(ctx context.Context, t *testing.T, o Options) *Instance {
	t.Helper()
	i, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Stop(); err != nil {
			t.Error(err)
		}
	})
	return i
}

func TestMessageThrough(t *testing.T) {
	ctx := need(t)
	next := startSink(t)
	i := start(ctx, t, Options{NextHop: next.Addr(), Listeners: []Listener{{Name: "in"}}})
	body := []byte("Subject: one\r\n\r\n.dots\r\n" + strings.Repeat("x", 5000) + "\r\n\xe9\r\n")
	o, err := smtptest.Send(i.Addr("in"), smtptest.Mail{From: "<a@example.org> BODY=8BITMIME", To: []string{"<b@example.net>"}, Body: body})
	if err != nil || !o.OK() {
		t.Fatalf("send: %v, %v", o, err)
	}
	if err := next.Wait(ctx, func(m []*sink.Message) bool { return len(m) == 1 }); err != nil {
		t.Fatal(err)
	}
	got := next.Messages()[0]
	if !bytes.HasSuffix(got.Data, body) {
		t.Errorf("came out as %q, want it to end with %q", got.Data, body)
	}
	if sink.Param(got.MailFrom, "BODY") != "8BITMIME" {
		t.Errorf("MAIL FROM:%s lacks BODY=8BITMIME", got.MailFrom)
	}
	if err := i.WaitLog(ctx, func(log string) bool { return strings.Contains(log, "status=sent") }); err != nil {
		t.Error(err)
	}
}

func TestQueueHoldsWhatIsDeferred(t *testing.T) {
	ctx := need(t)
	next := startSink(t)
	next.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.Dot {
			return sink.Act{Reply: "451 4.3.0 not now"}
		}
		return sink.Act{}
	})
	i := start(ctx, t, Options{NextHop: next.Addr(), Listeners: []Listener{{Name: "in"}}})
	o, err := smtptest.Send(i.Addr("in"), smtptest.Mail{From: "<>", To: []string{"<b@example.net>"}, Body: []byte("\r\nhello\r\n")})
	if err != nil || !o.OK() {
		t.Fatalf("send: %v, %v", o, err)
	}
	deferred := func(q []Queued) bool { return len(q) == 1 && strings.Contains(q[0].Recipients[0].Reason, "not now") }
	if err := i.WaitQueue(ctx, deferred); err != nil {
		t.Fatal(err)
	}
	next.Misbehave(nil)
	if err := i.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if err := i.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if got := len(next.Messages()); got != 1 {
		t.Errorf("got %d messages, want 1", got)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	ctx := need(t)
	before := fingerprint(t, "/etc/postfix", "/var/spool/postfix")
	i, err := Start(ctx, Options{NextHop: "127.0.0.1:9", Listeners: []Listener{{Name: "in"}}})
	if err != nil {
		t.Fatal(err)
	}
	pid, err := i.pid()
	if err != nil || pid == 0 {
		t.Fatalf("pid: got %d, %v", pid, err)
	}
	if err := i.Stop(); err != nil {
		t.Fatal(err)
	}
	if groupRuns(pid) {
		t.Errorf("processes of group %d still run", pid)
	}
	if _, err := os.Stat(i.Dir()); !os.IsNotExist(err) {
		t.Errorf("folder %s is still there", i.Dir())
	}
	if _, err := net.Dial("tcp", i.Addr("in")); err == nil {
		t.Error("the listener still answers")
	}
	if err := i.Stop(); err != nil {
		t.Errorf("second Stop: %v", err)
	}
	if after := fingerprint(t, "/etc/postfix", "/var/spool/postfix"); after != before {
		t.Error("the configuration or the queue of the system's Postfix has changed")
	}
}

// fingerprint is a digest of names, modes, times and contents below the folders.
func fingerprint(t *testing.T, dirs ...string) string {
	t.Helper()
	h := sha256.New()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			fmt.Fprintln(h, path, info.Mode(), info.ModTime())
			if d.Type().IsRegular() {
				b, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				_, _ = h.Write(b)
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// TestFreeAddrs: no address is given that is spoken for, though nobody listens on it yet.
func TestFreeAddrs(t *testing.T) {
	var used []string
	for port := 1024; port < 1<<16; port += 2 { // Without this, one of two would be among them.
		used = append(used, fmt.Sprintf("%s:%d inet n - n - - smtpd", Loopback, port))
	}
	addrs, err := FreeAddrs(10, strings.Join(used, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range addrs {
		if slices.Contains(used, addr+" inet n - n - - smtpd") {
			t.Errorf("%s is used", addr)
		}
	}
}

func TestStartTellsWhatIsWrong(t *testing.T) {
	ctx := need(t)
	held, err := net.Listen("tcp", Loopback+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"no next hop", Options{}, "next hop"},
		{"port taken", Options{NextHop: "127.0.0.1:9", Listeners: []Listener{{Address: held.Addr().String()}}}, "address already in use"},
		{"bad parameter", Options{NextHop: "127.0.0.1:9", Main: map[string]string{"mail_owner": "root"}}, "mail_owner"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i, err := Start(ctx, tt.o)
			if err == nil {
				_ = i.Stop()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want it to have %q", err, tt.want)
			}
		})
	}
}
