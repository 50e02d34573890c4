// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// What stands raw behind the end of base64 is looked into: docs/reference/evasions.md, number 82.
func TestBinaryTail(t *testing.T) {
	zip := string(zipBytes(stored("evil.exe", "\x90payload\xff")))
	text := base64.StdEncoding.EncodeToString([]byte("harmless text of some length"))
	head := "Content-Type: application/octet-stream; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	for name, tt := range map[string]struct {
		body string
		want bool
	}{
		"behind the end":    {text + "\r\n" + zip, true},
		"behind padding":    {text + "====\r\n\r\n" + zip, true},
		"in the middle":     {text[:20] + "\r\n" + zip + "\r\n" + text[20:], true},
		"far behind":        {strings.Repeat(text+"\r\n", 5000) + zip, true},
		"nothing of it":     {text + "\r\n", false},
		"a few stray 8-bit": {text + "\r\n\xa0\xa0", false},
	} {
		t.Run(name, func(t *testing.T) {
			leaves, _ := walkMessage(t, parse(t, []byte(head+tt.body), mail.DefaultLimits()))
			got := slices.ContainsFunc(leaves, func(l found) bool { return strings.HasSuffix(l.place, "/evil.exe") })
			if got != tt.want {
				t.Errorf("found %t, want %t: %q", got, tt.want, leaves)
			}
		})
	}
}

func TestIndexHigh(t *testing.T) {
	for n := range 40 {
		b := []byte(strings.Repeat("a", 40))
		if got := indexHigh(b[:n]); got != -1 {
			t.Errorf("%d octets of ASCII: got %d", n, got)
		}
		b[n] = 0x80
		if got := indexHigh(b); got != n {
			t.Errorf("at %d: got %d", n, got)
		}
	}
}
