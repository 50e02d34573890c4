// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
)

// heard is one request as a server has read it.
type heard struct {
	line   string
	header http.Header
	body   string
}

// answering reads a request and says what answer has for it, octet for octet.
func answering(answer func(heard) string) func(net.Conn) {
	return func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if r.URL.Path == "/ping" {
			_, _ = io.WriteString(c, httpReply(200, "pong\r\n"))
			return
		}
		_, _ = io.WriteString(c, answer(heard{r.Method + " " + r.URL.Path, r.Header, string(body)}))
	}
}

func httpReply(status int, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d Text\r\nConnection: close\r\nServer: rspamd/3.4\r\nContent-Length: %d\r\nContent-Type: application/json\r\n\r\n%s", status, len(body), body)
}

// scored is an answer to /checkv2. more is further members of its object.
func scored(score, action, more string) string {
	return httpReply(200, fmt.Sprintf(`{"is_skipped":false,"score":%s,"required_score":15.0,"action":%q%s,"message-id":"x","time_real":0.001}`, score, action, more))
}

// saying says the same to every request.
func saying(answer string) func(net.Conn) { return answering(func(heard) string { return answer }) }

func newOptions(servers []string, change func(*Options)) *Options {
	o := DefaultOptions()
	o.Servers, o.Timeout = servers, 5*time.Second
	if change != nil {
		change(o)
	}
	return o
}

func newFilter(t testing.TB, servers []string, d filters.Deps, change func(*Options)) filters.Filter {
	t.Helper()
	f, err := New(newOptions(servers, change), d)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// inspect has the filter look at a message, under the envelope of the suite.
func inspect(t testing.TB, f filters.Filter, text string) ([]filters.Finding, error) {
	t.Helper()
	return f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, text))
}

const hello = "Subject: hello\r\n\r\nhello\r\n"
