// SPDX-License-Identifier: Apache-2.0

package mail

import "bytes"

// uuDecoder decodes uuencode (POSIX), which old clients name as a transfer encoding. Every line that can be one of data is taken for one, so a missing
// begin line or end line does not matter.
type uuDecoder struct {
	kept []byte // Begin of an unfinished line.
}

// maxUULine bounds the octets of a line that are looked at: its length, and four characters for each three of at most 63 octets.
const maxUULine = 1 + 84

var _ decoder = (*uuDecoder)(nil)

func (d *uuDecoder) others() []string { return nil }

func (d *uuDecoder) decode(dst, src []byte) int {
	n := 0
	for len(src) > 0 {
		i := bytes.IndexByte(src, '\n')
		if i < 0 {
			d.keep(src)
			break
		}
		line := src[:i]
		if len(d.kept) > 0 {
			d.keep(line)
			line = d.kept
		}
		n += uuLine(dst[n:], line)
		d.kept = d.kept[:0]
		src = src[i+1:]
	}
	return n
}

func (d *uuDecoder) flush(dst []byte) int {
	n := uuLine(dst, d.kept)
	d.kept = d.kept[:0]
	return n
}

// keep appends to the unfinished line as much as will be looked at.
func (d *uuDecoder) keep(b []byte) {
	d.kept = append(d.kept, b[:min(len(b), maxUULine-min(len(d.kept), maxUULine))]...)
}

// uuLine decodes one line. It writes whole threes of octets to dst and tells how many of them count.
func uuLine(dst, line []byte) int {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 0 || line[0] < ' ' || line[0] > '`' {
		return 0
	}
	size := int(line[0]-' ') & 63
	n := 0
	for i := 1; n < size && i < len(line); i += 4 {
		var q [4]byte
		for j := range q {
			if i+j < len(line) {
				q[j] = (line[i+j] - ' ') & 63
			}
		}
		dst[n], dst[n+1], dst[n+2] = q[0]<<2|q[1]>>4, q[1]<<4|q[2]>>2, q[2]<<6|q[3]
		n += 3
	}
	return min(n, size, len(line))
}
