// SPDX-License-Identifier: Apache-2.0

package proxy

import "bytes"

// dotWriter writes a body to the next hop with dot-stuffing. Small bodies gather in buf and leave together with the final
// dot in one write; large pieces are written from where they are, without a copy.
type dotWriter struct {
	h         *Hop
	buf       []byte
	lineStart bool // The next octet begins a line.
	cr        bool // The last octet was a CR.
	wrote     bool
}

// Write adds a period before each period that begins a line (RFC 5321 section 4.5.2). A line ends with CRLF and with nothing else.
func (w *dotWriter) Write(p []byte) (int, error) {
	n := len(p)
	if n == 0 {
		return 0, nil
	}
	w.wrote = true
	if w.cr && len(p) > 1 && p[0] == '\n' && p[1] == '.' {
		// The line end lies across two writes.
		w.buf = append(w.buf, '\n')
		p, w.lineStart = p[1:], true
	}
	if w.lineStart && p[0] == '.' {
		w.buf = append(w.buf, '.')
	}
	for {
		i := bytes.Index(p, []byte("\r\n."))
		if i < 0 {
			break
		}
		if err := w.put(p[:i+2]); err != nil {
			return 0, err
		}
		w.buf = append(w.buf, '.')
		p = p[i+2:]
	}
	if err := w.put(p); err != nil {
		return 0, err
	}
	w.note(p)
	return n, nil
}

// note keeps in mind how the octets so far end. p is never empty, but it may be shorter than a line end.
func (w *dotWriter) note(p []byte) {
	last := p[len(p)-1]
	crBefore := w.cr
	if len(p) > 1 {
		crBefore = p[len(p)-2] == '\r'
	}
	w.lineStart = last == '\n' && crBefore
	w.cr = last == '\r'
}

// put sends p behind what has gathered.
func (w *dotWriter) put(p []byte) error {
	if len(w.buf)+len(p) <= bodyBuffer {
		w.buf = append(w.buf, p...)
		return nil
	}
	if err := w.write(w.buf); err != nil {
		return err
	}
	w.buf = w.buf[:0]
	if len(p) < bodyBuffer/4 {
		w.buf = append(w.buf, p...)
		return nil
	}
	return w.write(p)
}

func (w *dotWriter) write(p []byte) error {
	if err := w.h.arm(w.h.conn.SetWriteDeadline); err != nil {
		return err
	}
	_, err := w.h.conn.Write(p)
	return err
}

// finish ends the last line if the body did not, so that the final dot stands alone.
func (w *dotWriter) finish() {
	if w.wrote && !w.lineStart {
		w.buf = append(w.buf, '\r', '\n')
	}
}
