// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxLine bounds the octets of a line in a scanner's answer, its end included.
const MaxLine = 8192

// Lines reads answers that are made of lines, under bounds: a server that does not stop talking does not keep us listening.
type Lines struct {
	r    *bufio.Reader
	left int // Octets that may still come.
}

// NewLines reads lines of at most MaxLine octets from r, at most most octets in all.
func NewLines(r io.Reader, most int) *Lines {
	return &Lines{r: bufio.NewReaderSize(r, MaxLine), left: most}
}

// Next returns the next line without its end, which is LF or CRLF. What ends without LF is no line: the error is then
// io.ErrUnexpectedEOF. Even a line cut off where it would mean the same must not be taken for an answer.
func (l *Lines) Next() (string, error) {
	line, err := l.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("line of more than %d octets", MaxLine)
	case errors.Is(err, io.EOF):
		return "", io.ErrUnexpectedEOF
	case err != nil:
		return "", err
	}
	if l.left -= len(line); l.left < 0 {
		return "", errors.New("answer does not end")
	}
	return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
}
