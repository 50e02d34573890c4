// SPDX-License-Identifier: Apache-2.0

package mail

import "bytes"

// qpDecoder decodes quoted-printable (RFC 2045 section 6.7): hexadecimal digits in either case, blanks before a line end dropped,
// a soft line break with blanks behind its equals sign. An equals sign that fits nothing stays as it is; its views drop it.
type qpDecoder struct {
	view  string
	odd   bool   // An equals sign that fits nothing was there.
	twice bool   // One was there that fits once what is behind it is taken out.
	kept  []byte // End of what came before that cannot be judged yet: blanks, or what an equals sign begins.
	buf   []byte
	plain []byte // Text of qpCapitals, without what it takes out.
}

// Views of quoted-printable that is not regular.
const (
	qpDrop      = "quoted-printable, without odd equals signs"
	qpDropThree = "quoted-printable, without odd equals signs and the two characters behind"
	qpCapitals  = "quoted-printable, in capitals, without equals signs before small letters"
)

var _ decoder = (*qpDecoder)(nil)

func (d *qpDecoder) others() []string {
	if d.view == "quoted-printable" && d.odd {
		views := []string{qpDrop, qpDropThree}
		if d.twice {
			views = append(views, qpCapitals)
		}
		return views
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
	switch {
	case end:
		return n + d.line(dst[n:], last), len(src)
	case d.view == qpCapitals && len(last) < maxQPTail:
		return n, used // What is taken out joins what is around it.
	}
	m, done := d.text(dst[n:], last[:len(last)-qpPending(last)], true)
	return n + m, used + done
}

// maxQPTail bounds the octets that are looked at to tell if blanks end a line. More blanks than that are taken for text.
const maxQPTail = held - 8

// qpPending measures the end of an unfinished line that cannot be judged yet: blanks and CR, with an equals sign before them or not.
func qpPending(line []byte) int {
	head := max(0, len(bytes.TrimSuffix(line, []byte("\r")))-maxQPTail)
	tail := bytes.TrimRight(line[head:], " \t\r")
	return len(line) - head - len(bytes.TrimSuffix(tail, []byte("=")))
}

// cutQPBlanks cuts the blanks off the end of a line. An equals sign before them, if it is near enough, is a soft line break, also if a CR
// is among them.
func cutQPBlanks(line []byte) (text []byte, soft bool) {
	head := max(0, len(line)-maxQPTail)
	tail := bytes.TrimRight(line[head:], " \t\r")
	if len(tail) > 0 && tail[len(tail)-1] == '=' {
		return line[:head+len(tail)], true
	}
	return line[:head+len(bytes.TrimRight(line[head:], " \t"))], false
}

// line decodes one line with its line end.
func (d *qpDecoder) line(dst, line []byte) int {
	text := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	lineEnd := line[len(text):]
	text, soft := cutQPBlanks(text)
	if soft {
		n, _ := d.text(dst, text[:len(text)-1], false)
		return n
	}
	n, _ := d.text(dst, text, false)
	return n + copy(dst[n:], lineEnd)
}

// text decodes =XX in text that has no line end, and tells how much it wrote and used: not all of it if more follows and it ends in an
// equals sign that what follows decides about.
func (d *qpDecoder) text(dst, text []byte, more bool) (n, used int) {
	size := len(text)
	if d.view == qpCapitals {
		d.plain = appendCapitals(d.plain[:0], text)
		text, more = d.plain, false
	}
	for {
		i := bytes.IndexByte(text, '=')
		if i < 0 {
			return n + copy(dst[n:], text), size
		}
		n += copy(dst[n:], text[:i])
		text = text[i:]
		if len(text) < 3 && more {
			return n, size - len(text)
		}
		if len(text) > 2 {
			if hi, lo := unhex(text[1]), unhex(text[2]); hi|lo < 16 {
				dst[n] = hi<<4 | lo
				n++
				text = text[3:]
				continue
			}
			d.twice = d.twice || text[1] == '=' && text[2] >= 'a' && text[2] <= 'z'
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

// appendCapitals appends text without the equals signs that stand before a small letter, and those letters.
func appendCapitals(dst, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] == '=' && i+1 < len(text) && text[i+1] >= 'a' && text[i+1] <= 'z' {
			i++
			continue
		}
		dst = append(dst, text[i])
	}
	return dst
}
