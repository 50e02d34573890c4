// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// nested is a message of multiparts inside one another, without close delimiters.
func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("\nbottom\n")
	return b.String()
}

func TestLimits(t *testing.T) {
	limits := func(change func(*Limits)) Limits {
		l := DefaultLimits()
		change(&l)
		return l
	}
	parts := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 5) + "--b--\n"
	for _, c := range []struct {
		name, in string
		limits   Limits
		defects  string
		last     string // Body of the last leaf.
	}{
		{"depth just enough", nested(3), limits(func(l *Limits) { l.Depth = 3 }), "mime.missing_close@1 mime.missing_close@1.1 mime.missing_close@1.1.1", "bottom\n"},
		{"depth", nested(3), limits(func(l *Limits) { l.Depth = 2 }), "limit.depth@1.1.1 mime.missing_close@1 mime.missing_close@1.1", "--b2\n\nbottom\n"},
		{"depth of messages", "Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nA: 1\n\nx\n", limits(func(l *Limits) { l.Depth = 1 }), "limit.depth@1.1", "A: 1\n\nx\n"},
		{"parts just enough", parts, limits(func(l *Limits) { l.Parts = 6 }), "", "x"},
		{"parts", parts, limits(func(l *Limits) { l.Parts = 5 }), "limit.parts@1.5", "\nx\n--b--\n"},
		{"no part at all", parts, limits(func(l *Limits) { l.Parts = 0 }), "limit.parts@1", parts},
		{"header octets", "A: 1\n" + strings.Repeat("B: 2\n", 10) + "\nx\n", limits(func(l *Limits) { l.HeaderOctets = 96 }), "limit.header_octets@1", strings.Repeat("B: 2\n", 8) + "\nx\n"},
		{"header octets of a later part", "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: 1\n\nx\n--b--\n", limits(func(l *Limits) { l.HeaderOctets = 110 }), "limit.header_octets@1.1", "\nx\n--b--\n"},
		{"one long line", "A: 1\nB: " + strings.Repeat("x", 500) + "\n\nx\n", limits(func(l *Limits) { l.HeaderOctets = 400 }), "limit.header_octets@1", "B: " + strings.Repeat("x", 500) + "\n\nx\n"},
		{"params", "Content-Type: text/plain; a=1; b=2; c=3\n\nx\n", limits(func(l *Limits) { l.Params = 2 }), "limit.params@1", "x\n"},
		{"params of the disposition", "Content-Disposition: inline; a=1; b=2; c=3\n\nx\n", limits(func(l *Limits) { l.Params = 2 }), "limit.params@1", "x\n"},
		{"time", parts, limits(func(l *Limits) { l.Time = -time.Second }), "limit.time@1", parts},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parseBoth(t, []byte(c.in), c.limits)
			if got := defectList(m); got != c.defects {
				t.Errorf("defects %q, want %q", got, c.defects)
			}
			var last *Part
			for p := range m.Parts() {
				last = p
			}
			if got, err := io.ReadAll(last.Open()); err != nil || string(got) != c.last {
				t.Errorf("last leaf %q, %v, want %q", got, err, c.last)
			}
		})
	}
}

// The time limit may be hit behind the body parts of a multipart; what follows them is still in a leaf.
func TestTimeLimitInEpilogue(t *testing.T) {
	content := "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n" + strings.Repeat("epilogue\n", windowSize)
	clock := time.Unix(0, 0)
	asked := 0
	l := DefaultLimits()
	b := NewBudget(l, func() time.Time {
		if asked++; asked > 5 {
			return clock.Add(2 * l.Time)
		}
		return clock
	})
	m, err := Parse(strings.NewReader(content), int64(len(content)), b)
	if err != nil {
		t.Fatal(err)
	}
	checkTree(t, m, []byte(content))
	if got := defectList(m); got != "limit.time@1.2" {
		t.Errorf("defects %q", got)
	}
	rest := m.Root().Children[1]
	if raw, _ := io.ReadAll(rest.Open()); !strings.HasSuffix(content, string(raw)) || len(raw) < len(content)/2 {
		t.Errorf("the rest is %d octets of %d", len(raw), len(content))
	}
}

func TestDefectsAreBounded(t *testing.T) {
	content := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: x\n\n", 5000)
	m := parseBoth(t, []byte(content), DefaultLimits())
	d := m.Defects()
	if len(d) != maxDefects+1 || d[maxDefects].Code != "limit.defects" {
		t.Errorf("%d defects, the last is %v", len(d), d[len(d)-1])
	}
}

// A limit on octets is one on fields, too: each costs memory.
func TestManyFields(t *testing.T) {
	m := parseBoth(t, []byte(strings.Repeat("a:\n", 1<<20)), DefaultLimits())
	if got, want := len(m.Header()), int(DefaultLimits().HeaderOctets/minLineCost); got > want {
		t.Errorf("%d fields, want at most %d", got, want)
	}
}

// TestWork shows that hostile structure costs no more reading than its size: what is read is counted, not timed.
func TestWork(t *testing.T) {
	wide := DefaultLimits()
	wide.Parts, wide.Depth, wide.HeaderOctets = 1<<20, 1000, 64<<20
	params := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "; p%d=%d", i, i)
		}
		return b.String()
	}
	for _, c := range []struct{ name, in string }{
		{"100,000 parts", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 100_000)},
		{"deep", nested(900)},
		{"unclosed again and again", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n"+nested(10), 500)},
		{"50 MiB header section", "A: " + strings.Repeat("x", 50<<20)},
		{"header sections that never end", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\njunk\njunk\n", 50_000)},
		{"lines as long as a window", strings.Repeat("A: "+strings.Repeat("x", windowSize-5)+"\n", 100)},
		{"dashes", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + strings.Repeat("-", 4<<20)},
		{"lines of dashes", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + strings.Repeat("--\n", 1<<20)},
		{"nearly delimiters", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + strings.Repeat("--bx\n", 1<<20)},
		{"a delimiter line without end", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b" + strings.Repeat(" ", 4<<20)},
		{"20,000 parameters", "Content-Type: text/plain" + params(20_000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &countingReader{r: strings.NewReader(c.in)}
			m, err := Parse(r, int64(len(c.in)), NewBudget(wide, nil))
			if err != nil {
				t.Fatal(err)
			}
			if limit := 3*int64(len(c.in)) + 2*windowSize; r.n > limit {
				t.Errorf("read %d octets of %d", r.n, len(c.in))
			}
			checkTree(t, m, []byte(c.in))
		})
	}
}

// TestNoBodyInMemory shows that neither reading nor writing a message takes memory by its size.
func TestNoBodyInMemory(t *testing.T) {
	content := typicalMail(8 << 20)
	r := struct{ io.ReaderAt }{bytes.NewReader(content)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := Parse(r, int64(len(content)), NewBudget(DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	for p := range m.Parts() {
		if _, err := io.Copy(io.Discard, p.Open()); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Write(io.Discard, []Edit{AddField{"A", "1"}, DropEntity{"1.2"}}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d octets of memory for a message of %d", used, len(content))
	}
}
