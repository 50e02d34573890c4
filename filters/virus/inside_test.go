// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/scanners"
)

// A message in base64 that can be read in two ways is a finding of class ambiguous, and what hides in it is scanned.
func TestAmbiguousInside(t *testing.T) {
	inner := "Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--b\r\n\r\nEVIL\r\n--b--\r\n"
	outer := "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(inner)) + "\r\n"
	f := newFilter(t, map[string]scanners.Scanner{"a": &fake{}}, func(o *Options) { o.Scan = scanLeaves })
	want := []string{
		"virus.infected 1 part 1: Test.Evil (a)",
		"virus.infected 1 part 1/part 1: Test.Evil (a)",
		"virus.ambiguous 1 part 1: the message inside can be read in two ways: mime.two_boundaries",
		"virus.ambiguous 1 part 1: the message inside can be read in two ways: mime.no_parts",
	}
	if d := cmp.Diff(want, told(inspect(t, f, outer))); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
}
