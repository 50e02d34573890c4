// SPDX-License-Identifier: Apache-2.0

package mail

import "bytes"

// qpDecoder decodes quoted-printable (RFC 2045 section 6.7): hexadecimal digits in either case, blanks before a line end dropped,
// a soft line break with blanks behind its equals sign. An equals sign that fits nothing stays as it is.
type qpDecoder struct {
	kept []byte // End of what came before that cannot be judged yet: blanks, or what an equals sign begins.
	buf  []byte
}

var _ decoder = (*qpDecoder)(nil)

func (d *qpDecoder) decode(dst, src []byte) int {
	if len(d.kept) > 0 {
		d.buf = append(append(d.buf[:0], d.kept...), src...)
		src = d.buf
	}
	n, used := d.lines(dst, src, false)
	d.kept = append(d.kept[:0], src[used:]...)
	return n
}

func (d *qpDecoder) flush(dst []byte) int {
	n, _ := d.lines(dst, d.kept, true)
	d.kept = d.kept[:0]
	return n
}

// lines decodes whole lines of src and what can be judged of the last; at the end all of it. It tells how much it wrote and used.
func (d *qpDecoder) lines(dst, src []byte, end bool) (n, used int) {
	for used < len(src) {
		line := src[used:]
		i := bytes.IndexByte(line, '\n')
		if i < 0 {
			break
		}
		line = line[:i+1]
		n += qpLine(dst[n:], line)
		used += len(line)
	}
	last := src[used:]
	if end {
		return n + qpLine(dst[n:], last), len(src)
	}
	last = last[:len(last)-qpPending(last)]
	return n + qpText(dst[n:], last), used + len(last)
}

// qpPending measures the end of an unfinished line that cannot be judged yet, at most held octets: blanks with an equals sign before
// them or not, or the first characters of "=XX".
func qpPending(line []byte) int {
	kept := line[max(0, len(line)-held+4):]
	text := bytes.TrimRight(kept, " \t\r")
	switch n := len(text); {
	case n >= 1 && text[n-1] == '=':
		text = text[:n-1]
	case len(text) == len(kept) && n >= 2 && text[n-2] == '=':
		text = text[:n-2]
	}
	return len(kept) - len(text)
}

// qpLine decodes one line with its line end.
func qpLine(dst, line []byte) int {
	text := bytes.TrimRight(line, "\r\n")
	lineEnd := line[len(text):]
	text = bytes.TrimRight(text, " \t")
	if len(text) > 0 && text[len(text)-1] == '=' {
		return qpText(dst, text[:len(text)-1])
	}
	n := qpText(dst, text)
	return n + copy(dst[n:], lineEnd)
}

// qpText decodes =XX in text that has no line end.
func qpText(dst, text []byte) int {
	n := 0
	for {
		i := bytes.IndexByte(text, '=')
		if i < 0 {
			return n + copy(dst[n:], text)
		}
		n += copy(dst[n:], text[:i])
		text = text[i:]
		if len(text) > 2 {
			if hi, lo := unhex(text[1]), unhex(text[2]); hi|lo < 16 {
				dst[n] = hi<<4 | lo
				n++
				text = text[3:]
				continue
			}
		}
		dst[n] = '='
		n++
		text = text[1:]
	}
}
