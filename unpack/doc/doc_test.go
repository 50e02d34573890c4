// SPDX-License-Identifier: Apache-2.0

package doc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/ole/oletest"
)

// document is a stream WordDocument with flags and text, whose template is at the offset of the table.
func document(flags uint16, off, size uint32, text string) string {
	b := make([]byte, fibSize)
	binary.LittleEndian.PutUint16(b, magic)
	binary.LittleEndian.PutUint16(b[flagsAt:], flags)
	binary.LittleEndian.PutUint32(b[lockAt:], 52)
	binary.LittleEndian.PutUint32(b[assocAt:], off)
	binary.LittleEndian.PutUint32(b[assocAt+4:], size)
	return string(b) + text
}

func read(t testing.TB, streams ...oletest.Stream) (*Document, error) {
	t.Helper()
	b := oletest.Build(ole.GUID{}, streams...)
	f, err := ole.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return Read(f, f.Find(Name))
}

func strs(all ...string) string {
	b := []byte{0xFF, 0xFF, byte(len(all)), 0, 0, 0}
	for _, s := range all {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(s)))
		b = append(b, oletest.Wide(s)...)
	}
	return string(b)
}

func TestRead(t *testing.T) {
	table := "junk" + strs("", `\\a.test\x.dot`, "title")
	d, err := read(
		t,
		oletest.Stream{Path: "WordDocument", Data: document(isSecond, 4, uint32(len(table)-4), "text \x13 DDEAUTO cmd \"/c x\" \x14shown\x15 more")},
		oletest.Stream{Path: "1Table", Data: table},
	)
	if err != nil {
		t.Fatal(err)
	}
	if d.Template != `\\a.test\x.dot` || len(d.Fields) != 1 || d.Fields[0].String() != "DDEAUTO cmd /c x" || d.Encrypted || d.Table.Name != "1Table" {
		t.Errorf("got %+v", d)
	}
}

