// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBodies(t *testing.T) {
	h := Header{
		{Name: "From", Raw: "From: a@example.org,\r\n b@example.org\r\n"},
		{Name: "To", Raw: "To: c@example.org\r\n"},
		{Name: "", Raw: " From: d@example.org\r\n"},
		{Name: "FROM", Raw: "FROM :e@example.org"},
		{Name: "From", Raw: "From:"},
	}
	for name, want := range map[string][]string{
		"from": {" a@example.org,\r\n b@example.org\r\n", "e@example.org", ""}, "To": {" c@example.org\r\n"}, "Sender": nil,
	} {
		if diff := cmp.Diff(want, h.Bodies(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
