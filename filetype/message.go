// SPDX-License-Identifier: Apache-2.0

package filetype

import "bytes"

// maxFields bounds the header fields that are looked at.
const maxFields = 100

// message tells messages, by the header section that they begin with. A text that quotes some fields is none: there has to be
// one of those that only programs write.
func message(t []byte) kind {
	box := bytes.HasPrefix(t, []byte("from "))
	if box {
		t = behind(t, "\n")
	}
	h := header(t)
	switch {
	case h.known < 2 || h.made == 0:
		return unknown
	case h.related && !h.sent:
		return mht
	case box:
		return mbox
	}
	return eml
}

// headerMarks is what a header section tells.
type headerMarks struct {
	known   int  // Fields of mail.
	made    int  // Those that programs write.
	sent    bool // It has been on its way.
	related bool // Of media type multipart/related.
}

// header looks at the fields up to the first line that is none.
func header(t []byte) (h headerMarks) {
	for range maxFields {
		line, rest, found := bytes.Cut(t, []byte("\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			if h.made > 0 && bytes.Contains(line, []byte("multipart/related")) {
				h.related = true
			}
		} else if !ok || !isFieldName(name) {
			return h
		}
		switch string(name) {
		case "received", "return-path", "delivered-to", "message-id", "to":
			h.sent = true
		}
		switch string(name) {
		case "received", "return-path", "delivered-to", "message-id", "mime-version", "content-type", "content-transfer-encoding", "dkim-signature":
			h.known++
			h.made++
			h.related = h.related || bytes.Contains(value, []byte("multipart/related"))
		case "from", "to", "subject", "date", "cc", "reply-to", "sender":
			h.known++
		}
		if !found {
			return h
		}
		t = rest
	}
	return h
}

// isFieldName: RFC 5322 section 2.2: printable ASCII without colon; blanks before the colon are forgiven.
func isFieldName(name []byte) bool {
	name = bytes.TrimRight(name, " \t")
	if len(name) == 0 || len(name) > 76 {
		return false
	}
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
