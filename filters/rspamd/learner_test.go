// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"errors"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/fake"
)

// TestLearner: what controllers are told, and what their answers mean.
func TestLearner(t *testing.T) {
	tests := []struct {
		name    string
		spam    bool
		reply   string
		line    string
		learned bool
		err     string
	}{
		{name: "spam", spam: true, reply: httpReply(200, `{"success":true}`), line: "POST /learnspam", learned: true},
		{name: "ham", reply: httpReply(200, `{"success":true}`), line: "POST /learnham", learned: true},
		{name: "known", reply: httpReply(208, `{"error":"<x> has been already learned as ham, ignore it"}`), line: "POST /learnham"},
		{name: "password", spam: true, reply: httpReply(401, `{"error":"Unauthorized"}`), line: "POST /learnspam", err: `rspamd says 401 "Unauthorized"`},
		{name: "half", spam: true, reply: "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", line: "POST /learnspam", err: "unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := make(chan heard, 1)
			server := fake.Listen(t, answering(func(h heard) string {
				got <- h
				return tt.reply
			}))
			l, err := NewLearner(newOptions([]string{"127.0.0.1:1"}, func(o *Options) { o.Controllers, o.Password = []string{server.Addr()}, "secret" }))
			if err != nil {
				t.Fatal(err)
			}
			if l, err = l.ForUser("ann@example.org"); err != nil {
				t.Fatal(err)
			}
			learned, err := learn(t, l, hello, tt.spam)
			if learned != tt.learned || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, %v, want %v, %q", learned, err, tt.learned, tt.err)
			}
			h := <-got
			if h.line != tt.line || h.body != hello || h.header.Get("Password") != "secret" || h.header.Get("Deliver-To") != "ann@example.org" {
				t.Errorf("got %+v", h)
			}
			if err := l.Ping(t.Context()); err != nil {
				t.Errorf("ping: %v", err)
			}
			if _, err := l.ForUser("a\r\nb"); err == nil {
				t.Error("a user with a line end is taken")
			}
		})
	}
}

func learn(t *testing.T, l *Learner, text string, spam bool) (bool, error) {
	t.Helper()
	return l.Learn(t.Context(), strings.NewReader(text), int64(len(text)), spam)
}

// TestLearnersServers: every controller is told; those that do not answer are named.
func TestLearnersServers(t *testing.T) {
	good := fake.Listen(t, saying(httpReply(200, `{"success":true}`)))
	dead := fake.Dead(t)
	o := newOptions([]string{"127.0.0.1:1"}, func(o *Options) { o.MaxSize = 1024 })
	if _, err := NewLearner(o); !errors.Is(err, ErrNoController) {
		t.Errorf("got %v, want ErrNoController", err)
	}
	o.Controllers = []string{dead, good.Addr()}
	l, err := NewLearner(o)
	if err != nil {
		t.Fatal(err)
	}
	learned, err := learn(t, l, hello, true)
	if !learned || err == nil || !strings.Contains(err.Error(), dead) || strings.Contains(err.Error(), good.Addr()) {
		t.Errorf("got %v, %v, want it learned, and an error about %s", learned, err, dead)
	}
	if _, err := learn(t, l, strings.Repeat("x", 1025), true); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}
