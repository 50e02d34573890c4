// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	r := &report{out: &bytes.Buffer{}}
	all := contestant{name: "mailweir"}
	l := list([]float64{1, 2}, []float64{3, 4})
	for i := range l {
		l[i].called = l[i].m.spam
	}
	r.add(all, partA, l)
	r.add(contestant{name: "peer", sample: 4}, partA, list([]float64{1, 5}, []float64{3, 4}))
	for _, part := range []string{partPhish, partPhish + tuned, partPhish + judged} {
		r.add(all, part, list(nil, []float64{1, 2}))
	}
	got := r.markdown()
	for _, want := range []string{
		"| mailweir | 0.0000 / 0.00 | – |", "| peer (one message of 4) | 50.0000 / 100.00 | – |", "| mailweir | 0.00 / 0.00 / 0.00 | – | – |",
		"| A | missed % at 0.1 % | at most 0.6 | 0.0000 | met |", "| phish, other half | called spam % | at least 80 | 0.0000 | **not met** |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestCache(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache")
	c, err := openCache(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.get("a b"); ok {
		t.Error("something is in an empty cache")
	}
	if err := c.put("a b", "1.5"); err != nil {
		t.Fatal(err)
	}
	again, err := openCache(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := again.get("a b"); !ok || got != "1.5" {
		t.Errorf("got %q, %v", got, ok)
	}
}

// What SpamAssassin has learned changes what it says, and a second run asks the cache.
func TestSpamAssassin(t *testing.T) {
	o := options{sample: 1, cache: filepath.Join(t.TempDir(), "cache")}
	list, err := spamAssassins(o)
	if err != nil {
		t.Skip(err)
	}
	m := &message{name: "gtube", spam: true, text: []byte("From: a@example.org\nSubject: x\n\nXJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n")}
	for _, c := range list {
		for range 2 {
			f, err := c.make()
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.online([]*message{m, m})
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 2 || !got[0].called || got[0].score < 1000 {
				t.Errorf("%s: got %+v", c.name, got)
			}
			if err := f.close(); err != nil {
				t.Error(err)
			}
		}
	}
}
