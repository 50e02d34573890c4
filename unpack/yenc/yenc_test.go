// SPDX-License-Identifier: Apache-2.0

package yenc

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// encode is text in yEnc, in lines of 64 octets.
func encode(text string) string {
	var out strings.Builder
	for i, c := range []byte(text) {
		c += 42
		switch c {
		case 0, '\n', '\r', '=':
			out.WriteString("=" + string([]byte{c + 64}))
		default:
			out.WriteByte(c)
		}
		if i%64 == 63 {
			out.WriteString("\r\n")
		}
	}
	return out.String()
}

func TestReader(t *testing.T) {
	var all strings.Builder
	for i := range 1000 {
		all.WriteByte(byte(i))
	}
	text := all.String()
	tests := []struct{ name, data, want string }{
		{"data only", encode(text), text},
		{"whole file", "=ybegin line=64 size=1000 name=a b.exe\r\n" + encode(text) + "\r\n=yend size=1000\r\nbehind", text},
		{"part", "=ybegin part=1 line=64 size=1000 name=a\r\n=ypart begin=1 end=1000\r\n" + encode(text) + "\r\n=yend\r\n", text},
		{"cut in an escape", encode("ab") + "=", "ab"},
		{"empty", "", ""},
		{"control line without end", "=ybegin line=64 size=10", ""},
		{"end at once", "=yend\r\n" + encode("x"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.data), iotest.OneByteReader(strings.NewReader(tt.data))} {
				got, err := io.ReadAll(NewReader(r))
				if string(got) != tt.want || err != nil {
					t.Errorf("got %d octets and %v, want %d", len(got), err, len(tt.want))
				}
			}
		})
	}
	if _, err := io.ReadAll(NewReader(iotest.ErrReader(io.ErrClosedPipe))); err != io.ErrClosedPipe {
		t.Errorf("got %v, want the error of reading", err)
	}
}

func TestParseBegin(t *testing.T) {
	tests := []struct {
		line   string
		want   Header
		length int
		ok     bool
	}{
		{"=ybegin line=128 size=12 name=evil name.exe \r\nmore", Header{Name: "evil name.exe", Size: 12}, 46, true},
		{"=ybegin part=2 total=3 line=128 size=12 name=x\n", Header{Name: "x", Size: 12, Part: true}, 47, true},
		{"=ybegin line=128 size=-5 name=x", Header{Name: "x", Size: -1}, 31, true},
		{"=ybegin of a sentence\n", Header{Size: -1}, 22, false},
		{"begin 644 x\n", Header{}, 0, false},
	}
	for _, tt := range tests {
		got, length, ok := ParseBegin([]byte(tt.line))
		if got != tt.want || length != tt.length || ok != tt.ok {
			t.Errorf("%q: got %+v, %d, %v; want %+v, %d, %v", tt.line, got, length, ok, tt.want, tt.length, tt.ok)
		}
	}
}

// FuzzReader: no panic, no more octets than were read, the same for all sizes of reads.
func FuzzReader(f *testing.F) {
	f.Add("=ybegin line=64 size=3 name=a\r\n" + encode("one") + "\r\n=yend\r\n")
	f.Fuzz(func(t *testing.T, data string) {
		_, _, _ = ParseBegin([]byte(data))
		got, err := io.ReadAll(NewReader(strings.NewReader(data)))
		again, _ := io.ReadAll(iotest.OneByteReader(NewReader(strings.NewReader(data))))
		if err != nil || len(got) > len(data) || string(got) != string(again) {
			t.Fatalf("%d octets of %d, %v", len(got), len(data), err)
		}
	})
}
