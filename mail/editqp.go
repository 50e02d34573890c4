// SPDX-License-Identifier: Apache-2.0

package mail

import "bytes"

// qpLine is a line of a body in quoted-printable: where it begins, and where that is in the decoded text.
type qpLine struct{ raw, text int64 }

// mapQP finds the lines of raw, and behind them one more for its end. It is not ok if they do not make text.
func mapQP(raw, text []byte) (lines []qpLine, ok bool) {
	var d qpDecoder
	var at qpLine
	buf := make([]byte, 0, 256)
	for line := range bytes.Lines(raw) {
		lines = append(lines, at)
		if cap(buf) < len(line) {
			buf = make([]byte, 0, 2*len(line))
		}
		n := d.line(buf[:len(line)], line)
		if !bytes.HasPrefix(text[at.text:], buf[:n]) {
			return nil, false
		}
		at.raw += int64(len(line))
		at.text += int64(n)
	}
	return append(lines, at), at.text == int64(len(text))
}

// editQP makes the changes in a body in quoted-printable. Only the lines that they touch are written anew.
func (w *bodyWriter) editQP(text []byte, list []merged) ([]merged, bool) {
	lines, ok := mapQP(w.raw, text)
	if !ok || len(lines) < 2 || w.part.next == w.part.End && w.part.next < w.part.msg.size {
		return nil, false
	}
	var out []merged
	at := 0 // A line that is not behind the next change.
	for i := 0; i < len(list); {
		first := lineOf(lines, at, list[i].start)
		last := lineOf(lines, first, max(list[i].end-1, list[i].start))
		n := i + 1
		for n < len(list) && (list[n].start < lines[last+1].text || last+2 == len(lines)) {
			last = lineOf(lines, last, max(list[n].end-1, list[n].start))
			n++
		}
		final := last+2 == len(lines)
		c := merged{start: lines[first].raw, end: lines[last+1].raw}
		start := lines[first].text
		t, err := applied(text[start:lines[last+1].text], shifted(list[i:n], start))
		if err != nil || final && len(t) == 0 && first > 0 && w.isSoft(lines, first-1) {
			return nil, false // Nothing is left of these lines, and the one before would go on.
		}
		q := qpWriter{lineEnd: w.lineEnd, text: w.isText()}
		q.write(t, !final)
		c.with = q.out
		out = append(out, c)
		at, i = last, n
	}
	return out, true
}

// lineOf is the first line at i or behind that holds the octet of the text at off; the last for the end of the text.
func lineOf(lines []qpLine, i int, off int64) int {
	for i+2 < len(lines) && lines[i+1].text <= off {
		i++
	}
	return i
}

// isSoft tells if line i goes on in the next.
func (w *bodyWriter) isSoft(lines []qpLine, i int) bool {
	line := bytes.TrimRight(w.raw[lines[i].raw:lines[i+1].raw], "\r\n")
	_, soft := cutQPBlanks(line)
	return soft
}

// shifted are changes of a text that begins off octets later.
func shifted(list []merged, off int64) []merged {
	out := make([]merged, len(list))
	for i, c := range list {
		out[i] = merged{c.start - off, c.end - off, c.with}
	}
	return out
}
