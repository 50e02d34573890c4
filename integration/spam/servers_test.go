// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/internal/postconf"
)

// peer is a kind of server that filters ask for points, as far as mailweir can see it.
type peer struct {
	filter string
	well   fake.Handler            // Answers 7 points.
	ill    map[string]fake.Handler // Ways to fail.
}

func peers() []peer {
	spamd := func(line, body string) string {
		return line + "\r\nContent-length: " + strconv.Itoa(len(body)) + "\r\nSpam: True ; 7.0 / 5.0\r\n\r\n" + body
	}
	json := func(body string) string {
		return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
	}
	return []peer{
		{"spamd", wellSpamd(spamd("SPAMD/1.1 0 EX_OK", "RULE_A")), map[string]fake.Handler{
			"silent": silent, "rude": fake.Rude, "nonsense": fake.Say("220 hello\r\n\x00\xff"), "endless": endless,
			"half an answer": fake.Say("SPAMD/1.1 0 EX_OK\r\nContent-length: 600\r\nSpam: Fal"), "no number": fake.Say(strings.Replace(spamd("SPAMD/1.1 0 EX_OK", ""), "7.0", "nan", 1)),
			"its own error": fake.Say(spamd("SPAMD/1.0 75 EX_TEMPFAIL", "")),
		}},
		{
			"rspamd", wellRspamd(json(`{"is_skipped":false,"score":7.0,"required_score":15.0,"action":"add header","symbols":{"RULE_A":{"name":"RULE_A","score":7.0}}}`)),
			map[string]fake.Handler{
				"silent": silent, "rude": fake.Rude, "nonsense": fake.Say("220 hello\r\n\x00\xff"), "endless": endless,
				"half an answer": fake.Say(`HTTP/1.1 200 OK` + "\r\nContent-Length: 600\r\n\r\n" + `{"score":0.0,`), "no number": fake.Say(json(`{"score":"none","action":"no action"}`)),
				"its own error": fake.Say("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
			},
		},
	}
}

// silent takes what comes and keeps the connection open, though the client has said that it is all.
func silent(c net.Conn) {
	_, _ = io.Copy(io.Discard, c)
	<-time.After(3 * time.Second)
}

func endless(c net.Conn) { fake.Endless(c, "X-Field: value\r\n", 64<<20) }

func wellSpamd(answer string) fake.Handler {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		first, size := "", 0
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			line = strings.TrimSpace(line)
			if first == "" {
				first = line
			}
			if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Content-length") {
				size, _ = strconv.Atoi(strings.TrimSpace(value))
			}
			if line == "" {
				break
			}
		}
		if strings.HasPrefix(first, "PING ") {
			fake.Say("SPAMD/1.5 0 PONG\r\n")(c)
			return
		}
		if _, err := io.CopyN(io.Discard, r, int64(size)); err == nil {
			fake.Say(answer)(c)
		}
	}
}

func wellRspamd(answer string) fake.Handler {
	return func(c net.Conn) {
		req, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		if req.URL.Path == "/ping" {
			fake.Say("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npong\r\n")(c)
			return
		}
		fake.Say(answer)(c)
	}
}

// changing is a server that behaves as it is told.
type changing struct {
	*fake.Server
	now atomic.Pointer[fake.Handler]
}

func newChanging(t *testing.T) *changing {
	t.Helper()
	s := &changing{}
	s.become(fake.Rude)
	s.Server = fake.Listen(t, func(c net.Conn) { (*s.now.Load())(c) })
	return s
}

func (s *changing) become(h fake.Handler) { s.now.Store(&h) }

// asked is a chain with one server that is waited for a second, and that is left alone for a moment after two failures.
const asked = `chain: [[%s: {servers: ['%s'], timeout: 1s, failures: 2, off_for: 200ms, off_at_most: 500ms, required: %t}]]
`

// A server that is dead, slow or lies costs its points and no more, or has the mail wait if it is required. It is used again by itself when it is well.
func TestSpamServerBroken(t *testing.T) {
	t.Parallel() // It waits more than it works.
	for _, p := range peers() {
		t.Run(p.filter, func(t *testing.T) {
			ctx := need(t)
			r := start(ctx, t, postconf.AfterQueueSMTP, "")
			s := newChanging(t)
			up := fmt.Sprintf(`mailweir_%s_server_up{server="%s"}`, p.filter, s.Addr())
			for name, ill := range p.ill {
				t.Run(name, func(t *testing.T) {
					s.become(ill)
					since := len(r.Weir.Log())
					configure(ctx, t, r, fmt.Sprintf(asked, p.filter, s.Addr(), false))
					for range 3 {
						m := deliver(ctx, t, r, letter{client: stranger})
						found(t, m, p.filter+".no_answer", "-"+p.filter+".score", "-failure."+p.filter)
						if got := result(t, m); !strings.Contains(got, "; score=0;") {
							t.Errorf("got %s, want no points for no answer", got)
						}
					}
					if n := metric(ctx, t, r, up); n != 0 {
						t.Errorf("the metrics have it in use after three failures: %v", n)
					}
					logged(t, r, since, "server switched off for a while", s.Addr())

					configure(ctx, t, r, fmt.Sprintf(asked, p.filter, s.Addr(), true))
					wait(ctx, t, r, postconf.AfterQueueSMTP, letter{client: stranger})
					logged(t, r, since, "msg=message", "fate=defer", "failure."+p.filter, `reply="451 4.`)
					s.become(p.well)
					m := again(ctx, t, r, postconf.AfterQueueSMTP, letter{client: stranger})
					found(t, m, p.filter+".score", "-"+p.filter+".no_answer")
					tagged(t, m, true)
					if n := metric(ctx, t, r, up); n != 1 {
						t.Errorf("the metrics have it out of use: %v", n)
					}
					inTime(t, r, since, time.Second)
				})
			}
		})
	}
}
