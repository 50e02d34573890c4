// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"io"
	"log"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/mailweir/mailweir/internal/smtptest"
)

// plainSession counts MAIL commands, as a naive use of go-smtp would see them.
type plainSession struct{ mails *atomic.Int32 }

func (s plainSession) Mail(string, *smtp.MailOptions) error { s.mails.Add(1); return nil }
func (s plainSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s plainSession) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }
func (s plainSession) Reset()                               {}
func (s plainSession) Logout() error                        { return nil }

// The attack that TestStallAttack shows to fail against us: go-smtp with a ReadTimeout, and no connection of ours below it, goes on
// after a body that stalled and takes the rest of it for commands. Once this test fails, go-smtp has mended it.
func TestStallAttackWorksOnPlainGoSMTP(t *testing.T) {
	var mails atomic.Int32
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return plainSession{&mails}, nil }))
	srv.ReadTimeout = 50 * time.Millisecond
	srv.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(l)
	}()
	defer func() {
		_ = srv.Close()
		<-done
	}()
	c, _, err := smtptest.Dial(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Pipeline("EHLO x", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("Subject: x\r\n\r\nbody\r\n")); err != nil {
		t.Fatal(err)
	}
	if got, err := c.ReadReply(); err != nil || got.Code != 554 {
		t.Fatalf("the stalled body was answered with %v, %v", got, err)
	}
	if got, err := c.Cmd("MAIL FROM:<ceo@bank.example>"); err != nil || got.Code != 250 || mails.Load() != 2 {
		t.Errorf("got %v, %v and %d MAIL commands: the attack no longer works on go-smtp", got, err, mails.Load())
	}
}
