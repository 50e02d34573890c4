// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// messageGen draws a message with entities of all kinds in one another, some of them damaged.
type messageGen struct {
	t     *rapid.T
	count int
}

func (g *messageGen) pick(list ...string) string { return rapid.SampledFrom(list).Draw(g.t, "pick") }

func (g *messageGen) odds(n int) bool { return rapid.IntRange(1, n).Draw(g.t, "odds") == 1 }

// message is a message with its header section.
func (g *messageGen) message() string {
	in := g.entity(0)
	if g.odds(4) {
		in = in[:len(in)-rapid.IntRange(0, min(20, len(in))).Draw(g.t, "cut")]
	}
	in = g.pick("", "", "Subject: a\n", "From: a\nSubject: =?utf-8?q?=C3=BC?=\nMIME-Version: 1.0\n", "From a Fri Nov 20 10:00:00 2026\nFrom: b\n") + in
	if isMboxFrom([]byte(in)) && !strings.HasSuffix(in, "\n") {
		in += "\n" // Behind an mbox line without one no field can stand.
	}
	if g.odds(2) {
		in = crlf(in)
	}
	return in
}

func (g *messageGen) entity(depth int) string {
	switch kind := rapid.IntRange(0, 9).Draw(g.t, "kind"); {
	case kind < 4 && depth < 4:
		return g.multipart(depth)
	case kind < 6 && depth < 4:
		return "Content-Type: message/rfc822\n\n" + g.pick("", "Subject: in\n") + g.entity(depth+1)
	}
	switch g.pick("plain", "html", "image", "utf-16", "message", "bare", "junk", "nothing") {
	case "html":
		return g.leaf("text/html; charset=iso-8859-1")
	case "image":
		return g.leaf("image/png; name=a.png")
	case "utf-16":
		return "Content-Type: text/html; charset=utf-16le\nContent-Transfer-Encoding: base64\n\nPABiAD4AeAA=\n"
	case "message":
		return "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKYm9keQo=\n"
	case "bare":
		return "\n" + g.text()
	case "junk":
		return g.text()
	case "nothing":
		return ""
	}
	return g.leaf("text/plain; charset=utf-8")
}

func (g *messageGen) multipart(depth int) string {
	g.count++
	boundary := fmt.Sprintf("%s%d", g.pick("b", "=_a b?"), g.count)
	var b strings.Builder
	fmt.Fprintf(&b, "Content-Type: multipart/%s; boundary=\"%s\"\n\n%s", g.pick("mixed", "alternative", "digest", "signed"), boundary, g.pick("", "preamble\n"))
	for range rapid.IntRange(0, 3).Draw(g.t, "parts") {
		fmt.Fprintf(&b, "--%s\n%s%s", boundary, g.entity(depth+1), g.pick("\n", "\n", ""))
		if s := b.String(); !strings.HasSuffix(s, "\n") {
			b.WriteString("\n")
		}
		if g.odds(8) {
			fmt.Fprintf(&b, "--%s--\n%s", boundary, g.pick("", "between\n", "Content-Type: a/b\n\nbetween\n"))
		}
	}
	if !g.odds(5) {
		fmt.Fprintf(&b, "--%s--\n%s", boundary, g.pick("", "\nepilogue\n"))
	}
	return b.String()
}

func (g *messageGen) leaf(mediaType string) string {
	encoding, text := g.pick("", "7bit", "8bit", "quoted-printable", "base64", "x-uuencode", "x-what"), g.text()
	switch encoding {
	case "quoted-printable":
		q := qpWriter{lineEnd: "\n", text: true}
		q.write([]byte(text), false)
		text = string(q.out)
	case "base64":
		text = string(appendBase64(nil, []byte(text), "\n", g.odds(2)))
	case "x-uuencode":
		text = "begin 644 a\n#86)C\n`\nend\n"
	}
	fields := "Content-Type: " + mediaType + g.pick("", "", "; x=\"a;b\" (c)", ";\n\tx*0*=utf-8''%41; x*1=b", "; boundary=\"\xff\"") + "\n" + g.pick("", "Content-Disposition: attachment; filename=b.bin\n", "Content-Description: c.txt\n")
	if encoding != "" {
		fields += "Content-Transfer-Encoding: " + encoding + "\n"
	}
	return fields + "\n" + text
}

func (g *messageGen) text() string {
	var b strings.Builder
	for range rapid.IntRange(0, 6).Draw(g.t, "words") {
		b.WriteString(g.pick("word", " ", "\n", "\n", "=", "ü", "--b1", "--b2--", "A: b\n", "From ", ".", "\t", "long"+strings.Repeat(" long", 30)))
	}
	return b.String()
}

// value is one for a field.
func (g *messageGen) value() string { return g.pick("", "x", "ü", strings.Repeat("word ", 40)) }
