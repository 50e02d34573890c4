// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
	"testing/iotest"
)

// decodeWith runs a decoder over octets that come in pieces as r gives them.
func decodeWith(t testing.TB, d decoder, r io.Reader, size int) string {
	t.Helper()
	out, err := io.ReadAll(&decodeReader{r: r, d: d, size: int64(size)})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// checkDecoder decodes s whole and octet by octet.
func checkDecoder(t testing.TB, newDecoder func() decoder, s string) string {
	t.Helper()
	whole := decodeWith(t, newDecoder(), strings.NewReader(s), len(s))
	if pieces := decodeWith(t, newDecoder(), iotest.OneByteReader(strings.NewReader(s)), len(s)); pieces != whole {
		t.Errorf("%q: whole %q, octet by octet %q", s, whole, pieces)
	}
	if len(whole) > len(s) {
		t.Errorf("%q: %d octets out of %d", s, len(whole), len(s))
	}
	return whole
}

func newBase64() decoder { return &base64Decoder{} }
func newQP() decoder     { return &qpDecoder{} }
func newUU() decoder     { return &uuDecoder{} }

func TestBase64(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"clean", "aGVsbG8gd29ybGQ=\r\n", "hello world"},
		{"lines", "aGVs\r\nbG8g\r\nd29ybGQ=\r\n", "hello world"},
		{"odd lines", "a\nGVsb\n\nG8gd2\n9ybGQ\n=\n", "hello world"},
		{"foreign characters", "aG-Vs.bG#8g d2%9ybGQ:=", "hello world"},
		{"no padding", "aGVsbG8gd29ybGQ", "hello world"},
		{"two streams", "aGk=aGVsbG8=\r\naGk=\r\n", "hihellohi"},
		{"too much padding", "aGk=====aGk=", "hihi"},
		{"one character left", "aGkha", "hi!"},
		{"junk at the end", "aGk=\r\n-- \r\n!!", "hi"},
		{"NUL and 8-bit", "aG\x00\xffk=", "hi"},
		{"empty", "", ""},
		{"nothing of it", "....\r\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := checkDecoder(t, newBase64, c.in); got != c.want {
				t.Errorf("%q: got %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestQuotedPrintable(t *testing.T) {
	long := strings.Repeat(" ", 3*maxQPTail)
	for _, c := range []struct{ name, in, want string }{
		{"plain", "abc\r\n", "abc\r\n"},
		{"hex", "=41=c3=BC\r\n", "A\xc3\xbc\r\n"},
		{"soft line break", "ab=\r\ncd=\nef", "abcdef"},
		{"soft line break with blanks", "ab= \t\r\ncd", "abcd"},
		{"blanks at the end", "ab \t\r\n \r\nx \n", "ab\r\n\r\nx\n"},
		{"blanks at the very end", "ab  ", "ab"},
		{"blanks inside", "a b\tc\r\n", "a b\tc\r\n"},
		{"equals sign at the very end", "ab=", "ab"},
		{"no hex", "=XY=4Z=\r\n", "=XY=4Z"},
		{"cut hex", "a=4\r\nb=4", "a=4\r\nb=4"},
		{"double equals sign", "a==41=\r\n=", "a=A"},
		{"bare CR", "a\rb \r\r\n", "a\rb \r\r\n"},
		{"encoded blanks at the end", "a=20\r\n", "a \r\n"},
		{"8-bit", "\xff\x00\r\n", "\xff\x00\r\n"},
		{"no line end", strings.Repeat("x", 3*held), strings.Repeat("x", 3*held)},
		{"more blanks than are looked at", "a" + long + "\r\nb", "a" + long[maxQPTail:] + "\r\nb"},
		{"an equals sign too far", "a=" + long + "\r\nb", "a=" + long[maxQPTail:] + "\r\nb"},
		{"an equals sign as far as may be", "a=" + long[:maxQPTail-1] + "\r\nb", "ab"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := checkDecoder(t, newQP, c.in); got != c.want {
				t.Errorf("%q: got %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestUuencode(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"whole", "begin 644 a\r\n#86)C\r\n`\r\nend\r\n", "abc"},
		{"no begin, no end", "#86)C\n", "abc"},
		{"blanks for zeros", "#    \n", "\x00\x00\x00"},
		{"cut line", "M86)C\n#86)C\n", "abcabc"},
		{"longer than it says", "\"86)CXXXX\n", "ab"},
		{"no line end", "#86)C", "abc"},
		{"overlong", "#86)C" + strings.Repeat("x", 3*maxUULine) + "\n#86)C\n", "abcabc"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := checkDecoder(t, newUU, c.in); got != c.want {
				t.Errorf("%q: got %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestOpenPicksDecoder(t *testing.T) {
	for encoding, want := range map[string]string{
		"base64": "i\xb7\x1d", "quoted-printable": "abcd", "x-uuencode": "", "7bit": "abcd", "8bit": "abcd", "binary": "abcd", "x-none": "abcd", "": "abcd",
	} {
		m := parse(t, "Content-Transfer-Encoding: "+encoding+"\n\nabcd")
		got, err := io.ReadAll(m.Root().Open())
		if err != nil || string(got) != want {
			t.Errorf("%q: got %q, %v, want %q", encoding, got, err, want)
		}
	}
}

func FuzzBase64(f *testing.F) {
	for _, s := range []string{"aGVsbG8=", "aGk=aGk=", "a\nGVsb\r\nG8=", "=", "a===", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := checkDecoder(t, newBase64, string(b))
		if want, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(b))); err == nil && got != string(want) {
			t.Errorf("%q: got %q, want %q as the standard library", b, got, want)
		}
		encoded := encodeLines(b)
		if got := checkDecoder(t, newBase64, encoded); got != string(b) {
			t.Errorf("%q encoded and decoded: %q", b, got)
		}
	})
}

// encodeLines is base64 as mail has it.
func encodeLines(b []byte) string {
	_, body := encodeBody(b, false, "\r\n")
	return string(body)
}

func FuzzQP(f *testing.F) {
	for _, s := range []string{"a=41", "a= \r\nb", "a \t\r\n", "=", "==", "=\r", "a\r\r\n", "=4"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		checkDecoder(t, newQP, string(b))
		var encoded bytes.Buffer
		w := quotedprintable.NewWriter(&encoded)
		w.Binary = true
		if _, err := w.Write(b); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		if got := checkDecoder(t, newQP, encoded.String()); got != string(b) {
			t.Errorf("%q encoded as %q and decoded: %q", b, &encoded, got)
		}
	})
}

func FuzzUuencode(f *testing.F) {
	f.Add([]byte("begin 644 a\n#86)C\n`\nend\n"))
	f.Add([]byte("M\n`"))
	f.Fuzz(func(t *testing.T, b []byte) { checkDecoder(t, newUU, string(b)) })
}
