// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"slices"
	"strings"
	"testing"
)

// TestTextAsRead: words are those that a mail program shows. docs/reference/evasions.md, numbers 141, 148 and 171.
func TestTextAsRead(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"calendar", "Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nDESCRIPTION:Cheap\\nmeds\\, no prescr\r\n iption\r\nEND:VEVENT\r\n", "text cheap, text meds, text prescription"},
		{"lines broken for sending", "Content-Type: text/plain; format=flowed; delsp=yes\n\nchea \np me \nds\n", "text cheap, text meds"},
		{"lines broken at blanks", "Content-Type: text/plain; format=flowed\n\ncheap \nmeds\n", "text cheap, text meds"},
		{"unknown kind of text", "Content-Type: text/x-note\n\ncheap meds\n", "text cheap, text meds"},
		{"backwards", "Content-Type: text/plain; charset=utf-8\n\n\u202esdem paehc\u202c now\n", "text cheap, text meds, text now"},
		{"backwards by markup", "Content-Type: text/html\n\n<bdo dir=rtl>sdem paehc</bdo> now", "text cheap, text meds, text now"},
		{"link from a base", "Content-Type: text/html\n\n<base href=\"http://spam.example.org/\"><a href=\"buy\">now</a>", "text now, links host:spam.example.org, links path:buy"},
		{"hidden by a sheet", "Content-Type: text/html\n\n<style>p.z{display:none}</style><p class=z>minutes</p>meds", "hidden hidden minutes, text meds"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			msg := parse(t, tc.in)
			_, names, err := NewExtractor().Named(nil, msg)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range names {
				got = append(got, n)
			}
			slices.Sort(got)
			for want := range strings.SplitSeq(tc.want, ", ") {
				if !slices.Contains(got, want) {
					t.Errorf("no %q in %q", want, got)
				}
			}
		})
	}
	t.Run("attached source", func(t *testing.T) {
		_, names, err := NewExtractor().Named(nil, parse(t, "Content-Type: text/x-patch\nContent-Disposition: attachment; filename=a.patch\n\nminus\n"))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			if n == "text minus" {
				t.Error("it is read as text of the message")
			}
		}
	})
}
