// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/mailweir/mailweir/mail"
)

// TestFinderWindow: a signature is found wherever it lies across the edges of the finder's window.
func TestFinderWindow(t *testing.T) {
	for _, edge := range []int{pageSize, 2*pageSize - 1} {
		for off := edge - 8; off <= edge+4; off++ {
			for _, fill := range []string{"x", "P"} {
				text := strings.Repeat(fill, off) + "PK\x03\x04" + strings.Repeat("K", 5)
				w := &walk{u: &Unpacker{}, stopped: t.Context().Err}
				f := w.finder(&Leaf{Content: strings.NewReader(text), Size: int64(len(text))})
				at, sig, err := f.next(0)
				if err != nil || at != int64(off) || sig != sigLocal {
					t.Errorf("%q to %d: found %d at %d, %v", fill, off, sig, at, err)
				}
				if _, _, err := f.next(at + 1); !errors.Is(err, io.EOF) {
					t.Errorf("%q to %d: behind it: %v", fill, off, err)
				}
				f.close()
			}
		}
	}
}

// A file that is shorter than its size says is an error of reading, not the end.
func TestFinderShort(t *testing.T) {
	w := &walk{u: &Unpacker{}, stopped: t.Context().Err}
	f := w.finder(&Leaf{Content: strings.NewReader("short"), Size: 100})
	defer f.close()
	if _, _, err := f.next(0); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func TestRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r ranges
		var want [64]bool
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			from, to := rapid.IntRange(0, 63).Draw(t, "from"), rapid.IntRange(0, 63).Draw(t, "to")
			r.add(int64(from), int64(to))
			for i := from; i < to; i++ {
				want[i] = true
			}
		}
		for i := range want {
			if got := r.has(int64(i)); got != want[i] {
				t.Fatalf("%v has %d: %v", r, i, got)
			}
			end := i
			for end < len(want) && want[end] {
				end++
			}
			if got := r.end(int64(i)); got != int64(end) {
				t.Fatalf("%v: end of %d is %d, want %d", r, i, got, end)
			}
		}
		for i := 1; i < len(r); i++ {
			if r[i-1].to >= r[i].from {
				t.Fatalf("%v: spans touch or are out of order", r)
			}
		}
	})
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"Größe.pdf":                "Größe.pdf",
		"a\r\nb\x00":               "a\ufffd\ufffdb\ufffd",
		"\u202egpj.exe":            "\ufffdgpj.exe",
		"\xe4.txt":                 "\ufffd.txt",
		strings.Repeat("x", 255):   strings.Repeat("x", 255),
		strings.Repeat("x", 256):   strings.Repeat("x", 252) + "...",
		strings.Repeat("ü", 200):   strings.Repeat("ü", 126) + "...",
		strings.Repeat("\x01", 99): strings.Repeat("\ufffd", 84) + "...",
	} {
		got := cleanName(in)
		if got != want || len(got) > MaxName || !utf8.ValidString(got) {
			t.Errorf("cleanName(%q) = %q, want %q", in, got, want)
		}
	}
}

// A walk that goes on beside others on one Unpacker shares nothing but buffers.
func TestWalkConcurrently(t *testing.T) {
	u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
	done := make(chan error)
	for i := range 8 {
		text := strings.Repeat(string(rune('a'+i)), 100_000)
		msg := parse(t, message("f", zipBytes(deflated("m", text))), mail.DefaultLimits())
		go func() {
			c, err := u.Contents(t.Context(), msg)
			if err != nil {
				done <- err
				return
			}
			for _, l := range c.Leaves {
				if len(l.Names) == 1 && read(t, l) != text {
					t.Errorf("another walk's octets in %v", l.Place)
				}
			}
			done <- msg.Close()
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
