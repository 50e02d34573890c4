// SPDX-License-Identifier: Apache-2.0

package salearn

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const head = "v\t3\tdb_version # this must be the first line!!!\nv\t300\tnum_spam\nv\t250\tnum_nonspam\n"

var compared = cmp.AllowUnexported(Counts{}, counts{})

func TestReadBackup(t *testing.T) {
	long := "s\ts\t" + strings.Repeat("x", 3*maxRecord) + "\n"
	got, err := ReadBackup(strings.NewReader(head + "t\t5\t0\t1700000000\tffffffffff\n" + long + "t\t-1\t7\t1700000000\t00000000ab\r\n\ns\th\tid@sa_generated"))
	want := &Counts{Spam: 300, Ham: 250, tokens: []Token{0xab, 0xffffffffff}, seen: []counts{{0, 7}, {5, 0}}}
	if diff := cmp.Diff(want, got, compared); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestReadBackupFaults(t *testing.T) {
	token := "t\t1\t1\t1\t0123456789\n"
	for text, want := range map[string]string{
		"":                                      "not a backup of sa-learn: its first lines are missing",
		"v\t3\tdb_version\n":                    "not a backup of sa-learn: its first lines are missing",
		"v\t2\tdb_version\n":                    "line 1: a backup of a version that is not known; want version 3, of SpamAssassin 3.0 or later",
		"hello\n":                               "line 1: not a backup of sa-learn",
		token:                                   "line 1: not a backup of sa-learn",
		"v\t1\tnum_spam\n":                      "line 1: not a backup of sa-learn",
		head + "t\t1\t1\t1\t01234567\n":         "line 4: not a backup of sa-learn",
		head + "t\t1\t1\t1\t012345678x\n":       "line 4: not a backup of sa-learn",
		head + "t\t1\n":                         "line 4: not a backup of sa-learn",
		head + "t\tx\t1\t1\t0123456789\n":       "line 4: not a backup of sa-learn: a number is wrong",
		head + token + token:                    "not a backup of sa-learn: token 0123456789 is there twice",
		head + "x\n":                            "line 4: not a backup of sa-learn",
		head + strings.Repeat("t", 2*maxRecord): "line 4: bufio: buffer full",
	} {
		if _, err := ReadBackup(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%.60q: got %v, want %s", text, err, want)
		}
	}
}

func TestIsBackup(t *testing.T) {
	for text, want := range map[string]bool{head: true, head[:20]: true, "v\t2\tdb_version\n": true, "": false, "v 3": false, "hello there db_version": false} {
		if got := IsBackup([]byte(text)); got != want {
			t.Errorf("%.30q: got %v", text, got)
		}
	}
}

func TestRead(t *testing.T) {
	c := some(1000)
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	got, err := Read(bytes.NewReader(whole))
	if diff := cmp.Diff(c, got, compared); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for n := range whole {
		if _, err := Read(bytes.NewReader(whole[:n])); !errors.Is(err, errCounts) {
			t.Fatalf("%d octets of it: got %v", n, err)
		}
	}
}

func some(n int) *Counts {
	var b strings.Builder
	b.WriteString(head)
	for i := range n {
		fmt.Fprintf(&b, "t\t%d\t%d\t1700000000\t%010x\n", i%7, i%5*40, uint64(i)*1099511627%(1<<40))
	}
	c, err := ReadBackup(strings.NewReader(b.String()))
	if err != nil {
		panic(err)
	}
	return c
}

// TestProbability: figures of SpamAssassin's formulas, worked out by hand.
func TestProbability(t *testing.T) {
	c := &Counts{Spam: 300, Ham: 300, tokens: []Token{1, 2, 3, 4}, seen: []counts{{10, 0}, {0, 10}, {5, 5}, {0, 0}}}
	spam, ham := (0.030*0.538+10)/10.030, 0.030*0.538/10.030
	one := func(p float64) float64 { // Of a single token chi-squared with two degrees is the product itself.
		return (1 + p/2 - (1-p)/2) / 2
	}
	for _, tt := range []struct {
		tokens []Token
		want   float64
		ok     bool
	}{
		{[]Token{1}, one(spam), true},
		{[]Token{2}, one(ham), true},
		{[]Token{1, 3, 4, 99}, one(spam), true},
		{[]Token{3}, 0, false},
		{[]Token{4, 99}, 0, false},
		{nil, 0, false},
	} {
		got, ok := c.Probability(tt.tokens)
		if math.Abs(got-tt.want) > 1e-12 || ok != tt.ok {
			t.Errorf("%v: got %v, %v, want %v", tt.tokens, got, ok, tt.want)
		}
	}
	c.Ham = 199
	if _, ok := c.Probability([]Token{1}); ok {
		t.Error("199 ham are enough")
	}
	var none *Counts
	if _, ok := none.LogOdds([]Token{1}); ok {
		t.Error("nothing is enough")
	}
}

// TestLogOddsBound: however much speaks for one side, the result is finite and bounded.
func TestLogOddsBound(t *testing.T) {
	for _, spam := range []bool{true, false} {
		c := &Counts{Spam: 1e6, Ham: 1e6}
		var tokens []Token
		for i := range Token(1000) {
			n := counts{ham: 1e6}
			if spam {
				n = counts{spam: 1e6}
			}
			c.tokens, c.seen, tokens = append(c.tokens, i), append(c.seen, n), append(tokens, i)
		}
		if got, ok := c.LogOdds(tokens); !ok || math.Abs(got) != maxLogOdds || (got > 0) != spam {
			t.Errorf("spam %v: got %v, %v", spam, got, ok)
		}
	}
}
