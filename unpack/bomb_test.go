// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// smallLimits are hit soon, so that bombs are cheap to test.
func smallLimits() mail.Limits {
	l := mail.DefaultLimits()
	l.Octets, l.Entries, l.Depth, l.Ratio = 4<<20, 1000, 5, 100
	return l
}

// TestBombs: whatever is packed how often, the walk ends within the budget, says so, and keeps nothing in memory.
func TestBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 1<<20)
	tests := []struct {
		name string
		zip  []byte
		want string // Part of a Problem's detail.
	}{
		{name: "ratio", zip: zipBytes(deflated("a", zeros)), want: "limit ratio (100) exceeded"},
		{
			name: "octets", zip: zipBytes(deflated("a", zeros), deflated("b", zeros), deflated("c", zeros), deflated("d", zeros), deflated("e", zeros),
				stored("f", noise(256<<10))),
			want: "limit octets (4194304) exceeded",
		},
		{name: "nested, 16 to the power of 4", zip: nest(4, 16, noise(1000)), want: "limit "},
		{name: "nested deep", zip: nest(12, 1, "x"), want: "limit depth (5) exceeded"},
		{name: "many members", zip: zipBytes(repeat(20_000, stored("a", ""))...), want: "limit entries (1000) exceeded"},
		{name: "many end records", zip: bytes.Repeat(appendEnd(nil, 0, 0, 0), 2000), want: "limit entries (1000) exceeded"},
		{name: "many local headers", zip: bytes.Repeat(appendLocal(nil, zipFields{name: "a"}, nil), 2000), want: "limit entries (1000) exceeded"},
		{name: "one kernel, many directory records", zip: overlap(1000, deflate(strings.Repeat("\x00", 1<<20))), want: "limit "},
		{name: "overlap that unpacks to nothing", zip: overlap(900, append(bytes.Repeat([]byte{0, 0, 0, 0xff, 0xff}, 10_000), 3, 0)), want: "limit reads (4) exceeded"},
		{name: "overlap of stored octets", zip: overlapStored(900, 1<<16), want: "limit reads"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			msg := parse(t, message("f", tt.zip), smallLimits())
			u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
			leaves, octets := 0, int64(0)
			before := heap()
			c := contents(t, u, msg)
			for _, l := range c.Leaves {
				leaves, octets = leaves+1, octets+l.Size
			}
			problems := c.Problems
			if used := heap() - before; used > 8<<20 {
				t.Errorf("keeps %d octets", used)
			}
			if leaves > 1001 || octets > int64(len(tt.zip))+4<<20 {
				t.Errorf("visited %d leaves of %d octets", leaves, octets)
			}
			said := fmt.Sprint(problems)
			if !strings.Contains(said, tt.want) || len(problems) > MaxProblems {
				t.Errorf("got %.500s, want %q", said, tt.want)
			}
			for _, p := range problems {
				if strings.Contains(p.Detail, tt.want) && p.Kind != Unscannable {
					t.Errorf("got kind %s, want %s", p.Kind, Unscannable)
				}
			}
		})
	}
}

// heap is the octets in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// noise is n octets that do not deflate.
func noise(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

func repeat(n int, e zipEntry) []zipEntry {
	all := make([]zipEntry, n)
	for i := range all {
		all[i] = e
	}
	return all
}

// nest packs content n times into an archive, and that n times into another, depth times.
func nest(depth, n int, content string) []byte {
	b := []byte(content)
	for range depth {
		b = zipBytes(repeat(n, deflated("in.zip", string(b)))...)
	}
	return b
}

// overlap lists the same data n times.
func overlap(n int, data []byte) []byte {
	f := zipFields{name: "a", method: methodDeflate, packed: uint32(len(data))}
	b := append(appendLocal(nil, f, nil), data...)
	at := len(b)
	for range n {
		b = appendRecord(b, f, nil)
	}
	return appendEnd(b, n, len(b)-at, at)
}

// overlapStored lists the same stored octets n times.
func overlapStored(n, size int) []byte {
	content := noise(size)
	f := zipFields{name: "a", packed: uint32(size), size: uint32(size), crc: crc32.ChecksumIEEE([]byte(content))}
	b := append(appendLocal(nil, f, nil), content...)
	at := len(b)
	for range n {
		b = appendRecord(b, f, nil)
	}
	return appendEnd(b, n, len(b)-at, at)
}

// A limit is one Problem for an attachment, and does not keep the next one from being visited.
func TestLimitGoesOn(t *testing.T) {
	bomb := string(message("bomb", zipBytes(deflated("a", strings.Repeat("\x00", 4<<20)))))
	text := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + bomb + "--b\r\n" + bomb + "--b\r\n\r\nplain\r\n--b--\r\n"
	leaves, problems := walkMessage(t, parse(t, []byte(text), smallLimits()))
	if len(problems) != 2 || len(leaves) != 3 || leaves[2].content != "plain" {
		t.Errorf("got problems %v and %d leaves, want 2 and 3", problems, len(leaves))
	}
}

// The budget's time ends the walk of archives.
func TestTimeLimit(t *testing.T) {
	now := time.Unix(0, 0)
	text := message("f", zipBytes(stored("a", "one")))
	msg, err := mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	_, problems := walkMessage(t, msg)
	checkProblems(t, problems, []string{"unscannable : limit time (120) exceeded"})
}

func TestProblemsAreBounded(t *testing.T) {
	_, problems := walkFile(t, zipBytes(repeat(3*MaxProblems, zipEntry{name: "a", method: 98, content: "x"})...))
	if len(problems) != MaxProblems || !strings.Contains(problems[MaxProblems-1].Detail, "limit problems (100) exceeded") {
		t.Errorf("got %d problems, the last is %v", len(problems), problems[len(problems)-1])
	}
}

func BenchmarkWalk(b *testing.B) {
	text := strings.Repeat("A line of text that is no archive at all, with a PK in it.\r\n", 2000)
	for _, bb := range []struct {
		name string
		text []byte
	}{
		{"text", []byte("\r\n" + text)},
		{"base64", message("f", []byte(noise(85<<10)))},
		{"docx", message("f", zipBytes(deflated("a", text), deflated("b", text)))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			u := &Unpacker{Spooler: mail.DefaultSpooler(b.TempDir())}
			b.SetBytes(int64(len(bb.text)))
			b.ReportAllocs()
			for b.Loop() {
				msg := parse(b, bb.text, mail.DefaultLimits())
				if _, err := u.Contents(b.Context(), msg); err != nil {
					b.Fatal(err)
				}
				_ = msg.Close()
			}
		})
	}
}

func BenchmarkDecodeOnly(b *testing.B) {
	text := message("f", []byte(noise(85<<10)))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for p := range parse(b, text, mail.DefaultLimits()).Parts() {
			_, _ = io.Copy(io.Discard, p.Open())
		}
	}
}
