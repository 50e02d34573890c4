// SPDX-License-Identifier: Apache-2.0

package mail

import (
	netmail "net/mail"
	"strings"
	"time"
)

// maxDate is the number of octets of a date that are read.
const maxDate = 100

// ParseDate reads a date as Date and Received fields have it: in the form of RFC 5322 section 3.3, or in one of those that other programs write.
func ParseDate(v string) (at time.Time, ok bool) {
	v, _, _ = strings.Cut(v[:min(len(v), maxDate)], "(")
	if v = strings.TrimSpace(v); v == "" {
		return time.Time{}, false
	}
	if t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", v); err == nil { // As most programs write it: net/mail tries forty layouts before.
		return t, true
	}
	if t, err := netmail.ParseDate(v); err == nil {
		return t, true
	}
	for _, layout := range [...]string{
		"Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05", "Mon Jan 2 15:04:05 2006",
		"Mon, 2 Jan 06 15:04:05 -0700", "Mon, 2 Jan 06 15:04:05 MST", "2 Jan 06 15:04:05 MST",
	} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
