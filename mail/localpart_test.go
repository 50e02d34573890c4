// SPDX-License-Identifier: Apache-2.0

package mail

import "testing"

func TestUnquoteLocal(t *testing.T) {
	for local, want := range map[string]string{
		"user": "user", "": "", `"`: `"`, `""`: "", `"user"`: "user", `"a b"`: "a b", `"a\"b"`: `a"b`, `"a\\"`: `a\`, `"a\"`: `a\`, `"user`: `"user`, `u"s"er`: `u"s"er`,
	} {
		if got := UnquoteLocal(local); got != want {
			t.Errorf("%s: got %s, want %s", local, got, want)
		}
	}
}
