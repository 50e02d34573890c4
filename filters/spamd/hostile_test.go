// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/internal/fake"
)

// lies are servers none of which answers.
func lies() map[string]fake.Handler {
	good := symbolsReply("-50.0", "USER_IN_WELCOMELIST")
	all := map[string]fake.Handler{
		"rude":    fake.Rude,
		"nothing": fake.Say(""),
		"endless line": func(c net.Conn) {
			fake.Endless(c, "SPAMD/1.1 0 ", 1<<40)
		},
		"endless head": func(c net.Conn) {
			io.WriteString(c, "SPAMD/1.1 0 EX_OK\r\n")
			fake.Endless(c, "x: y\r\n", 1<<40)
		},
		"endless body": func(c net.Conn) {
			io.WriteString(c, "SPAMD/1.1 0 EX_OK\r\nSpam: False ; -1.0 / 5.0\r\n\r\n")
			fake.Endless(c, "A,", 1<<40)
		},
		"answer and reset": func(c net.Conn) {
			io.WriteString(c, good[:20])
			fake.Reset(c)
		},
		"answer before the message": func(c net.Conn) {
			io.WriteString(c, "SPAMD/1.1 0 EX_OK\r\nSpam: False ; -1.0 / 5.0\r\n")
			c.Close()
		},
	}
	for i := range len(good) {
		all["half "+good[:i]] = saying(good[:i])
	}
	for name, text := range map[string]string{
		"more than told":  good + "A",
		"two answers":     good + good,
		"no spam":         "SPAMD/1.1 0 EX_OK\r\nContent-length: 0\r\n\r\n",
		"spam twice":      "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 9.0 / 5.0\r\nSpam: False ; 0.0 / 5.0\r\n\r\n",
		"length twice":    "SPAMD/1.1 0 EX_OK\r\nContent-length: 0\r\nContent-length: 0\r\nSpam: True ; 9.0 / 5.0\r\n\r\n",
		"bad length":      "SPAMD/1.1 0 EX_OK\r\nContent-length: -1\r\nSpam: True ; 9.0 / 5.0\r\n\r\n",
		"huge length":     "SPAMD/1.1 0 EX_OK\r\nContent-length: 99999999999999999999\r\nSpam: True ; 9.0 / 5.0\r\n\r\n",
		"NaN":             "SPAMD/1.1 0 EX_OK\r\nSpam: True ; NaN / 5.0\r\n\r\n",
		"infinity":        "SPAMD/1.1 0 EX_OK\r\nSpam: True ; Inf / 5.0\r\n\r\n",
		"exponent":        "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 1e9 / 5.0\r\n\r\n",
		"hexadecimal":     "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 0x1p4 / 5.0\r\n\r\n",
		"no points":       "SPAMD/1.1 0 EX_OK\r\nSpam: True ;  / 5.0\r\n\r\n",
		"no threshold":    "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 5.0\r\n\r\n",
		"maybe":           "SPAMD/1.1 0 EX_OK\r\nSpam: Maybe ; 1.0 / 5.0\r\n\r\n",
		"huge points":     "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 99999999999 / 5.0\r\n\r\n",
		"HTTP":            "HTTP/1.1 200 OK\r\nSpam: True ; 9.0 / 5.0\r\n\r\n",
		"no code":         "SPAMD/1.1 EX_OK\r\nSpam: True ; 9.0 / 5.0\r\n\r\n",
		"error":           "SPAMD/1.0 75 Timeout: (300 second timeout while trying to SYMBOLS)\r\n",
		"odd name":        symbolsReply("1.0", "A B"),
		"control in name": symbolsReply("1.0", "A\x1b[31m"),
		"empty name":      symbolsReply("1.0", "A,,B"),
		"long name":       symbolsReply("1.0", strings.Repeat("A", 200)),
		"1,001 names":     symbolsReply("1.0", strings.Repeat("A,", 1000)+"A"),
		"100 KiB":         symbolsReply("1.0", strings.Repeat("A", 100<<10)),
		"33 fields":       "SPAMD/1.1 0 EX_OK\r\n" + strings.Repeat("a", 1) + ": b\r\n" + manyFields(33) + "Spam: True ; 9.0 / 5.0\r\n\r\n",
		"no colon":        "SPAMD/1.1 0 EX_OK\r\nSpam\r\n\r\n",
	} {
		all[name] = saying(text)
	}
	return all
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("x" + strings.Repeat("y", i) + ": z\r\n")
	}
	return b.String()
}

