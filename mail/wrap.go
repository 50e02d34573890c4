// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"errors"
	"strings"
)

// WrapMessage makes the message an attachment of a new one that shows Text, which is UTF-8. The new message has copies of the fields that say
// whence it came and what it is about, after all other edits; fields added by AddField are its own.
type WrapMessage struct{ Text string }

var _ Edit = WrapMessage{}

func (e WrapMessage) String() string { return "wrap message" }

// Apply adds the change to d.
func (e WrapMessage) Apply(d *Draft) error {
	if d.wrap != nil {
		return errors.New("the message is wrapped already")
	}
	d.wrap = &e
	return nil
}

// envelop makes what stands before the message and behind it.
func (e WrapMessage) envelop(d *Draft) (head, tail []byte) {
	// Nobody may guess the boundary, or the message could end its own attachment.
	boundary := "=_" + d.msg.boundary()
	encoding, text := encodeBody([]byte(e.Text), true, "\n")
	var b bytes.Buffer
	for _, f := range d.msg.root.Header {
		if isEnvelopeField(f.Name) {
			b.WriteString(oneField(string(d.edited(f)), d.msg.lineEnd))
		}
	}
	rest := "MIME-Version: 1.0\n" +
		"Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\n" +
		"Content-Transfer-Encoding: 8bit\n" +
		"\n" +
		"--" + boundary + "\n" +
		"Content-Type: text/plain; charset=utf-8\n" +
		"Content-Transfer-Encoding: " + encoding + "\n" +
		"\n" +
		string(text) + "\n" +
		"--" + boundary + "\n" +
		"Content-Type: message/rfc822\n" +
		"Content-Disposition: attachment\n" +
		"Content-Transfer-Encoding: 8bit\n" +
		"\n"
	b.WriteString(strings.ReplaceAll(rest, "\n", d.msg.lineEnd))
	return b.Bytes(), []byte(strings.ReplaceAll("\n--"+boundary+"--\n", "\n", d.msg.lineEnd))
}

// oneField makes sure that a copy of a field is one field to everybody: it ends with the line end, and if a CR stands alone in it, it has
// no other.
func oneField(field, lineEnd string) string {
	if field == "" {
		return ""
	}
	field = strings.TrimRight(field, "\r\n")
	if strings.Count(field, "\r") != strings.Count(field, "\r\n") {
		field = unfold(field)
	}
	return field + lineEnd
}

// isEnvelopeField knows the fields that a wrapping message has, too: trace fields (RFC 5322 section 3.6.7), originator and
// destination, identification, Subject.
func isEnvelopeField(name string) bool {
	switch lower(name) {
	case "return-path", "received", "delivered-to", "date", "from", "sender", "reply-to", "to", "cc", "message-id", "in-reply-to",
		"references", "subject":
		return true
	}
	return false
}
