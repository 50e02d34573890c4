// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/clamd"
	"github.com/mailweir/mailweir/scanners/hashes"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

// eicarMessages hold the EICAR test file in ways that a scanner has to be helped with or not.
func eicarMessages(t testing.TB) map[string]string {
	eicar := string(scannertest.EICAR())
	once := zipped(t, "eicar.com", eicar)
	return map[string]string{
		"plain":          "\r\n" + eicar,
		"base64":         attach("eicar.com", eicar),
		"quoted":         "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.ReplaceAll(eicar, "=", "=3D"),
		"zipped":         attach("e.zip", once),
		"zipped twice":   attach("e.zip", zipped(t, "in.zip", once)),
		"nested message": inMultipart("\r\nhello", "Content-Type: message/rfc822\r\n\r\n"+inMultipart("\r\nsee below", attach("e.zip", once))),
	}
}

// TestEICAR: with the scanner that needs no daemon, and with the real clamd, every way of the test file is found.
func TestEICAR(t *testing.T) {
	builtIn, err := hashes.New(hashes.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	t.Run("hashes", func(t *testing.T) { testEICAR(t, builtIn, scanLeaves) })
	t.Run("clamd", func(t *testing.T) {
		socket, _ := scannertest.StartClamd(t)
		o := clamd.Kind().Options().(*clamd.Options)
		o.Address = "unix:" + socket
		s, err := clamd.Kind().New(o, scanners.Deps{})
		if err != nil {
			t.Fatal(err)
		}
		for _, scan := range []string{scanBoth, scanLeaves, scanMessage} {
			t.Run(scan, func(t *testing.T) { testEICAR(t, s, scan) })
		}
	})
}

func testEICAR(t *testing.T, s scanners.Scanner, scan string) {
	f := newFilter(t, map[string]scanners.Scanner{"a": s}, func(o *Options) { o.Scan = scan })
	// Without them clamd does not take a message for one.
	const fields = "Received: from a by b; 1 Jan 2026 00:00:00 +0000\r\nFrom: a@example.org\r\nTo: b@example.net\r\n" +
		"Subject: x\r\nMIME-Version: 1.0\r\n"
	for name, text := range eicarMessages(t) {
		t.Run(name, func(t *testing.T) {
			found := inspect(t, f, fields+text)
			if !slices.ContainsFunc(found, func(f filters.Finding) bool { return f.Class == filters.Virus }) {
				t.Errorf("not found: %v", found)
			}
		})
	}
	if found := inspect(t, f, inMultipart("\r\nhello", attach("a.zip", zipped(t, "a", "clean")))); len(found) > 0 {
		t.Errorf("clean mail: %v", found)
	}
}

// BenchmarkInspect is the filter's own cost, with a scanner that only reads.
func BenchmarkInspect(b *testing.B) {
	text := inMultipart("\r\nhello", attach("f", strings.Repeat("0123456789abcdef", 5400)))
	for _, scan := range []string{scanMessage, scanLeaves, scanBoth} {
		for _, entries := range []int{0, 10_000} {
			b.Run(fmt.Sprintf("%s/cache=%d", scan, entries), func(b *testing.B) {
				f := newFilter(b, map[string]scanners.Scanner{"a": reader{}}, func(o *Options) { o.Scan, o.CacheEntries = scan, entries })
				inspect(b, f, "")
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
					if err != nil {
						b.Fatal(err)
					}
					if _, err := f.Inspect(b.Context(), nil, msg); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkClamd compares what the filter lets through with what the real clamd takes when it is given the message directly.
// Each message is another one, so the cache does not help.
func BenchmarkClamd(b *testing.B) {
	socket, _ := scannertest.StartClamd(b)
	o := clamd.Kind().Options().(*clamd.Options)
	o.Address = "unix:" + socket
	s, err := clamd.Kind().New(o, scanners.Deps{})
	if err != nil {
		b.Fatal(err)
	}
	body := strings.Repeat("0123456789abcdef", 5400)
	numbered := func(n int64) string {
		return "Received: from a by b; 1 Jan 2026 00:00:00 +0000\r\nFrom: a@example.org\r\n" + inMultipart("\r\nhello", attach("f", fmt.Sprint(n, body)))
	}
	var n atomic.Int64
	b.Run("direct", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				text := numbered(n.Add(1))
				if _, err := s.Scan(b.Context(), strings.NewReader(text), int64(len(text))); err != nil {
					b.Error(err)
				}
			}
		})
	})
	for _, scan := range []string{scanMessage, scanBoth} {
		f := newFilter(b, map[string]scanners.Scanner{"a": s}, func(o *Options) { o.Scan = scan })
		b.Run(scan, func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if found := inspect(b, f, numbered(n.Add(1))); len(found) > 0 {
						b.Error(found)
					}
				}
			})
		})
	}
}
