// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"context"
	"io"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
	"github.com/mailweir/mailweir/mail"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a server between a client and a sink. Its handler hands everything on as it is, unless a test sets another.
type rig struct {
	t      *testing.T
	sink   *sink.Server
	server *Server
	opts   Options
	reg    *prometheus.Registry

	mu   sync.Mutex
	envs []*mail.Envelope // Of the transactions that reached the handler.
}

// newRig starts a server with an smtp and an lmtp listener. change may change the options first.
func newRig(t *testing.T, change func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, sink: startSink(t), reg: prometheus.NewRegistry()}
	log := logrus.New()
	log.SetOutput(io.Discard)
	r.server = NewServer(log, r.reg)
	r.opts = Options{
		Hostname: "mw.example.org",
		Timeouts: Timeouts{Idle: 20 * time.Second, Data: 20 * time.Second, NextHop: 20 * time.Second},
		Spooler:  mail.DefaultSpooler(t.TempDir()),
		Handle:   r.pass,
	}
	for _, p := range []Protocol{SMTP, LMTP} {
		r.opts.Listeners = append(r.opts.Listeners, Listener{
			Name: string(p), Address: ParseAddress("127.0.0.1:0"), Protocol: p, Mode: AfterQueue,
			NextHop: ParseAddress(r.sink.Addr()), NextHopProtocol: SMTP,
			AllowClients: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		})
	}
	r.opts.Listeners[1].Address = ParseAddress("unix:" + t.TempDir() + "/lmtp")
	if change != nil {
		change(&r.opts)
	}
	if err := r.server.Apply(r.opts); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.shutdown(10 * time.Second) })
	return r
}

func (r *rig) shutdown(wait time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	return r.server.Shutdown(ctx)
}

// pass is a handler that relays the message as it is in the live transaction.
func (r *rig) pass(_ context.Context, tx *Transaction) []Reply {
	r.mu.Lock()
	r.envs = append(r.envs, tx.Envelope)
	r.mu.Unlock()
	replies := make([]Reply, len(tx.Envelope.RcptTo))
	reply, err := tx.Hop.Data(func(w io.Writer) error {
		_, err := io.Copy(w, tx.Content.Reader())
		return err
	})
	if err == nil && reply.Code == 354 {
		var all []Reply
		if all, err = tx.Hop.Dot(); err == nil {
			reply = all[0]
		}
	}
	if err != nil {
		tx.Hop.Close()
		tx.Hop = nil
		reply = NewReply(451, "4.4.2", "next hop gave no answer")
	}
	for i := range replies {
		replies[i] = reply
	}
	return replies
}

// envelopes are those of the transactions so far.
func (r *rig) envelopes() []*mail.Envelope {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*mail.Envelope(nil), r.envs...)
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

func dialHop(t *testing.T, addr string) *Hop {
	t.Helper()
	h, err := DialHop(context.Background(), HopOptions{Address: ParseAddress(addr), Protocol: SMTP, Hostname: "mw.example.org", Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// dial connects to a listener and does not greet.
func (r *rig) dial(name string) *smtptest.Client {
	r.t.Helper()
	addr := r.server.Addr(name).String()
	if strings.HasPrefix(addr, "/") {
		addr = "unix:" + addr
	}
	c, greeting, err := smtptest.Dial(addr)
	if err != nil || greeting.Code != 220 {
		r.t.Fatalf("dial %s: %v, %v", name, greeting, err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// hello connects to a listener and greets.
func (r *rig) hello(name string) *smtptest.Client {
	r.t.Helper()
	c := r.dial(name)
	verb := "EHLO"
	if name == "lmtp" {
		verb = "LHLO"
	}
	r.want(c, verb+" client.example.org", 250)
	return c
}

// want sends a command and expects a reply code.
func (r *rig) want(c *smtptest.Client, line string, code int) smtptest.Reply {
	r.t.Helper()
	reply, err := c.Cmd("%s", line)
	if err != nil || reply.Code != code {
		r.t.Fatalf("%.80q: got %v, %v, want %d", line, reply, err, code)
	}
	return reply
}

// envelope opens a transaction and sends DATA.
func (r *rig) envelope(c *smtptest.Client, rcpts ...string) {
	r.t.Helper()
	r.want(c, "MAIL FROM:<a@example.org>", 250)
	for _, to := range append(rcpts, "<b@example.net>") {
		r.want(c, "RCPT TO:"+to, 250)
	}
	r.want(c, "DATA", 354)
}

// send writes raw octets and reads one reply.
func (r *rig) send(c *smtptest.Client, raw string) smtptest.Reply {
	r.t.Helper()
	if _, err := c.Write([]byte(raw)); err != nil {
		r.t.Fatal(err)
	}
	reply, err := c.ReadReply()
	if err != nil {
		r.t.Fatalf("after %.80q: %v", raw, err)
	}
	return reply
}

// deliver sends one message, which has to arrive, and has arrived alone.
func (r *rig) deliver(t *testing.T, c *smtptest.Client) {
	t.Helper()
	r.sink.Reset()
	r.envelope(c)
	if got := r.send(c, "x\r\n.\r\n"); got.Code != 250 || len(r.sink.Messages()) != 1 {
		t.Errorf("got %v and %d messages, want one", got, len(r.sink.Messages()))
	}
}

// sendTo writes raw octets and reads as many replies as LMTP has for n recipients.
func (r *rig) sendTo(c *smtptest.Client, raw string, n int) []string {
	r.t.Helper()
	replies := []string{r.send(c, raw).String()}
	for len(replies) < n {
		reply, err := c.ReadReply()
		if err != nil {
			r.t.Fatalf("reply %d: %v", len(replies)+1, err)
		}
		replies = append(replies, reply.String())
	}
	return replies
}
