// SPDX-License-Identifier: Apache-2.0

package ole_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/ole/oletest"
)

func open(t testing.TB, b []byte) *ole.File {
	t.Helper()
	f, err := ole.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// contents gives the streams by their paths.
func contents(t testing.TB, f *ole.File) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, e := range f.Entries {
		if e.Kind != ole.Stream {
			continue
		}
		b, err := f.Read(e, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		got[strings.Join(e.Path(), "/")] = string(b)
	}
	return got
}

var streams = []oletest.Stream{
	{Path: "small", Data: "small stream"},
	{Path: "a/b/large", Data: strings.Repeat("0123456789abcdef", 1000)},
	{Path: "a/b/mini", Data: strings.Repeat("m", 1000)},
	{Path: "\x01Ole", Data: "x"},
	{Path: "empty"},
}

func TestOpen(t *testing.T) {
	f := open(t, oletest.Build(ole.GUID{1}, streams...))
	want := map[string]string{}
	for _, s := range streams {
		want[s.Path] = s.Data
	}
	if diff := cmp.Diff(want, contents(t, f)); diff != "" {
		t.Error(diff)
	}
	if len(f.Damage) > 0 || f.Root().Class != (ole.GUID{1}) {
		t.Errorf("damage %q, class %v", f.Damage, f.Root().Class)
	}
	if e := f.Find("A", "B", "LARGE"); e == nil || e.Size != 16_000 {
		t.Errorf("got %+v", e)
	}
	if e := f.Find("a", "c"); e != nil {
		t.Errorf("got %+v", e)
	}
	if _, err := f.Open(f.Find("a")); err == nil {
		t.Error("a storage was opened")
	}
}

func TestRuns(t *testing.T) {
	file := oletest.Build(ole.GUID{}, streams...)
	f := open(t, file)
	for _, e := range f.Entries {
		if e.Kind != ole.Stream {
			continue
		}
		runs, err := f.Runs(e)
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		for _, r := range runs {
			got = append(got, file[r.Offset:r.Offset+r.Length]...)
		}
		want, err := f.Read(e, 1<<20)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %.20q, %v", e.Name, got, err)
		}
	}
}

func TestReadAtAcrossRuns(t *testing.T) {
	f := open(t, oletest.Build(ole.GUID{}, streams...))
	r, err := f.Open(f.Find("a", "b", "large"))
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 32)
	if n, err := r.ReadAt(b, 504); n != 32 || err != nil || string(b) != strings.Repeat("89abcdef01234567", 2) {
		t.Errorf("got %q, %v", b[:n], err)
	}
	if n, err := r.ReadAt(b, r.Size()-4); n != 4 || !errors.Is(err, io.EOF) {
		t.Errorf("got %d, %v", n, err)
	}
}

// TestDamage: what can be read of a damaged file is read, and nothing goes on for ever.
func TestDamage(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(b []byte) []byte
		err    bool
		keeps  string // A stream that is still there.
	}{
		{"cut header", func(b []byte) []byte { return b[:500] }, true, ""},
		{"no magic", func(b []byte) []byte { b[0] = 0; return b }, true, ""},
		{"sector size", func(b []byte) []byte { b[30] = 77; return b }, false, "small"},
		{"directory behind the end", func(b []byte) []byte { binary.LittleEndian.PutUint32(b[48:], 1<<20); return b }, true, ""},
		{"table behind the end", func(b []byte) []byte { binary.LittleEndian.PutUint32(b[80:], 1<<20); return b }, false, "small"},
		{"cut at the end", func(b []byte) []byte { return b[:len(b)-100] }, false, "small"},
		{"chain of lists in a circle", func(b []byte) []byte { binary.LittleEndian.PutUint32(b[68:], 0); return b }, false, "small"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := c.damage(oletest.Build(ole.GUID{}, streams...))
			f, err := ole.Open(bytes.NewReader(b), int64(len(b)))
			if (err != nil) != c.err {
				t.Fatalf("got error %v", err)
			}
			if c.keeps != "" && contents(t, f)[c.keeps] == "" {
				t.Errorf("%s is lost; damage %q", c.keeps, f.Damage)
			}
		})
	}
}

