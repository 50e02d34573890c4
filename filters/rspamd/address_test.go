// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"regexp"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

func TestPathOf(t *testing.T) {
	for address, want := range map[string]string{
		"":                         "<>",
		"Ann+x@Example.ORG":        "<Ann+x@example.org>",
		"a@[192.0.2.1]":            "<a@[192.0.2.1]>",
		"a@[IPv6:2001:db8::1]":     "<a@[ipv6:2001:db8::1]>",
		"a@localhost":              "<a@localhost>",
		"a@bücher.example":         "<a@xn--bcher-kva.example>",
		"jürgen@example.org":       `<"j\\x{FC}rgen"@example.org>`,
		`"j ürgen"@example.org`:    `<"j \\x{FC}rgen"@example.org>`,
		`"a@b\" c"@example.org`:    `<"a@b\" c"@example.org>`,
		"a..b.@example.org":        `<"a..b."@example.org>`,
		`a b"\@example.org`:        `<"a b\"\\"@example.org>`,
		"a@b@example.org":          `<"a@b"@example.org>`,
		"a\xff@example.org":        `<"a\\x{FFFD}"@example.org>`,
		"postmaster":               "",
		"@example.org":             "",
		"a@":                       "",
		"a@b,c":                    "",
		"a@\xff.example":           "",
		"a@[192.0.2.1] <x@y.test>": "",
		`"a"b"@example.org`:        `<"\"a\"b\""@example.org>`,
		`"a\"@example.org`:         `<"\"a\\\""@example.org>`,
		`"@example.org`:            `<"\""@example.org>`,
		`""@example.org`:           `<""@example.org>`,
		"a@localhost.":             "<a@localhost>",
		"a@b_c--d.example":         "<a@b_c--d.example>",
		"a@b..example":             "",
		"a@.example":               "",
		"a@-b.example":             "",
		"a@b-.example":             "",
		"a@_b.example":             "",
		"a@[b]":                    "",
		"a@[192.0.2]":              "",
		"a@[::1]":                  "",
		"a@[IPv6:192.0.2.1]":       "",
		"a@[IPv6:fe80::1%x]":       "",
		"a@[192.0.2.1":             "",
	} {
		if got := pathOf(mail.NewPath(address)); got != want {
			t.Errorf("%q: got %s, want %s", address, got, want)
		}
	}
}

// FuzzPath: what rspamd is told of a path is one that it can read (its grammar of RFC 5321 section 4.1.2).
func FuzzPath(f *testing.F) {
	const (
		atom   = "[A-Za-z0-9!#$%&'*+_/=?^`{|}~-]+"
		quoted = `"(?:[ !#-\[\]-~]|\\[ -~])*"`
		label  = `[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?`
	)
	path := regexp.MustCompile(`^<(?:` + atom + `(?:\.` + atom + `)*|` + quoted + `)@(?:` + label + `(?:\.` + label + `)*|\[[0-9a-f:.ipv]+\])>$`)
	for _, s := range []string{"", "a@example.org", `"a b"@x.y`, "ü@ü.example", `"`, `"@a`, "\\@a", "a@[::1]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		got := pathOf(mail.NewPath(address))
		if got == "" || got == "<>" || !fits(got) { // Left out.
			return
		}
		if !path.MatchString(got) {
			t.Errorf("%q: got %q", address, got)
		}
	})
}
