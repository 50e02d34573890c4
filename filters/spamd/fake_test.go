// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"bufio"
	"compress/zlib"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
)

// heard is one request as a server has read it.
type heard struct {
	line   string
	fields map[string]string
	body   string
}

// readRequest reads a request up to where the client half closes the connection.
func readRequest(c io.Reader) (h heard, err error) {
	br := bufio.NewReader(c)
	if h.line, err = br.ReadString('\n'); err != nil {
		return h, err
	}
	h.line = strings.TrimSuffix(h.line, "\r\n")
	h.fields = map[string]string{}
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			return h, err
		}
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\r\n"), ": ")
		if !ok {
			break
		}
		h.fields[name] = value
	}
	body, err := io.ReadAll(br)
	if err != nil {
		return h, err
	}
	if want, told := h.fields["Content-length"]; told && want != fmt.Sprint(len(body)) {
		return h, fmt.Errorf("got %d octets, told %s", len(body), want)
	}
	if h.fields["Compress"] == "zlib" {
		z, err := zlib.NewReader(strings.NewReader(string(body)))
		if err != nil {
			return h, err
		}
		if body, err = io.ReadAll(z); err != nil {
			return h, err
		}
	}
	h.body = string(body)
	return h, nil
}

// answering reads a request and says what answer has for it.
func answering(answer func(heard) string) func(net.Conn) {
	return func(c net.Conn) {
		h, err := readRequest(c)
		if err != nil {
			_, _ = io.WriteString(c, "SPAMD/1.0 76 Bad header line: "+err.Error()+"\r\n")
			return
		}
		if h.line == "PING SPAMC/1.5" {
			_, _ = io.WriteString(c, "SPAMD/1.5 0 PONG\r\n")
			return
		}
		_, _ = io.WriteString(c, answer(h))
	}
}

// symbolsReply is an answer to SYMBOLS.
func symbolsReply(score string, names ...string) string {
	body := strings.Join(names, ",")
	return fmt.Sprintf("SPAMD/1.1 0 EX_OK\r\nContent-length: %d\r\nSpam: True ; %s / 5.0\r\n\r\n%s", len(body), score, body)
}

// saying says the same to every request.
func saying(answer string) func(net.Conn) { return answering(func(heard) string { return answer }) }

const timeout = 5 * time.Second

func newOptions(servers []string, change func(*Options)) *Options {
	o := DefaultOptions()
	o.Servers, o.Timeout = servers, timeout
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
