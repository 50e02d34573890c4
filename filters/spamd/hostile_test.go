// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/breaker/breakertest"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/internal/fake"
)

// suite is the filter, and servers that speak SPAMC.
func suite(compress bool) breakertest.Suite {
	return breakertest.Suite{
		New: func(t testing.TB, b breaker.Options) filters.Filter {
			return newFilter(t, b.Servers, filters.Deps{}, func(o *Options) { o.Options, o.MaxSize, o.Compress = b, 32<<20, compress })
		},
		Score: codeScore, NoAnswer: codeNoAnswer,
		Answering: func(answer func(string) string) fake.Handler {
			return answering(func(h heard) string { return answer(h.body) })
		},
		Sink: func(c net.Conn) error {
			_, err := io.Copy(io.Discard, c)
			return err
		},
		Answer: func(points string) string { return symbolsReply(points, "RULE") },
		Head:   "SPAMD/1.1 0 EX_OK\r\n", Body: "Spam: False ; -1.0 / 5.0\r\n\r\n", Drip: "A,",
		Lies: lies(),
		Slow: map[string]func(net.Conn, <-chan struct{}){
			"answers and stays": func(c net.Conn, done <-chan struct{}) {
				io.WriteString(c, symbolsReply("1.0", "A"))
				io.Copy(io.Discard, c)
				<-done
			},
		},
	}
}

func TestHostile(t *testing.T) { suite(false).Run(t) }

// TestMemoryCompressed: a large message is not held in memory either while it is compressed.
func TestMemoryCompressed(t *testing.T) { suite(true).Memory(t) }

// lies are servers none of which answers.
func lies() map[string]fake.Handler {
	good := symbolsReply("-50.0", "USER_IN_WELCOMELIST")
	all := map[string]fake.Handler{
		"answer before the message": func(c net.Conn) {
			io.WriteString(c, "SPAMD/1.1 0 EX_OK\r\nSpam: False ; -1.0 / 5.0\r\n")
			c.Close()
		},
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