// TestLies: whatever a server does, it is no answer, never points; and nothing goes on afterwards.
func TestLies(t *testing.T) {
	for name, lie := range lies() {
		t.Run(name, func(t *testing.T) {
			server := fake.Listen(t, lie)
			f := newFilter(t, []string{server.Addr()}, filters.Deps{}, nil)
			before := goleak.IgnoreCurrent()
			got, err := inspect(t, f, hello)
			if err != nil || len(got) != 1 || got[0].Code != codeNoAnswer || got[0].Score != 0 {
				t.Errorf("got %v, %v, want %s", got, err, codeNoAnswer)
			}
			server.Close()
			goleak.VerifyNone(t, before)
		})
	}
}

// TestSlow: servers that take, or drip, until the time is over. The time is the only thing that ends them.
func TestSlow(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for name, slow := range map[string]func(net.Conn, <-chan struct{}){
		"silent": func(c net.Conn, done <-chan struct{}) {
			fake.Silent(c)
			<-done
		},
		"does not read": func(c net.Conn, done <-chan struct{}) {
			_, _ = c.Read(make([]byte, 1))
			<-done
		},
		"drip": func(c net.Conn, _ <-chan struct{}) {
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			io.WriteString(c, "SPAMD/1.1 0 EX_OK\r\nSpam: False ; -1.0 / 5.0\r\n\r\n")
			for range tick.C {
				if _, err := io.WriteString(c, "A,"); err != nil {
					return
				}
			}
		},
		"answers and stays": func(c net.Conn, done <-chan struct{}) {
			io.WriteString(c, symbolsReply("1.0", "A"))
			io.Copy(io.Discard, c)
			<-done
		},
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			server := fake.Listen(t, func(c net.Conn) { slow(c, done) })
			t.Cleanup(func() { close(done) }) // Before the server ends.
			good := fake.Listen(t, saying(symbolsReply("3.0")))
			f := newFilter(t, []string{server.Addr()}, filters.Deps{}, func(o *Options) { o.Timeout, o.MaxSize = 200*time.Millisecond, 200<<20 })
			got, err := inspect(t, f, hello+strings.Repeat("0123456789abcdef", 1<<20))
			if err != nil || len(got) != 1 || got[0].Code != codeNoAnswer || !strings.Contains(got[0].Detail, "deadline exceeded") {
				t.Errorf("alone: got %v, %v, want %s", got, err, codeNoAnswer)
			}
			// A message that fits into the buffers of the kernel is given to the next server after half of the time.
			f = newFilter(t, []string{server.Addr(), good.Addr()}, filters.Deps{}, func(o *Options) { o.Timeout = 2 * time.Second })
			if got, err := inspect(t, f, hello); err != nil || len(got) != 1 || got[0].Score != 3 {
				t.Errorf("with another: got %v, %v, want its answer", got, err)
			}
		})
	}
}

// FuzzReply: a verdict has finite points, and names that fit into one line.
func FuzzReply(f *testing.F) {
	for _, s := range []string{
		symbolsReply("15.2", "A", "B"), "SPAMD/1.1 0 EX_OK\r\nSpam: False ; 0.1 / 5.0\r\n\r\n", "SPAMD/1.5 0 PONG\r\n",
		"SPAMD/1.0 76 Bad header line: x\r\n", "SPAMD/1.1 0 EX_OK\r\nDidSet: local\r\n\r\n\r\n",
		"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 9 / 5.0\r\n\r\n pts rule\n---- ----\n 2.7 A  x\n",
	} {
		for command := range commands() {
			f.Add(s, command)
		}
	}
	f.Fuzz(func(t *testing.T, text, command string) {
		r, err := readReply(strings.NewReader(text))
		if err != nil {
			return
		}
		if len(r.body) > maxBody || len(r.fields) > maxFields {
			t.Fatalf("%d octets and %d fields", len(r.body), len(r.fields))
		}
		v, err := r.verdict(commands()[command])
		if err != nil {
			return
		}
		o := DefaultOptions()
		if p := o.points(v.score); !(p >= -o.HamPoints && p <= o.MaxPoints) {
			t.Errorf("%q: points %v", text, p)
		}
		if r.fields["spam"] == "" || !strings.HasPrefix(text, "SPAMD/") {
			t.Errorf("%q: a verdict without the field", text)
		}
		if d := v.explain("S"); filters.Line(d) != d || len(v.rules) > maxNames {
			t.Errorf("%q: detail %q", text, d)
		}
	})
}
