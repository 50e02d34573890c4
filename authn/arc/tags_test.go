// SPDX-License-Identifier: Apache-2.0

package arc

import (
	"crypto"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/sig"
)

// sealedWith is the letter with one instance, whose message signature has one more tag.
func sealedWith(t *testing.T, extra sig.Tag) string {
	t.Helper()
	m, err := sig.Read(strings.NewReader(letter), int64(len(letter)))
	if err != nil {
		t.Fatal(err)
	}
	var bodies sig.Bodies
	hash := bodies.Add(sig.Relaxed, crypto.SHA256, -1)
	if err := bodies.Read(t.Context(), m.Body()); err != nil {
		t.Fatal(err)
	}
	algo, err := sig.AlgorithmOf(key())
	if err != nil {
		t.Fatal(err)
	}
	field := func(d *sig.Digest, name string, tags ...sig.Tag) string {
		tags = append([]sig.Tag{{Name: "i", Value: "1"}, {Name: "a", Value: algo.Name}, {Name: "d", Value: "one.test"}, {Name: "s", Value: "s"}}, tags...)
		v, err := sig.SignField(key(), algo, d, name, append(tags, sig.Tag{Name: "b"}), sig.LineB)
		if err != nil {
			t.Fatal(err)
		}
		return name + ": " + v + "\r\n"
	}
	d := sig.NewDigest(algo.Hash, sig.Relaxed)
	d.AddNamed(m, []string{"from"}, -1)
	signature := field(d, "ARC-Message-Signature", sig.Tag{Name: "c", Value: "relaxed/relaxed"}, sig.Tag{Name: "h", Value: "from"},
		sig.Tag{Name: "bh", Value: base64.StdEncoding.EncodeToString(hash.Sum())}, extra)
	results := "ARC-Authentication-Results: i=1; one.test; none\r\n"
	d = sig.NewDigest(algo.Hash, sig.Relaxed)
	d.Add(sig.ParseField(results))
	d.Add(sig.ParseField(signature))
	return field(d, "ARC-Seal", sig.Tag{Name: "cv", Value: "none"}) + signature + results + letter
}

// TestTags: an ARC-Message-Signature has the tags of DKIM, and they mean the same (RFC 8617 section 4.1.2): it ends with x=, and its key is where q= says
// (RFC 6376 section 3.5).
func TestTags(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, tc := range []struct {
		name   string
		extra  sig.Tag
		reason string // "" for pass.
	}{
		{"not known", sig.Tag{Name: "zz", Value: "1"}, ""},
		{"expires later", sig.Tag{Name: "x", Value: "1700000001"}, ""},
		{"expires now", sig.Tag{Name: "x", Value: "1700000000"}, ""},
		{"has expired", sig.Tag{Name: "x", Value: "1699999999"}, "signature has expired"},
		{"expires at no time", sig.Tag{Name: "x", Value: "soon"}, "expiration is malformed"},
		{"key in the DNS", sig.Tag{Name: "q", Value: "http/x : dns/txt"}, ""},
		{"key elsewhere", sig.Tag{Name: "q", Value: "http/x"}, "query method is not known"},
	} {
		text := sealedWith(t, tc.extra)
		m, err := sig.Read(strings.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		var bodies sig.Bodies
		s := Begin(t.Context(), zone(t), m, &bodies, now)
		if err := bodies.Read(t.Context(), m.Body()); err != nil {
			t.Fatal(err)
		}
		got := s.End(t.Context())
		if (got.Result == authn.Pass) != (tc.reason == "") || got.Reason != tc.reason {
			t.Errorf("%s: got %s, %q", tc.name, got.Result, got.Reason)
		}
		if tc.name == "has expired" && validate(t, zone(t), text).Result != authn.Pass {
			t.Errorf("%s: it did hold once", tc.name)
		}
	}
}
