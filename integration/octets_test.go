// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// ours are the names of fields that Postfix and mailweir put on top on the way.
var ours = regexp.MustCompile(`(?i)^(Received: .*\bby (weir|mx)\.example\.test\b|Mailweir-[A-Za-z-]*:|X-Spam-(Flag|Score|Level|Status):)`)

// stripped takes away from the top what the rig added: whole fields, as long as they are ours.
func stripped(data []byte) (added []string, rest []byte) {
	for {
		field := firstField(data)
		if !ours.Match(bytes.ReplaceAll(bytes.ReplaceAll(field, []byte("\r\n"), nil), []byte("\t"), []byte(" "))) {
			return added, data
		}
		added = append(added, string(field))
		data = data[len(field):]
	}
}

// firstField is the first header field with its continuation lines and the last CRLF; nothing if data begins with no field.
func firstField(data []byte) []byte {
	end := 0
	for {
		i := bytes.Index(data[end:], []byte("\r\n"))
		if i <= 0 && end == 0 {
			return nil
		}
		if i < 0 {
			return data
		}
		end += i + 2
		if end >= len(data) || (data[end] != ' ' && data[end] != '\t') {
			return data[:end]
		}
	}
}

// forged are the names that only mailweir may write (docs: field names), which it takes out of what comes in.
var forged = []string{"X-Spam-Flag", "X-Spam-Score", "X-Spam-Level", "X-Spam-Status"}

// withoutForged is the message as mailweir has to leave it: without fields of its own names.
func withoutForged(data []byte) []byte {
	var out []byte
	for len(data) > 0 {
		field := firstField(data)
		name, _, ok := bytes.Cut(field, []byte(":"))
		if len(field) == 0 || !ok {
			break // The header section ends here, or what is no field makes it end.
		}
		n := strings.TrimRight(string(name), " \t")
		own := slices.ContainsFunc(forged, func(f string) bool { return strings.EqualFold(f, n) }) || strings.HasPrefix(strings.ToLower(n), "mailweir-")
		if !own {
			out = append(out, field...)
		}
		data = data[len(field):]
	}
	return append(out, data...)
}
