// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
)

// node is an entity as one of two parsers reads it. What one of them does not tell is left out in both.
type node struct {
	mediaType string
	fields    []string // Names, or whole fields.
	values    []string // What some fields mean.
	around    string   // Preamble and epilogue.
	body      string   // Of a leaf, without CR.
	children  []*node
}

// Aspects in which two readings of a message are compared.
const (
	sameTree   = "tree"   // The entities and how they are nested.
	sameTypes  = "types"  // Their media types.
	sameFields = "fields" // Their header fields, in order.
	sameValues = "values" // The meaning of fields.
	sameBodies = "bodies" // Their content, decoded.
	sameAround = "around" // What stands outside of body parts.
)

// compare tells in which aspects two readings differ, and how.
func compare(got, want *node, path string, differ map[string]string) {
	note := func(aspect, g, w string) {
		if _, ok := differ[aspect]; g != w && !ok {
			n := 0
			for n < min(len(g), len(w)) && g[n] == w[n] {
				n++
			}
			n = max(0, n-40)
			differ[aspect] = fmt.Sprintf("%s: from octet %d on got %.120q, want %.120q", path, n, g[n:], w[n:])
		}
	}
	note(sameTree, fmt.Sprint(len(got.children)), fmt.Sprint(len(want.children)))
	note(sameFields, strings.Join(got.fields, "\n"), strings.Join(want.fields, "\n"))
	note(sameValues, strings.Join(got.values, "\n"), strings.Join(want.values, "\n"))
	note(sameAround, got.around, want.around)
	if want.mediaType != "" {
		note(sameTypes, got.mediaType, want.mediaType)
	}
	if len(got.children) == 0 && len(want.children) == 0 {
		note(sameBodies, got.body, want.body)
	}
	for i := range min(len(got.children), len(want.children)) {
		compare(got.children[i], want.children[i], fmt.Sprintf("%s.%d", path, i+1), differ)
	}
}

// reading describes our reading of an entity; a message in a transfer encoding is looked into, as other parsers do.
func reading(t *testing.T, p *Part, describe func(*Part, *node)) *node {
	t.Helper()
	n := &node{mediaType: p.MediaType}
	describe(p, n)
	for _, c := range p.Children {
		n.children = append(n.children, reading(t, c, describe))
	}
	if p.IsLeaf() && isMessage(p.MediaType) {
		b, err := io.ReadAll(p.Open())
		if err != nil {
			t.Fatal(err)
		}
		n.children = append(n.children, reading(t, parse(t, string(b)).Root(), describe))
	}
	return n
}

// conformance is a table of results, by aspect.
type conformance struct {
	files  int
	agree  map[string]int
	known  map[string]string // Reasons for differences, by file and aspect.
	found  map[string]bool
	aspect []string
}

// check counts in which aspects two readings of a file agree; a difference that has no reason in the table is an error.
func (c *conformance) check(t *testing.T, file string, got, want *node) {
	t.Helper()
	c.files++
	differ := map[string]string{}
	compare(got, want, "1", differ)
	for _, a := range c.aspect {
		if differ[a] == "" {
			c.agree[a]++
			continue
		}
		key := file + " " + a
		c.found[key] = true
		if c.known[key] == "" {
			t.Errorf("%s: %s", key, differ[a])
		}
	}
}

// report logs the counts; a reason for a difference that is none any more is an error.
func (c *conformance) report(t *testing.T) {
	t.Helper()
	for _, a := range c.aspect {
		t.Logf("%s: %d of %d files agree", a, c.agree[a], c.files)
	}
	for _, key := range slices.Sorted(maps.Keys(c.known)) {
		if !c.found[key] {
			t.Errorf("%s: explained as %q, but there is no difference", key, c.known[key])
		}
	}
}

// corpusFiles are the files of the test mail, which is not part of the sources.
func corpusFiles(t *testing.T, pattern string) []string {
	t.Helper()
	return corpora.Files(t, pattern)
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// textOf is a leaf's body as text.
func textOf(t *testing.T, p *Part) string {
	t.Helper()
	s, err := p.Text(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	return noCR([]byte(s))
}

// octetsOf is a leaf's body, decoded.
func octetsOf(t *testing.T, r io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
