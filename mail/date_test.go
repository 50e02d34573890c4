// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"strings"
	"testing"
)

func TestParseDate(t *testing.T) {
	for _, v := range []string{
		"Mon, 2 Sep 2002 13:14:15 +0100", "Mon, 2 Sep 2002 13:14:15 +0100 (BST)", "02 Sep 2002 13:14:15 GMT", "Mon Sep 2 13:14:15 2002",
		"Mon, 2 Sep 02 13:14:15 EDT", "Mon, 2 Sep 2002 13:14:15", " 2 Sep 02 13:14:15 +0100 ",
	} {
		if got, ok := ParseDate(v); !ok || got.Year() != 2002 || got.Day() != 2 || got.Hour() != 13 {
			t.Errorf("%q: got %v, %v", v, got, ok)
		}
	}
	for _, v := range []string{"", "yesterday", "(Mon, 2 Sep 2002 13:14:15 +0100)", "Mon, 2 Sep 2002", strings.Repeat(" ", maxDate) + "Mon, 2 Sep 2002 13:14:15 +0100"} {
		if got, ok := ParseDate(v); ok || !got.IsZero() {
			t.Errorf("%q: got %v", v, got)
		}
	}
}
