// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"bytes"
	"crypto"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// TestPrefixes: hashes that are made together are those that each would be by itself, however the body is written.
func TestPrefixes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := []byte(rapid.StringMatching(`([a-c \t]|\r\n){0,60}`).Draw(t, "body"))
		var together Bodies
		var hashes []*BodyHash
		for range rapid.IntRange(1, 8).Draw(t, "hashes") {
			c := rapid.SampledFrom([]Canon{Simple, Relaxed}).Draw(t, "canon")
			algo := rapid.SampledFrom([]crypto.Hash{crypto.SHA1, crypto.SHA256}).Draw(t, "algorithm")
			hashes = append(hashes, together.Add(c, algo, rapid.Int64Range(-2, 70).Draw(t, "limit")))
		}
		w := together.Writer()
		for rest := body; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "octets")
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for _, h := range hashes {
			var canonical bytes.Buffer
			c := h.canon.Body(&canonical)
			if _, err := c.Write(body); err != nil {
				t.Fatal(err)
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			all := canonical.Bytes()
			part := all
			if h.limit >= 0 {
				part = all[:min(int64(len(all)), h.limit)]
			}
			want := h.algo.New()
			want.Write(part)
			if !bytes.Equal(h.Sum(), want.Sum(nil)) || h.Total != int64(len(all)) || h.Covered() != int64(len(part)) {
				t.Errorf("%s %v %d of %q: total %d, covered %d", h.canon, h.algo, h.limit, body, h.Total, h.Covered())
			}
		}
	})
}

func TestNames(t *testing.T) {
	tags := func(h string) Tags { return Tags{"h": h} }
	if names, ok := tags("From : to:\r\n Subject").Names(); !ok || len(names) != 3 || names[0] != "from" || names[2] != "subject" {
		t.Errorf("got %q, %t", names, ok)
	}
	for n, want := range map[int]bool{MaxNames - 1: true, MaxNames: false} {
		if names, ok := tags("from" + string(bytes.Repeat([]byte(":x"), n))).Names(); ok != want || ok && len(names) != n+1 {
			t.Errorf("%d more: %d, %t", n, len(names), ok)
		}
	}
}

func TestTooManyFields(t *testing.T) {
	for n, want := range map[int]error{MaxFields - 1: nil, MaxFields + 2: ErrHeaderTooLarge} {
		text := append(bytes.Repeat([]byte("a:\r\n"), n), "\r\nbody"...)
		if _, err := Read(bytes.NewReader(text), int64(len(text))); !errors.Is(err, want) {
			t.Errorf("%d fields: got %v", n, err)
		}
		var none Bodies
		if _, err := NewStream(&none).Write(text); !errors.Is(err, want) {
			t.Errorf("%d fields, written: got %v", n, err)
		}
	}
}
