// SPDX-License-Identifier: Apache-2.0

package mail

import "bytes"

// qpDecoder decodes quoted-printable (RFC 2045 section 6.7): hexadecimal digits in either case, blanks before a line end dropped,
// a soft line break with blanks behind its equals sign. An equals sign that fits nothing stays as it is; its views drop it.
type qpDecoder struct {
	view string
	odd  bool   // An equals sign that fits nothing was there.
	kept []byte // End of what came before that cannot be judged yet: blanks, or what an equals sign begins.
	buf  []byte
}

// Views of quoted-printable that is not regular.
const (
	qpDrop      = "quoted-printable, without odd equals signs"
	qpDropThree = "quoted-printable, without odd equals signs and the two characters behind"
)

var _ decoder = (*qpDecoder)(nil)

func (d *qpDecoder) others() []string {
	if d.view == "quoted-printable" && d.odd {
		return []string{qpDrop, qpDropThree}
	}
	return nil
}

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
		n += d.line(dst[n:], line)
		used += len(line)
	}
	last := src[used:]
	if end {
		return n + d.line(dst[n:], last), len(src)
	}
	last = last[:len(last)-qpPending(last)]
	return n + d.text(dst[n:], last), used + len(last)
}

// maxQPTail bounds the octets that are looked at to tell if blanks end a line. More blanks than that are taken for text.
const maxQPTail = held - 4

// qpPending measures the end of an unfinished line that cannot be judged yet: blanks, with an equals sign before them or not, a CR, or
// the first characters of "=XX".
func qpPending(line []byte) int {
	text, soft := cutQPBlanks(bytes.TrimSuffix(line, []byte("\r")))
	n := len(text)
	switch {
	case soft:
		n--
	case n == len(line) && n >= 2 && text[n-2] == '=':
		n -= 2
	}
	return len(line) - n
}

// cutQPBlanks cuts the blanks off the end of a line. An equals sign before them, if it is near enough, is a soft line break.
func cutQPBlanks(line []byte) (text []byte, soft bool) {
	head := max(0, len(line)-maxQPTail)
	tail := bytes.TrimRight(line[head:], " \t")
	return line[:head+len(tail)], len(tail) > 0 && tail[len(tail)-1] == '='
}

// line decodes one line with its line end.
func (d *qpDecoder) line(dst, line []byte) int {
	text := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	lineEnd := line[len(text):]
	text, soft := cutQPBlanks(text)
	if soft {
		return d.text(dst, text[:len(text)-1])
	}
	n := d.text(dst, text)
	return n + copy(dst[n:], lineEnd)
}

// text decodes =XX in text that has no line end.
func (d *qpDecoder) text(dst, text []byte) int {
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
		d.odd = true
		switch d.view {
		case qpDrop:
			text = text[1:]
		case qpDropThree:
			text = text[min(3, len(text)):]
		default:
			dst[n] = '='
			n++
			text = text[1:]
		}
	}
}
