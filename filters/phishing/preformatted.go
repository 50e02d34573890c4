// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"bytes"
	"html"
	"strings"

	"github.com/mailweir/mailweir/markup"
)

// maxPre is how many pieces of preformatted text of one document are looked at as drawings.
const maxPre = 16

// preformatted is the text of the pre elements of a document, with its spaces and line ends: elsewhere spaces in a row are one.
func preformatted(d *markup.Document) string {
	if d.Source == nil {
		return ""
	}
	var out strings.Builder
	rest := d.Source.Text
	for range maxPre {
		at := indexFold(rest, "<pre")
		if at < 0 {
			break
		}
		rest = rest[at:]
		n := indexFold(rest, "</pre")
		if n < 0 {
			n = len(rest)
		}
		bare(&out, rest[:n])
		out.WriteString("\n\n")
		rest = rest[n:]
	}
	return html.UnescapeString(out.String())
}

// indexFold is where a word in lower case begins, however it is written; -1 is nowhere.
func indexFold(b []byte, word string) int {
	for at := 0; ; at++ {
		n := bytes.IndexByte(b[at:], '<')
		if n < 0 || at+n+len(word) > len(b) {
			return -1
		}
		if at += n; strings.EqualFold(string(b[at:at+len(word)]), word) {
			return at
		}
	}
}

// bare writes text without its tags; br and the end of a div are line ends.
func bare(out *strings.Builder, b []byte) {
	for len(b) > 0 {
		at := bytes.IndexByte(b, '<')
		if at < 0 {
			at = len(b)
		}
		out.Write(b[:at])
		b = b[at:]
		end := bytes.IndexByte(b, '>')
		if end < 0 {
			return
		}
		tag := strings.ToLower(string(b[1:min(end, 5)]))
		if strings.HasPrefix(tag, "br") || strings.HasPrefix(tag, "/div") || strings.HasPrefix(tag, "/p") {
			out.WriteByte('\n')
		}
		b = b[end+1:]
	}
}
