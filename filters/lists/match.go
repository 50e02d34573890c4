// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// hit is an entry that a message is in, whoever it is to.
type hit struct {
	entry  *entry
	names  []nameHit
	host   int    // Rank of the client; rankNone if it does not match.
	text   string // What matches.
	proven bool   // It counts.
	rank   int    // How near what matches and counts is to the sender.
}

// nameHit is one of senders.names that matches, and how near.
type nameHit struct{ name, rank int }

// matcher collects hits.
type matcher struct {
	*index
	senders *senders
	hits    map[int32]*hit
}

// match gives all entries whose conditions on the sender hold, in the order of the options.
func (x *index) match(s *senders) []*hit {
	m := &matcher{index: x, senders: s, hits: map[int32]*hit{}}
	for i, n := range s.names {
		m.name(i, n)
	}
	m.client()
	var list []*hit
	for _, h := range m.hits {
		if (!h.entry.names || len(h.names) > 0) && (!h.entry.hosts || h.host > rankNone) {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b *hit) int {
		if a.entry.allow != b.entry.allow {
			return map[bool]int{true: -1, false: 1}[a.entry.allow]
		}
		return cmp.Compare(a.entry.number, b.entry.number)
	})
	return list
}

// name looks one address up.
func (m *matcher) name(i int, n name) {
	found := func(refs []ref) {
		for _, r := range refs {
			h := m.hit(r)
			h.names = append(h.names, nameHit{i, int(r.rank)})
			if h.text == "" {
				h.text = n.String()
			}
		}
	}
	found(m.addresses[n.full])
	found(m.all)
	if n.domain != "" {
		found(m.domains[n.domain])
		above(n.domain, func(parent string) { found(m.below[parent]) })
	}
	if len(m.globs) > 0 && n.full != nullPath {
		full := []rune(n.full)
		for _, g := range m.globs {
			if g.glob.MatchLower(full) {
				found([]ref{g.ref})
			}
		}
	}
}

// above calls f with all domains above one.
func above(domain string, f func(parent string)) {
	for {
		_, parent, ok := strings.Cut(domain, ".")
		if !ok {
			return
		}
		f(parent)
		domain = parent
	}
}

// client looks the client up.
func (m *matcher) client() {
	found := func(refs []ref, text string) {
		for _, r := range refs {
			h := m.hit(r)
			h.host = max(h.host, int(r.rank))
			if h.text == "" || !strings.Contains(h.text, "client") {
				h.text = strings.TrimPrefix(h.text+", client "+text, ", ")
			}
		}
	}
	if s := m.senders; s.host != "" {
		found(m.hosts[s.host], s.host)
		above(s.host, func(parent string) { found(m.hostsIn[parent], s.host) })
		host := []rune(s.host)
		for _, g := range m.hostGlobs {
			if g.glob.MatchLower(host) {
				found([]ref{g.ref}, s.host)
			}
		}
	}
	if a := m.senders.addr; a.IsValid() {
		for _, bits := range m.bits[a.Is4()] {
			found(m.networks[netip.PrefixFrom(a, bits).Masked()], a.String())
		}
	}
}

func (m *matcher) hit(r ref) *hit {
	h := m.hits[r.entry]
	if h == nil {
		h = &hit{entry: m.entries[r.entry]}
		m.hits[r.entry] = h
	}
	return h
}
