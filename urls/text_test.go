// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestText(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // Canonical address, and the text that it was found in.
	}{
		{"none", "no address. here: or there", nil},
		{"plain", "see http://example.org/a, or not", []string{"http://example.org/a|http://example.org/a"}},
		{"end of sentence", "(https://example.org/a_(b)).", []string{"https://example.org/a_(b)|https://example.org/a_(b)"}},
		{"brackets", "<http://example.org/>", []string{"http://example.org/|http://example.org/"}},
		{"over lines", "<http://exam\n ple.org/a\n/b>", []string{"http://example.org/a/b|http://exam\n ple.org/a\n/b"}},
		{"scheme alone", "http://\r\nexample.org/x", []string{"http://example.org/x|http://\r\nexample.org/x"}},
		{"quotes", `a="http://example.org"`, []string{"http://example.org|http://example.org"}},
		{"in a word", "siehe:http://example.org;", []string{"http://example.org|http://example.org"}},
		{"www", "go to www.example.org/x.", []string{"http://www.example.org/x|www.example.org/x"}},
		{"www behind other letters", "访问www.example.org，", []string{"http://www.example.org|www.example.org"}},
		{"bare", "example.org, example.co.uk/x", []string{"http://example.org|example.org", "http://example.co.uk/x|example.co.uk/x"}},
		{"no suffix", "foo.bar1 v1.2 3.14 e.g. a.b", nil},
		{"mail address", "user@example.org", nil},
		{"mailto", "mailto:user@example.org", []string{"mailto:user@example.org|mailto:user@example.org"}},
		{"hxxp", "hxxps://example[.]org/x", []string{"https://example.org/x|hxxps://example[.]org/x"}},
		{"hxxp colon", "hxxp[:]//example(dot)org", []string{"http://example.org|hxxp[:]//example(dot)org"}},
		{"dot in brackets", "example[.]org", []string{"http://example.org|example[.]org"}},
		{"spaced", "go to example [.] org now", []string{"http://example.org|example [.] org"}},
		{"spelt", "go to www dot example dot org now", []string{"http://www.example.org|www dot example dot org"}},
		{"spelt with a path", "visit example dot org/login now", []string{"http://example.org/login|example dot org/login"}},
		{"boom", "the dot com boom", nil},
		{"backslashes", `http:\\example.org\x`, []string{`http://example.org\x|http:\\example.org\x`}},
		{"one slash", "http:/example.org/x", []string{"http://example.org/x|http:/example.org/x"}},
		{"no slash", "http:example.org/x", []string{"http://example.org/x|http:example.org/x"}},
		{"unc", `\\192.0.2.1\share\x.exe`, []string{"file://192.0.2.1/share/x.exe|" + `\\192.0.2.1\share\x.exe`}},
		{"file", "file://192.0.2.1/x", []string{"file://192.0.2.1/x|file://192.0.2.1/x"}},
		{"user", "http://bank.example@192.0.2.1/", []string{"http://192.0.2.1/|http://bank.example@192.0.2.1/"}},
		{"ideographic full stop", "http://example。org/", []string{"http://example.org/|http://example。org/"}},
		{"time", "at 12:30, a:b", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range Text(tt.text, 100) {
				got = append(got, f.URL.String()+"|"+tt.text[f.Start:f.End])
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("%q (-want +got):\n%s", tt.text, d)
			}
		})
	}
}

func TestTextIsBounded(t *testing.T) {
	if got := len(Text(strings.Repeat("http://example.org ", 50), 7)); got != 7 {
		t.Errorf("got %d addresses, want 7", got)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "http://a.de", "<http://a\n.de>", "a [.] de", "www.a.de", "http://\na.de", "((((a.de))))", "hxxp[:]//a[.]b", `\\a\b`, "dot", "x dot de/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		for _, u := range Text(s, 50) {
			if u.Start < last || u.End <= u.Start || u.End > len(s) {
				t.Fatalf("%q: found from %d to %d, behind %d", s, u.Start, u.End, last)
			}
			last = u.End
		}
	})
}

func BenchmarkText(b *testing.B) {
	for name, text := range map[string]string{
		"links":     strings.Repeat("See https://www.example.org/a/b?c=d and more text, e.g. this. ", 16000),
		"prose":     strings.Repeat("The quick brown fox jumps over the lazy dog. ", 22000),
		"one word":  strings.Repeat("a.b:", 1<<18),
		"brackets":  strings.Repeat(")", 1<<20),
		"marks":     strings.Repeat("dot ", 1<<18),
		"open line": strings.Repeat("<http://\n", 1<<17),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Text(text, 1<<20)
			}
		})
	}
}
