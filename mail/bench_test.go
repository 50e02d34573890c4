// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// typicalMail is a message as an office sends it: text, HTML, and an attachment of the given size before its encoding.
func typicalMail(attachment int) []byte {
	var b bytes.Buffer
	for i := range 6 {
		fmt.Fprintf(&b, "Received: from mx%d.example.org (mx%d.example.org [192.0.2.%d])\n\tby mail.example.net (Postfix) with ESMTPS id 4XyZ%d\n\tfor <b@example.net>; Fri, 20 Nov 2026 10:00:0%d +0100 (CET)\n", i, i, i, i, i)
	}
	b.WriteString("From: A <a@example.org>\nTo: b@example.net\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/mixed; boundary=\"=_outer\"\n\nThis is a multi-part message in MIME format.\n--=_outer\n" +
		"Content-Type: multipart/alternative; boundary=\"=_inner\"\n\n--=_inner\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n")
	b.WriteString(strings.Repeat("Some words of a letter - with a dash -- and more of it, up to the end.\n", 40))
	b.WriteString("\n--=_inner\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n")
	b.WriteString(strings.Repeat("<p style=3D\"font-family: sans-serif; -x-y: 1\">Some words of a letter=\n", 120))
	b.WriteString("\n--=_inner--\n\n--=_outer\nContent-Type: application/pdf; name=\"a.pdf\"\nContent-Disposition: attachment; filename=\"a.pdf\"\nContent-Transfer-Encoding: base64\n\n")
	b.WriteString(encodedLines(attachment))
	b.WriteString("--=_outer--\n")
	return []byte(crlf(b.String()))
}

// encodedLines is base64 of n random octets, the same each time.
func encodedLines(n int) string {
	raw := make([]byte, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range raw {
		raw[i] = byte(r.Uint32())
	}
	var b strings.Builder
	for len(raw) > 0 {
		n := min(57, len(raw))
		b.WriteString(base64.StdEncoding.EncodeToString(raw[:n]))
		b.WriteByte('\n')
		raw = raw[n:]
	}
	return b.String()
}

func BenchmarkParse(b *testing.B) {
	for _, size := range []int{75 << 10, 18 << 20} {
		content := typicalMail(size)
		b.Run(fmt.Sprintf("memory/%dk", len(content)>>10), func(b *testing.B) { benchParse(b, newInPlace(content), content) })
		b.Run(fmt.Sprintf("window/%dk", len(content)>>10), func(b *testing.B) { benchParse(b, bytes.NewReader(content), content) })
	}
	dashes := []byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + strings.Repeat("--\n", 1<<20))
	b.Run("dashes", func(b *testing.B) { benchParse(b, newInPlace(dashes), dashes) })
}

func benchParse(b *testing.B, r io.ReaderAt, content []byte) {
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(r, int64(len(content)), NewBudget(DefaultLimits(), time.Now)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, c := range []struct{ name, encoding, body string }{
		{"base64", "base64", encodedLines(1 << 20)},
		{"base64 dirty", "base64", strings.ReplaceAll(encodedLines(1<<20), "A", "A-")},
		{"quoted-printable", "quoted-printable", strings.Repeat("<p style=3D\"font-family: sans-serif\">Some words of a letter=\n", 1<<14)},
	} {
		content := crlf("Content-Transfer-Encoding: " + c.encoding + "\n\n" + c.body)
		m := parse(b, content)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := io.Copy(io.Discard, m.Root().Open()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	content := typicalMail(75 << 10)
	m, err := Parse(newInPlace(content), int64(len(content)), NewBudget(DefaultLimits(), nil))
	if err != nil {
		b.Fatal(err)
	}
	edits := []Edit{RemoveFields{[]string{"Mailweir-*", "X-Spam-*"}}, AddField{"X-Spam-Flag", "NO"}, AddField{"Mailweir-Status", "clean"}}
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Write(io.Discard, edits); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHostile reads, decodes, edits and rebuilds what is made to cost much, with limits that let it through. What it may cost: 50,000 parts 1 s and
// 50 MB, the others 0.5 s.
func BenchmarkHostile(b *testing.B) {
	limits := DefaultLimits()
	limits.Parts, limits.Depth, limits.HeaderOctets, limits.Params = 1<<20, 2000, 64<<20, 1<<20
	var names, params strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&params, "; p%d=%d", i, i)
		fmt.Fprintf(&names, "; filename*%d=a", i)
	}
	for _, c := range []struct{ name, in string }{
		{"50,000 parts", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: text/plain; name=a.txt\nContent-Transfer-Encoding: base64\n\nYWJj\n", 50_000) + "--b--\n"},
		{"1,000 deep", nested(1000)},
		{"1,000 messages deep", strings.Repeat("Content-Type: message/rfc822\n\n", 1000) + "x\n"},
		{"20,000 parameters", "Content-Type: text/plain" + params.String() + "\n\nx\n"},
		{"20,000 sections of a name", "Content-Disposition: attachment" + names.String() + "\n\nx\n"},
		{"1 MiB of quotes", "Content-Disposition: attachment; filename=\"" + strings.Repeat("\\\"", 1<<19) + "\n\nx\n"},
	} {
		content := []byte(c.in)
		for _, step := range []struct {
			name string
			do   func(*Message) error
		}{
			{"parse", func(*Message) error { return nil }},
			{"names", func(m *Message) error {
				for p := range m.Parts() {
					p.Filenames()
				}
				return nil
			}},
			{"rebuild", func(m *Message) error { return m.Write(io.Discard, []Edit{Rebuild{}}) }},
		} {
			b.Run(c.name+"/"+step.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					m, err := Parse(newInPlace(content), int64(len(content)), NewBudget(limits, nil))
					if err != nil {
						b.Fatal(err)
					}
					if err := step.do(m); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkEditBody changes 50,000 links, in lines of their own and all in one line.
func BenchmarkEditBody(b *testing.B) {
	const link, n = `<a href="http://example.org/">x</a>`, 50_000
	for _, c := range []struct{ name, encoding, between string }{
		{"lines", "7bit", "\n"},
		{"one line", "7bit", " "},
		{"quoted-printable", "quoted-printable", "=\n"},
		{"one line of quoted-printable", "quoted-printable", " "},
		{"base64", "base64", " "},
	} {
		body := strings.Repeat(link+c.between, n)
		switch c.encoding {
		case "base64":
			body = string(appendBase64(nil, []byte(body), "\n", true))
		case "quoted-printable":
			body = strings.ReplaceAll(body, `="`, `=3D"`)
		}
		m := parse(b, "Content-Type: text/html\nContent-Transfer-Encoding: "+c.encoding+"\n\n"+body)
		src, err := m.Root().Source(1 << 30)
		if err != nil {
			b.Fatal(err)
		}
		var changes []BodyChange
		for i := range int64(n) {
			at := i * int64(len(src.Text)) / n
			changes = append(changes, BodyChange{at, at + 3, "<b "})
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := m.Write(io.Discard, []Edit{EditBody{"1", changes}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
