// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// payload is what the messages below hide, in base64 of four lines.
const payload = "the content that some client shows, and that a filter has to look at: \x00\x01\x02"

func payloadLines(length int) string {
	var b strings.Builder
	for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(payload))), length) {
		fmt.Fprintf(&b, "%s\n", line)
	}
	return b.String()
}

// filePart is a body part with the payload; fields stand before those of its own.
func filePart(delimiter, fields string) string {
	return delimiter + "\n" + fields + "Content-Type: application/octet-stream; name=f\nContent-Transfer-Encoding: base64\n\n" + payloadLines(28)
}

// file is a message whose body is a file in an encoding.
func file(encoding, body string) string {
	return "From: a\nContent-Type: application/octet-stream; name=f\n" + encoding + "\n\n" + body
}

// What some mail client decodes is visited. The first column is the number in docs/reference/evasions.md.
func TestEvasions(t *testing.T) {
	const b64 = "Content-Transfer-Encoding: base64"
	lines := payloadLines(28)
	part := filePart("--b", "")
	multipart := func(contentType string) string { return "From: a\n" + contentType + "\n\n" + part + "--b--\n" }
	for _, c := range []struct {
		number int
		name   string
		text   string
	}{
		{40, "two types", multipart("Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b")},
		{41, "two types in one field", multipart("Content-Type: text/plain, multipart/mixed; boundary=b")},
		{42, "two boundaries, good one last", multipart("Content-Type: multipart/mixed; boundary=a; boundary=b")},
		{42, "two boundaries, good one first", multipart("Content-Type: multipart/mixed; boundary=b; boundary=a")},
		{43, "boundary in sections", multipart("Content-Type: multipart/mixed; boundary*0=a; boundary*1=b")},
		{43, "boundary percent-encoded", multipart("Content-Type: multipart/mixed; boundary*=''%62%20")},
		{44, "comment in the boundary", multipart("Content-Type: multipart/mixed; boundary=(a=b)b")},
		{45, "boundary as encoded word", multipart(`Content-Type: multipart/mixed; boundary="=?us-ascii?q?=62?="`)},
		{46, "no boundary", multipart("Content-Type: multipart/mixed")},
		{46, "empty boundary", multipart(`Content-Type: multipart/mixed; boundary=""`)},
		{46, "half-quoted boundary", multipart(`Content-Type: multipart/mixed; boundary="b`)},
		{47, "quoted pair in the boundary", multipart(`Content-Type: multipart/mixed; boundary="\b"`)},
		{48, "NUL before the boundary", multipart("Content-Type: multipart/mixed; boundary=\x00b")},
		{48, "vertical tab in the value", multipart("Content-Type: multipart/mixed;\vboundary=b")},
		{49, "no semicolon", multipart("Content-Type: multipart/mixed boundary=b")},
		{50, "inner boundary begins with the outer", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n" + filePart("--bb", "") + "--bb--\n--b--\n"},
		{50, "inner boundary is the outer", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n" + part + "--b--\n"},
		{51, "delimiter lines with junk", "Content-Type: multipart/mixed; boundary=b\n\n" + filePart("--bx", "") + "--bx--\n"},
		{52, "delimiter behind a bare CR", "Content-Type: multipart/mixed; boundary=b\n\nx\r" + part + "\n--b--\n"},
		{53, "no close delimiter", "Content-Type: multipart/mixed; boundary=b\n\n" + part},
		{54, "part in the preamble", "Content-Type: multipart/mixed; boundary=b\n\n" + filePart("--c", "") + "--b\n\nx\n--b--\n"},
		{54, "part in the epilogue", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n" + filePart("--c", "")},
		{55, "delimiter in a header section", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n--b--\n\n" + filePart("--c", "")},
		{56, "undeclared multipart", "From: a\n\n" + part},
		{56, "undeclared multipart, other fields first", "From: a\n\n" + filePart("--b", "X-A: 1\n folded\nX-B: 2\n")},
		{56, "multi/part", multipart("Content-Type: multi/part; boundary=b")},
		{57, "multipart in base64", "Content-Type: multipart/mixed; boundary=b\n" + b64 + "\n\n" + base64.StdEncoding.EncodeToString([]byte(part)) + "\n"},
		{58, "message as a file in base64", file(b64, base64.StdEncoding.EncodeToString([]byte(file(b64, lines))))},
		{58, "message in uuencode", "Content-Type: message/rfc822\nContent-Transfer-Encoding: uuencode\n\n" + uuencode("m", file(b64, lines))},
		{58, "message with two encodings", "Content-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n" + b64 + "\n\n" + base64.StdEncoding.EncodeToString([]byte(file(b64, lines)))},
		{62, "digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\n" + file(b64, lines) + "--b--\n"},
		{63, "blanks in the empty line", "Content-Type: multipart/mixed; boundary=b\n \n\n" + part},
		{64, "field behind a bare CR", file("X: 1\r"+b64, lines)},
		{65, "blank before the colon", file("Content-Transfer-Encoding : base64", lines)},
		{65, "two colons", file("Content-Transfer-Encoding:: base64", lines)},
		{65, "no colon", file("Content-Transfer-Encoding base64", lines)},
		{65, "leading blank", "From: a\nContent-Type: application/octet-stream\n " + b64 + "\n\n" + lines},
		{65, "leading vertical tab", "From: a\n\v" + b64 + "\nContent-Type: application/octet-stream\n\n" + lines},
		{70, "uuencode in text", "From: a\n\nHello, the file:\n\n" + uuencode("f.com", payload) + "\nBye\n"},
		{70, "uuencode in text behind a decoy", "From: a\n\nbegin 644 decoy\n" + uuencode("f.com", payload)},
		{70, "uuencode in the preamble", "Content-Type: multipart/mixed; boundary=b\n\n" + uuencode("f.com", payload) + "--b\n\nx\n--b--\n"},
		{76, "two encodings, the right one first", file(b64+"\nContent-Transfer-Encoding: 7bit", lines)},
		{76, "two encodings, the right one last", file("Content-Transfer-Encoding: quoted-printable\n"+b64, lines)},
		{76, "list of encodings", file("Content-Transfer-Encoding: quoted-printable, base64", lines)},
		{77, "encoding with junk", file("Content-Transfer-Encoding: base64;x", lines)},
		{77, "encoding behind junk", file("Content-Transfer-Encoding: xx base64", lines)},
		{77, "encoding behind a semicolon", file("Content-Transfer-Encoding: ;base64", lines)},
		{77, "encoding with a comment", file("Content-Transfer-Encoding: (x) base64 (y)", lines)},
		{77, "encoding in quotes", file(`Content-Transfer-Encoding: "base64"`, lines)},
		{77, "encoding misspelt", file("Content-Transfer-Encoding: base-64", lines)},
		{78, "7bit that is base64", file("Content-Transfer-Encoding: 7bit", lines)},
		{78, "no encoding, lines before base64", file("X: 1", "Some lines\nbefore it.\n\n"+lines)},
		{79, "foreign characters", file(b64, strings.ReplaceAll(lines, "h", "#h.%"))},
		{79, "foreign character ends the line", file(b64, strings.ReplaceAll(lines, "\n", "#abc\n"))},
		{80, "padding anywhere", file(b64, strings.ReplaceAll(lines, "h", "=h"))},
		{80, "octets behind the padding", file(b64, base64.StdEncoding.EncodeToString([]byte(payload[:71]))+"\nQUJD\n"+"")},
		{80, "no padding", file(b64, strings.TrimRight(lines, "=\n"))},
		{81, "lines of three characters", file(b64, payloadLines(3))},
		{81, "lines with octets too many", file(b64, strings.ReplaceAll(payloadLines(4), "\n", "YYY\n"))},
		{83, "odd equals signs", file("Content-Transfer-Encoding: quoted-printable", quoted("="))},
		{83, "odd equals signs with two characters", file("Content-Transfer-Encoding: quoted-printable", quoted("=0X"))},
		{83, "odd equals signs with blanks", file("Content-Transfer-Encoding: quoted-printable", quoted("=  "))},
	} {
		t.Run(fmt.Sprintf("%d %s", c.number, c.name), func(t *testing.T) {
			want := payload
			if c.name == "octets behind the padding" {
				want = payload[:71]
			}
			for _, text := range []string{c.text, strings.ReplaceAll(c.text, "\n", "\r\n")} {
				leaves, _ := walkMessage(t, parse(t, []byte(text), mail.DefaultLimits()))
				if !slices.ContainsFunc(leaves, func(l found) bool { return l.content == want }) {
					t.Errorf("%q: got %q", text, leaves)
				}
			}
		})
	}
}

// quoted is the payload in quoted-printable, with junk before each octet.
func quoted(junk string) string {
	var b strings.Builder
	for _, c := range []byte(payload) {
		fmt.Fprintf(&b, "%s=%02X=\n", junk, c)
	}
	return b.String()
}

func uuencode(name, content string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "begin 644 %s\n", name)
	for line := range slices.Chunk([]byte(content), 45) {
		b.WriteByte(byte(' ' + len(line)))
		for q := range slices.Chunk(line, 3) {
			q = append(slices.Clip(q), 0, 0)
			for _, v := range []byte{q[0] >> 2, q[0]<<4 | q[1]>>4, q[1]<<2 | q[2]>>6, q[2]} {
				b.WriteByte("`!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"[v&63])
			}
		}
		b.WriteByte('\n')
	}
	return b.String() + "`\nend\n"
}

// A piece of a message cannot be judged: EVASIONS number 59.
func TestPartial(t *testing.T) {
	_, problems := walkMessage(t, parse(t, []byte("Content-Type: message/partial; id=1; number=1; total=2\n\nx\n"), mail.DefaultLimits()))
	checkProblems(t, problems, []string{"unscannable : a piece of a message"})
}

// A message inside that clients may read in two ways is a Problem, but text about mail is none.
func TestAmbiguousMessageInside(t *testing.T) {
	inner := "Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--b\n\nx\n--b--\n"
	_, problems := walkMessage(t, parse(t, encoded([]byte(inner), 1), mail.DefaultLimits()))
	if len(problems) == 0 || problems[0].Kind != Ambiguous || !strings.Contains(problems[0].Detail, "mime.two_boundaries") {
		t.Errorf("got %v", problems)
	}
	for _, text := range []string{
		"From: a\n\nThis is how it looks:\n\n" + inner + "\nAnd this:\n\n--b\nContent-Type: text/plain\n\nx\n--c--\n",
		"From: a\n\nbegin the day with 644 files\nbegin 644 at noon\nend\n",
	} {
		_, problems := walkMessage(t, parse(t, []byte(text), mail.DefaultLimits()))
		checkProblems(t, problems, nil)
	}
}

// What hides is looked for in linear time.
func TestHiddenWork(t *testing.T) {
	const n = 200_000
	for name, body := range map[string]string{
		"dashes":          strings.Repeat("--\n", n),
		"fields":          strings.Repeat("--a:b\n", n),
		"delimiters":      strings.Repeat("--b\nContent-A: 1\n", n),
		"new delimiters":  strings.Repeat("--b\nContent-Type: multipart/mixed; boundary=c\n\n--d\nContent-A: 1\n\n", n/5),
		"begin":           strings.Repeat("begin 644 a\n", n),
		"begin and end":   strings.Repeat("begin 644 a\nend\n", n),
		"nothing of it":   strings.Repeat("begin x\nendless\n", n),
		"header sections": strings.Repeat("Content-A: 1\n\n", n),
		"base64 lines":    strings.Repeat("QQ==\n", n),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			msg := parse(t, []byte("Content-Type: multipart/mixed; boundary=z\nContent-Transfer-Encoding: x\n\n"+body), mail.DefaultLimits())
			u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
			leaves := len(contents(t, u, msg).Leaves)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("%v for %d octets, %d leaves", took, len(body), leaves)
			} else {
				t.Logf("%v for %d octets, %d leaves", took, len(body), leaves)
			}
		})
	}
}

// Readings inside readings are bounded by the size of the message.
func TestReadingsAreBounded(t *testing.T) {
	text := strings.Repeat("some words\n", 1000)
	for range 12 {
		text = "Content-Type: application/octet-stream\nContent-Transfer-Encoding: x, quoted-printable, base64\n\n" + text
	}
	leaves, problems := walkMessage(t, parse(t, []byte(text), mail.DefaultLimits()))
	octets := 0
	for _, l := range leaves {
		octets += len(l.content)
	}
	if most := 3 * maxExtra * (len(text) + pageSize); octets > most {
		t.Errorf("%d octets visited, want at most %d", octets, most)
	}
	if !slices.ContainsFunc(problems, func(p Problem) bool {
		return p.Kind == Unscannable && strings.Contains(p.Detail, "limit readings (16)")
	}) {
		t.Errorf("got problems %v", problems)
	}
}
