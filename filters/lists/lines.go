// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bufio"
	"errors"
	"io"
)

// lines reads a text line by line.
type lines struct{ *bufio.Scanner }

func newLines(r io.Reader) lines {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, maxLine), maxLine)
	return lines{s}
}

// Err tells why there are no more lines; nil at the end of the text.
func (l lines) Err() error {
	if errors.Is(l.Scanner.Err(), bufio.ErrTooLong) {
		return errLongLine
	}
	return l.Scanner.Err()
}
