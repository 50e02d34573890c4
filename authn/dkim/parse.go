// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/sig"
)

// shownB is how much of b= tells signatures apart (RFC 6008 section 4).
const shownB = 8

// pending is a signature of which not everything is known yet.
type pending struct {
	sig      Signature
	algo     sig.Algorithm
	head     sig.Canon
	body     sig.Canon
	length   int64 // l=; -1 if there is none.
	bodyHash []byte
	b        []byte
	named    bool          // h= is of a sane length.
	draft    bool          // Of a version before the RFC: it may hold, and never counts.
	key      *sig.Key      // Nil if there is no use to go on.
	hash     *sig.BodyHash // Of the body as it is.
}

func (p *pending) fault(f *sig.Fault) {
	p.sig.Result, p.sig.Reason = f.Result, f.Reason
}

// parse reads the field; it gives false if that settles it.
func (p *pending) parse(f sig.Field, now time.Time) bool {
	err := p.tags(f, now)
	if err != nil {
		p.fault(err)
	}
	return err == nil
}

// tags reads the tags (RFC 6376 sections 3.5 and 6.1.1).
func (p *pending) tags(f sig.Field, now time.Time) *sig.Fault {
	t, err := sig.ParseTags(f.Body())
	if err != nil {
		return sig.PermError("signature is malformed")
	}
	p.name(t)
	for _, name := range []string{"a", "b", "bh", "d", "h", "s"} {
		if _, ok := t[name]; !ok {
			return sig.PermError("tag " + name + "= is missing")
		}
	}
	v, versioned := t["v"]
	p.draft = !versioned || v == "0.5"
	if !p.draft && v != "1" {
		return sig.PermError("signature has another version")
	}
	if p.sig.Domain == "" || p.sig.Selector == "" {
		return sig.PermError("domain or selector is malformed")
	}
	var ok bool
	if p.algo, ok = sig.ParseAlgorithm(t.Word("a")); !ok {
		return sig.PermError("algorithm is not known")
	}
	p.sig.Algorithm = p.algo.Name
	if p.head, p.body, ok = sig.ParseCanon(t.Word("c")); !ok {
		return sig.PermError("canonicalisation is not known")
	}
	if q := t.List("q"); q != nil && !slices.Contains(q, "dns/txt") && !slices.Contains(q, "dns") { // "dns" alone is older than the RFC.
		return sig.PermError("query method is not known")
	}
	if fault := p.values(t); fault != nil {
		return fault
	}
	return p.times(t, now)
}

// name takes what says whose signature it is, also of one with faults.
func (p *pending) name(t sig.Tags) {
	if d, ok := authn.Domain(t.Word("d")); ok {
		p.sig.Domain = d
	}
	selector := strings.ToLower(t.Word("s"))
	if _, ok := authn.Domain(selector + "._domainkey"); ok {
		p.sig.Selector = selector
	}
	b := t.Word("b")
	p.sig.B = b[:min(len(b), shownB)]
	p.sig.Signed, p.named = t.Names()
}

func (p *pending) values(t sig.Tags) *sig.Fault {
	var err, errBody error
	p.b, err = t.Base64("b")
	p.bodyHash, errBody = t.Base64("bh")
	if err != nil || errBody != nil {
		return sig.PermError("hash or signature is malformed")
	}
	if !p.named {
		return sig.PermError("too many fields are signed")
	}
	if !slices.Contains(p.sig.Signed, "from") {
		return sig.PermError("From is not signed")
	}
	p.length = -1
	if _, p.sig.Limited = t["l"]; p.sig.Limited {
		var ok bool
		if p.length, ok = t.Number("l"); !ok {
			return sig.PermError("length is malformed")
		}
	}
	return p.identity(t)
}

// identity checks i=: it is d= or below it.
func (p *pending) identity(t sig.Tags) *sig.Fault {
	i, ok := t["i"]
	if !ok {
		return nil
	}
	i = unquote(i)
	_, domain, ok := authn.SplitAddress(i)
	if !ok || !authn.IsWithin(domain, p.sig.Domain) {
		return sig.PermError("identity is not of the domain")
	}
	p.sig.Identity = i
	return nil
}

// unquote reads DKIM's quoted-printable (RFC 6376 section 2.11), without the white space in it.
func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' }

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'A' + 10
}

func (p *pending) times(t sig.Tags, now time.Time) *sig.Fault {
	if _, ok := t["t"]; ok {
		n, ok := t.Number("t")
		if !ok {
			return sig.PermError("time is malformed")
		}
		p.sig.Time = unix(n)
	}
	if _, ok := t["x"]; !ok {
		return nil
	}
	n, ok := t.Number("x")
	if !ok {
		return sig.PermError("expiration is malformed")
	}
	p.sig.Expires = unix(n)
	if !p.sig.Time.IsZero() && p.sig.Expires.Before(p.sig.Time) {
		return sig.PermError("expired before it was made")
	}
	if now.After(p.sig.Expires) {
		return sig.PermError("signature has expired")
	}
	return nil
}

// unix is a time that can be reckoned with, however far off it is.
func unix(n int64) time.Time { return time.Unix(min(n, 1<<40), 0) }

// lookup gets the key and checks that it is for this signature.
func (p *pending) lookup(ctx context.Context, r authn.Resolver) {
	key, err := sig.LookupKey(ctx, r, p.sig.Domain, p.sig.Selector)
	if err != nil {
		fault, ok := errors.AsType[*sig.Fault](err)
		if !ok {
			fault = &sig.Fault{Result: authn.TempError, Reason: "key could not be looked up", Err: err}
		}
		p.fault(fault)
		return
	}
	p.sig.KeyBits, p.sig.Testing = key.Bits, key.Testing
	_, domain, _ := authn.SplitAddress(p.sig.Identity)
	switch {
	case !key.Allows(p.algo):
		p.fault(sig.PermError("key is not for this algorithm"))
	case key.Strict && domain != "" && domain != p.sig.Domain:
		p.fault(sig.PermError("key is for the domain alone"))
	default:
		p.key = key
	}
}
