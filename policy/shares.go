// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// shares deals the findings out to the recipients of an envelope that they hold for.
type shares struct {
	findings []filters.Finding
	some     []int    // Those that do not hold for all, as indices in findings.
	held     [][]byte // For each recipient: a bit for each of some. Nil if there are none.
}

// Held are the findings that hold for a recipient of the envelope, by its index in RcptTo. They are not to be changed.
func Held(env *mail.Envelope, findings []filters.Finding, rcpt int) []filters.Finding {
	return newShares(env, findings).of(rcpt)
}

func newShares(env *mail.Envelope, findings []filters.Finding) *shares {
	s := &shares{findings: findings}
	n := len(env.RcptTo)
	for i := range findings {
		// An index that is nobody's is a fault of the filter: rather all than none.
		if who := findings[i].For; len(who) > 0 && !slices.ContainsFunc(who, func(r int) bool { return r < 0 || r >= n }) {
			s.some = append(s.some, i)
		}
	}
	if len(s.some) == 0 {
		return s
	}
	s.held = make([][]byte, n)
	for bit, i := range s.some {
		for _, r := range findings[i].For {
			if s.held[r] == nil {
				s.held[r] = make([]byte, (len(s.some)+7)/8)
			}
			s.held[r][bit/8] |= 1 << (bit % 8)
		}
	}
	return s
}

// key is the same for recipients who have the same findings.
func (s *shares) key(rcpt int) string {
	if s.held == nil {
		return ""
	}
	return string(s.held[rcpt])
}

// of are the findings that hold for a recipient, by its index; those that hold for all if it is none. They are not to be changed.
func (s *shares) of(rcpt int) []filters.Finding {
	if len(s.some) == 0 {
		return s.findings
	}
	var held []byte
	if rcpt >= 0 {
		held = s.held[rcpt]
	}
	var own []filters.Finding
	bit := 0
	for i, f := range s.findings {
		if bit == len(s.some) || s.some[bit] != i {
			own = append(own, f)
			continue
		}
		if held != nil && held[bit/8]&(1<<(bit%8)) != 0 {
			own = append(own, f)
		}
		bit++
	}
	return own
}
