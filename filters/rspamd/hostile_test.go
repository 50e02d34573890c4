// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/breaker"
	"github.com/mailweir/mailweir/breaker/breakertest"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/internal/fake"
)

// suite is the filter, and servers that speak rspamd's HTTP.
func suite() breakertest.Suite {
	return breakertest.Suite{
		New: func(t testing.TB, b breaker.Options) filters.Filter {
			return newFilter(t, b.Servers, filters.Deps{}, func(o *Options) { o.Options = b })
		},
		Score: codeScore, NoAnswer: codeNoAnswer,
		Answering: func(answer func(string) string) fake.Handler {
			return answering(func(h heard) string { return answer(h.body) })
		},
		Sink: func(c net.Conn) error {
			r, err := http.ReadRequest(bufio.NewReader(c))
			if err == nil {
				_, err = io.Copy(io.Discard, r.Body)
			}
			return err
		},
		Answer: func(points string) string { return scored(points, "no action", `,"symbols":{"RULE":{"score":1}}`) },
		Head:   "HTTP/1.1 200 OK\r\n", Body: "\r\n", Drip: " ",
		Lies: lies(),
		Slow: map[string]func(net.Conn, <-chan struct{}){
			"half a body": func(c net.Conn, done <-chan struct{}) {
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
				<-done
			},
		},
	}
}

func TestHostile(t *testing.T) { suite().Run(t) }

