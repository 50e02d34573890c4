// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"fmt"

	"github.com/mailweir/mailweir/filetype"
)

// minCarried is how many octets of base64 are worth a look: what is smaller is no file that does harm by itself.
const minCarried = 1 << 10

// maxDecoded bounds how many octets of one file are decoded to tell its type.
const maxDecoded = 8 << 10

// smuggled looks for a file in the script between the tags.
func (s *scanner) smuggled(t *tag, e, end int) {
	code := s.text[t.end:e]
	detail := ""
	if what := findCarried(code); what != "" {
		detail = what + " in script"
	} else if what := findPieces(code); what != "" {
		detail = what + " in pieces in script"
	} else if words := smugglers(code); words != "" {
		detail = "script that makes a file: " + words
	}
	if detail != "" {
		s.danger(Smuggling, detail, t.start, end, scriptGone)
	}
}

// smugglers names what a script uses to make a file of what it carries; "" unless it both decodes and hands out.
func smugglers(code []byte) string {
	out := firstOf(code, "createObjectURL", "msSaveOrOpenBlob", "msSaveBlob", "new Blob", "new File(", ".download", "WebAssembly", "showSaveFilePicker", "application/octet-stream")
	in := firstOf(code, "atob", "fromCharCode", "Uint8Array", "charCodeAt", "decodeURIComponent", "unescape(", "ArrayBuffer", "parseInt(", "TextDecoder")
	if out == "" || in == "" {
		return ""
	}
	return in + ", " + out
}

func firstOf(code []byte, words ...string) string {
	for _, w := range words {
		if bytes.Contains(code, []byte(w)) {
			return w
		}
	}
	return ""
}

// carried looks for a file in an attribute's value.
func (s *scanner) carried(from, to int) string {
	if to-from < minCarried {
		return ""
	}
	return findCarried(s.text[from:to])
}

// carriedText looks for a file in text that is not for reading.
func (s *scanner) carriedText(from, to int) {
	if to-from < minCarried {
		return
	}
	if what := s.carried(from, to); what != "" {
		s.danger(Smuggling, what+" in text", from, to, "")
	}
}

// findCarried finds the first run of octets in letters and digits that is a file of a kind that does harm, and tells what it is.
func findCarried(b []byte) string {
	for i := 0; i < len(b); {
		n := run(b[i:])
		if n >= minCarried {
			if what := carriedIn(b[i:i+n], n); what != "" {
				return what
			}
		}
		i += n + 1
	}
	return ""
}

// run is how many octets at the start of b may be a file in letters and digits: base64, hexadecimal, escapes of octets, with line ends.
func run(b []byte) int {
	n := 0
	for n < len(b) && isCarrier(b[n]) {
		n++
	}
	return n
}

func isCarrier(c byte) bool {
	switch c {
	case '+', '/', '=', '-', '_', '%', '\\', '\n', '\r':
		return true
	}
	return isLetter(c) || isDigit(c)
}

// carriedIn tells what file is written in b, the start of size octets, if it is one that is harmful or hides what it is.
func carriedIn(b []byte, size int) string {
	raw, how := octetsOf(b[:min(len(b), maxDecoded)])
	return carriedAs(raw, how, size)
}

func carriedAs(raw []byte, how string, size int) string {
	t := filetype.Detect(bytes.NewReader(raw), int64(len(raw)))
	switch t.Group {
	case filetype.Executable, filetype.Script, filetype.Shortcut, filetype.Archive, filetype.Document, filetype.Message:
		return fmt.Sprintf("%s, %d octets of %s,", t.Name, size, how)
	default:
		return ""
	}
}
