// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/mailweir/mailweir/resolver"
)

// maxParallel is the number of questions about one message that are open at once.
const maxParallel = 64

// question is one thing that one list is asked about, and what it said.
type question struct {
	list  *list
	label string // In front of the zone.
	name  string // As people know it.
	where string

	points float64
	codes  []netip.Addr // Of the listing; none if it is not listed.
	err    error        // Nil if the list answered.
	left   bool         // Not waited for: another list had settled it.
	unpaid bool         // Not asked: the message had used up its look-ups.
}

// session is one message being asked about.
type session struct {
	f         *filter
	domains   []*target[string]
	addresses []*target[netip.Addr]
	hosts     []*target[string]
	emails    []*target[string]
	unasked   int // What the message names and no list is asked about.
	unread    int // Texts and images that were not read to their end.

	questions []*question
	asked     map[string]bool // Label and zone of each question.

	mu         sync.Mutex
	settled    bool
	unresolved []string // Hosts whose addresses could not be looked up.
	why        error    // Why not, of the first of them.
}

// newSession chooses what is asked about.
func newSession(f *filter, c *collector) *session {
	s := &session{f: f, unread: c.unread, asked: map[string]bool{}}
	o := f.options
	var domains, addresses, hosts, emails, names int // That are left out.
	s.domains, domains = c.domains.choose(o.MaxDomains)
	s.addresses, addresses = c.addresses.choose(o.MaxHosts)
	s.hosts, hosts = c.hosts.choose(o.MaxHosts)
	s.emails, emails = c.emails.choose(o.MaxEmails)
	for _, t := range s.domains {
		if t.more {
			names++
		}
	}
	s.leaves(domains, askDomains, askHosts)
	s.leaves(addresses, askAddresses, askResolved)
	s.leaves(hosts, askResolved)
	s.leaves(emails, askEmails)
	s.leaves(names, askHosts)
	return s
}

// leaves counts what is left out, if any list would have been asked about it.
func (s *session) leaves(n int, kinds ...string) {
	if s.anyAsks(kinds...) {
		s.unasked += n
	}
}

func (s *session) anyAsks(kinds ...string) bool {
	for _, l := range s.f.lists {
		if slices.ContainsFunc(kinds, l.zone.asks) {
			return true
		}
	}
	return false
}

// run asks all questions. Those about addresses that have to be looked up come when these are known.
func (s *session) run(ctx context.Context) {
	ctx, cancelBudget := resolver.NewBudget(s.f.options.MaxLookups, 3*s.f.longest).Context(ctx)
	defer cancelBudget()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.prepare()
	var g errgroup.Group
	g.SetLimit(maxParallel)
	first := len(s.questions)
	for _, q := range s.questions {
		g.Go(func() error {
			s.ask(ctx, q, cancel)
			return nil
		})
	}
	resolved := s.resolve(ctx, &g)
	_ = g.Wait() // Errors of lists are answers.
	for i, t := range s.hosts {
		for _, a := range resolved[i] {
			s.address(askResolved, a, t.from, "where "+t.key+" leads")
		}
	}
	for _, q := range s.questions[first:] {
		g.Go(func() error {
			s.ask(ctx, q, cancel)
			return nil
		})
	}
	_ = g.Wait()
}

// prepare makes the questions about what stands in the message.
func (s *session) prepare() {
	for _, l := range s.f.lists {
		for _, t := range s.domains {
			if l.zone.takes(t.from) && (l.zone.asks(askDomains) || l.zone.asks(askHosts)) {
				s.add(l, t.key, t.key, t.where)
			}
			for _, h := range t.names {
				if l.zone.takes(t.from) && l.zone.asks(askHosts) {
					s.add(l, h, h, t.where)
				}
			}
		}
		for _, t := range s.emails {
			if l.zone.takes(t.from) && l.zone.asks(askEmails) {
				s.add(l, hashed(l.zone.Hash, t.key), t.key, t.where)
			}
		}
	}
	for _, t := range s.addresses {
		s.address(askAddresses, t.key, t.from, t.where)
		s.address(askResolved, t.key, t.from, t.where)
	}
}

// address adds a question about an address, for each list that takes such.
func (s *session) address(kind string, a netip.Addr, from places, where string) {
	for _, l := range s.f.lists {
		if l.zone.takes(from) && l.zone.asks(kind) {
			s.add(l, resolver.ReverseLabels(a), a.String(), where)
		}
	}
}

// add adds a question, once.
func (s *session) add(l *list, label, name, where string) {
	if key := label + "/" + l.Zone(); !s.asked[key] {
		s.asked[key] = true
		s.questions = append(s.questions, &question{list: l, label: label, name: name, where: where})
	}
}

// ask asks one question. A conclusive listing ends all others.
func (s *session) ask(ctx context.Context, q *question, settle func()) {
	codes, err := q.list.Ask(ctx, q.label)
	if q.err = err; err == nil {
		q.points, q.codes = q.list.codes.Points(codes)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case errors.Is(err, resolver.ErrBadName): // Too long in front of this zone: it cannot be listed.
		q.err = nil
	case s.settled && errors.Is(err, context.Canceled):
		q.left = true
		return
	case err != nil:
		q.unpaid = errors.Is(err, resolver.ErrBudget)
	case len(q.codes) > 0 && q.list.zone.Conclusive:
		s.settled = true
		settle()
	}
	s.f.metrics.Answered(q.list.Zone(), len(q.codes) > 0, q.err)
}

// maxAddrs is the number of addresses of one host that lists are asked about.
const maxAddrs = 4

// resolve looks up the addresses of the hosts of links, if a list wants them. The result of each host is complete when g is.
func (s *session) resolve(ctx context.Context, g *errgroup.Group) [][]netip.Addr {
	found := make([][]netip.Addr, len(s.hosts))
	if !s.anyAsks(askResolved) {
		return found
	}
	for i, t := range s.hosts {
		g.Go(func() error {
			found[i] = s.addressesOf(ctx, t.key)
			return nil
		})
	}
	return found
}

// addressesOf looks up the addresses of a host. Whoever sent the link chooses how slow its name servers are, so they get no more time than a list.
func (s *session) addressesOf(ctx context.Context, host string) []netip.Addr {
	ctx, cancel := context.WithTimeout(ctx, s.f.options.Timeout)
	defer cancel()
	v4, err4 := s.f.resolver.A(ctx, host)
	v6, err6 := s.f.resolver.AAAA(ctx, host)
	for _, err := range []error{err4, err6} {
		if err != nil && !resolver.NotFound(err) {
			s.fails(host, err)
			break
		}
	}
	var found []netip.Addr
	for _, a := range append(v4.Values, v6.Values...) {
		if a.IsGlobalUnicast() && !a.IsPrivate() && len(found) < maxAddrs {
			found = append(found, a)
		}
	}
	return found
}

// fails notes a host whose addresses are not known.
func (s *session) fails(host string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case errors.Is(err, resolver.ErrBadName) || s.settled && errors.Is(err, context.Canceled):
	case errors.Is(err, resolver.ErrLimit):
		s.unasked++
	default:
		s.unresolved = append(s.unresolved, host)
		if s.why == nil {
			s.why = err
		}
	}
}

// incomplete is the error of a message whose time was over before every list had answered; nil if one had settled it.
func (s *session) incomplete(ctx context.Context) error {
	if ctx.Err() == nil || s.settled {
		return nil
	}
	for _, q := range s.questions {
		if q.err != nil {
			return ctx.Err()
		}
	}
	if len(s.unresolved) > 0 {
		return ctx.Err()
	}
	return nil
}
