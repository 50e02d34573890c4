// SPDX-License-Identifier: Apache-2.0

package content

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/gateway"
	"github.com/mailweir/mailweir/mail"
)

// hostile are messages that cost other filters their time, or their memory: by number of things in them.
func hostile() map[string]func() string {
	multipart := func(part string, n int) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n"+part, n) + "--b--\r\n"
	}
	html := func(body string) string {
		return "Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>" + body + "</body></html>\r\n"
	}
	return map[string]func() string{
		"newsletter of 50,000 links": func() string {
			var b strings.Builder
			for i := range 50_000 {
				fmt.Fprintf(&b, "<a href=http://e.org/%d>x</a>\r\n", i%10)
			}
			return html(b.String())
		},
		"links that lie, 50,000": func() string {
			return html(strings.Repeat("<a href=http://a.example/>www.bank.example</a>\r\n", 50_000))
		},
		"50,000 tiny parts":    func() string { return multipart("\r\nx\r\n", 50_000) },
		"nested 1,000 deep":    func() string { return nested(1000) },
		"20,000 parameters":    parameters,
		"1,000,000 elements":   func() string { return html(strings.Repeat("<b>", 1_000_000)) },
		"1,000,000 attributes": func() string { return html("<p " + strings.Repeat("a ", 1_000_000) + ">") },
		"1 MB of blanks":       func() string { return html("<a href=\"" + strings.Repeat(" ", 1<<20) + "\">") },
		"1 MB of less-than":    func() string { return html(strings.Repeat("<", 1<<20)) },
		"1 MB of comments":     func() string { return html(strings.Repeat("<!--", 1<<18)) },
		"1 MB of text":         func() string { return "\r\n" + strings.Repeat("www.example.org and more words\r\n", 1<<15) },
	}
}

func nested(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	return b.String() + "\r\nx\r\n"
}

func parameters() string {
	var b strings.Builder
	b.WriteString("Content-Type: application/octet-stream")
	for i := range 20_000 {
		fmt.Fprintf(&b, ";\r\n p%d=%d", i, i)
	}
	return b.String() + "\r\n\r\nx\r\n"
}

// BenchmarkHostile has all content filters look at each of them.
func BenchmarkHostile(b *testing.B) {
	e := newEngine(b)
	for name, text := range hostile() {
		b.Run(name, func(b *testing.B) {
			octets := []byte(text())
			b.SetBytes(int64(len(octets)))
			b.ReportAllocs()
			peak := watchMemory()
			for b.Loop() {
				inspect(b, e, octets)
			}
			b.ReportMetric(float64(peak())/(1<<20), "peak-MiB")
		})
	}
}

// BenchmarkMix has the content filters look at a folder of messages that MAILWEIR_MIX names, the mix of the bench rig: each of them alone,
// and all. What they share, the unpacked message and its tokens of HTML, is in each row. One operation is one message.
func BenchmarkMix(b *testing.B) {
	dir := os.Getenv("MAILWEIR_MIX")
	if dir == "" {
		b.Skip("MAILWEIR_MIX names no folder of messages")
	}
	messages, octets := deck(b, dir)
	chains := map[string][]string{"all": lookers()}
	for _, name := range lookers() {
		chains[name] = []string{name}
	}
	for _, name := range slices.Sorted(maps.Keys(chains)) {
		b.Run(name, func(b *testing.B) {
			e := engineOf(b, chains[name]...)
			b.SetBytes(octets / int64(len(messages)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				inspect(b, e, messages[i%len(messages)])
			}
		})
	}
}

// deck holds each message of the folder as often as the file mix.tsv beside it says.
func deck(b *testing.B, dir string) (all [][]byte, octets int64) {
	b.Helper()
	table, err := os.ReadFile(filepath.Join(dir, "mix.tsv"))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		var name string
		var weight int
		if _, err := fmt.Sscan(line, &name, &weight); err != nil {
			b.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			b.Fatal(err)
		}
		for range weight {
			all, octets = append(all, text), octets+int64(len(text))
		}
	}
	return all, octets
}

func inspect(b *testing.B, e *gateway.Engine, text []byte) {
	b.Helper()
	env := &mail.Envelope{ID: "bench", MailFrom: mail.NewPath("a@example.org"), RcptTo: []mail.Path{mail.NewPath("b@example.net")}}
	a, err := e.Inspect(b.Context(), env, bytes.NewReader(text), int64(len(text)))
	if err != nil {
		b.Fatal(err)
	}
	if p := a.Release(); p != nil {
		<-p
	}
}
