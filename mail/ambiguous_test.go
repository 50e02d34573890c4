// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"fmt"
	"strings"
	"testing"
)

// Where clients see other structure, or decode in another way, than we do and it cannot be shown in the tree, a defect says so. The first column
// is the number in docs/reference/evasions.md.
func TestReadInTwoWays(t *testing.T) {
	const multipart = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n%s\n--b--\n"
	const part = "Content-Type: text/html\n\n<p>\n"
	inBody := func(s string) string { return fmt.Sprintf(multipart, s) }
	b64 := func(field string) string { return "From: a\n" + field + "To: b\n\nYWJj\n" }
	for _, c := range []struct {
		number int
		name   string
		text   string
	}{
		{48, "control before the boundary", "Content-Type: multipart/mixed;\vboundary=b\n\n--b\n\nx\n--b--\n"},
		{48, "control in the boundary", "Content-Type: multipart/mixed; boundary=b\x01\n\n--b\n\nx\n--b--\n"},
		{51, "dash behind the delimiter", inBody("--b-\n" + part)},
		{51, "vertical tab behind the delimiter", inBody("--b\v\n" + part)},
		{51, "text behind the delimiter", inBody("--b x\n" + part)},
		{52, "delimiter behind a bare CR", inBody("x\r--b\n" + part)},
		{52, "delimiter behind LF CR", inBody("x\n\r--b\n" + part)},
		{52, "delimiter behind blanks", inBody(" --b\n" + part)},
		{52, "delimiter behind a vertical tab", inBody("\v--b\n" + part)},
		{63, "NUL in the empty line", "From: a\n\x00\nContent-Type: text/html\n\nx\n"},
		{63, "two CR in the empty line", "From: a\r\n\r\r\nContent-Type: text/html\r\n\r\nx\r\n"},
		{63, "LF CR as the empty line", "From: a\n\rContent-Type: text/html\n\nx\n"},
		{63, "blanks in the empty line", "From: a\n \t\nContent-Type: text/html\n\nx\n"},
		{63, "vertical tab in the empty line", "From: a\n\v\nContent-Type: text/html\n\nx\n"},
		{64, "field behind a bare CR", b64("X: y\rContent-Transfer-Encoding: base64\n")},
		{64, "field behind a vertical tab", b64("X: y\vContent-Transfer-Encoding: base64\n")},
		{64, "field behind a form feed", b64("X: y\fContent-Transfer-Encoding: base64\n")},
		{64, "field behind NUL", b64("X: y\x00Content-Transfer-Encoding: base64\n")},
		{64, "field behind a file separator", b64("X: y\x1cContent-Transfer-Encoding: base64\n")},
		{64, "field behind NEL", b64("X: y\u0085Content-Transfer-Encoding: base64\n")},
		{54, "text between a close delimiter and another part", inBody("--b--\n<script>\n--b\n\ny")},
		{55, "dash line between fields", b64("--x\nContent-Transfer-Encoding: base64\n")},
		{55, "dash line before the fields of a file", "From: a\n--x\nX: y\nContent-Type: a/b\n\nx\n"},
		{63, "line that is no field before a file", "Content-Type: a/b\nContent-Transfer-Encoding: base64\nAAAA\n\nYWJj\n"},
		{63, "dash line before a file", "Content-Type: a/b\n--x\n\nx\n"},
		{63, "line that is no field before a message", "Content-Type: multipart/digest; boundary=b\n\n--b\nx\n\nContent-Type: a/b\n\nx\n--b--\n"},
		{64, "NUL in the name of the last field", "From: a\nContent-\x00Type: a/b\n\nx\n"},
		{64, "zero-width space in the name of the last field", "From: a\nContent\u200b-Type: a/b\n\nx\n"},
		{64, "bare CR behind a line that is no field", "From: a\nMIME-Version\r: 1.0\rContent-Type: a/b\n\nx\n"},
		{64, "CR in a first line that is very long", "X: a\rb" + strings.Repeat("a", windowSize) + "\n" + b64("Content-Transfer-Encoding: base64\n")},
		{65, "control before the name", b64("\x01Content-Transfer-Encoding: base64\n")},
		{65, "no-break space before the colon", b64("Content-Transfer-Encoding\u00a0: base64\n")},
		{65, "two colons", b64("Content-Transfer-Encoding:: base64\n")},
		{66, "name over two lines", b64("Content-Transfer-\n Encoding: base64\n")},
		{66, "value behind an empty fold", b64("Content-Transfer-Encoding:\n \n base64\n")},
		{67, "comment in the name", b64("Content-Transfer-Encoding (x): base64\n")},
		{67, "comment behind the name", b64("Content-Transfer-Encoding(x): base64\n")},
		{76, "list of encodings", b64("Content-Transfer-Encoding: 7bit, base64\n")},
		{77, "encoded word", b64("Content-Transfer-Encoding: =?us-ascii?q?base64?=\n")},
		{77, "junk before", b64("Content-Transfer-Encoding: xx base64\n")},
		{77, "junk behind", b64("Content-Transfer-Encoding: 7bit base64\n")},
		{77, "parameter", b64("Content-Transfer-Encoding: 7bit; base64\n")},
		{77, "comment that does not end", b64("Content-Transfer-Encoding: (base64\n")},
		{77, "comment in a comment", b64("Content-Transfer-Encoding: (x(y)base64)quoted-printable\n")},
		{77, "in two pieces", b64("Content-Transfer-Encoding: base 64\n")},
		{84, "gzip64", b64("Content-Transfer-Encoding: x-gzip64\n")},
		{84, "yEnc", b64("Content-Transfer-Encoding: x-yencode\n")},
		{84, "BinHex", b64("Content-Transfer-Encoding: mac-binhex40\n")},
	} {
		t.Run(fmt.Sprintf("%d %s", c.number, c.name), func(t *testing.T) {
			m := parseBoth(t, []byte(c.text), DefaultLimits())
			if m.Root().clean() {
				t.Errorf("%q: defects %q", c.text, defectList(m))
			}
			checkRebuilt(t, []byte(c.text))
		})
	}
}

// Small faults that no client reads differently are no ambiguity.
func TestReadInOneWay(t *testing.T) {
	for _, text := range []string{
		"From: a\nContent-Type: text/plain; charset=us-ascii; charset=us-ascii\n\nx\n",
		"From: a\nContent-Transfer-Encoding: Base64 (standard)\n\nYWJj\n",
		"From: a\nContent-Transfer-Encoding: 7bit;\n\nx\n",
		"From: a\nContent-Type: text/plain; charset=\"us-ascii\n\nx\n",
		"From: a\nContent-Type: text/plain; name=my file.txt\n\nx\n",
		"From: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n-- \nA signature\n\n----- a line -----\n--b--\n",
		"From: a\nContent-Type: text/html\n<p>\n\n<p>\n",
		"From: a\n-- \nA signature\n\nx\n",
		"From: a\nContent-Type: multipart/mixed; boundary=b\n--b\nContent-Type: a/b\n\nx\n--b--\n",
		"From: a\nContent-Type: multipart/mixed; boundary=b\nA preamble\n\n--b\n\nx\n--b--\n",
		"From: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n\n--b\n\ny\n--b--\n",
		"From: a\nSubject: \xa0x\x85y\n\nx\n",
		"From: a\nX-Y: a\x1bb\n\nx\n",
		"From: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n --b\n--b--\n",
	} {
		m := parseBoth(t, []byte(text), DefaultLimits())
		if !m.Root().clean() {
			t.Errorf("%q: defects %q", text, defectList(m))
		}
	}
}
