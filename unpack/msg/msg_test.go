// SPDX-License-Identifier: Apache-2.0

package msg

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/ole/oletest"
)

func file(t testing.TB, streams ...oletest.Stream) *ole.File {
	t.Helper()
	b := oletest.Build(ole.GUID{}, streams...)
	f, err := ole.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// rtfOf is Rich Text that is compressed with no more than literals.
func rtfOf(text string) string {
	var data []byte
	for i := 0; i < len(text); i += 8 {
		n := min(i+8, len(text))
		data = append(data, 0)
		data = append(data, text[i:n]...)
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(data)+12))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
	b = binary.LittleEndian.AppendUint32(b, compressed)
	return string(append(append(b, 0, 0, 0, 0), data...))
}

const (
	inAttach = "__attach_version1.0_#00000000/"
	inNested = inAttach + "__substg1.0_3701000D/"
)

func describe(t testing.TB, f *ole.File, m *Message, indent string) string {
	t.Helper()
	s := fmt.Sprintf("%s%q cut=%v\n", indent, m.Subject, m.Cut)
	for _, b := range m.Bodies {
		r, err := b.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		s += fmt.Sprintf("%s %s %q %v\n", indent, b.Form, text, err)
	}
	for _, a := range m.Attachments {
		s += fmt.Sprintf("%s %q data=%v object=%v\n", indent, a.Names, a.Data != nil, a.Object != nil)
		if a.Message != nil {
			s += describe(t, f, a.Message, indent+"  ")
		}
	}
	return s
}

func TestRead(t *testing.T) {
	f := file(
		t,
		oletest.Stream{Path: properties, Data: "x"},
		oletest.Stream{Path: property + "0037001F", Data: oletest.Wide("Sübject\x00")},
		oletest.Stream{Path: property + "1000001F", Data: oletest.Wide("text ü")},
		oletest.Stream{Path: property + "10130102", Data: "<p>html"},
		oletest.Stream{Path: property + "10090102", Data: rtfOf(`{\rtf1 hello}`)},
		oletest.Stream{Path: inAttach + property + "3707001F", Data: oletest.Wide("long.exe")},
		oletest.Stream{Path: inAttach + property + "3707001E", Data: "other.exe\x00"},
		oletest.Stream{Path: inAttach + property + "3704001E", Data: "LONG~1.EXE\x00"},
		oletest.Stream{Path: inAttach + property + "37010102", Data: "MZ"},
		oletest.Stream{Path: inNested + properties, Data: "x"},
		oletest.Stream{Path: inNested + property + "0037001E", Data: "inner"},
		oletest.Stream{Path: inNested + property + "1000001E", Data: "inner text"},
		oletest.Stream{Path: "__attach_version1.0_#00000001/__substg1.0_3701000D/CONTENTS", Data: "object"},
	)
	if !Is(f) {
		t.Error("not known")
	}
	m, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	want := `"Sübject" cut=false
 text "text ü" <nil>
 html "<p>html" <nil>
 rtf "{\\rtf1 hello}" <nil>
 ["long.exe" "other.exe" "LONG~1.EXE"] data=true object=false
  "inner" cut=false
   text "inner text" <nil>
 [] data=false object=true
`
	if diff := cmp.Diff(want, describe(t, f, m, "")); diff != "" {
		t.Error(diff)
	}
}

// TestElsewhere: paths to other machines, of a sound that Outlook plays and of an attachment that is not in the message.
func TestElsewhere(t *testing.T) {
	f := file(
		t,
		oletest.Stream{Path: properties, Data: "x"}, oletest.Stream{Path: property + "8002001F", Data: oletest.Wide(`\\a.test\s\x.wav`)},
		oletest.Stream{Path: property + "8003001F", Data: oletest.Wide(`C:\Windows\x.wav`)}, oletest.Stream{Path: property + "8004101F", Data: `\\`},
		oletest.Stream{Path: inAttach + property + "370D001F", Data: oletest.Wide(`\\b.test\x.exe`)},
	)
	m, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`\\a.test\s\x.wav`}, m.Sounds); diff != "" || len(m.Attachments) != 1 || m.Attachments[0].Path != `\\b.test\x.exe` {
		t.Errorf("got %+v", m)
	}
}

func TestDepth(t *testing.T) {
	path := ""
	var all []oletest.Stream
	for range MaxDepth + 5 {
		all = append(all, oletest.Stream{Path: path + properties, Data: "x"})
		path += inNested
	}
	f := file(t, all...)
	m, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	depth := 0
	for ; len(m.Attachments) > 0; depth++ {
		m = m.Attachments[0].Message
	}
	if depth != MaxDepth || !m.Cut {
		t.Errorf("depth %d, cut %v", depth, m.Cut)
	}
}

// TestDecompress: the examples of MS-OXRTFCP section 3.1.
func TestDecompress(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{
			"simple", "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0",
			"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
		},
		{
			"crossing the end of the window", "\x1a\x00\x00\x00\x1c\x00\x00\x00\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\x00\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\x01\x0e\xb0",
			"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
		},
		{"not compressed", "\x10\x00\x00\x00\x04\x00\x00\x00MELA\x00\x00\x00\x00{\\rt rest", "{\\rt"},
		{"breaks off", rtfOf("{\\rtf1 text}")[:20], "{\\r"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Decompress(strings.NewReader(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || string(got) != c.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	for _, in := range []string{"", "short", "\x10\x00\x00\x00\x04\x00\x00\x00ABCD\x00\x00\x00\x00xxxx"} {
		if _, err := Decompress(strings.NewReader(in)); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

func FuzzDecompress(f *testing.F) {
	f.Add([]byte(rtfOf(`{\rtf1 hello}`)))
	f.Add([]byte("\x1a\x00\x00\x00\x1c\x00\x00\x00\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\x00\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\x01\x0e\xb0"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Decompress(bytes.NewReader(b))
		if err != nil {
			return
		}
		got, err := io.ReadAll(r)
		if err != nil || len(got) > 17*len(b) {
			t.Fatalf("%d octets of %d, %v", len(got), len(b), err)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add(oletest.Build(ole.GUID{}, oletest.Stream{Path: properties, Data: "x"}, oletest.Stream{Path: inAttach + property + "37010102", Data: "MZ"}, oletest.Stream{Path: inNested + properties, Data: "x"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := ole.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		m, err := Read(file)
		if err != nil {
			return
		}
		for depth := 0; m != nil; depth++ {
			if depth > MaxDepth {
				t.Fatal("too deep")
			}
			var next *Message
			for _, a := range m.Attachments {
				if a.Message != nil {
					next = a.Message
				}
			}
			m = next
		}
	})
}
