// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/glob"
	"github.com/mailweir/mailweir/urls"
)

// shippedLists are the lists of sites that come with the program.
//
//go:embed lists/*.txt
var shippedLists embed.FS

// Limits of a list of sites.
const (
	maxFile  = 512 << 20 // Octets.
	maxSites = 5_000_000
	maxLine  = 1024 // Octets.
)

// sites is a set of host names. A name stands for itself; "*.name" for it and all below it; a star elsewhere is a glob. It does not change
// once it is filled.
type sites struct {
	exact map[string]struct{}
	below map[string]struct{} // Names in front of which anything may stand.
	globs []glob.Pattern
}

func newSites() *sites {
	return &sites{exact: map[string]struct{}{}, below: map[string]struct{}{}}
}

// maxGlobs is the number of names with a star elsewhere than in front: each is compared with each host.
const maxGlobs = 1000

// parse adds the names of one list, read from r: one on a line; # begins a comment. What is no name is an error that tells its line.
func (s *sites) parse(r io.Reader) error {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, maxLine), maxLine)
	number := 0
	for in.Scan() {
		number++
		line, _, _ := strings.Cut(in.Text(), "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := s.add(line); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d: longer than %d octets", number+1, maxLine)
	}
	return in.Err()
}

func (s *sites) add(name string) error {
	if len(s.exact)+len(s.below) >= maxSites {
		return fmt.Errorf("more than %d sites", maxSites)
	}
	set := s.exact
	rest, wild := strings.CutPrefix(name, "*.")
	if wild {
		name, set = rest, s.below
	}
	if strings.Contains(name, "*") {
		return s.glob(name)
	}
	host, ok := urls.Host(name)
	if !ok {
		return fmt.Errorf("%q is no host name", name)
	}
	set[host] = struct{}{}
	return nil
}

func (s *sites) glob(name string) error {
	switch {
	case len(s.globs) >= maxGlobs:
		return fmt.Errorf("more than %d names with a star inside", maxGlobs)
	case strings.Trim(name, "*.") == "" || strings.ContainsAny(name, " \t/@"):
		return fmt.Errorf("%q is no host name", name)
	}
	s.globs = append(s.globs, glob.New(name))
	return nil
}

// has tells if a host in canonical form is in the set.
func (s *sites) has(host string) bool {
	if _, ok := s.exact[host]; ok {
		return true
	}
	for name, ok := host, true; ok; _, name, ok = strings.Cut(name, ".") {
		if _, in := s.below[name]; in {
			return true
		}
	}
	for _, g := range s.globs {
		if g.Match(host) {
			return true
		}
	}
	return false
}

// readSites makes one set of all files.
func readSites(files []*os.File) (*sites, error) {
	s := newSites()
	for _, f := range files {
		if err := s.parse(f); err != nil {
			return nil, fmt.Errorf("list %s: %w", f.Name(), err)
		}
	}
	return s, nil
}

// shippedSites reads one of the lists that come with the program.
func shippedSites(name string) (*sites, error) {
	f, err := shippedLists.Open("lists/" + name + ".txt")
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	s := newSites()
	if err := s.parse(f); err != nil {
		return nil, fmt.Errorf("shipped list %s: %w", name, err)
	}
	return s, nil
}

// freemail are the providers where anybody gets a mailbox.
func freemail() (*sites, error) {
	s := newSites()
	for _, name := range facts.Freemail() {
		if err := s.add(name); err != nil {
			return nil, err
		}
	}
	return s, nil
}
