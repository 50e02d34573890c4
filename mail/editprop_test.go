// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// plannedEdits are edits of one message, and what shall come of them.
type plannedEdits struct {
	m       *Message
	edits   []Edit
	changes map[*Part][]BodyChange
	bodies  map[*Part]string
	names   map[*Part]string
	placed  map[*Part]Edit
	wrapped bool
}

// drawEdits draws edits of all kinds.
func (g *messageGen) drawEdits(m *Message) *plannedEdits {
	p := &plannedEdits{m: m, changes: map[*Part][]BodyChange{}, bodies: map[*Part]string{}, names: map[*Part]string{}, placed: map[*Part]Edit{}}
	all := allParts(m)
	for range rapid.IntRange(1, 8).Draw(g.t, "edits") {
		p.add(g, all[rapid.IntRange(0, len(all)-1).Draw(g.t, "part")])
	}
	return p
}

func (p *plannedEdits) add(g *messageGen, part *Part) {
	kind := g.pick("edit", "edit", "rewrite", "rename", "replace", "drop", "tag", "field", "wrap")
	var e Edit
	switch {
	case kind == "edit" && part.IsLeaf() && !part.Protected():
		src, err := part.Source(1 << 20)
		if err != nil {
			g.t.Fatal(err)
		}
		start := rapid.IntRange(0, len(src.Text)).Draw(g.t, "start")
		end := rapid.IntRange(start, len(src.Text)).Draw(g.t, "end")
		c := BodyChange{int64(start), int64(end), g.text()}
		p.changes[part] = append(p.changes[part], c)
		e = EditBody{part.ID, []BodyChange{c}}
	case kind == "rewrite" && part.IsLeaf() && !part.Protected():
		if _, ok := p.bodies[part]; !ok {
			p.bodies[part] = g.text()
		}
		e = RewriteBody{part.ID, []byte(p.bodies[part])}
	case kind == "rename" && !part.sealed():
		p.names[part] = "n" + strings.ReplaceAll(string(part.ID), ".", "_")
		e = RenameEntity{part.ID, p.names[part]}
	case kind == "replace":
		e = ReplaceEntity{part.ID, g.pick("text/plain", "a/b"), g.pick("", "removed.txt"), []byte(g.text())}
		p.placed[part] = e
	case kind == "drop" && !part.isMessage():
		e = DropEntity{part.ID}
		p.placed[part] = e
	case kind == "tag":
		e = TagSubject{g.pick("[A]", "[ü]")}
	case kind == "field":
		e = AddField{"X-A", g.value()}
	case kind == "wrap" && !p.wrapped:
		p.wrapped = true
		e = WrapMessage{g.text()}
	default:
		return
	}
	p.edits = append(p.edits, e)
}

// leafSeen is a leaf as it is compared: the octets as they stand there if nothing has touched it, decoded if they are new, as text if that was changed;
// the latter without CR and without line ends behind them.
type leafSeen struct{ Type, Names, How, Body string }

const asItWas, asOctets, asSource = "as it was", "octets", "text"

// want lists the leaves that shall be there of p.
func (p *plannedEdits) want(part *Part) []leafSeen {
	switch e := p.placed[part].(type) {
	case ReplaceEntity:
		return []leafSeen{{Type: e.MediaType, Names: joined(e.Filename), How: asOctets, Body: settled(string(e.Body))}}
	case DropEntity:
		siblings := part.Parent.Children
		for _, c := range siblings {
			if _, ok := p.placed[c].(DropEntity); !ok {
				return nil
			}
		}
		if part != siblings[len(siblings)-1] {
			return nil
		}
		return []leafSeen{{Type: "text/plain", How: asOctets}}
	}
	if !part.IsLeaf() {
		var list []leafSeen
		for _, c := range part.Children {
			list = append(list, p.want(c)...)
		}
		return list
	}
	l := leafSeen{Type: part.MediaType, Names: joined(part.Filenames()...)}
	if name := p.names[part]; name != "" {
		l.Names = name
	}
	body, rewritten := p.bodies[part]
	changes := p.changes[part]
	switch {
	case rewritten:
		l.How, l.Body = asOctets, settled(body)
	case len(changes) > 0:
		src, _ := part.Source(1 << 20)
		text, _ := applied(src.Text, mergeChanges(changes))
		l.How, l.Body = asSource, settled(string(text))
	default:
		l.How, l.Body = asItWas, string(octets(part.Raw()))
	}
	return []leafSeen{l}
}

func joined(names ...string) string { return strings.Join(names, "|") }

func settled(s string) string { return strings.TrimRight(noCR([]byte(s)), "\n") }

// octets are all that r reads, which is in memory.
func octets(r io.Reader) []byte {
	b, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return b
}

// seen lists the leaves that are there, in the form of those wanted.
func seen(m *Message, want []leafSeen) []leafSeen {
	var list []leafSeen
	for p := range m.Parts() {
		l := leafSeen{Type: p.MediaType, Names: joined(p.Filenames()...)}
		if i := len(list); i < len(want) {
			l.How, l.Body = want[i].How, settled(string(octets(p.Open())))
			switch want[i].How {
			case asItWas:
				l.Body = string(octets(p.Raw()))
				// Behind what is dropped, a line end may be left that was part of a delimiter.
				if strings.TrimSuffix(strings.TrimSuffix(l.Body, "\n"), "\r") == want[i].Body {
					l.Body = want[i].Body
				}
			case asSource:
				src, _ := p.Source(1 << 20)
				l.Body = settled(string(src.Text))
			}
		}
		list = append(list, l)
	}
	return list
}

// TestEditsAtRandom writes messages with edits of all kinds, drawn at random: none is an error, the leaves are those that were asked for, and those that
// nobody asked for are there octet for octet.
func TestEditsAtRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &messageGen{t: t}
		in := g.message()
		m, err := Parse(strings.NewReader(in), int64(len(in)), NewBudget(DefaultLimits(), nil))
		if err != nil {
			t.Fatal(err)
		}
		plan := g.drawEdits(m)
		var b bytes.Buffer
		if err := m.Write(&b, plan.edits); err != nil {
			t.Fatalf("%q\nwith %v: %v", in, plan.edits, err)
		}
		after, err := Parse(bytes.NewReader(b.Bytes()), int64(b.Len()), NewBudget(DefaultLimits(), nil))
		if err != nil {
			t.Fatal(err)
		}
		want := plan.want(m.Root())
		got := seen(after, want)
		if plan.wrapped {
			got = seen(after, append([]leafSeen{{}}, want...))[1:]
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q\nwith %#v\nwritten %q\n(-want +got)\n%s", in, plan.edits, b.String(), d)
		}
		checkOnceMore(t, m, plan)
	})
}

// checkOnceMore rebuilds the message with the edits: nobody can read in two ways what comes of it.
func checkOnceMore(t *rapid.T, m *Message, plan *plannedEdits) {
	var b bytes.Buffer
	if err := m.Write(&b, append(slices.Clone(plan.edits), Rebuild{})); err != nil {
		t.Fatalf("rebuild with %v: %v", plan.edits, err)
	}
	after, err := Parse(bytes.NewReader(b.Bytes()), int64(b.Len()), NewBudget(DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range after.Defects() {
		if d.Ambiguous() {
			t.Errorf("rebuilt: %s in %s: %s\n%s", d.Code, d.Part, d.Detail, b.String())
		}
	}
}
