// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"slices"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// Every part of every kind of multipart is a leaf: docs/reference/evasions.md, numbers 61 and 62.
func TestEveryKindOfMultipart(t *testing.T) {
	part := string(message("payload.exe", []byte("payload")))
	for kind, first := range map[string]string{
		"alternative": "Content-Type: text/plain\r\n\r\nharmless",
		"parallel":    "Content-Type: text/plain\r\n\r\nharmless",
		"appledouble": "Content-Type: application/applefile\r\n\r\nresource fork",
		"related":     "Content-Type: text/html\r\n\r\n<p>harmless</p>",
		"x-unheard":   "\r\nharmless",
	} {
		text := "Content-Type: multipart/" + kind + "; boundary=b\r\n\r\n--b\r\n" + first + "\r\n--b\r\n" + part + "--b--\r\n"
		leaves, problems := walkMessage(t, parse(t, []byte(text), mail.DefaultLimits()))
		if !slices.Contains(leaves, found{"payload.exe", "payload"}) || len(problems) != 0 {
			t.Errorf("multipart/%s: got %q, %v", kind, leaves, problems)
		}
	}
	// What says nothing of its type in a multipart/digest is a message (RFC 2046 section 5.1.5).
	text := "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n" + part + "--b--\r\n"
	leaves, _ := walkMessage(t, parse(t, []byte(text), mail.DefaultLimits()))
	if !slices.Contains(leaves, found{"payload.exe", "payload"}) {
		t.Errorf("multipart/digest: got %q", leaves)
	}
}
