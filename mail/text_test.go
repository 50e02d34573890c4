// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ name, header, body, want string }{
		{"us-ascii", "", "abc\n", "abc\r\n"},
		{"utf-8", "Content-Type: text/plain; charset=utf-8\n", "ü\n", "ü\r\n"},
		{"quoted utf-8", "Content-Type: text/plain; charset=\"UTF8\"\n", "ü", "ü"},
		{"latin 1", "Content-Type: text/plain; charset=iso-8859-1\n", "\xfc\n", "ü\r\n"},
		{"windows-1252", "Content-Type: text/plain; charset=windows-1252\n", "\x80\n", "€\r\n"},
		{"koi8-r in base64", "Content-Type: text/plain; charset=KOI8-R\nContent-Transfer-Encoding: base64\n", "8NLJ18XU", "Привет"},
		{"iso-2022-jp is ASCII on the wire", "Content-Type: text/plain; charset=iso-2022-jp\n", "\x1b$BF|K\\\x1b(B", "日本"},
		{"utf-16", "Content-Type: text/html; charset=utf-16le\nContent-Transfer-Encoding: base64\n", "YQBiAA==", "ab"},
		{"utf-7", "Content-Type: text/plain; charset=utf-7\n", "+APw-", "ü"},
		{"gb2312", "Content-Type: text/plain; charset=gb2312\n", "\xc4\xe3", "你"},
		{"unknown charset, UTF-8", "Content-Type: text/plain; charset=x-none\n", "ü", "ü"},
		{"unknown charset, 8-bit", "Content-Type: text/plain; charset=x-none\n", "\xfc", "ü"},
		{"hostile charset", "Content-Type: text/plain; charset=\"x\\\"; boundary=y\"\n", "ü", "ü"},
		{"none, 8-bit", "", "\xfc", "ü"},
		{"bad UTF-8", "Content-Type: text/plain; charset=utf-8\n", "a\xffb", "a\uFFFDb"},
		{"looks like header", "Content-Type: text/plain; charset=iso-8859-1\n", "\nX: \xfc\n\n--b\n", "\r\nX: ü\r\n\r\n--b\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := parse(t, crlf("Subject: x\n"+c.header+"\n"+c.body)).Root()
			got, err := p.Text(1000)
			if err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
			for n := range int64(len(c.want)) {
				cut, err := p.Text(n)
				if err != nil || int64(len(cut)) > n || !utf8.ValidString(cut) {
					t.Errorf("at most %d: got %q, %v", n, cut, err)
				}
			}
		})
	}
}

// failingReader fails when octets behind good are asked for.
type failingReader struct {
	r    io.ReaderAt
	good int64
}

var errBroken = errors.New("broken disk")

func (r failingReader) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > r.good {
		n, _ := r.r.ReadAt(p[:max(0, r.good-off)], off)
		return n, errBroken
	}
	return r.r.ReadAt(p, off)
}

func TestReadErrors(t *testing.T) {
	content := string(typicalMail(1 << 20))
	for _, good := range []int64{0, 100, windowSize, 5 * windowSize, int64(len(content)) - 1} {
		_, err := Parse(failingReader{strings.NewReader(content), good}, int64(len(content)), NewBudget(DefaultLimits(), nil))
		if !errors.Is(err, errBroken) {
			t.Errorf("broken at %d: got %v", good, err)
		}
	}
	_, err := Parse(strings.NewReader(content), int64(len(content))+1, NewBudget(DefaultLimits(), nil))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("shorter than said: got %v", err)
	}

	m := parse(t, content)
	m.r = failingReader{strings.NewReader(content), 1000}
	leaf := m.Part("1.2")
	if _, err := leaf.Text(1 << 20); !errors.Is(err, errBroken) {
		t.Errorf("text: got %v", err)
	}
	if err := m.Write(io.Discard, nil); !errors.Is(err, errBroken) {
		t.Errorf("write: got %v", err)
	}
}
