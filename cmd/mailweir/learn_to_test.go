// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What cannot be told to a server is said before any message is read. That servers learn is shown in integration/spamservers.
func TestLearnToNobody(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mailweir.yaml")
	text := "listen: [{address: \"unix:" + dir + "/in\", next_hop: \"unix:" + dir + "/out\"}]\nwork_dir: " + dir + "\nquarantine: {dir: " + dir + "}\n" +
		"chain: [[rspamd: {servers: [\"127.0.0.1:1\"], controllers: [\"127.0.0.1:1\"]}]]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	letter := filepath.Join(dir, "letter.eml")
	if err := os.WriteFile(letter, []byte("From: a@example.org\r\n\r\nhi\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"spam --to nobody":   "--to: want bayes, spamd or rspamd",
		"spam --to spamd":    "--to spamd: the config has no such filter in its chain",
		"forget --to rspamd": "--to rspamd: it forgets only what it learns as the other thing",
		"ham --to rspamd":    "told rspamd: new 0, nothing new 0, not taken 1\nexit 2: no answer for 1 messages; run it again to go on\n",
	} {
		out := learnRun(t, dir, nil, append(append(strings.Fields(args), "--config", file), letter)...)
		if !strings.Contains(out, want) {
			t.Errorf("%s: got %q, want %q in it", args, out, want)
		}
	}
}

// What a server says of every message is told once. One that gives no answer is not asked for ever; what is wrong with a message is told of each.
func TestToldOnce(t *testing.T) {
	dead := told{name: "a", err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, byServer: true, silent: true}
	refused := told{name: "b", err: errors.New("not allowed"), byServer: true}
	odd := told{name: "c", err: errNoMail}
	for name, tt := range map[string]struct {
		all  []told
		want string
		last error
	}{
		"refused":         {[]told{refused, refused, {name: "d", new: true}, refused}, "mailweir: b: not allowed\nmailweir: 2 more: not allowed\ntold x: new 1, nothing new 0, not taken 3\n", nil},
		"no mail":         {[]told{odd, odd}, strings.Repeat("mailweir: c: "+errNoMail.Error()+"\n", 2) + "told x: new 0, nothing new 0, not taken 2\n", nil},
		"dead":            {slices.Repeat([]told{dead}, maxSilence), "mailweir: a: dial tcp: connection refused\nmailweir: 9 more: dial tcp: connection refused\ntold x: new 0, nothing new 0, not taken 10\n", errors.New("no answer for 10 messages; run it again to go on")},
		"dead for a time": {slices.Concat(slices.Repeat([]told{dead}, maxSilence-1), []told{{name: "d"}, dead}), "mailweir: a: dial tcp: connection refused\nmailweir: 9 more: dial tcp: connection refused\ntold x: new 0, nothing new 1, not taken 10\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			c := &toldCount{errs: &out, show: newProgress(&out, time.Now)}
			var last error
			for i, one := range tt.all {
				if last = c.take(one); last != nil && i < len(tt.all)-1 {
					t.Fatalf("given up after %d", i+1)
				}
			}
			c.tell(&out, "x")
			if out.String() != tt.want || fmt.Sprint(last) != fmt.Sprint(tt.last) {
				t.Errorf("got %v\n%s\nwant %v\n%s", last, &out, tt.last, tt.want)
			}
		})
	}
	for _, tt := range []struct {
		err  error
		want bool
	}{{nil, false}, {errors.Join(fmt.Errorf("a: %w", dead.err)), true}, {context.DeadlineExceeded, true}, {io.ErrUnexpectedEOF, true}, {errNoMail, false}} {
		if got := isSilence(tt.err); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.err, got, tt.want)
		}
	}
}
