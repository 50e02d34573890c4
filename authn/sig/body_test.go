// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// canonical is the body after Canon.Body, written in pieces.
func canonical(t interface{ Fatal(...any) }, c Canon, body string, piece int) string {
	var b strings.Builder
	w := c.Body(&b)
	for len(body) > 0 {
		n := min(piece, len(body))
		if _, err := io.WriteString(w, body[:n]); err != nil {
			t.Fatal(err)
		}
		body = body[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBody(t *testing.T) {
	for _, tc := range []struct{ in, simple, relaxed string }{
		{"", "\r\n", ""},
		{"\r\n\r\n", "\r\n", ""},
		{" \t\r\n \r\n", " \t\r\n \r\n", ""},
		{" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"}, // RFC 6376 section 3.4.5.
		{"a", "a\r\n", "a\r\n"},
		{"a ", "a \r\n", "a\r\n"},
		{"a\nb\n\n", "a\r\nb\r\n", "a\r\nb\r\n"},
		{"\r\na\r\n", "\r\na\r\n", "\r\na\r\n"},
		{"a\rb\r\r\nc\r", "a\rb\r\r\nc\r\r\n", "a\rb\r\r\nc\r\r\n"},
		{"\r\r\n", "\r\r\n", "\r\r\n"},
		{" \r", " \r\r\n", " \r\r\n"},
	} {
		for piece := 1; piece < 5; piece++ {
			if got := canonical(t, Simple, tc.in, piece); got != tc.simple {
				t.Errorf("simple %q by %d: got %q, want %q", tc.in, piece, got, tc.simple)
			}
			if got := canonical(t, Relaxed, tc.in, piece); got != tc.relaxed {
				t.Errorf("relaxed %q by %d: got %q, want %q", tc.in, piece, got, tc.relaxed)
			}
		}
	}
}

var (
	blanks = regexp.MustCompile(`[ \t]+`)
	ends   = regexp.MustCompile(`(\r\n)*$`)
)

// plain is the canonical body by the words of RFC 6376 sections 3.4.3 and 3.4.4.
func plain(c Canon, body string) string {
	body = regexp.MustCompile(`\r?\n`).ReplaceAllString(body, "\r\n")
	if c == Relaxed {
		lines := strings.Split(body, "\r\n")
		for i := range lines {
			lines[i] = strings.TrimRight(blanks.ReplaceAllString(lines[i], " "), " ")
		}
		body = strings.Join(lines, "\r\n")
	}
	body = ends.ReplaceAllString(body, "")
	if body == "" && c == Relaxed {
		return ""
	}
	return body + "\r\n"
}

func TestBodyIsThatOfTheRFC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringOf(rapid.RuneFrom([]rune("ab \t\r\n\n"))).Draw(t, "body")
		piece := rapid.IntRange(1, 9).Draw(t, "piece")
		for _, c := range []Canon{Simple, Relaxed} {
			if got, want := canonical(t, c, body, piece), plain(c, body); got != want {
				t.Fatalf("%s of %q by %d: got %q, want %q", c, body, piece, got, want)
			}
		}
	})
}

// TestBodyMemory: nothing is kept of lines that wait.
func TestBodyMemory(t *testing.T) {
	w := Relaxed.Body(io.Discard).(*bodyWriter)
	for range 1000 {
		fmt.Fprint(w, strings.Repeat("\r\n", 1000), strings.Repeat(" ", 1000))
	}
	if cap(w.out) > 2*chunk {
		t.Errorf("%d octets are kept", cap(w.out))
	}
}

func TestBodies(t *testing.T) {
	var b Bodies
	all, same, part, more := b.Add(Relaxed, crypto.SHA256, -1), b.Add(Relaxed, crypto.SHA256, -5), b.Add(Relaxed, crypto.SHA256, 3), b.Add(Simple, crypto.SHA1, 100)
	if all != same {
		t.Error("the same hash is made twice")
	}
	if err := b.Read(t.Context(), strings.NewReader("a  b\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if all.Total != 5 || all.Covered() != 5 || part.Covered() != 3 || part.Total != 5 || more.Covered() != 6 {
		t.Errorf("got %d %d %d %d %d", all.Total, all.Covered(), part.Covered(), part.Total, more.Covered())
	}
	h := crypto.SHA256.New()
	io.WriteString(h, "a b")
	if !bytes.Equal(part.Sum(), h.Sum(nil)) {
		t.Error("a part is hashed wrong")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Read(ctx, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkBody(b *testing.B) {
	body := []byte(strings.Repeat("A line of text as there are many of them in mail.\r\n", 1000))
	b.Run("hash alone", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			h := crypto.SHA256.New()
			h.Write(body)
			h.Sum(nil)
		}
	})
	for _, c := range []Canon{Simple, Relaxed} {
		b.Run(string(c), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				var bodies Bodies
				bodies.Add(c, crypto.SHA256, -1)
				if err := bodies.Read(b.Context(), bytes.NewReader(body)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
