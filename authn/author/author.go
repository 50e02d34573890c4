// SPDX-License-Identifier: Apache-2.0

// Package author reads From fields the way that matters for authentication: every address in them counts, because it is not known which one a mail client
// shows.
package author

import (
	"slices"
	"strings"

	"github.com/mailweir/mailweir/authn"
)

// Limits of what is read.
const (
	maxField     = 128 << 10 // Octets of one field: more than Postfix lets in, which is 100 KiB (header_size_limit).
	MaxAddresses = 50        // Addresses of one message that are read.
)

// Authors is what From fields say.
type Authors struct {
	Fields    int      // Number of From fields.
	Addresses []string // All of them, as given, without comments.
	Domains   []string // Theirs, each once, as authn.Domain gives them.
	Cut       bool     // There is more than was read.
	Nameless  bool     // There is an address without a domain name, so that nobody can tell whose it is.
	Odd       []string // Fixed texts: what is wrong or may be read in another way, each once.
}

// Read reads the bodies of all From fields, with their folding (RFC 5322 section 3.6.2, with obsolete syntax and groups). A CR or LF is a blank wherever it
// stands: some take it for the end of the field, and nobody for a part of a name.
func Read(bodies []string) Authors {
	a := Authors{Fields: len(bodies)}
	for _, b := range bodies {
		if len(b) > maxField {
			a.odd("From is too long")
			a.Cut = true
			b = b[:maxField]
		}
		if strings.Contains(strings.ReplaceAll(b, "\r\n", ""), "\r") {
			a.odd("From has a stray CR")
		}
		r := reader{s: b, a: &a}
		r.list()
	}
	switch {
	case a.Fields == 0:
		a.odd("there is no From")
	case a.Fields > 1:
		a.odd("there are several From fields")
	}
	if a.Fields > 0 && len(a.Addresses) == 0 {
		a.odd("From has no address")
	}
	return a
}

// One tells if there is one author domain, by any reading.
func (a *Authors) One() bool {
	return a.Fields == 1 && len(a.Domains) == 1 && !a.Cut && !a.Nameless
}

func (a *Authors) odd(text string) {
	if !slices.Contains(a.Odd, text) {
		a.Odd = append(a.Odd, text)
	}
}

// add takes an address that was read.
func (a *Authors) add(address string) {
	if len(a.Addresses) == MaxAddresses {
		a.odd("From has too many addresses")
		a.Cut = true
		return
	}
	a.Addresses = append(a.Addresses, address)
	local, domain, ok := authn.SplitAddress(address)
	begin := address
	if i := strings.IndexFunc(address, isControl); i >= 0 {
		a.odd("From has a control character in an address")
		begin = address[:i]
	}
	if strings.Contains(address, "=?") {
		a.odd("From has an encoded word in an address")
	}
	if strings.ContainsAny(strings.Trim(local, `"`), `"\@`) {
		a.odd("From has a quoted character in an address")
	}
	switch {
	case !ok:
		a.Nameless = true
		a.odd("From has an address without a domain name")
	case !slices.Contains(a.Domains, domain):
		a.Domains = append(a.Domains, domain)
	}
	for _, rest := range []string{strings.TrimRightFunc(local, isControl), begin} { // Some end at the second "@", or at a NUL.
		if strings.Contains(rest, "@") && !strings.HasPrefix(rest, `"`) && !slices.Contains(a.Addresses, rest) {
			a.add(rest)
		}
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
