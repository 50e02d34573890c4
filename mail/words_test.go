// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDecodeWords(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"none", "plain text", "plain text"},
		{"Q", "=?utf-8?q?Gr=C3=BC=C3=9Fe_an_alle?=", "Grüße an alle"},
		{"B", "=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"},
		{"among text", "Re: =?utf-8?q?=C3=BC?= und so", "Re: ü und so"},
		{"inside text", "a=?utf-8?q?=C3=BC?=b", "aüb"},
		{"blanks between words are not shown", "=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab"},
		{"blanks between word and text are", "=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"},
		{"different charsets", "=?utf-8?q?=C3=BC?= =?iso-8859-1?q?=FC?=", "üü"},
		{"character over two words", "=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"},
		{"character over two words in base64", "=?utf-8?b?w7w=?= =?UTF-8?b?w7w=?=", "üü"},
		{"missing padding", "=?utf-8?b?R3LDvMOfZQ?=", "Grüße"},
		{"blanks in Q", "=?utf-8?q?a b?=", "a b"},
		{"language", "=?utf-8*de?q?=C3=BC?=", "ü"},
		{"an equals sign in what is decoded", "=?utf-8?q?a=3Db?=", "a=b"},
		{"no second decoding", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=", "=?utf-8?q?x?="},
		{"koi8-r", "=?koi8-r?b?8NLJ18XU?=", "Привет"},
		{"iso-2022-jp", "=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"},
		{"unknown charset", "=?x-none?q?abc?=", "abc"},
		{"no end", "=?utf-8?q?abc", "=?utf-8?q?abc"},
		{"unknown encoding", "=?utf-8?x?abc?=", "=?utf-8?x?abc?="},
		{"no charset", "=??q?abc?=", "=??q?abc?="},
		{"broken, then good", "=?utf-8 =?utf-8?q?b?=", "=?utf-8 b"},
		{"bad hex stays", "=?utf-8?q?=ZZ=4?=", "=ZZ=4"},
		{"empty text", "=?utf-8?q??=x", "x"},
		{"bad UTF-8", "=?utf-8?q?=FF?=", "\uFFFD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := DecodeWords(c.in); got != c.want {
				t.Errorf("%q: got %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestDecodeWordsBound(t *testing.T) {
	word := "=?utf-8?q?x?= "
	in := strings.Repeat(word, maxWords/len(word)+100)
	got := DecodeWords(in)
	if !strings.HasPrefix(got, "xxx") || !strings.HasSuffix(got, word) {
		t.Errorf("got %.20q ... %q", got, got[len(got)-40:])
	}
}

func FuzzDecodeWords(f *testing.F) {
	for _, s := range []string{"=?utf-8?q?=C3=BC?= x", "=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "=?=?utf-7?q?+AGE-?=", "=?utf-16?b?AGE=?="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := DecodeWords(s)
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q: got %q", s, got)
		}
		if len(got) > 4*len(s) {
			t.Errorf("%d octets out of %d", len(got), len(s))
		}
	})
}
