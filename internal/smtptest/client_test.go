// SPDX-License-Identifier: Apache-2.0

package smtptest

import (
	"bufio"
	"net"
	"strings"
	"testing"
)

// reading is a client that reads these octets and nothing more.
func reading(t *testing.T, octets string) *Client {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { _ = near.Close() })
	go func() {
		_, _ = far.Write([]byte(octets))
		_ = far.Close()
	}()
	return &Client{Timeout: DefaultTimeout, conn: near, r: bufio.NewReader(near)}
}

func TestReadReply(t *testing.T) {
	tests := []struct {
		name, octets, want string // An empty want is an error.
	}{
		{"one line", "250 2.0.0 Ok\r\n", "250 2.0.0 Ok"},
		{"several lines", "250-mx\r\n250-PIPELINING\r\n250 DSN\r\n", "250 mx / PIPELINING / DSN"},
		{"code alone", "354\r\n", "354 "},
		{"bare LF", "250 Ok\n", ""},
		{"no code", "hello\r\n", ""},
		{"another code", "250-a\r\n251 b\r\n", ""},
		{"no end", "250-a\r\n", ""},
		{"endless", strings.Repeat("250-a\r\n", maxReplyLines+1), ""},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := reading(t, tt.octets).ReadReply()
			if tt.want == "" {
				if err == nil {
					t.Errorf("got %s, want an error", got)
				}
				return
			}
			if err != nil || got.String() != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestOffers(t *testing.T) {
	r := Reply{Code: 250, Lines: []string{"SIZE", "SIZE 1000", "dsn"}}
	for keyword, want := range map[string]bool{"size": true, "DSN": true, "PIPELINING": false} {
		if got := r.Offers(keyword); got != want {
			t.Errorf("%s: got %v, want %v", keyword, got, want)
		}
	}
	if (Reply{Code: 250, Lines: []string{"DSN"}}).Offers("DSN") {
		t.Error("the name of the server is no offer")
	}
}

func FuzzReadReply(f *testing.F) {
	for _, seed := range []string{"250 Ok\r\n", "250-a\r\n250 b\r\n", "25\r\n", "250-a\r\n251 b\r\n", "\r\n", "250x\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, octets string) {
		r, err := reading(t, octets).ReadReply()
		if err == nil && (r.Code < 100 || r.Code > 999 || len(r.Lines) == 0) {
			t.Errorf("%q was taken for the reply %q", octets, r)
		}
	})
}
