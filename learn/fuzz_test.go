// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
)

// Whatever the message, its features are bounded, each once, the same each time, and survive being kept.
func FuzzFeatures(f *testing.F) {
	f.Add([]byte(hamText))
	f.Add([]byte(spamText))
	f.Add([]byte("Content-Type: text/html\nReceived: from [1.2.3.4\nFrom: <<@>,\n\n<a href=http://a.b>http://c.d</a><p hidden>x"))
	f.Add([]byte("Subject: ***\nMessage-ID: @\nDate:\nContent-Type: multipart/x; boundary=\"\n\n\x00\xff"))
	x := NewExtractor()
	f.Fuzz(func(t *testing.T, text []byte) {
		msg, err := mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = msg.Close() }()
		got, err := x.Features(nil, msg)
		if err != nil {
			t.Fatal(err)
		}
		again, names, err := x.Named(nil, msg)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(got, again); d != "" {
			t.Errorf("the second time: %s", d)
		}
		for v, list := range got.Views {
			for i, h := range list {
				if i > 0 && list[i-1] >= h || len(list) > maxFeatures {
					t.Fatalf("view %v is not a set of at most %d", View(v), maxFeatures)
				}
				if names[h] == "" {
					t.Fatalf("a feature of %v has no name", View(v))
				}
			}
		}
		if len(got.Grams) > 2*maxOctets {
			t.Errorf("%d grams", len(got.Grams))
		}
		back, err := DecodeFeatures(got.Encode())
		if err != nil || !bytes.Equal(back.Encode(), got.Encode()) {
			t.Errorf("kept and read: %v", err)
		}
		if _, err := x.Digest(msg); err != nil {
			t.Error(err)
		}
	})
}

func FuzzDecodeFeatures(f *testing.F) {
	f.Add([]byte(strings.Repeat("\x00", 28)))
	f.Add([]byte("\x01\x00\x00\x00\x02\x00\x00\x00" + strings.Repeat("\x00", 24)))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := DecodeFeatures(b)
		if err == nil && !bytes.Equal(got.Encode(), b) {
			t.Errorf("%x reads as what is written %x", b, got.Encode())
		}
	})
}

// A model that cannot be read is an error, and never costs more memory than it says in front.
func FuzzRead(f *testing.F) {
	m, err := New(MinBits)
	if err != nil {
		f.Fatal(err)
	}
	var kept bytes.Buffer
	if err := m.Write(&kept); err != nil {
		f.Fatal(err)
	}
	f.Add(kept.Bytes())
	f.Add(kept.Bytes()[:100])
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Read(bytes.NewReader(b), MinBits+1)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := got.Write(&again); err != nil || !bytes.HasPrefix(b, again.Bytes()) {
			t.Errorf("what was read is written otherwise: %v", err)
		}
	})
}
