// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/sink"
)

// A client that goes away inside a body has handed over nothing, by whatever way it goes.
func TestClientLeavesInsideTheBody(t *testing.T) {
	const begun = "Subject: x\r\n\r\nthe first half"
	tests := []struct {
		name  string
		body  string
		leave func(net.Conn) error
	}{
		{"closes", begun, net.Conn.Close},
		{"closes its half", begun, func(c net.Conn) error { return c.(*net.TCPConn).CloseWrite() }},
		{"resets", begun, func(c net.Conn) error {
			if err := c.(*net.TCPConn).SetLinger(0); err != nil {
				return err
			}
			return c.Close()
		}},
		{"closes before the body", "", net.Conn.Close},
		{"closes in the end of data", begun + "\r\n.\r", net.Conn.Close},
		{"closes behind a dot", begun + "\r\n.", net.Conn.Close},
		{"closes behind bare LF and dot", begun + "\n.\n", net.Conn.Close},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, nil)
			c := r.hello("smtp")
			r.envelope(c)
			if _, err := c.Write([]byte(tt.body)); err != nil {
				t.Fatal(err)
			}
			if err := tt.leave(c.Conn()); err != nil {
				t.Fatal(err)
			}
			if err := r.shutdown(20 * time.Second); err != nil { // Waits for the connection.
				t.Errorf("shutdown: %v", err)
			}
			if n := len(r.envelopes()) + len(r.sink.Messages()); n != 0 {
				t.Errorf("%d messages were made of half a body", n)
			}
			if n, octets := r.server.limiter.load(); n != 0 || octets != 0 || r.opts.Spooler.Used() != 0 {
				t.Errorf("%d messages, %d octets and %d octets of memory are still counted", n, octets, r.opts.Spooler.Used())
			}
		})
	}
}

// A client that goes away right behind the final dot has handed the message over: it goes on once, though nobody hears the reply.
func TestClientLeavesBehindTheFinalDot(t *testing.T) {
	for _, name := range []string{"smtp", "lmtp"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			c := r.hello(name)
			r.envelope(c, "<c@example.net>")
			if _, err := c.Write([]byte("x\r\n.\r\n")); err != nil {
				t.Fatal(err)
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := r.sink.Wait(ctx, func(m []*sink.Message) bool { return len(m) > 0 }); err != nil {
				t.Fatal(err)
			}
			if err := r.shutdown(20 * time.Second); err != nil {
				t.Errorf("shutdown: %v", err)
			}
			msgs := r.sink.Messages()
			if len(msgs) != 1 || string(msgs[0].Data) != "x\r\n" || len(msgs[0].RcptTo) != 2 {
				t.Errorf("got %d messages, want one", len(msgs))
			}
			if n, octets := r.server.limiter.load(); n != 0 || octets != 0 {
				t.Errorf("%d messages and %d octets are still counted", n, octets)
			}
		})
	}
}

// Shutdown waits for a message whose final dot the next hop is slow to answer; it goes on once, and the client hears of it.
func TestShutdownWaitsForTheNextHop(t *testing.T) {
	r := newRig(t, nil)
	atDot, answer := make(chan struct{}), make(chan struct{})
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step != sink.Dot {
			return sink.Act{}
		}
		close(atDot)
		return sink.Act{Until: answer}
	})
	idle, c := r.hello("smtp"), r.hello("smtp")
	r.envelope(c)
	if _, err := c.Write([]byte("x\r\n.\r\n")); err != nil {
		t.Fatal(err)
	}
	<-atDot
	ended := make(chan error, 1)
	go func() { ended <- r.shutdown(20 * time.Second) }()
	if got, err := idle.ReadReply(); err != nil || got.Code != 421 {
		t.Errorf("idle connection: got %v, %v", got, err)
	}
	select {
	case err := <-ended:
		t.Errorf("the server has stopped with a message in work: %v", err)
	default:
	}
	close(answer)
	if got, err := c.ReadReply(); err != nil || got.Code != 250 {
		t.Errorf("end of data: got %v, %v", got, err)
	}
	if got, err := c.ReadReply(); err != nil || got.Code != 421 {
		t.Errorf("afterwards: got %v, %v", got, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if n := len(r.sink.Messages()); n != 1 {
		t.Errorf("got %d messages, want one", n)
	}
}

// When the time for a shutdown is over, a message that the next hop has not answered for gets no 250.
func TestShutdownGivesUpOnTheNextHop(t *testing.T) {
	r := newRig(t, nil)
	atDot, never := make(chan struct{}), make(chan struct{})
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step != sink.Dot {
			return sink.Act{}
		}
		close(atDot)
		return sink.Act{Until: never}
	})
	c := r.hello("smtp")
	r.envelope(c)
	if _, err := c.Write([]byte("x\r\n.\r\n")); err != nil {
		t.Fatal(err)
	}
	<-atDot
	if err := r.shutdown(50 * time.Millisecond); err == nil {
		t.Error("shutdown: no error with a message in work")
	}
	if got, err := c.ReadReply(); err == nil && got.Code < 400 {
		t.Errorf("got %v", got)
	}
}
