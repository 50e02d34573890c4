// SPDX-License-Identifier: Apache-2.0

// Package filtertest is the conformance suite of filters. Every filter's tests run it, with the race detector.
package filtertest

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// Suite is one filter to be tested.
type Suite struct {
	New      func(t testing.TB) filters.Filter // A filter that works; what it needs ends with t.
	Messages []string                          // Messages that the filter has something to say about, beside the suite's own.
}

// patience is how long a filter may take for anything here before the suite gives up on it.
const patience = 20 * time.Second

// Run runs the suite. The filter's README.md is in the current folder, as it is for go test.
func Run(t *testing.T, s Suite) {
	codes := documentedCodes(t)
	for _, c := range []struct {
		name string
		test func(t *testing.T, s Suite, codes []string)
	}{
		{"nil message", nilMessage},
		{"messages", messages},
		{"cancelled", cancelled},
		{"concurrent", concurrent},
		{"end", ends},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, s, codes) })
	}
}

// Message parses text, under the default limits. It is closed when the test ends.
func Message(t testing.TB, text string) *mail.Message {
	t.Helper()
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := msg.Close(); err != nil {
			t.Errorf("close message: %v", err)
		}
	})
	return msg
}

// Unpacker is one that keeps what it unpacks in a folder of the test.
func Unpacker(t testing.TB) *unpack.Unpacker {
	t.Helper()
	return &unpack.Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
}

// Envelope is an envelope as any.
func Envelope() *mail.Envelope {
	return &mail.Envelope{
		ID: "test", Client: mail.Client{Name: "client.example.org", Addr: "192.0.2.1", HELO: "client.example.org"},
		MailFrom: mail.NewPath("from@example.org"), RcptTo: []mail.Path{mail.NewPath("to@example.net")},
		Received: time.Unix(1_700_000_000, 0),
	}
}

// texts are messages that every filter has to cope with, by name.
func texts(s Suite) map[string]string {
	multipart := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nin\r\n--b--\r\n"
	all := map[string]string{
		"empty":     "",
		"no body":   "Subject: x\r\n",
		"no header": "\r\nbody\r\n",
		"line":      "line without an end",
		"multipart": multipart,
		"cut":       multipart[:len(multipart)/2],
		"rubbish":   strings.Repeat("\x00\xff\r\n\n\r:", 1000),
		"bad word":  "Subject: =?x?q?=FF?=\r\nContent-Transfer-Encoding: base64\r\n\r\n====\r\n",
	}
	for i, m := range s.Messages {
		all["own "+string(rune('a'+i))] = m
	}
	return all
}

// inspect calls the filter; the test fails if it does not end.
func inspect(ctx context.Context, t testing.TB, f filters.Filter, msg *mail.Message) ([]filters.Finding, error) {
	t.Helper()
	type result struct {
		found []filters.Finding
		err   error
	}
	done := make(chan result, 1)
	go func() {
		found, err := f.Inspect(ctx, Envelope(), msg)
		done <- result{found, err}
	}()
	select {
	case r := <-done:
		return r.found, r.err
	case <-time.After(patience):
		t.Fatal("Inspect does not end")
		return nil, nil
	}
}

// nilMessage: a message that is not there is no clean one.
func nilMessage(t *testing.T, s Suite, _ []string) {
	if found, err := inspect(t.Context(), t, s.New(t), nil); err == nil {
		t.Errorf("got %v without an error", found)
	}
}

// messages: whatever the message, the filter answers, in findings that can be told.
func messages(t *testing.T, s Suite, codes []string) {
	f := s.New(t)
	for name, text := range texts(s) {
		t.Run(name, func(t *testing.T) {
			msg := Message(t, text)
			found, err := inspect(t.Context(), t, f, msg)
			if err != nil {
				t.Fatal(err)
			}
			for _, fi := range found {
				check(t, msg, fi, codes)
			}
		})
	}
}

func check(t *testing.T, msg *mail.Message, f filters.Finding, codes []string) {
	t.Helper()
	switch {
	case !slices.Contains(codes, f.Code):
		t.Errorf("%+v: the code is not in README.md", f)
	case !slices.Contains(filters.Classes(), f.Class):
		t.Errorf("%+v: there is no such class", f)
	case f.Part != "" && msg.Part(f.Part) == nil:
		t.Errorf("%+v: there is no such part", f)
	case slices.ContainsFunc(f.For, func(i int) bool { return i < 0 || i >= len(Envelope().RcptTo) }):
		t.Errorf("%+v: is for a recipient that there is not", f)
	case f.Detail == "":
		t.Errorf("%+v: the finding does not explain itself", f)
	case f.Class == filters.Failure:
		t.Errorf("%+v: the suite's filter is to work", f)
	}
}

// cancelled: a filter ends soon after its context is done, and what it then says is an error, a failure or all of the truth.
func cancelled(t *testing.T, s Suite, codes []string) {
	f := s.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, text := range texts(s) {
		msg := Message(t, text)
		whole, err := inspect(t.Context(), t, f, msg)
		if err != nil {
			t.Fatal(err)
		}
		found, err := inspect(ctx, t, f, Message(t, text))
		failed := slices.ContainsFunc(found, func(f filters.Finding) bool { return f.Class == filters.Failure })
		if err == nil && !failed && len(found) < len(whole) {
			t.Errorf("%s: got %v and no error, with time it is %v", name, found, whole)
		}
		for _, fi := range found {
			if fi.Class != filters.Failure {
				check(t, msg, fi, codes)
			}
		}
	}
}

// concurrent: one filter, many messages at once, and one message at once.
func concurrent(t *testing.T, s Suite, _ []string) {
	f := s.New(t)
	var wg sync.WaitGroup
	for name, text := range texts(s) {
		msg := Message(t, text)
		first, err := inspect(t.Context(), t, f, msg)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			wg.Go(func() {
				found, err := f.Inspect(t.Context(), Envelope(), msg)
				if err != nil || len(found) != len(first) {
					t.Errorf("%s: got %v, %v, alone it is %v", name, found, err, first)
				}
			})
		}
	}
	wg.Wait()
}

// ends: nothing goes on once Inspect has returned.
func ends(t *testing.T, s Suite, _ []string) {
	f := s.New(t)
	before := goleak.IgnoreCurrent()
	for _, text := range texts(s) {
		_, _ = inspect(t.Context(), t, f, Message(t, text))
	}
	goleak.VerifyNone(t, before)
}

var codeRow = regexp.MustCompile("(?m)^\\| `([a-z]+\\.[a-z0-9_]+)` \\|")

// documentedCodes are the codes in the README's section Findings.
func documentedCodes(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Findings\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var codes []string
	for _, m := range codeRow.FindAllStringSubmatch(section, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) == 0 {
		t.Fatal("README.md lists no codes under Findings")
	}
	return codes
}
