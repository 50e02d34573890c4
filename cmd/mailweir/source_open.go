// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxMboxLine bounds the line before a message in an mbox, in octets.
const maxMboxLine = 4 << 10

// openMessage opens a message, without the line that stands before it in an mbox: that is no part of it, and differs from one copy to the next.
func (s source) openMessage() (r io.ReaderAt, size int64, closer func(), err error) {
	if r, size, closer, err = s.open(); err != nil {
		return nil, 0, nil, err
	}
	head := make([]byte, min(maxMboxLine, size))
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		closer()
		return nil, 0, nil, fmt.Errorf("read: %w", err)
	}
	behind := int64(mboxLine(head[:n]))
	return io.NewSectionReader(r, behind, size-behind), size - behind, closer, nil
}

// mboxLine is the octets of the line that a message in an mbox begins with; 0 if there is none.
func mboxLine(head []byte) int {
	rest, ok := bytes.CutPrefix(head, []byte("From "))
	if !ok || bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte(":")) { // A field may have blanks before its colon: RFC 5322 section 4.5.
		return 0
	}
	return bytes.IndexByte(head, '\n') + 1
}
