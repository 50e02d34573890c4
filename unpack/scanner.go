// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"io"
)

// scanner looks for lines in content, through the window of a finder.
type scanner struct {
	walk *walk
	leaf *Leaf
	f    *finder
}

func (s *scanner) peek(off, n int64) ([]byte, error) {
	if s.f == nil {
		s.f = s.walk.finder(s.leaf)
	}
	return s.f.peek(off, n)
}

func (s *scanner) close() {
	if s.f != nil {
		s.f.close()
	}
}

// lineStart finds the first line at off or behind that begins with text; io.EOF if there is none.
func (s *scanner) lineStart(off int64, text string) (int64, error) {
	for {
		// The octet before tells if a line begins.
		from := max(off-1, 0)
		b, err := s.peek(from, min(int64(len(text))+1, s.leaf.Size-from))
		if err != nil || len(b) < len(text) {
			return 0, orEOF(err)
		}
		i := bytes.Index(b[off-from:], []byte(text))
		if i < 0 {
			next := from + int64(len(b)) - int64(len(text)) + 1
			if next <= off {
				return 0, io.EOF
			}
			off = next
			continue
		}
		at := int(off-from) + i
		if from+int64(at) == 0 || at > 0 && (b[at-1] == '\n' || b[at-1] == '\r') {
			return from + int64(at), nil
		}
		off = from + int64(at) + 1
	}
}

func orEOF(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}
