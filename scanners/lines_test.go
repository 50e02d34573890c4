// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLines(t *testing.T) {
	tests := []struct {
		name, in string
		most     int
		want     []string
		end      string // Text of the error after them.
	}{
		{"LF and CRLF", "a\nb\r\n\n\r\n", 100, []string{"a", "b", "", ""}, "unexpected EOF"},
		{"cut", "a\nb", 100, []string{"a"}, "unexpected EOF"},
		{"cut before LF", "a\r", 100, nil, "unexpected EOF"},
		{"CR inside stays", "a\rb\r\r\n", 100, []string{"a\rb\r"}, "unexpected EOF"},
		{"longest", strings.Repeat("a", MaxLine-1) + "\n", MaxLine, []string{strings.Repeat("a", MaxLine-1)}, "unexpected EOF"},
		{"too long", strings.Repeat("a", MaxLine) + "\n", 2 * MaxLine, nil, "line of more than 8192 octets"},
		{"too many", "a\nb\nc\n", 4, []string{"a", "b"}, "answer does not end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
				l := NewLines(r, tt.most)
				for i, want := range tt.want {
					if got, err := l.Next(); err != nil || got != want {
						t.Fatalf("line %d: got %q, %v, want %q", i, got, err, want)
					}
				}
				if got, err := l.Next(); err == nil || err.Error() != tt.end || got != "" {
					t.Errorf("at the end: got %q, %v, want %s", got, err, tt.end)
				}
			}
		})
	}
}

func TestLinesKeepsTheError(t *testing.T) {
	broken := errors.New("broken")
	l := NewLines(iotest.ErrReader(broken), 100)
	if _, err := l.Next(); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}
