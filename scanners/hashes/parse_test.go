// SPDX-License-Identifier: Apache-2.0

package hashes

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/mailweir/mailweir/scanners"
)

// FuzzParse: what parse takes can be found again, under a name that is fit for a log line.
func FuzzParse(f *testing.F) {
	f.Add([]byte(md5Hex() + ":12:Name\n# x\n" + sha256Hex() + "  *y\r\n"))
	f.Add([]byte(sha1Hex() + ":*:Name:73:90\n\n" + md5Hex()))
	f.Add([]byte(strings.Repeat("0", 31)))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := newLists()
		if l.parse(bytes.NewReader(b)) != nil {
			return
		}
		l.sort()
		if got, most := l.count(), bytes.Count(b, []byte("\n"))+1; got > most {
			t.Fatalf("%d digests of %d lines", got, most)
		}
		for i := range l.tables {
			tab := &l.tables[i]
			for j := range tab.len() {
				size := binary.BigEndian.Uint64(tab.record(j)[tab.width:])
				at, ok := tab.find(tab.digest(j), size)
				if !ok {
					t.Fatalf("digest %x is not found", tab.digest(j))
				}
				checkName(t, l.name(at))
			}
		}
	})
}

func checkName(t *testing.T, name string) {
	t.Helper()
	bad := strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
	if name == "" || bad || !utf8.ValidString(name) || len(name) > scanners.MaxSignature {
		t.Fatalf("name %q", name)
	}
}

func TestFindAmongMany(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	l := newLists()
	var digests [][]byte
	for range 10_000 {
		d := make([]byte, []int{16, 20, 32}[rng.IntN(3)])
		for i := range d {
			d[i] = byte(rng.IntN(256))
		}
		digests = append(digests, d)
		if err := l.add(d, anySize, hex.EncodeToString(d)); err != nil {
			t.Fatal(err)
		}
	}
	l.sort()
	for _, d := range digests {
		at, ok := l.table(len(d)).find(d, 1)
		if !ok || l.name(at) != hex.EncodeToString(d) {
			t.Fatalf("%x: not found under its name", d)
		}
		d[0] ^= 0xff
		d[1] ^= 0xff
		if _, ok := l.table(len(d)).find(d, 1); ok {
			t.Fatalf("%x: found", d)
		}
	}
}

// BenchmarkLoad tells the memory that stays in use for a list, an octet count for each digest, and the time to read it.
func BenchmarkLoad(b *testing.B) {
	const digests = 200_000
	var list bytes.Buffer
	for i := range digests {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
		list.WriteString(hex.EncodeToString(sum[:]) + ":*:Mal.Ware\n")
	}
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		l := newLists()
		if err := l.parse(bytes.NewReader(list.Bytes())); err != nil {
			b.Fatal(err)
		}
		l.sort()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/digests, "octets/digest")
		runtime.KeepAlive(l)
	}
}

func BenchmarkScan(b *testing.B) {
	content := bytes.Repeat([]byte("x"), 1<<20)
	l := newLists()
	for _, width := range []int{16, 20, 32} {
		if err := l.add(make([]byte, width), anySize, "x"); err != nil {
			b.Fatal(err)
		}
	}
	s, err := newScanner(DefaultOptions(), (&clock{}).now)
	if err != nil {
		b.Fatal(err)
	}
	*s.files.Current() = *l
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Scan(b.Context(), bytes.NewReader(content), int64(len(content))); err != nil {
			b.Fatal(err)
		}
	}
}
