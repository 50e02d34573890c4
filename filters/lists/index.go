// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/glob"
)

// Limits of all lists together.
const (
	maxFile  = 64 << 20 // Octets of one.
	maxLine  = 1024     // Octets.
	maxNames = 2_000_000
	maxGlobs = 1000 // Each is compared with each name.
)

// entry is one entry of the options, ready to be asked.
type entry struct {
	allow      bool
	number     int  // In its list.
	names      bool // It names senders or domains, and one has to match.
	hosts      bool // It names hosts, and one has to match.
	unverified bool
	score      float64
	to         *recipients // Nil for all.
}

// String names the entry as the config has it.
func (e *entry) String() string {
	if e.allow {
		return fmt.Sprintf("allow[%d]", e.number)
	}
	return fmt.Sprintf("block[%d]", e.number)
}

// Ranks of what matches: the higher one is nearer.
const (
	rankNone = iota
	rankMany // A domain, a network, a pattern.
	rankOne  // An address.
)

// ref leads from a name to an entry.
type ref struct {
	entry int32
	rank  int8
}

// globRef is a pattern that has to be compared.
type globRef struct {
	glob glob.Pattern
	ref
}

// index finds the entries that a name is in, however many there are. It does not change once it is made.
type index struct {
	entries   []*entry
	addresses map[string][]ref
	domains   map[string][]ref // The domain alone.
	below     map[string][]ref // What is below the domain.
	all       []ref
	globs     []globRef
	hosts     map[string][]ref
	hostsIn   map[string][]ref // Hosts below the domain.
	hostGlobs []globRef
	networks  map[netip.Prefix][]ref
	bits      map[bool][]int // Lengths of networks in bits, those of IPv4 under true.
	names     int            // Lines of all lists.
}

// newIndex makes an index of the options and of the files that they name, which come in the order of Options.files.
func newIndex(o *Options, files []*os.File) (*index, error) {
	x := &index{
		addresses: map[string][]ref{}, domains: map[string][]ref{}, below: map[string][]ref{}, hosts: map[string][]ref{}, hostsIn: map[string][]ref{},
		networks: map[netip.Prefix][]ref{}, bits: map[bool][]int{},
	}
	for i := range o.Allow {
		x.entries = append(x.entries, o.Allow[i].entry(true, i, o.AllowScore))
	}
	for i := range o.Block {
		x.entries = append(x.entries, o.Block[i].entry(false, i, o.BlockScore))
	}
	next := 0
	for n, e := range slices.Concat(o.Allow, o.Block) {
		for _, l := range e.lists() {
			add := x.adder(int32(n), l.what)
			for _, item := range l.items {
				if !isFile(item) {
					if err := add(item); err != nil {
						return nil, fmt.Errorf("%v.%s: %.80q: %w", x.entries[n], l.what, item, err)
					}
					continue
				}
				if err := readList(files[next], add); err != nil {
					return nil, err
				}
				next++
			}
		}
	}
	lengths := map[bool]map[int]bool{true: {}, false: {}}
	for n := range x.networks {
		lengths[n.Addr().Is4()][n.Bits()] = true
	}
	for is4, set := range lengths {
		x.bits[is4] = slices.Sorted(maps.Keys(set))
	}
	return x, nil
}

var (
	errTooManyNames = fmt.Errorf("more than %d names in all lists", maxNames)
	errTooManyGlobs = fmt.Errorf("more than %d patterns with an asterisk in all lists", maxGlobs)
	errLongLine     = fmt.Errorf("longer than %d octets", maxLine)
	errZero         = errors.New("has a zero octet in it")
)

// adder gives the function that adds one line of a list to the index.
func (x *index) adder(n int32, what string) func(string) error {
	add := func(parse func(string) (pattern, error), put func(pattern, int32) error) func(string) error {
		return func(s string) error {
			if x.names++; x.names > maxNames {
				return errTooManyNames
			}
			p, err := parse(s)
			if err != nil {
				return err
			}
			return put(p, n)
		}
	}
	switch what {
	case listSenders:
		return add(parseAddress, x.addSender)
	case listDomains:
		return add(parseDomain, x.addDomain)
	case listTo:
		e := x.entries[n]
		e.to = newRecipients()
		return add(parseAddress, func(p pattern, _ int32) error { return e.to.add(p) })
	}
	return x.addHost(n)
}

func (x *index) addSender(p pattern, n int32) error {
	many := ref{n, rankMany}
	switch p.shape {
	case exactly:
		x.addresses[p.key] = append(x.addresses[p.key], ref{n, rankOne})
	case within:
		x.domains[p.key] = append(x.domains[p.key], many)
	case below:
		x.below[p.key] = append(x.below[p.key], many)
	case everything:
		x.all = append(x.all, many)
	case globbed:
		x.globs = append(x.globs, globRef{p.glob, many})
		if len(x.globs) > maxGlobs {
			return errTooManyGlobs
		}
	}
	return nil
}

func (x *index) addDomain(p pattern, n int32) error {
	x.domains[p.key] = append(x.domains[p.key], ref{n, rankMany})
	x.below[p.key] = append(x.below[p.key], ref{n, rankMany})
	return nil
}

func (x *index) addHost(n int32) func(string) error {
	return func(s string) error {
		if x.names++; x.names > maxNames {
			return errTooManyNames
		}
		p, network, err := parseHost(s)
		if err != nil {
			return err
		}
		many := ref{n, rankMany}
		switch {
		case network.IsValid() && network.IsSingleIP():
			x.networks[network] = append(x.networks[network], ref{n, rankOne})
		case network.IsValid():
			x.networks[network] = append(x.networks[network], many)
		case p.shape == below:
			x.hostsIn[p.key] = append(x.hostsIn[p.key], many)
		case p.shape == globbed:
			x.hostGlobs = append(x.hostGlobs, globRef{p.glob, many})
			if len(x.hostGlobs) > maxGlobs {
				return errTooManyGlobs
			}
		default:
			x.hosts[p.key] = append(x.hosts[p.key], ref{n, rankOne})
		}
		return nil
	}
}

// readList reads a list: one pattern on a line; what follows a # at the start of a line or behind a blank is a comment.
func readList(f *os.File, add func(string) error) error {
	if err := parseList(f, add); err != nil {
		return fmt.Errorf("list %s: %w", f.Name(), err)
	}
	return nil
}

func parseList(r io.Reader, add func(string) error) error {
	in := newLines(r)
	for number := 1; in.Scan(); number++ {
		line := in.Text()
		if before, _, ok := strings.Cut(line, " #"); ok {
			line = before
		}
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if strings.IndexByte(line, 0) >= 0 {
			return fmt.Errorf("line %d: %w", number, errZero)
		}
		if err := add(line); err != nil {
			return fmt.Errorf("line %d: %.80q: %w", number, line, err)
		}
	}
	return in.Err()
}