// lies are servers none of which answers.
func lies() map[string]fake.Handler {
	const ok = "HTTP/1.1 200 OK\r\n"
	all := map[string]fake.Handler{
		"endless members": endless(ok+"\r\n", `{"score":1,`),
		"endless chunks":  endless(ok+"Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
		"endless symbols": endless(ok+"\r\n"+`{"score":1,"required_score":15,"action":"no action","symbols":{`, `"A":{"score":1},`),
		"endless nesting": endless(ok+"\r\n", `{"a":`),
		"100 for ever":    endless("", "HTTP/1.1 100 Continue\r\n\r\n"),
	}
	many := strings.Builder{}
	for i := range 2001 {
		fmt.Fprintf(&many, `"S%d":{"score":0},`, i)
	}
	for name, body := range map[string]string{
		"nothing":          "",
		"empty":            "{}",
		"null":             "null",
		"array":            "[]",
		"two":              `{"score":1,"required_score":15,"action":"no action"}{}`,
		"no score":         `{"required_score":15,"action":"no action"}`,
		"no action":        `{"score":1,"required_score":15}`,
		"empty action":     `{"score":1,"required_score":15,"action":""}`,
		"long action":      `{"score":1,"required_score":15,"action":"` + strings.Repeat("x", 65) + `"}`,
		"no threshold":     `{"score":1,"action":"no action"}`,
		"null score":       `{"score":null,"required_score":15,"action":"no action"}`,
		"NaN":              `{"score":NaN,"required_score":15,"action":"no action"}`,
		"nan":              `{"score":nan,"required_score":15,"action":"no action"}`,
		"infinity":         `{"score":1e999,"required_score":15,"action":"no action"}`,
		"huge":             `{"score":1e7,"required_score":15,"action":"no action"}`,
		"huge threshold":   `{"score":1,"required_score":-1e7,"action":"no action"}`,
		"text":             `{"score":"1","required_score":15,"action":"no action"}`,
		"symbols array":    `{"score":1,"required_score":15,"action":"no action","symbols":[]}`,
		"symbols null":     `{"score":1,"required_score":15,"action":"no action","symbols":null}`,
		"symbol's score":   `{"score":1,"required_score":15,"action":"no action","symbols":{"A":{"score":1e400}}}`,
		"symbol's text":    `{"score":1,"required_score":15,"action":"no action","symbols":{"A":{"score":"1"}}}`,
		"symbol's name":    `{"score":1,"required_score":15,"action":"no action","symbols":{"A\u001b[31m":{"score":1}}}`,
		"long name":        `{"score":1,"required_score":15,"action":"no action","symbols":{"` + strings.Repeat("A", 129) + `":{"score":1}}}`,
		"2,001 symbols":    `{"score":1,"required_score":15,"action":"no action","symbols":{` + strings.TrimSuffix(many.String(), ",") + `}}`,
		"error":            `{"error":"task timed out"}`,
		"9 MiB":            `{"score":1,"required_score":15,"action":"no action","x":"` + strings.Repeat("x", 9<<20) + `"}`,
		"33 MiB":           `{"score":1,"required_score":15,"action":"no action","x":[0` + strings.Repeat(",100000000", 33<<20/10) + `]}`,
		"cut":              `{"score":1,"required_score":15,"action":"no action"`,
		"nested 101":       `{"score":1,"required_score":15,"action":"no action","x":` + strings.Repeat("[", 101) + strings.Repeat("]", 101) + `}`,
		"nested 1,000,000": `{"score":1,"required_score":15,"action":"no action","x":` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + `}`,
	} {
		all["JSON "+name] = saying(httpReply(200, body))
	}
	const answer = `{"score":-1,"required_score":15,"action":"no action"}`
	for name, text := range map[string]string{
		"204":         httpReply(204, ""),
		"302":         "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		"500":         httpReply(500, answer),
		"201":         httpReply(201, answer),
		"not HTTP":    "SPAMD/1.1 0 EX_OK\r\n\r\n",
		"long length": "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + answer,
		"short":       "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + answer,
		"bad length":  "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" + answer,
		"two lengths": "HTTP/1.1 200 OK\r\nContent-Length: 53\r\nContent-Length: 54\r\n\r\n" + answer,
		"half chunk":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n35\r\n" + answer + "\r\n",
	} {
		all[name] = saying(text)
	}
	return all
}

func endless(head, text string) fake.Handler {
	return func(c net.Conn) {
		io.WriteString(c, head)
		fake.Endless(c, text, 1<<40)
	}
}

// FuzzVerdict: a verdict has finite points, an action, and names that fit into one line.
func FuzzVerdict(f *testing.F) {
	for _, s := range []string{
		`{"is_skipped":false,"score":8.5,"required_score":15.0,"action":"add header","symbols":{"A":{"name":"A","score":1.0,"options":["x"]}},"messages":{}}`,
		`{"score":1,"required_score":15,"action":"soft reject","messages":{"smtp_message":"later"}}`, `{"error":"x"}`, `{"Score":1,"SCORE":2}`,
		`{"score":1,"required_score":1,"action":"reject","symbols":{"A":{},"A":{"score":-0}}}`, `null`, `{"symbols":{"A":null}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := parseVerdict(bytes.NewReader(body))
		if err != nil {
			return
		}
		o := DefaultOptions()
		o.Rules = map[string]float64{"A": 1}
		found := o.findings("S", v)
		if p := found[0].Score; !(p >= -o.HamPoints && p <= o.MaxPoints) {
			t.Errorf("%q: points %v", body, p)
		}
		if d := found[0].Detail; filters.Line(d) != d || len(v.Symbols) > maxSymbols || v.Action == "" {
			t.Errorf("%q: detail %q of %+v", body, d, v)
		}
		for _, one := range found {
			if one.Detail == "" || one.Class != filters.Spam {
				t.Errorf("%q: %+v", body, one)
			}
		}
	})
}

// FuzzReply: a reply is read within its limits, whatever it is.
func FuzzReply(f *testing.F) {
	f.Add(httpReply(200, "{}"))
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
	f.Add("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n{}")
	f.Fuzz(func(t *testing.T, text string) {
		r, _ := (&request{method: "GET", path: "/ping", header: map[string][]string{}}).build("127.0.0.1:1")
		var body []byte
		status, err := readReply(strings.NewReader(text), r, func(_ int, r io.Reader) (err error) {
			body, err = io.ReadAll(r)
			return err
		})
		if err == nil && (len(body) > len(text) || status == 200 && !strings.Contains(text, "200")) {
			t.Errorf("%q: got %d and %d octets", text, status, len(body))
		}
	})
}
