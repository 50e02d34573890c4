// SPDX-License-Identifier: Apache-2.0

package oleobj

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func u32(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }

func counted(s string) string { return u32(uint32(len(s)+1)) + s + "\x00" }

func wideText(s string) string {
	var b []byte
	for _, r := range s {
		b = binary.LittleEndian.AppendUint16(b, uint16(r))
	}
	return u32(uint32(len(b)/2)) + string(b)
}

// packed is a packed file with Unicode names behind it.
func packed(data string) string {
	return "\x02\x00a.txt\x00C:\\x\\a.txt\x00\x00\x00\x03\x00" + counted(`C:\Temp\a.txt`) + u32(uint32(len(data))) + data +
		wideText(`C:\Temp\ü.exe`) + wideText("ü.exe") + wideText(`C:\x\ü.exe`)
}

func text(t *testing.T, r *io.SectionReader) string {
	t.Helper()
	if r == nil {
		return ""
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReadObject(t *testing.T) {
	head := "\x01\x05\x00\x00" + u32(2) + counted("Word.Document.8") + counted("") + counted("")
	for _, c := range []struct{ name, in, class, data string }{
		{"embedded", head + u32(3) + "abcrest", "Word.Document.8", "abc"},
		{"cut", head + u32(300) + "abc", "Word.Document.8", "abc"},
		{"any version", "zzzz" + head[4:] + u32(1) + "a", "Word.Document.8", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := ReadObject(strings.NewReader(c.in), int64(len(c.in)))
			if err != nil || o.Class != c.class || text(t, o.Data) != c.data || o.Linked {
				t.Errorf("got %+v, %v", o, err)
			}
		})
	}
	linked := "\x01\x05\x00\x00" + u32(1) + counted("htmlfile") + counted(`\\a.test\x.hta`) + counted("item")
	o, err := ReadObject(strings.NewReader(linked), int64(len(linked)))
	if err != nil || !o.Linked || o.Topic != `\\a.test\x.hta` || o.Item != "item" {
		t.Errorf("got %+v, %v", o, err)
	}
	for name, in := range map[string]string{"empty": "", "cut": head[:12], "format": strings.Replace(head, u32(2), u32(7), 1), "long name": head[:8] + u32(1<<30)} {
		if o, err := ReadObject(strings.NewReader(in), int64(len(in))); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got %+v, %v", name, o, err)
		}
	}
}

func TestReadNative(t *testing.T) {
	names := []string{"a.txt", `C:\x\a.txt`, `C:\Temp\a.txt`, "ü.exe", `C:\x\ü.exe`, `C:\Temp\ü.exe`}
	in := u32(uint32(len(packed("data")))) + packed("data")
	p, err := ReadNative(strings.NewReader(in), int64(len(in)))
	if err != nil || text(t, p.Data) != "data" || p.Link {
		t.Fatalf("got %+v, %v", p, err)
	}
	if diff := cmp.Diff(names, p.Names); diff != "" {
		t.Error(diff)
	}
	if p, err = ReadPackage(strings.NewReader(in[4:]), int64(len(in)-4)); err != nil || text(t, p.Data) != "data" {
		t.Errorf("got %+v, %v", p, err)
	}
	for _, c := range []struct {
		name, in, data string
		link           bool
		names          int
	}{
		{"without Unicode", u32(99) + packed("data")[:len(packed("data"))-60], "data", false, 3},
		{"cut in the data", u32(99) + strings.Split(packed("data"), "ata")[0], "d", false, 3},
		{"link", u32(99) + "\x02\x00calc.exe\x00C:\\calc.exe\x00\x00\x00\x01\x00C:\\calc.exe\x00", "", true, 2},
		{"other data", u32(5) + "hellorest", "hello", false, 0},
		{"length wrong", u32(5000) + "hello", "hello", false, 0},
		{"length negative", "\xFF\xFF\xFF\xFFhello", "hello", false, 0},
		{"no names", u32(9) + "\x02\x00\x00\x00\x00\x00\x03\x00" + u32(0) + u32(1) + "x", "\x02\x00\x00\x00\x00\x00\x03\x00\x00", false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := ReadNative(strings.NewReader(c.in), int64(len(c.in)))
			if err != nil || text(t, p.Data) != c.data || p.Link != c.link || len(p.Names) != c.names {
				t.Errorf("got %+v %q, %v", p, text(t, p.Data), err)
			}
		})
	}
	if _, err := ReadNative(strings.NewReader("abc"), 3); !errors.Is(err, ErrFormat) {
		t.Errorf("got %v", err)
	}
}

func TestMonikers(t *testing.T) {
	url := "http://a.test/x.hta"
	in := "junk" + urlMoniker + u32(uint32(2*len(url)+2)) + wideText(url + "\x00")[4:] +
		fileMoniker + "\x00\x00" + u32(12) + `\\b.test\x.y` + soapMoniker + "..h\x00t\x00t\x00p\x00:\x00/\x00/\x00c\x00\x00\x00"
	if diff := cmp.Diff([]string{url, `\\b.test\x.y`, "soap:http://c"}, Monikers([]byte(in))); diff != "" {
		t.Error(diff)
	}
	// One right behind another, and one behind many.
	local := ""
	for i := range maxMonikers + 1 {
		local += fileMoniker + "\x00\x00" + u32(4) + fmt.Sprintf("%04d", i)
	}
	if got := Monikers([]byte(local + fileMoniker + fileMoniker + "\x00\x00" + u32(12) + `\\b.test\x.y`)); !slices.Contains(got, `\\b.test\x.y`) {
		t.Errorf("got %d addresses", len(got))
	}
	known := func(i int) string { return fileMoniker + "\x00\x00" + u32(12) + fmt.Sprintf(`\\b.test\%03d`, i) }
	if got := Monikers([]byte(strings.Repeat(known(1)+known(2), 50_000))); len(got) != 2 {
		t.Errorf("what comes again is there more than once: %d addresses", len(got))
	}
	for _, in := range []string{"", urlMoniker, urlMoniker + u32(1<<31), fileMoniker + "\x00\x00" + u32(1<<31)} {
		if got := Monikers([]byte(in)); len(got) > 0 {
			t.Errorf("got %q", got)
		}
	}
}

func FuzzObject(f *testing.F) {
	f.Add([]byte(u32(60) + packed("data")))
	f.Add([]byte("\x01\x05\x00\x00" + u32(2) + counted("Package") + counted("") + counted("") + u32(4) + "data"))
	f.Add([]byte(urlMoniker + u32(4) + "a\x00b\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, size := bytes.NewReader(b), int64(len(b))
		if p, err := ReadNative(r, size); err == nil && !p.Link && p.Data.Size() > size {
			t.Fatalf("%d octets of %d", p.Data.Size(), size)
		}
		if o, err := ReadObject(r, size); err == nil && !o.Linked && o.Data.Size() > size {
			t.Fatalf("%d octets of %d", o.Data.Size(), size)
		}
		if all := Monikers(b); len(all) > 2*maxMonikers {
			t.Fatalf("%d monikers", len(all))
		}
	})
}
