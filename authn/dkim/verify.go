// SPDX-License-Identifier: Apache-2.0

// Package dkim verifies and makes DKIM signatures (RFC 6376, RFC 8301, RFC 8463), and looks after the keys they are made with. It is on its own canonicalisation,
// package sig, because ARC needs the same; go-msgauth is what its tests compare it with. It tells everything that is weak about a
// signature that holds, and does not decide about mail.
package dkim

import (
	"bytes"
	"context"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/sig"
)

// DefaultMaxSignatures is how many signatures of a message are verified. Mailing lists bring three or four.
const DefaultMaxSignatures = 10

// FieldName is the name of the field, in lower case.
const FieldName = "dkim-signature"

// Signature is what became of one DKIM-Signature field.
type Signature struct {
	Result     authn.Result // None if it was not verified, because there are too many.
	Reason     string       // Fixed text; "" for a pass.
	Domain     string       // d=, as authn.Domain gives it; "" if it is none.
	Selector   string       // s=, in lower case; "" if it is none.
	Identity   string       // i= as it was given, or "" if it is not fit to be written down.
	Algorithm  string       // a=, if it is known.
	KeyBits    int          // 0 if there is no key.
	B          string       // The first characters of b=, for header.b (RFC 6008).
	Signed     []string     // Names of h= in lower case.
	Added      []string     // Names of fields that there may be one of, of which there are more than are signed, in lower case.
	Unsigned   int64        // Octets of the canonical body behind those that l= has signed.
	Limited    bool         // It has an l= tag.
	Testing    bool         // The key says t=y.
	Time       time.Time    // t=; zero if there is none.
	Expires    time.Time    // x=; zero if there is none.
	Holds      bool         // Hash and signature are right, whatever else is wrong.
	fieldIndex int
}

// Verifier verifies signatures. Safe for many goroutines; its fields do not change.
type Verifier struct {
	Resolver      authn.Resolver
	Now           func() time.Time // Nil for time.Now.
	MaxSignatures int              // 0 for DefaultMaxSignatures.
}

// Verify reads the body of m and gives the result of each signature, from the top. The error is that of reading or of ctx.
func (v *Verifier) Verify(ctx context.Context, m *sig.Message) ([]Signature, error) {
	var bodies sig.Bodies
	s := v.Begin(ctx, m, &bodies)
	if err := bodies.Read(ctx, m.Body()); err != nil {
		return nil, err
	}
	return s.End(), nil
}

// Session is one message whose signatures are being verified.
type Session struct {
	m    *sig.Message
	list []*pending
}

// Begin reads the signature fields, gets their keys, and asks for the hashes that they need. Signatures beyond the limit are left alone.
func (v *Verifier) Begin(ctx context.Context, m *sig.Message, bodies *sig.Bodies) *Session {
	limit := v.MaxSignatures
	if limit <= 0 {
		limit = DefaultMaxSignatures
	}
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	s := &Session{m: m}
	var lookups []func()
	for n, i := range m.All(FieldName) {
		p := &pending{sig: Signature{fieldIndex: i}}
		s.list = append(s.list, p)
		if n >= limit {
			p.sig.Result, p.sig.Reason = authn.None, "too many signatures"
			continue
		}
		if p.parse(m.Fields[i], now()) {
			lookups = append(lookups, func() { p.lookup(ctx, v.Resolver) })
		}
	}
	authn.Together(lookups...)
	for _, p := range s.list {
		if p.key != nil {
			p.hash = bodies.Add(p.body, p.algo.Hash, p.length)
		}
	}
	return s
}

// End gives the results, once the hashes were made.
func (s *Session) End() []Signature {
	list := make([]Signature, len(s.list))
	for i, p := range s.list {
		if p.key != nil {
			p.verify(s.m)
		}
		list[i] = p.sig
	}
	return list
}

// verify is what is left when key and hash are there.
func (p *pending) verify(m *sig.Message) {
	if !bytes.Equal(p.hash.Sum(), p.bodyHash) {
		p.fault(&sig.Fault{Result: authn.Fail, Reason: "body was changed"})
		return
	}
	d := sig.NewDigest(p.algo.Hash, p.head)
	taken := d.AddNamed(m, p.sig.Signed, p.sig.fieldIndex)
	if err := p.key.Verify(p.algo, d.Sum(m.Fields[p.sig.fieldIndex]), p.b); err != nil {
		p.fault(&sig.Fault{Result: authn.Fail, Reason: "signature does not verify"})
		return
	}
	p.sig.Holds = true
	p.sig.Result = authn.Pass
	p.sig.Added = added(m, taken)
	p.sig.Unsigned = p.hash.Total - p.hash.Covered()
	if f := p.weakness(m, taken); f != nil {
		p.fault(f)
	}
}

// weakness is why a signature that holds does not count.
func (p *pending) weakness(m *sig.Message, taken map[string]int) *sig.Fault {
	switch {
	case p.draft:
		return &sig.Fault{Result: authn.Policy, Reason: "signature has no version"}
	case p.key.Weak(p.algo) != nil:
		return p.key.Weak(p.algo)
	case taken["from"] == 0 || taken["from"] < len(m.All("from")):
		return &sig.Fault{Result: authn.Policy, Reason: "not every From is signed"}
	case p.sig.Unsigned > 0:
		return &sig.Fault{Result: authn.Policy, Reason: "not all of the body is signed"}
	}
	return nil
}

// single are fields that there may be one of (RFC 5322 section 3.6, RFC 2045), and that clients show or go by.
func single() []string {
	return []string{
		"from", "sender", "reply-to", "to", "cc", "date", "subject", "message-id", "in-reply-to", "references", "mime-version", "content-type",
		"content-transfer-encoding", "content-disposition",
	}
}

// added are those of which somebody has added one: there are several, and not all are signed.
func added(m *sig.Message, taken map[string]int) []string {
	var list []string
	for _, name := range single() {
		if n := len(m.All(name)); n > 1 && taken[name] < n {
			list = append(list, name)
		}
	}
	return list
}
