// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strings"
	"testing"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/filters/filtertest"
)

// TestHeader: a long field is cut, and hides none of those below it.
func TestHeader(t *testing.T) {
	long := "X-Long: " + strings.Repeat(strings.Repeat("x", 900)+"\r\n ", 80) + "\r\n"
	v := &view{msg: filtertest.Message(t, "Subject: =?utf-8?q?one=0Atwo?=\r\n"+strings.Repeat(long, 3)+"X-Last: seen\r\n\r\nhello\r\n")}
	got := v.wholeHeader()
	if !strings.HasPrefix(got, "Subject: one two\nX-Long: xxx") || !strings.HasSuffix(got, "\nX-Last: seen\n") {
		t.Errorf("got %d octets: %.40q", len(got), got)
	}
	if want := 3*maxShown + 100; len(got) > want {
		t.Errorf("got %d octets, want at most %d", len(got), want)
	}
	v = &view{msg: filtertest.Message(t, strings.Repeat("X: "+strings.Repeat("x", 900)+"\r\n", 1000)+"\r\n")}
	if got := len(v.wholeHeader()); got > maxHeader || got < maxHeader-1000 {
		t.Errorf("got %d octets of a large header section, want about %d", got, maxHeader)
	}
}

// TestWordsOnce: a text is split into words once, however many rules look at it.
func TestWordsOnce(t *testing.T) {
	v := &view{msg: filtertest.Message(t, "Subject: three small words\r\n\r\nhello\r\n"), facts: &facts.Facts{Text: "hello there"}}
	for _, r := range []struct{ one, two Rule }{{Rule{In: "body"}, Rule{In: "body"}}, {Rule{Field: "subject"}, Rule{Field: "Subject"}}} {
		var words [2][][]string
		for i, rule := range []Rule{r.one, r.two} {
			p, err := v.place(&rule)
			if err != nil {
				t.Fatal(err)
			}
			words[i] = p.eachWords()
		}
		if len(words[0]) != 1 || len(words[0][0]) < 2 || &words[0][0][0] != &words[1][0][0] {
			t.Errorf("%+v: got %v, split again", r.one, words)
		}
	}
}
