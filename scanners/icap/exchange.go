// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"time"
)

// exchange is one request and its answer on one connection, both ways at once: the server may answer while we still write,
// and may read on only when we read.
type exchange struct {
	conn      net.Conn
	continued chan struct{} // Closed when the server wants what follows the preview.
	answered  chan struct{} // Closed when answer and err are there.
	answer    answer
	err       error
}

// receive reads the answer and then ends the writing. What the server has had by then is written already.
func (x *exchange) receive(r answerReader) {
	defer close(x.answered)
	defer func() {
		if p := recover(); p != nil {
			x.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		_ = x.conn.SetWriteDeadline(time.Unix(1, 0))
	}()
	x.answer, x.err = r.read(func() { close(x.continued) })
}

// digest tells one content from another.
type digest struct {
	size int64
	sum  [sha256.Size]byte
}

// send writes head and content. A preview of 0 or more octets is followed by waiting for leave to go on.
func (x *exchange) send(head string, content io.Reader, size int64, preview int) sent {
	b := newBody(x.conn, content, size)
	defer b.close()
	if preview >= 0 {
		if !b.next(head, preview, true) || !x.mayGoOn() {
			return b.sent
		}
		head = ""
	}
	for b.next(head, chunkOctets, false) {
		head = ""
	}
	return b.sent
}

func (x *exchange) mayGoOn() bool {
	select {
	case <-x.continued:
		return true
	case <-x.answered:
		return false
	}
}
