// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/internal/fake"
)

func TestCheckAddress(t *testing.T) {
	tests := []struct{ address, err string }{
		{address: "127.0.0.1:3310"},
		{address: "[::1]:3310"},
		{address: "av.example.org:3310"},
		{address: "unix:/run/clamav/clamd.ctl"},
		{address: "", err: `address "": want host:port or unix:/path`},
		{address: "127.0.0.1", err: "want host:port"},
		{address: "127.0.0.1:", err: "want host:port"},
		{address: "/run/clamav/clamd.ctl", err: "want host:port"},
		{address: "unix:clamd.ctl", err: "want unix: and an absolute path"},
		{address: "unix:", err: "want unix: and an absolute path"},
	}
	for _, tt := range tests {
		t.Run(tt.address, func(t *testing.T) {
			err := CheckAddress(tt.address)
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
			if _, dialErr := Dial(canceled(), tt.address); dialErr == nil {
				t.Error("Dial with an ended context connects")
			}
		})
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// TestDialEndsWithContext has reads and writes that wait while the context ends.
func TestDialEndsWithContext(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	cause := errors.New("enough")
	waits := map[string]func(net.Conn) error{
		"read": func(c net.Conn) error {
			_, err := c.Read(make([]byte, 1))
			return err
		},
		"write": func(c net.Conn) error {
			for {
				if _, err := c.Write(make([]byte, 1<<20)); err != nil {
					return err
				}
			}
		},
	}
	for name, wait := range waits {
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

// TestDialKeepsErrors wants errors of the connection as they are while the context lives.
func TestDialKeepsErrors(t *testing.T) {
	server := fake.Listen(t, fake.Say("hi"))
	c, err := Dial(t.Context(), server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if string(got) != "hi" || err != nil {
		t.Errorf("got %q, %v, want hi and the end of the file", got, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read after Close: got %v, want net.ErrClosed", err)
	}
}
