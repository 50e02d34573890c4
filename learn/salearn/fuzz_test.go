// SPDX-License-Identifier: Apache-2.0

package salearn

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
)

// FuzzReadBackup: what is read is in order, and is the same after it was written and read again.
func FuzzReadBackup(f *testing.F) {
	f.Add([]byte(head + "t\t5\t0\t1700000000\tffffffffff\ns\ts\tx\nt\t1\t2\t3\t0000000001\n"))
	f.Add([]byte("v\t3\tdb_version\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ReadBackup(bytes.NewReader(b))
		if err != nil {
			return
		}
		if !slices.IsSorted(c.tokens) || len(c.tokens) != len(c.seen) {
			t.Fatal("not in order")
		}
		var w bytes.Buffer
		if err := c.Write(&w); err != nil {
			t.Fatal(err)
		}
		again, err := Read(&w)
		if err != nil || again.Len() != c.Len() || again.Spam != c.Spam || again.Ham != c.Ham {
			t.Fatalf("got %v, %v", again, err)
		}
	})
}

// FuzzRead: what is read is written octet for octet the same, if numbers are in their shortest form.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := some(10).Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		if !slices.IsSorted(c.tokens) || len(slices.Compact(slices.Clone(c.tokens))) != c.Len() {
			t.Fatal("not in order")
		}
		var w bytes.Buffer
		if err := c.Write(&w); err != nil || w.Len() > len(b) {
			t.Fatalf("%d octets of %d, %v", w.Len(), len(b), err)
		}
		if again, err := Read(&w); err != nil || cmp.Diff(c, again, compared) != "" {
			t.Fatalf("another one: %v", err)
		}
	})
}

// FuzzTokens: each token once, bounded, and the same again; a probability is one.
func FuzzTokens(f *testing.F) {
	c := some(1000)
	tok := NewTokenizer()
	f.Add([]byte("From: \"A, B\" <a@b.example.org>\r\nReceived: from a (b [192.0.2.1]) by c id X; Mon, 1 Jan 2024 00:00:00 +0000\r\nSubject: =?utf-8?q?H=C3=BC?=\r\n\r\nHello W...orld. See http://a%41.example/%\r\n"))
	f.Add([]byte("Content-Type: text/html\r\nMessage-ID: <x$y@z>\r\n\r\n<p style=display:none>Hidden</p><a href=\"http://x.example/\">there</a>" + strings.Repeat("a.", 500)))
	f.Fuzz(func(t *testing.T, b []byte) {
		parse := func() []Token {
			msg, err := mail.Parse(bytes.NewReader(b), int64(len(b)), mail.NewBudget(mail.DefaultLimits(), nil))
			if err != nil {
				t.Fatal(err) // Octets in memory can always be read.
			}
			tokens, err := tok.Tokens(msg)
			if err != nil {
				t.Fatal(err)
			}
			return tokens
		}
		one, two := parse(), parse()
		if !slices.Equal(one, two) {
			t.Fatal("other tokens the second time")
		}
		if len(one) > maxAll || len(one) > 40*len(b)+40 {
			t.Fatalf("%d tokens of %d octets", len(one), len(b))
		}
		sorted := slices.Sorted(slices.Values(one))
		if len(slices.Compact(sorted)) != len(one) {
			t.Fatal("a token twice")
		}
		if p, ok := c.Probability(one); ok && !(p >= 0 && p <= 1) || math.IsNaN(p) {
			t.Fatalf("probability %v", p)
		}
	})
}
