// SPDX-License-Identifier: Apache-2.0

package salearn

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLine: the tokens are those that SpamAssassin 4.0.1 makes of the same lines.
func TestLine(t *testing.T) {
	for _, tt := range []struct {
		where region
		line  string
		want  string
	}{
		{inBody, "Hello world. This is a Test", "hello test Test"},
		{inBody, "Buy now...cheap --really--good a...b...c x.......y", "buy cheap really good UD:b...c UD:..c bc b...c UD:x.......y UD:......y xy x.......y"},
		{
			inBody, "Write to Bob@mail.Example.org, or see www.shop.example.com!",
			"write U*Bob D*mail.Example.org D*Example.org D*org sk:Bobmai sk:bob@mai sk:bobmai sk:Bob@mai UD:www.shop.example.com! UD:shop.example.com! " +
				"UD:example.com! UD:com! sk:wwwsho sk:www.sho",
		},
		{inBody, `"It's" f*ck $31,000,000 Hits! it's`, "f*ck 31000000 $31,000,000 Hits hits! hits Hits!"},
		{inBody, "antidisestablishmentarianism \xc3\x9cberwei\xc3\x9fungsm\xc3\xb6glichkeit", "sk:antidis sk:berwei sk:\xc3\x9cberwei"},
		{inBody, "日本語のテキ", "u8:日 u8:本 u8:語 u8:の u8:テ u8:キ"},
		{
			inURL, "http://user:pw@www.Example.com:80/a/LongPathElement12345?x=1&y=%41",
			"user U*pw D*www.Example.com D*Example.com D*com pwwwwExamplecom pw@www.example.com pwwwwexamplecom pw@www.Example.com longpathelement12345 LongPathElement12345",
		},
		{inHeader, "U*bob D*example.org N*Bob sk averyverylongheadervalue The", "HTo:U*bob HTo:D*example.org HTo:N*Bob HTo:sk:averyve"},
		{inBody, "a.b.c.d x@y @z w@ A. B. C. Dog. eat Cat", "UD:a.b.c.d UD:b.c.d UD:c.d UD:d abcd a.b.c.d U*x D*y xy x@y dog eat cat Cat"},
		{inBody, "caf\xe9 na\xefve \x80\x81abc\xa0def", "caf caf\xe9 nave na\xefve abc def"},
		{inBody, "The END", "end END"},
		{inBody, ". Start here. Now", "start here"},
		{inBody, "", ""},
	} {
		prefix := ""
		if tt.where == inHeader {
			prefix = "HTo:"
		}
		var got []string
		NewTokenizer().line(tt.line, prefix, tt.where, func(s string) { got = append(got, s) })
		if diff := cmp.Diff(strings.Fields(tt.want), slices.DeleteFunc(got, func(s string) bool { return s == "" })); diff != "" && (tt.want != "" || len(got) > 0) {
			t.Errorf("%q (-want +got):\n%s", tt.line, diff)
		}
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("word ", 1000)
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"one\ntwo\r\n\r\n \t\nthree  four", []string{"one two", "three four"}},
		{long, []string{long[:2045], long[2045:4090], long[4090:4999]}},
		{strings.Repeat("x", 3000), []string{strings.Repeat("x", 2048), strings.Repeat("x", 952)}},
	} {
		if diff := cmp.Diff(tt.want, slices.Collect(lines(tt.text))); diff != "" {
			t.Errorf("%.20q (-want +got):\n%s", tt.text, diff)
		}
	}
}
