// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"errors"
	"io"
)

// ErrSize is the error of content that is not as long as its size says. What a scanner then saw was not what is delivered.
var ErrSize = errors.New("content is not as long as its size says")

// Exactly reads r and returns io.EOF only after exactly size octets, once r has ended too. If r ends before or has more, it returns
// ErrSize; an error of r is never lost. So the end of the file means that the content was read whole.
func Exactly(r io.Reader, size int64) io.Reader {
	return &exactReader{r: r, left: size}
}

type exactReader struct {
	r     io.Reader
	left  int64
	extra [1]byte
}

func (e *exactReader) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, e.atEnd()
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	switch {
	case err == io.EOF && e.left > 0:
		return n, ErrSize
	case err == io.EOF:
		return n, nil // The next call asks again, so that one place tells the end.
	}
	return n, err
}

// maxIdleReads is how often in a row a reader may return neither octets nor an error.
const maxIdleReads = 100

func (e *exactReader) atEnd() error {
	for range maxIdleReads {
		n, err := e.r.Read(e.extra[:])
		if n > 0 || e.left < 0 {
			e.left = -1 // Stays wrong, however often it is asked.
			return ErrSize
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}
