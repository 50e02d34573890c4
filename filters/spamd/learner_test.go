// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/fake"
)

// TestLearner: what TELL is told, and what its answers mean.
func TestLearner(t *testing.T) {
	const (
		set     = "SPAMD/1.1 0 EX_OK\r\nDidSet: local\r\n\r\n\r\n"
		removed = "SPAMD/1.1 0 EX_OK\r\nDidRemove: local\r\n\r\n\r\n"
		nothing = "SPAMD/1.1 0 EX_OK\r\n\r\n\r\n"
		refused = "SPAMD/1.0 69 Service Unavailable: TELL commands are not enabled, set the --allow-tell switch.\r\n"
	)
	tests := []struct {
		name   string
		do     func(*testing.T, *Learner) (bool, error)
		reply  string
		fields map[string]string
		did    bool
		err    string
	}{
		{name: "spam", do: spam, reply: set, fields: map[string]string{"Message-class": "spam", "Set": "local"}, did: true},
		{name: "ham", do: ham, reply: set, fields: map[string]string{"Message-class": "ham", "Set": "local"}, did: true},
		{name: "known", do: ham, reply: nothing, fields: map[string]string{"Message-class": "ham", "Set": "local"}},
		{name: "forget", do: forget, reply: removed, fields: map[string]string{"Remove": "local"}, did: true},
		{name: "never learned", do: forget, reply: nothing, fields: map[string]string{"Remove": "local"}},
		{name: "not allowed", do: spam, reply: refused, fields: map[string]string{"Message-class": "spam", "Set": "local"}, err: "spamd says 69"},
		{name: "half an answer", do: spam, reply: set[:len(set)-8], fields: map[string]string{"Message-class": "spam", "Set": "local"}, err: "unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := make(chan heard, 1)
			server := fake.Listen(t, answering(func(h heard) string {
				got <- h
				return tt.reply
			}))
			l, err := NewLearner(newOptions([]string{server.Addr()}, nil))
			if err != nil {
				t.Fatal(err)
			}
			if l, err = l.ForUser("ann@example.org"); err != nil {
				t.Fatal(err)
			}
			did, err := tt.do(t, l)
			if did != tt.did || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, %v, want %v, %q", did, err, tt.did, tt.err)
			}
			tt.fields["User"], tt.fields["Content-length"] = "ann@example.org", "25"
			want := heard{"TELL SPAMC/1.5", tt.fields, hello}
			if diff := cmp.Diff(want, <-got, cmp.AllowUnexported(heard{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := l.Ping(t.Context()); err != nil {
				t.Errorf("ping: %v", err)
			}
			if _, err := l.ForUser("../x"); err == nil {
				t.Error("a user that is a path is taken")
			}
		})
	}
}

func spam(t *testing.T, l *Learner) (bool, error) { return learn(t, l, hello, true) }
func ham(t *testing.T, l *Learner) (bool, error)  { return learn(t, l, hello, false) }

func forget(t *testing.T, l *Learner) (bool, error) {
	return l.Forget(t.Context(), strings.NewReader(hello), int64(len(hello)))
}

func learn(t *testing.T, l *Learner, text string, spam bool) (bool, error) {
	t.Helper()
	return l.Learn(t.Context(), strings.NewReader(text), int64(len(text)), spam)
}

// TestLearnersServers: every server is told; those that do not answer are named.
func TestLearnersServers(t *testing.T) {
	good := fake.Listen(t, saying("SPAMD/1.1 0 EX_OK\r\nDidSet: local\r\n\r\n\r\n"))
	dead := fake.Dead(t)
	l, err := NewLearner(newOptions([]string{dead, good.Addr()}, func(o *Options) { o.MaxSize = 1024 }))
	if err != nil {
		t.Fatal(err)
	}
	did, err := learn(t, l, hello, true)
	if !did || err == nil || !strings.Contains(err.Error(), dead) || strings.Contains(err.Error(), good.Addr()) {
		t.Errorf("got %v, %v, want it learned, and an error about %s", did, err, dead)
	}
	if err := l.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), dead) {
		t.Errorf("ping: got %v", err)
	}
	if _, err := learn(t, l, strings.Repeat("x", 1025), true); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}
