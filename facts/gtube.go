// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// mark is the text by which spam filters are tested (https://spamassassin.apache.org/gtube/). It is put together here so that no filter keeps this
// file.
var mark = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-" + "ANTI-UBE-TEST-EMAIL*C.34X"

// maxSearched is the number of octets of a leaf in which it is looked for.
const maxSearched = 1 << 20

// gtube looks for the text in the Subject and in every leaf, decoded, those of nested messages included.
func (s *session) gtube() error {
	if strings.Contains(s.h.subject, mark) || strings.Contains(unwrapped(s.b.all), mark) || strings.Contains(unwrapped(s.b.hidden), mark) {
		s.note("gtube", "")
		return nil
	}
	for _, p := range s.b.parts {
		found, err := holdsMark(p)
		if err != nil {
			return err
		}
		s.when(found, "gtube")
	}
	for p := range nested(s.msg.Root()) { // What is in their bodies is in leaves.
		s.when(strings.Contains(mail.DecodeWords(cut(p.Header.Get("Subject"), maxValue)), mark), "gtube")
	}
	return nil
}

// nested gives the messages within a message.
func nested(root *mail.Part) iter.Seq[*mail.Part] {
	return func(yield func(*mail.Part) bool) {
		left := []*mail.Part{root}
		for n := 0; len(left) > 0 && n < 4*maxParts; n++ {
			p := left[len(left)-1]
			left = append(left[:len(left)-1], p.Children...)
			if p.Parent != nil && p.Parent.MediaType == "message/rfc822" && !yield(p) {
				return
			}
		}
	}
}

// unwrapped is a text without the line ends that a mail client may have put into it.
func unwrapped(text string) string {
	if !strings.Contains(text, mark[:14]) { // Most texts need not be copied.
		return ""
	}
	return strings.NewReplacer("\r", "", "\n", "", "=", "").Replace(text)
}

// holdsMark looks in the content of a leaf that says it is text, or a message.
func holdsMark(p *mail.Part) (bool, error) {
	if !strings.HasPrefix(p.MediaType, "text/") && !strings.HasPrefix(p.MediaType, "message/") {
		return false, nil
	}
	const step = 4 << 10
	buf := make([]byte, 0, step+len(mark))
	r := io.LimitReader(p.Open(), maxSearched)
	for {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if bytes.Contains(buf, []byte(mark)) {
			return true, nil
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		buf = append(buf[:0], buf[len(buf)-len(mark):]...)
	}
}