// TestTree: references that lead nowhere, back, or to the same twice are told of once each, and orphans are found.
func TestTree(t *testing.T) {
	b := oletest.Build(ole.GUID{}, oletest.Stream{Path: "one", Data: "1"}, oletest.Stream{Path: "two", Data: "2"})
	dir := bytes.Index(b, []byte("R\x00o\x00o\x00t\x00"))
	one, two := dir+128, dir+256
	binary.LittleEndian.PutUint32(b[one+72:], 0xFFFFFFFF)
	f := open(t, b)
	if e := f.Entries[2]; !e.Orphan || e.Name != "two" || f.Find("two") != nil || contents(t, f)["two"] != "2" {
		t.Errorf("got %+v", e)
	}
	for name, ref := range map[string]uint32{"itself": 1, "root": 0, "behind": 999} {
		binary.LittleEndian.PutUint32(b[one+68:], ref)
		binary.LittleEndian.PutUint32(b[two+72:], 1)
		if f := open(t, b); len(f.Damage) == 0 || contents(t, f)["one"] != "1" {
			t.Errorf("%s: damage %q", name, f.Damage)
		}
	}
}

// TestSharedSectors: many streams that are the same sectors do not cost what they say that they are.
func TestSharedSectors(t *testing.T) {
	var all []oletest.Stream
	for i := range 2000 {
		all = append(all, oletest.Stream{Path: "s" + string(rune('a'+i%26)) + strings.Repeat("x", i/26%20) + string(rune(0x4E00+i))})
	}
	all = append(all, oletest.Stream{Path: "large", Data: strings.Repeat("x", 1<<20)})
	b := oletest.Build(ole.GUID{}, all...)
	f := open(t, b)
	large := f.Find("large")
	for _, e := range f.Entries {
		if e.Kind == ole.Stream && e != large {
			copy(b[e.Offset+116:e.Offset+124], b[large.Offset+116:large.Offset+124])
		}
	}
	f = open(t, b)
	read, refused := 0, 0
	for _, e := range f.Entries {
		if _, err := f.Runs(e); err != nil {
			refused++
		} else {
			read++
		}
	}
	if refused == 0 || read == 0 {
		t.Errorf("%d were read, %d refused", read, refused)
	}
}

func TestGUID(t *testing.T) {
	g := ole.GUID{0x02, 0xCE, 0x02, 0x00, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46}
	if got := g.String(); got != "0002CE02-0000-0000-C000-000000000046" || g.IsZero() || !(ole.GUID{}).IsZero() {
		t.Errorf("got %s", got)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(oletest.Build(ole.GUID{}, streams...))
	f.Add(oletest.Build(ole.GUID{}))
	f.Fuzz(func(t *testing.T, b []byte) {
		f, err := ole.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		if len(f.Entries) > ole.MaxEntries || len(f.Damage) > 5 {
			t.Fatalf("%d entries, damage %q", len(f.Entries), f.Damage)
		}
		for _, e := range f.Entries {
			if len(e.Path()) > ole.MaxDepth+1 {
				t.Fatalf("a path of %d", len(e.Path()))
			}
			if e.Kind != ole.Stream {
				continue
			}
			runs, err := f.Runs(e)
			if err != nil {
				continue
			}
			for _, r := range runs {
				if r.Offset < 0 || r.Length <= 0 || r.Offset+r.Length > int64(len(b)) {
					t.Fatalf("%+v of %d octets", runs, len(b))
				}
			}
			if text, err := f.Read(e, 1<<16); err != nil || int64(len(text)) > e.Size {
				t.Fatalf("%d octets of %d, %v", len(text), e.Size, err)
			}
		}
	})
}

// TestGap: a part of the allocation table that is not there keeps the place of what follows.
func TestGap(t *testing.T) {
	const inTable, word = 128, 4
	le := binary.LittleEndian
	b := oletest.Build(ole.GUID{}, oletest.Stream{Path: "large", Data: strings.Repeat("x", 5000)})
	up := func(off int) {
		if n := le.Uint32(b[off:]); n < 0xFFFFFFFA {
			le.PutUint32(b[off:], n+inTable)
		}
	}
	table, directory := 512*(1+int(le.Uint32(b[76:]))), 512*(1+int(le.Uint32(b[48:])))
	for i := range inTable {
		up(table + word*i)
	}
	for i := range 4 {
		up(directory + 128*i + 116)
	}
	for _, off := range []int{48, 60, 76} {
		up(off)
	}
	copy(b[80:84], b[76:80])
	le.PutUint32(b[76:], 0xFFFFFFFF)
	moved := slices.Concat(b[:512], make([]byte, 512*inTable), b[512:])
	if got := contents(t, open(t, moved)); len(got["large"]) != 5000 {
		t.Errorf("got %d octets", len(got["large"]))
	}
}
