// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"strings"
	"testing"
)

// A message has the same digest however it is kept: out of an mbox too, which quotes lines.
func TestDigestOfQuotedLines(t *testing.T) {
	x := NewExtractor()
	digest := func(body string) Digest {
		t.Helper()
		d, err := x.Digest(parse(t, "Subject: hello\n\n"+body))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := digest("dear all\nFrom here on\n> From there\n")
	for _, body := range []string{"dear all\n>From here on\n> From there\n", "dear all\r\n>>From here on\r\n\r\n> From there\r\n"} {
		if digest(body) != want {
			t.Errorf("another digest of %q", body)
		}
	}
	if long := strings.Repeat("x", 1<<14); digest(long+"From here on\n") == digest(long+">From here on\n") || digest("dear all\nfrom here on\n> From there\n") == want {
		t.Error("the same digest of another body")
	}
}
