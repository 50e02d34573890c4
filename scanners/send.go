// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"errors"
	"io"
)

// Send copies content to w up to its end, and tells the two kinds of error apart: after an error of reading there must be no
// verdict; after one of writing there may be an answer to read, as a server that refuses content may answer and close before
// it has taken all.
func Send(w io.Writer, content io.Reader) (reading, writing error) {
	buf := make([]byte, copyBuffer)
	for {
		n, err := content.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return nil, err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return err, nil
		}
	}
}
