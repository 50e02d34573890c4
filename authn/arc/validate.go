// SPDX-License-Identifier: Apache-2.0

// Package arc validates and seals Authenticated Received Chains (RFC 8617): what those who handed a message on found when it came to them, each signed over
// what was there before. Whose word counts is not decided here: a chain that is valid says who speaks, not that it is true.
package arc

import (
	"context"
	"crypto"
	"strings"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/sig"
)

// Set is one instance of a chain.
type Set struct {
	Instance int
	Domain   string // d= of the seal, as authn.Domain gives it: who speaks.
	Selector string
	Results  string // The field body of Authentication-Results that it carries, unfolded.
}

// Chain is what validation gave.
type Chain struct {
	Result authn.Result // None, Pass, Fail; TempError if the DNS gave no answer.
	Reason string       // Fixed text; "" for none and pass.
	Sets   []Set        // From the first; nil unless each instance is complete. To be believed only if Result is Pass.
	Ended  bool         // The last seal says cv=fail: nobody may seal it again (RFC 8617 section 5.1.2).
}

// Session is one message whose chain is being validated.
type Session struct {
	m     *sig.Message
	r     authn.Resolver
	sets  []set
	chain Chain
	last  *signature // Of the newest instance; nil if there is no use to go on.
}

// Validate reads the body of m and gives what its chain is worth, whenever that was. The error is that of reading or of ctx.
func Validate(ctx context.Context, r authn.Resolver, m *sig.Message) (Chain, error) {
	var bodies sig.Bodies
	s := Begin(ctx, r, m, &bodies, time.Time{})
	if err := bodies.Read(ctx, m.Body()); err != nil {
		return Chain{}, err
	}
	return s.End(ctx), nil
}

// Begin reads the chain and asks for the hash of the body that its newest signature needs. now is what that signature may have expired by; zero if it does not matter.
func Begin(ctx context.Context, r authn.Resolver, m *sig.Message, bodies *sig.Bodies, now time.Time) *Session {
	s := &Session{m: m, r: r, chain: Chain{Result: authn.None}}
	list, fault := sets(m)
	if fault != nil {
		s.fault(fault)
		return s
	}
	if list == nil {
		return s
	}
	s.sets = list
	if fault := s.seals(); fault != nil {
		s.fault(fault)
		return s
	}
	last, fault := parseSignature(m, list[len(list)-1].signature, now)
	if fault == nil {
		fault = last.lookup(ctx, r)
	}
	if fault != nil {
		s.fault(fault)
		return s
	}
	last.hash = bodies.Add(last.body, last.algo.Hash, last.length)
	s.last = last
	return s
}

// fault ends the validation. Whatever is wrong with a chain, it fails (RFC 8617 section 5.2); no answer of the DNS is told apart.
func (s *Session) fault(f *sig.Fault) {
	s.chain.Result, s.chain.Reason = authn.Fail, f.Reason
	if f.Result == authn.TempError {
		s.chain.Result = authn.TempError
	}
}

// seals looks at what the seals say, before anything is asked for (steps 2 and 3).
func (s *Session) seals() *sig.Fault {
	var fault *sig.Fault
	for i, set := range s.sets {
		tags, err := sig.ParseTags(s.m.Fields[set.seal].Body())
		if err != nil {
			return fail("seal is malformed")
		}
		domain, _ := authn.Domain(tags.Word("d"))
		s.chain.Sets = append(s.chain.Sets, Set{Instance: i + 1, Domain: domain, Selector: strings.ToLower(tags.Word("s")), Results: payload(s.m.Fields[set.results])})
		want := "pass"
		if i == 0 {
			want = "none"
		}
		cv := strings.ToLower(tags.Word("cv"))
		s.chain.Ended = cv == "fail"
		if cv != want && fault == nil {
			fault = fail("a seal says that the chain does not hold")
		}
	}
	return fault
}

// End gives what the chain is worth, once the hash was made. It gets the keys of the seals.
func (s *Session) End(ctx context.Context) Chain {
	if s.last == nil {
		return s.chain
	}
	fault := s.last.verify(s.m)
	if fault == nil {
		fault = s.verifySeals(ctx)
	}
	if fault != nil {
		s.fault(fault)
		return s.chain
	}
	s.chain.Result = authn.Pass
	return s.chain
}

// verifySeals checks each seal over all that came before it (RFC 8617 section 5.1.1).
func (s *Session) verifySeals(ctx context.Context) *sig.Fault {
	seals := make([]*signature, len(s.sets))
	for i := range s.sets {
		var fault *sig.Fault
		if seals[i], fault = parseSeal(s.m, s.sets[i].seal); fault != nil {
			return fault
		}
	}
	digests, err := sealDigests(s.m, s.sets)
	if err != nil {
		return fail("seals cannot be hashed")
	}
	keys := map[string]*sig.Key{}
	for i, seal := range seals {
		name := seal.selector + " " + seal.domain
		if seal.key = keys[name]; seal.key == nil {
			if fault := seal.lookup(ctx, s.r); fault != nil {
				return fault
			}
			keys[name] = seal.key
		}
		if fault := seal.check(digests[i]); fault != nil {
			return fault
		}
	}
	return nil
}

// sealDigests are what the seals sign, of the first set to the last.
func sealDigests(m *sig.Message, list []set) ([][]byte, error) {
	d := sig.NewDigest(crypto.SHA256, sig.Relaxed)
	var all [][]byte
	for _, s := range list {
		d.Add(m.Fields[s.results])
		d.Add(m.Fields[s.signature])
		sum, err := d.SumHere(m.Fields[s.seal])
		if err != nil {
			return nil, err
		}
		all = append(all, sum)
		d.Add(m.Fields[s.seal])
	}
	return all, nil
}
