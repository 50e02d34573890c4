// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
)

func TestParseXforward(t *testing.T) {
	old := mail.Client{Name: "old.example.org", Ident: "ABC"}
	tests := []struct {
		name, args string
		want       mail.Client
		bad        bool
	}{
		{
			name: "all", args: "NAME=a.example.org ADDR=192.0.2.1 PORT=25 PROTO=ESMTP HELO=a IDENT=4F1 SOURCE=REMOTE",
			want: mail.Client{Name: "a.example.org", Addr: "192.0.2.1", Port: "25", Proto: "ESMTP", HELO: "a", Ident: "4F1", Source: "REMOTE"},
		},
		{name: "adds to what was", args: "ADDR=192.0.2.1", want: mail.Client{Name: "old.example.org", Ident: "ABC", Addr: "192.0.2.1"}},
		{name: "unavailable", args: "NAME=[UNAVAILABLE] IDENT=[unavailable]", want: mail.Client{}},
		{name: "ipv6", args: "addr=IPv6:2001:db8::1", want: mail.Client{Name: "old.example.org", Ident: "ABC", Addr: "2001:db8::1"}},
		{name: "xtext", args: "HELO=a+20b+2Bc+3d", want: mail.Client{Name: "old.example.org", Ident: "ABC", HELO: "a b+c="}},
		{name: "unknown attribute", args: "NAME=x FOO=bar", want: old, bad: true},
		{name: "no value", args: "NAME", want: old, bad: true},
		{name: "nothing", args: " ", want: old, bad: true},
		{name: "bad xtext", args: "NAME=a+2", want: old, bad: true},
		{name: "line end in xtext", args: "NAME=a+0D+0AMAIL", want: old, bad: true},
		{name: "too long", args: "NAME=" + strings.Repeat("a", maxXforwardValue+1) + " IDENT=4F1", want: mail.Client{Name: strings.Repeat("a", maxXforwardValue), Ident: "4F1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := old
			err := parseXforward(tt.args, &got)
			if (err != nil) != tt.bad {
				t.Errorf("parseXforward(%q): got error %v", tt.args, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("parseXforward(%q) (-want +got):\n%s", tt.args, diff)
			}
		})
	}
}

func TestFormatXforward(t *testing.T) {
	all := xforwardAttributes()
	long := strings.Repeat("n", 250)
	tests := []struct {
		name    string
		client  mail.Client
		offered []string
		want    []string
	}{
		{"nothing offered", mail.Client{Addr: "192.0.2.1"}, nil, nil},
		{"unknown client", mail.Client{}, []string{"NAME", "ADDR", "SOURCE"}, []string{"XFORWARD NAME=[UNAVAILABLE] ADDR=[UNAVAILABLE] SOURCE=REMOTE"}},
		{"ipv6", mail.Client{Addr: "2001:db8::1"}, []string{"addr"}, []string{"XFORWARD ADDR=IPV6:2001:db8::1"}},
		{"xtext", mail.Client{HELO: "a b=c+d"}, []string{"HELO"}, []string{"XFORWARD HELO=a+20b+3Dc+2Bd"}},
		{"split", mail.Client{Name: long, HELO: long}, []string{"NAME", "HELO"}, []string{"XFORWARD NAME=" + long, "XFORWARD HELO=" + long}},
		{"order", mail.Client{Source: "LOCAL", Ident: "Q"}, all, []string{"XFORWARD NAME=[UNAVAILABLE] ADDR=[UNAVAILABLE] " +
			"PORT=[UNAVAILABLE] PROTO=[UNAVAILABLE] HELO=[UNAVAILABLE] IDENT=Q SOURCE=LOCAL"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, formatXforward(tt.client, tt.offered)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzXforward(f *testing.F) {
	f.Add("NAME=a ADDR=IPV6:::1 HELO=+41 SOURCE=LOCAL")
	f.Fuzz(func(t *testing.T, args string) {
		var c mail.Client
		if err := parseXforward(args, &c); err != nil {
			if c != (mail.Client{}) {
				t.Fatalf("parseXforward(%q) failed and left %+v", args, c)
			}
			return
		}
		var again mail.Client
		for _, line := range formatXforward(c, xforwardAttributes()) {
			if strings.ContainsAny(line, "\r\n\x00") {
				t.Fatalf("%q became the line %q", args, line)
			}
			if err := parseXforward(strings.TrimPrefix(line, "XFORWARD "), &again); err != nil {
				t.Fatalf("%q became %q, which is refused: %v", args, line, err)
			}
		}
		if c.Source == "" {
			again.Source = ""
		}
		if c != again {
			t.Fatalf("%q: got %+v back, want %+v", args, again, c)
		}
	})
}
