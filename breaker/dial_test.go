// SPDX-License-Identifier: Apache-2.0

package breaker

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/internal/fake"
)

func TestCheckAddress(t *testing.T) {
	tests := []struct{ address, err string }{
		{address: "127.0.0.1:783"},
		{address: "[::1]:783"},
		{address: "spamd.example.org:783"},
		{address: "unix:/run/spamd.sock"},
		{address: "", err: "want host:port or unix:/path"},
		{address: "127.0.0.1", err: "want host:port"},
		{address: "127.0.0.1:", err: "want host:port"},
		{address: "http://127.0.0.1:783", err: "want host:port"},
		{address: "a b:783", err: "want host:port"},
		{address: "/run/spamd.sock", err: "want host:port"},
		{address: "unix:spamd.sock", err: "an absolute path"},
		{address: "unix:", err: "an absolute path"},
		{address: "unix:/" + strings.Repeat("x", 107), err: "at most 107 octets"},
	}
	for _, tt := range tests {
		t.Run(tt.address, func(t *testing.T) {
			err := CheckAddress(tt.address)
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := Dial(ctx, tt.address); err == nil {
				t.Error("Dial with an ended context connects")
			}
		})
	}
}

// TestDial: what is sent before the connection is half closed is answered, over TCP and a unix socket.
func TestDial(t *testing.T) {
	echo := func(c net.Conn) {
		text, _ := io.ReadAll(c)
		_, _ = c.Write(text)
	}
	for name, server := range map[string]*fake.Server{"tcp": fake.Listen(t, echo), "unix": fake.ListenUnix(t, echo)} {
		t.Run(name, func(t *testing.T) {
			c, err := Dial(t.Context(), server.Addr())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := io.WriteString(c, "hello"); err != nil {
				t.Fatal(err)
			}
			if err := c.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(c); string(got) != "hello" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	if _, err := Dial(t.Context(), fake.Dead(t)); err == nil {
		t.Error("nobody listens, and there is no error")
	}
}

// TestDialEndsWithContext has a read and a write that wait while the context ends.
func TestDialEndsWithContext(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	cause := errors.New("enough")
	for name, wait := range map[string]func(*Conn) error{
		"read": func(c *Conn) error {
			_, err := c.Read(make([]byte, 1))
			return err
		},
		"write": func(c *Conn) error {
			for {
				if _, err := c.Write(make([]byte, 1<<20)); err != nil {
					return err
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			accepted := make(chan struct{})
			server := fake.ListenUnix(t, func(net.Conn) {
				close(accepted)
				<-ctx.Done()
			})
			c, err := Dial(ctx, server.Addr())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			go func() {
				<-accepted
				cancel(cause)
			}()
			if err := wait(c); !errors.Is(err, cause) {
				t.Errorf("got %v, want the cause of the context's end", err)
			}
			server.Close()
		})
	}
}

func TestOptions(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		err    string
	}{
		{"no server", func(o *Options) { o.Servers = nil }, "servers: have 0, want 1 to 20"},
		{"many servers", func(o *Options) { o.Servers = make([]string, 21) }, "servers: have 21"},
		{"bad server", func(o *Options) { o.Servers = []string{"x"} }, `servers: address "x": want host:port`},
		{"twice", func(o *Options) { o.Servers = []string{"x:1", "x:1"} }, `"x:1" is named twice`},
		{"choose", func(o *Options) { o.Choose = "any" }, `choose: "any": want order or spread`},
		{"timeout", func(o *Options) { o.Timeout = 0 }, "timeout: want some time"},
		{"in flight", func(o *Options) { o.InFlight = 0 }, "in_flight: 0: want 1 to 1000"},
		{"failures", func(o *Options) { o.Failures = 0 }, "failures: 0: want 1 to 1000"},
		{"off", func(o *Options) { o.OffFor = 0 }, "off_for, off_at_most: 0s"},
		{"off at most", func(o *Options) { o.OffAtMost = time.Second }, "off_for, off_at_most: 5s, 1s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := DefaultOptions()
			o.Servers = []string{"127.0.0.1:783"}
			if err := o.Validate(); err != nil {
				t.Fatal(err)
			}
			tt.change(&o)
			if err := o.Validate(); err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
		})
	}
}
