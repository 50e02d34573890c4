// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// crlf writes a message the way it comes from Postfix.
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func parse(t testing.TB, s string) *Message {
	t.Helper()
	return parseLimits(t, s, DefaultLimits())
}

func parseLimits(t testing.TB, s string, l Limits) *Message {
	t.Helper()
	m, err := Parse(strings.NewReader(s), int64(len(s)), NewBudget(l, func() time.Time { return time.Unix(0, 0) }))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// outline is one line for each entity: place, type, and its body if it is a leaf.
func outline(m *Message) string {
	var b strings.Builder
	var walk func(p *Part)
	walk = func(p *Part) {
		fmt.Fprintf(&b, "%s %s", p.ID, p.MediaType)
		if p.IsLeaf() {
			raw, _ := io.ReadAll(p.Raw())
			fmt.Fprintf(&b, " %q", raw)
		}
		b.WriteByte('\n')
		for _, c := range p.Children {
			walk(c)
		}
	}
	walk(m.Root())
	return b.String()
}

func defectList(m *Message) string {
	var l []string
	for _, d := range m.Defects() {
		l = append(l, d.Code+"@"+string(d.Part))
	}
	return strings.Join(l, " ")
}

func write(t testing.TB, m *Message, edits ...Edit) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b, edits); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