func TestFields(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"one octet", "\x13DDE a b\x15", []string{"DDE a b"}},
		{"two octets", oletest.Wide("x\x13DDE a b\x14r\x15y"), []string{"DDE a b"}},
		{"nested", "\x13 \x13 QUOTE 68 68 69 \x15 a\x15", []string{"QUOTE 68 68 69", "DDE a"}},
		{"NUL in between", "\x13DDE a\x00b\x15", nil},
		{"never ends", "\x13DDE a b", nil},
		{"noise in pairs", oletest.Wide("\u1300\u0400\x13DDE a b\x15"), []string{"DDE a b"}},
		{"at an odd place", "x" + oletest.Wide("\x13DDE a b\x15"), []string{"DDE a b"}},
		{"behind many that never end", strings.Repeat("\x13x", 100) + "\x13DDE a b\x15", []string{"X", "DDE a b"}},
		{"both widths", "\x13DDE a\x15" + oletest.Wide("\x13DDE b\x15"), []string{"DDE a", "DDE b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := read(t, oletest.Stream{Path: "WordDocument", Data: document(0, 0, 0, c.text)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range d.Fields {
				got = append(got, f.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPieces: the text is read in the order in which it is shown, not as it stands in the file, and in bounds of memory.
func TestPieces(t *testing.T) {
	const reserved, maxAlloc = 1 << 31, 32 << 20
	at := uint32(fibSize)
	all := uint32(fibSize + 9)
	for _, c := range []struct {
		name, text, table string
		want              []string
		cut               bool
	}{
		{"both widths", "TO c\x15" + "\x13" + "m\x00d\x00" + "DDEAU", "\x01\x02\x00xx\x02" + plc([3]uint32{1, (at + 5) * 2, isNarrow}, [3]uint32{5, (at + 10) * 2, isNarrow}, [3]uint32{4, at * 2, isNarrow},
			[3]uint32{2, at + 6, 0}, [3]uint32{1, (at + 4) * 2, isNarrow}), []string{"DDEAUTO cmd"}, false},
		{"reserved bit, narrow", "UTO c\x15\x13DDEA", "\x02" + plc([3]uint32{5, (at + 6) * 2, isNarrow | reserved}, [3]uint32{6, at * 2, isNarrow | reserved}), []string{"DDEAUTO c"}, false},
		{"reserved bit, wide", oletest.Wide("UTO c\x15\x13DDEA"), "\x02" + plc([3]uint32{5, at + 12, reserved}, [3]uint32{6, at, reserved}), []string{"DDEAUTO c"}, false},
		{"many", "DDE a b c", "\x02" + plc(many(50_000, [3]uint32{1, at * 2, isNarrow})...), nil, true},
		{"many of nothing", "E a\x15\x13DD", "\x02" + plc(append(many(50_000, [3]uint32{0, at * 2, isNarrow}), [3]uint32{3, (at + 4) * 2, isNarrow}, [3]uint32{4, at * 2, isNarrow})...), []string{"DDE a"}, false},
		{"twice", "DDE a b c", "\x02" + plc(many(2, [3]uint32{all, 0, isNarrow})...), nil, false},
		{"three times", "DDE a b c", "\x02" + plc(many(3, [3]uint32{all, 0, isNarrow})...), nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := []byte(document(0, 0, 0, c.text))
			binary.LittleEndian.PutUint32(b[piecesAt+4:], uint32(len(c.table)))
			file := oletest.Build(ole.GUID{}, oletest.Stream{Path: "WordDocument", Data: string(b)}, oletest.Stream{Path: "0Table", Data: c.table})
			f, err := ole.Open(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			d, err := Read(f, f.Find(Name))
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range d.Fields {
				got = append(got, f.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" || d.Cut != c.cut {
				t.Errorf("cut: %v %s", d.Cut, diff)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > maxAlloc {
				t.Errorf("took %d MiB", n>>20)
			}
		})
	}
}

// TestLongTable: a table that is longer than what is read of it is told of, and nothing else that is long.
func TestLongTable(t *testing.T) {
	for _, c := range []struct {
		name, table string
		cut         bool
	}{
		{"pieces", "\x02" + plc(many(MaxPieces/(4+pieceSize), [3]uint32{})...), true},
		{"in front", strings.Repeat("\x01\xFD\x7F"+strings.Repeat("x", 0x7FFD), MaxPieces/0x8000) + "\x02", true},
		{"behind", "\x02" + plc([3]uint32{}) + strings.Repeat("x", MaxPieces), false},
		{"no table", strings.Repeat("x", MaxPieces+1), false},
	} {
		if _, cut, err := pieces(io.NewSectionReader(strings.NewReader("text"), 0, 4), []byte(c.table[:min(len(c.table), MaxPieces+1)])); cut != c.cut || err != nil {
			t.Errorf("%s: got %v, %v", c.name, cut, err)
		}
	}
}

func many(n int, piece [3]uint32) [][3]uint32 { return slices.Repeat([][3]uint32{piece}, n) }

// plc is a table of pieces: of each how many characters it has, its offset, and its flag.
func plc(all ...[3]uint32) string {
	at := uint32(0)
	var cp, pcd strings.Builder
	cp.WriteString(le32(0))
	for _, p := range all {
		at += p[0]
		cp.WriteString(le32(at))
		pcd.WriteString("\x00\x00" + le32(p[1]|p[2]) + "\x00\x00")
	}
	return le32(uint32(cp.Len()+pcd.Len())) + cp.String() + pcd.String()
}

func le32(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }

// TestWord6: fields and macros of documents of Word 6.
func TestWord6(t *testing.T) {
	b := []byte(document(0, 0, 0, "\x13DDE a\x15\xFF\x01\x02\x00"))
	binary.LittleEndian.PutUint16(b, magic6)
	d, err := read(t, oletest.Stream{Path: "WordDocument", Data: string(b)})
	if err != nil || len(d.Fields) != 1 || d.Macros {
		t.Errorf("got %v, %v", d, err)
	}
	binary.LittleEndian.PutUint32(b[commandsAt6:], uint32(len(b)-4))
	binary.LittleEndian.PutUint32(b[commandsAt6+4:], 4)
	if d, err = read(t, oletest.Stream{Path: "WordDocument", Data: string(b)}); err != nil || !d.Macros {
		t.Errorf("got %v, %v", d, err)
	}
}

func TestEncrypted(t *testing.T) {
	d, err := read(t, oletest.Stream{Path: "WordDocument", Data: document(isEncrypted|isObfuscated, 0, 0, "\x13DDE a\x15")})
	if err != nil || !d.Encrypted || !d.Obfuscated || d.Lock != 52 || d.Table != nil || len(d.Fields) > 0 {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestFormat(t *testing.T) {
	for name, s := range map[string]oletest.Stream{
		"no stream": {Path: "Other", Data: "x"}, "a storage": {Path: "WordDocument/x", Data: "x"},
		"short": {Path: "WordDocument", Data: "\xEC\xA5"}, "magic": {Path: "WordDocument", Data: strings.Repeat("x", 1000)},
	} {
		if d, err := read(t, s); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %+v, %v", name, d, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(document(isSecond, 0, 100, "\x13DDE a\x15")), []byte(strs("", "template")))
	f.Fuzz(func(t *testing.T, text, table []byte) {
		d, err := read(t, oletest.Stream{Path: "WordDocument", Data: string(text)}, oletest.Stream{Path: "1Table", Data: string(table)}, oletest.Stream{Path: "0Table", Data: string(table)})
		if err == nil && len(d.Template) > 3*maxAssoc {
			t.Fatalf("a template of %d octets", len(d.Template))
		}
	})
}
