// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// maxReceived bounds the Received fields that are looked at, from the one added last.
const maxReceived = 8

// received takes a Received field apart. n counts from the last one added.
func (s *session) received(v string, n int) {
	if n > maxReceived {
		return
	}
	where := "r"
	if n == 1 {
		where = "r1"
	}
	v = strings.ToLower(cut(v, 600))
	v, _, _ = strings.Cut(v, ";")
	s.add(Trace, "recvshape", where+" "+shape(cut(v, 60)))
	prev := ""
	for f := range strings.FieldsFuncSeq(v, func(r rune) bool { return r <= ' ' || strings.ContainsRune("()[]<>=\",", r) }) {
		switch {
		case isIPv4(f):
			s.ip(where, f)
		case strings.Contains(f, "."):
			s.host(where+prev, f)
		case len(f) < 20:
			s.add(Trace, where+"w", shape(f)+cut(f, 12))
		}
		switch f {
		case "from", "by", "for", "helo", "with", "id":
			prev = f
		}
	}
}

func (s *session) ip(where, a string) {
	s.add(Trace, "ip", a)
	i := strings.LastIndexByte(a, '.')
	s.add(Trace, where+"ip24", a[:i])
	s.add(Trace, "ip16", a[:strings.LastIndexByte(a[:i], '.')])
}

// host notes a host and the domains around it.
func (s *session) host(kind, h string) {
	s.add(Trace, kind, cut(h, 80))
	for range 3 {
		_, parent, ok := strings.Cut(h, ".")
		if !ok || parent == "" {
			return
		}
		h = parent
		s.add(Trace, "host", cut(h, 60))
	}
}

func isIPv4(s string) bool {
	dots := 0
	for i := range len(s) {
		if s[i] == '.' {
			dots++
		} else if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return dots == 3 && s[0] != '.' && s[len(s)-1] != '.'
}

// envelope notes what XFORWARD told of the client, and the reverse-path where no Return-Path tells it.
func (s *session) envelope(env *mail.Envelope, h mail.Header) {
	if h.Get("Return-Path") == "" {
		s.addresses("return-path", cut(env.MailFrom.Address, maxValue))
	}
	if ip := env.Client.IP(); ip.Is4() {
		s.ip("client", ip.String())
	}
	if env.Client.Name != "" {
		s.host("client", strings.ToLower(cut(env.Client.Name, 255)))
	}
	helo := strings.ToLower(cut(env.Client.HELO, 255))
	s.add(Trace, "heloshape", shape(helo))
	if helo != "" && env.Client.Name != "" && !strings.EqualFold(helo, env.Client.Name) {
		s.add(Trace, "heloother", "")
	}
}
