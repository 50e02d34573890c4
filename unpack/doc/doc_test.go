// SPDX-License-Identifier: Apache-2.0

package doc

import (
	"bytes"
	"encoding/binary"
	"errors"
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
	return Read(f)
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
	if d.Template != `\\a.test\x.dot` || len(d.Fields) != 1 || d.Fields[0].String() != "DDEAUTO cmd /c x" || d.Encrypted || d.Table != "1Table" {
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

func TestEncrypted(t *testing.T) {
	d, err := read(t, oletest.Stream{Path: "WordDocument", Data: document(isEncrypted|isObfuscated, 0, 0, "\x13DDE a\x15")})
	if err != nil || !d.Encrypted || !d.Obfuscated || d.Lock != 52 || d.Table != "0Table" || len(d.Fields) > 0 {
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
