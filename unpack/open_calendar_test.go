// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// folded breaks lines as RFC 5545 section 3.1 does.
func folded(line string) string {
	var b strings.Builder
	for len(line) > 60 {
		b.WriteString(line[:60] + "\r\n ")
		line = line[60:]
	}
	return b.String() + line + "\r\n"
}

// Files inside of calendars and cards are leaves: docs/reference/evasions.md, number 134.
func TestCalendar(t *testing.T) {
	payload := strings.Repeat("MZ payload ", 20)
	code := base64.StdEncoding.EncodeToString([]byte(payload))
	event := func(line string) string {
		return "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:a\r\n" + folded(line) + "DESCRIPTION:text\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	tests := []struct {
		name, text string
		want       []string
	}{
		{"attach", event("ATTACH;FMTTYPE=application/octet-stream;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=\"a;b:c.exe\":" + code), []string{"a;b:c.exe=" + payload}},
		{"without a name", event("ATTACH;VALUE=BINARY;ENCODING=BASE64:" + code), []string{"attach=" + payload}},
		{"name first", event("ATTACH;FILENAME=run.exe;ENCODING=base64;VALUE=BINARY:" + code), []string{"run.exe=" + payload}},
		{"a link", event("ATTACH;FMTTYPE=text/html:http://example.org/a"), nil},
		{"card", "begin:vcard\r\nversion:2.1\r\n" + "PHOTO;ENCODING=BASE64;TYPE=JPEG:\r\n " + code + "\r\n\r\nend:vcard\r\n", []string{"photo=" + payload}},
		{"one long line", "BEGIN:VCARD\r\nKEY;ENCODING=b:" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 100_000))), []string{"key=" + strings.Repeat("x", 100_000)}},
		{"cut", "BEGIN:VCARD\r\nKEY;ENCODING=b", nil},
		{"no calendar", "BEGIN:\r\n" + "ATTACH;ENCODING=BASE64:" + code, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaves, problems := walkMessage(t, parse(t, []byte("Content-Type: text/calendar; name=f\r\n\r\n"+tt.text), mail.DefaultLimits()))
			var got []found
			for _, l := range leaves[1:] {
				_, l.place, _ = strings.Cut(l.place, "/")
				got = append(got, l)
			}
			checkLeaves(t, got, tt.want)
			checkProblems(t, problems, nil)
		})
	}
}

func FuzzCalendar(f *testing.F) {
	f.Add("BEGIN:VCALENDAR\r\nATTACH;ENCODING=BASE64;\r\n X-FILENAME=a:\r\n TVo=\r\nEND:VCALENDAR\r\n")
	f.Add("begin:vcard\nkey;encoding=b:TVo=\n;\"\n:\n")
	f.Fuzz(func(t *testing.T, text string) {
		l := smallLimits()
		leaves, problems := walkMessage(t, parse(t, []byte("Content-Type: text/calendar\r\n\r\nBEGIN:VCARD\r\n"+text), l))
		if len(leaves) > l.Entries+1 || len(problems) > MaxProblems {
			t.Fatalf("%d leaves, %d problems", len(leaves), len(problems))
		}
	})
}
