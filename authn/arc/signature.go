// SPDX-License-Identifier: Apache-2.0

package arc

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/sig"
)

// signature is an ARC-Message-Signature or an ARC-Seal.
type signature struct {
	at       int // Index of the field.
	domain   string
	selector string
	algo     sig.Algorithm
	b        []byte
	key      *sig.Key

	head, body sig.Canon // These are for ARC-Message-Signature alone.
	names      []string
	length     int64
	bodyHash   []byte
	hash       *sig.BodyHash // Of the body as it is.
}

// parse reads the tags that both have.
func parse(m *sig.Message, at int) (*signature, sig.Tags, *sig.Fault) {
	t, err := sig.ParseTags(m.Fields[at].Body())
	if err != nil {
		return nil, nil, fail("signature is malformed")
	}
	s := &signature{at: at, selector: strings.ToLower(t.Word("s"))}
	var ok bool
	if s.domain, ok = authn.Domain(t.Word("d")); !ok || s.selector == "" {
		return nil, nil, fail("domain or selector is malformed")
	}
	if s.algo, ok = sig.ParseAlgorithm(t.Word("a")); !ok {
		return nil, nil, fail("algorithm is not known")
	}
	if s.algo.Hash != crypto.SHA256 {
		return nil, nil, fail("rsa-sha1 is too weak")
	}
	if s.b, err = t.Base64("b"); err != nil {
		return nil, nil, fail("signature is malformed")
	}
	if _, has := t["t"]; has {
		if _, ok := t.Number("t"); !ok {
			return nil, nil, fail("time is malformed")
		}
	}
	return s, t, nil
}

// parseSeal reads an ARC-Seal (RFC 8617 section 4.1.3).
func parseSeal(m *sig.Message, at int) (*signature, *sig.Fault) {
	s, t, fault := parse(m, at)
	if fault != nil {
		return nil, fault
	}
	if _, has := t["h"]; has {
		return nil, fail("seal has an h= tag")
	}
	return s, nil
}

// parseSignature reads an ARC-Message-Signature (RFC 8617 section 4.1.2): DKIM's tags, without v=.
func parseSignature(m *sig.Message, at int, now time.Time) (*signature, *sig.Fault) {
	s, t, fault := parse(m, at)
	if fault != nil {
		return nil, fault
	}
	var ok bool
	if s.head, s.body, ok = sig.ParseCanon(t.Word("c")); !ok {
		return nil, fail("canonicalisation is not known")
	}
	var err error
	if s.bodyHash, err = t.Base64("bh"); err != nil {
		return nil, fail("body hash is malformed")
	}
	if s.names, ok = t.Names(); !ok || t.Word("h") == "" || slices.Contains(s.names, sealName) {
		return nil, fail("list of signed fields is malformed")
	}
	if !slices.Contains(s.names, "from") {
		return nil, fail("From is not signed") // As for DKIM (RFC 6376 section 5.4).
	}
	s.length = -1
	if _, has := t["l"]; has {
		if s.length, ok = t.Number("l"); !ok {
			return nil, fail("length is malformed")
		}
	}
	return s, usable(t, now)
}

// usable is what is left of DKIM's tags: when the signature expires, and where its key is (RFC 6376 section 3.5).
func usable(t sig.Tags, now time.Time) *sig.Fault {
	if q := t.List("q"); q != nil && !slices.Contains(q, "dns/txt") {
		return fail("query method is not known")
	}
	if _, has := t["x"]; !has {
		return nil
	}
	x, ok := t.Number("x")
	switch {
	case !ok:
		return fail("expiration is malformed")
	case !now.IsZero() && now.Unix() > x:
		return fail("signature has expired")
	}
	return nil
}

func (s *signature) lookup(ctx context.Context, r authn.Resolver) *sig.Fault {
	key, err := sig.LookupKey(ctx, r, s.domain, s.selector)
	if err != nil {
		if fault, ok := errors.AsType[*sig.Fault](err); ok {
			return fault
		}
		return &sig.Fault{Result: authn.TempError, Reason: "key could not be looked up", Err: err}
	}
	if !key.Allows(s.algo) {
		return fail("key is not for this algorithm")
	}
	if key.Weak(s.algo) != nil {
		return fail("key is too short")
	}
	s.key = key
	return nil
}

// verify checks an ARC-Message-Signature.
func (s *signature) verify(m *sig.Message) *sig.Fault {
	if !bytes.Equal(s.hash.Sum(), s.bodyHash) {
		return fail("body was changed")
	}
	if s.hash.Covered() < s.hash.Total {
		return fail("not all of the body is signed")
	}
	d := sig.NewDigest(s.algo.Hash, s.head)
	d.AddNamed(m, s.names, s.at)
	return s.check(d.Sum(m.Fields[s.at]))
}

func (s *signature) check(digest []byte) *sig.Fault {
	if s.key.Verify(s.algo, digest, s.b) != nil {
		return fail("signature does not verify")
	}
	return nil
}
