// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"io"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// FuzzWalk: no panic, nothing beyond the limits, no spool left open; and what the standard library's reader finds in an
// archive is visited, or a Problem tells why it may not have been.
func FuzzWalk(f *testing.F) {
	inner := string(zipBytes(deflated("c", "inner text")))
	for _, seed := range [][]byte{
		nil,
		zipBytes(stored("a", "one"), deflated("b", strings.Repeat("word ", 100)), stored("d/", "")),
		zipBytes(stored("in.zip", inner), deflated("in.zip", inner)),
		concat([]byte("MZ stub"), zipBytes(stored("a", "one")), zipBytes(stored("b", "two")), []byte("rubbish")),
		zipBytes(zipEntry{name: "a", content: "plain", flags: 1}, zipEntry{name: "b", content: "x", method: methodAES}),
		zipBytes(zipEntry{name: "in.zip", content: inner, method: methodDeflate, raw: storedBlocks(inner, 20)}),
		appendEnd64(zipBytes(stored("a", "one")), 1, recordLen+1, localLen+1+3),
		overlap(20, deflate("kernel")),
		nest(3, 2, "x"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := smallLimits()
		l.Octets, l.Entries = 1<<20, 200
		u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
		text := append([]byte("Content-Transfer-Encoding: binary\r\n\r\n"), data...)
		seen := map[[sha256.Size]byte]bool{}
		leaves, octets := 0, int64(0)
		msg := parse(t, text, l)
		c := contents(t, u, msg)
		for _, l := range c.Leaves {
			leaves, octets = leaves+1, octets+l.Size
			seen[sha256.Sum256([]byte(read(t, l)))] = true
		}
		if err := msg.Close(); err != nil {
			t.Fatal(err)
		}
		problems := c.Problems
		if leaves > l.Entries*2+1 || octets > l.Octets+int64(len(data)) || len(problems) > MaxProblems || u.Spooler.Used() != 0 {
			t.Fatalf("%d leaves, %d octets, %d problems, %d octets not closed", leaves, octets, len(problems), u.Spooler.Used())
		}
		if len(problems) > 0 {
			return
		}
		for _, content := range standard(data) {
			if !seen[sha256.Sum256(content)] {
				t.Fatalf("the standard library reads %.100q", content)
			}
		}
	})
}

// standard are the members that the standard library reads.
func standard(data []byte) [][]byte {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	var all [][]byte
	for _, f := range r.File[:min(len(r.File), 200)] {
		rc, err := f.Open()
		if err != nil {
			continue
		}
		b, err := io.ReadAll(io.LimitReader(rc, 1<<20))
		if err == nil && len(b) > 0 {
			all = append(all, b)
		}
		_ = rc.Close()
	}
	return all
}
