// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// Results for a recipient, as the metric has them.
const (
	resultBlocked  = "blocked"
	resultAllowed  = "allowed"
	resultUnproven = "unproven"
	resultNone     = "none"
)

// verdict is one finding in the making.
type verdict struct {
	code  string
	class filters.Class
	score float64
	rcpts []int
	told  []string // What it rests on, each once.
}

// verdicts collects what recipients get. Those who get the same share a finding.
type verdicts struct {
	all  int // Recipients.
	list []*verdict
}

func newVerdicts(recipients int) *verdicts { return &verdicts{all: recipients} }

// place is how near an entry is to a recipient and a sender.
type place struct{ to, from int }

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.to, q.to), cmp.Compare(p.from, q.from))
}

// judge decides between the entries for one recipient, and gives the result for the metric. The entry that is nearest to the recipient wins; of those
// that are equally near, the one that is nearest to the sender; of those, the block.
func (v *verdicts) judge(i int, rcpt mail.Path, hits []*hit) string {
	var block, allow, unproven *hit
	var blockAt, allowAt place
	to := newAddress(rcpt.Address)
	for _, h := range hits {
		rank, ok := h.entry.to.has(to)
		at := place{rank, h.rank}
		switch {
		case !ok:
		case !h.proven:
			unproven = cmp.Or(unproven, h)
		case h.entry.allow && (allow == nil || at.compare(allowAt) > 0):
			allow, allowAt = h, at
		case !h.entry.allow && (block == nil || at.compare(blockAt) > 0):
			block, blockAt = h, at
		}
	}
	result := resultNone
	if unproven != nil && allow == nil {
		v.add(i, codeUnproven, filters.Spam, 0, unproven)
		result = resultUnproven
	}
	switch {
	case block != nil && (allow == nil || blockAt.compare(allowAt) >= 0):
		v.add(i, codeBlocked, filters.Listed, block.entry.score, block)
		result = resultBlocked
	case allow != nil:
		v.add(i, codeAllowed, filters.Spam, allow.entry.score, allow)
		result = resultAllowed
	}
	return result
}

// maxTold is how many entries a detail names.
const maxTold = 3

func (v *verdicts) add(rcpt int, code string, class filters.Class, score float64, h *hit) {
	i := slices.IndexFunc(v.list, func(d *verdict) bool { return d.code == code && d.score == score })
	if i < 0 {
		i = len(v.list)
		v.list = append(v.list, &verdict{code: code, class: class, score: score})
	}
	d := v.list[i]
	d.rcpts = append(d.rcpts, rcpt)
	if told := fmt.Sprintf("%v: %s", h.entry, h.text); len(d.told) < maxTold && !slices.Contains(d.told, told) {
		d.told = append(d.told, told)
	}
}

func (v *verdicts) findings() []filters.Finding {
	var found []filters.Finding
	for _, d := range v.list {
		f := filters.Finding{Code: d.code, Class: d.class, Score: d.score, Detail: strings.Join(d.told, "; ")}
		if d.code == codeUnproven {
			f.Detail += "; nothing vouches for it"
		}
		f.For = filters.ForSome(d.rcpts, v.all)
		if len(d.rcpts) < v.all {
			f.Detail += fmt.Sprintf(" (%d of %d recipients)", len(d.rcpts), v.all)
		}
		found = append(found, f)
	}
	return found
}
