// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/policy"
)

// maxPatternOctets bounds the octets of a file of patterns.
const maxPatternOctets = 64 << 20

// Patterns is a list of address patterns. An entry file:/path stands for the patterns of a file, one a line; the file is read when
// the config is loaded.
type Patterns struct {
	Entries []string         // As the config has them.
	loaded  []policy.Pattern // Those of the files too; nil if there is no such list, empty if the files are.
	ends    []int            // Of each entry: where in loaded its patterns end.
}

const filePrefix = "file:"

func (p *Patterns) decodeNode(d *decoder, n *yaml.Node, path string) {
	if n.Kind != yaml.SequenceNode {
		d.fault(n, path, "want a list of address patterns, have %s", told(n))
		return
	}
	p.loaded = []policy.Pattern{}
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		item, ok := d.enter(item, at)
		if !ok {
			return
		}
		if item.Kind != yaml.ScalarNode || item.ShortTag() != "!!str" {
			d.fault(item, at, "want an address pattern, have %s", told(item))
			continue
		}
		p.Entries = append(p.Entries, item.Value)
		p.add(d, item, at)
		p.ends = append(p.ends, len(p.loaded))
	}
	if len(p.Entries) > 0 && len(p.loaded) == 0 && !d.isFaulty(path) {
		d.warn(path, "no pattern in its files; the policy is for nobody")
	}
}

// entryOf is the index of the entry that a pattern comes from.
func (p *Patterns) entryOf(pattern int) int {
	i, _ := slices.BinarySearch(p.ends, pattern+1)
	return i
}

func (p *Patterns) add(d *decoder, n *yaml.Node, path string) {
	file, ok := strings.CutPrefix(n.Value, filePrefix)
	if !ok {
		if err := policy.Pattern(n.Value).Check(); err != nil {
			d.fault(n, path, "pattern %s: %v", told(n), err)
		}
		p.loaded = append(p.loaded, policy.Pattern(n.Value))
		return
	}
	if !filepath.IsAbs(file) {
		d.fault(n, path, "want an absolute path behind file:, have %s", told(n))
		return
	}
	list, faults := readPatterns(file)
	for _, f := range faults {
		d.fault(n, path, "%v", f)
	}
	p.loaded = append(p.loaded, list...)
}

// readPatterns reads a file of patterns, one a line; empty lines and what follows a # at the start of a line or behind a blank
// do not count. It gives up at the first fault: such a file may be of another kind altogether.
func readPatterns(file string) (list []policy.Pattern, faults []error) {
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0) // Or a pipe would be waited for.
	if err != nil {
		return nil, []error{fmt.Errorf("%s: %w", file, cause(err))}
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, []error{fmt.Errorf("%s: want a regular file", file)}
	}
	in := &io.LimitedReader{R: f, N: maxPatternOctets + 1}
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		text := stripComment(lines.Text())
		if text == "" {
			continue
		}
		if err := policy.Pattern(text).Check(); err != nil {
			return nil, []error{fmt.Errorf("%s:%d: pattern %q: %w", file, n, text[:min(len(text), maxTold)], err)}
		}
		list = append(list, policy.Pattern(text))
	}
	if err := lines.Err(); err != nil {
		return nil, []error{fmt.Errorf("%s: %w", file, err)}
	}
	if in.N <= 0 {
		return nil, []error{fmt.Errorf("%s: %w", file, errPatternsTooLarge)}
	}
	return list, nil
}

var errPatternsTooLarge = errors.New("larger than 64 MiB")

func stripComment(line string) string {
	if before, _, ok := strings.Cut(line, " #"); ok {
		line = before
	}
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "#") {
		return ""
	}
	return line
}
