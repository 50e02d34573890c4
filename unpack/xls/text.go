// SPDX-License-Identifier: Apache-2.0

package xls

import (
	"bytes"
	"errors"
	"html"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Text is what was found in a text file that Excel opens as a sheet.
type Text struct {
	Macro string   // Of a symbolic link file: why it is a program; "" if it is none.
	DDE   []string // Programs and what they are told.
}

// IsSYLK tells if it is a symbolic link file (.slk): the first record is ID.
func IsSYLK(head []byte) bool { return bytes.HasPrefix(head, []byte("ID;")) }

// IsQuery tells if it is a web query (.iqy), and gives its address.
func IsQuery(head []byte) (address string, ok bool) {
	lines := strings.FieldsFunc(string(head[:min(len(head), 4096)]), func(r rune) bool { return r == '\r' || r == '\n' })
	if len(lines) >= 3 && strings.EqualFold(strings.TrimSpace(lines[0]), "WEB") {
		lines = lines[2:]
	}
	if len(lines) == 0 || !hasHost(lines[0]) || !strings.EqualFold(firstLine(head), "WEB") {
		return "", false
	}
	return strings.TrimSpace(lines[0]), true
}

func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(b[:min(len(b), 64)], []byte("\n"))
	return strings.TrimSpace(string(line))
}

// IsDataQuery tells if it is a query for a database (.dqy, .oqy, .odc), which is run when the file is opened.
func IsDataQuery(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) {
		head = bytes.ReplaceAll(head[2:], []byte{0}, nil) // UTF-16.
	}
	first := strings.ToUpper(firstLine(head))
	return first == "XLODBC" || strings.HasPrefix(first, "QUERYTYPE=OLEDB") || bytes.Contains(bytes.ToLower(head), []byte("text/x-ms-odc"))
}

func hasHost(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	return strings.Contains(s, "://") || strings.HasPrefix(s, `\\`)
}

// Pieces in which text is read.
const (
	maxLine = 64 << 10 // Octets of a line; of a longer one each so many are taken for one.
	overlap = 1 << 10  // Octets of such a piece that are read with the next one again.
)

// lines calls f with each line of a text in ASCII or UTF-16, without its end. The error is that of r.
func lines(r io.Reader, f func(line string)) error {
	r = transform.NewReader(r, unicode.BOMOverride(transform.Nop))
	buf, n := make([]byte, maxLine), 0
	for {
		got, err := io.ReadFull(r, buf[n:])
		n += got
		b := buf[:n]
		for end := bytes.IndexAny(b, "\r\n"); end >= 0; end = bytes.IndexAny(b, "\r\n") {
			f(string(b[:end]))
			b = b[end+1:]
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			f(string(b))
			return nil
		case err != nil:
			return err
		case len(b) == maxLine:
			f(string(b))
			b = b[maxLine-overlap:]
		}
		n = copy(buf, b)
	}
}

// SYLK reads a symbolic link file: its macros are formulas (E) of a sheet that is for macros (O;E), or names such as Auto_Open.
func SYLK(r io.Reader) (Text, error) {
	var t Text
	auto, sheet, exec := false, false, false
	err := lines(r, func(line string) {
		s := strings.ToLower(line)
		switch {
		case strings.HasPrefix(s, "nn;") && strings.Contains(s, "nauto_"):
			auto = true
		case strings.HasPrefix(s, "o;") && strings.Contains(s+";", ";e;"):
			sheet = true
		case strings.Contains(s, ";eexec(") || strings.Contains(s, ";ecall(") || strings.Contains(s, ";eregister("):
			exec = true
		case strings.HasPrefix(s, "c;") && strings.Contains(s, ";e") && strings.Contains(s, "|"):
			_, formula, _ := strings.Cut(s, ";e")
			t.DDE = appendOnce(t.DDE, shown(formula))
		}
	})
	switch {
	case exec && auto:
		t.Macro = "a program is run when it is opened"
	case exec:
		t.Macro = "a formula runs a program"
	case auto || sheet:
		t.Macro = "macros in a text file"
	}
	return t, err
}

// CSV finds DDE formulas in text with separators, and in the cells of HTML, which Excel opens too.
func CSV(r io.Reader) ([]string, error) {
	var all []string
	err := lines(r, func(line string) {
		if strings.Contains(line, "&") {
			line = html.UnescapeString(line)
		}
		if i := cellDDE(line); i >= 0 {
			formula := line[i:]
			item := strings.IndexByte(formula, '!') + 1
			if end := strings.IndexAny(formula[item:], ",;\t\"<"); end >= 0 {
				formula = formula[:item+end]
			}
			all = appendOnce(all, shown(formula))
		}
	})
	return all, err
}

// cellStart finds where a cell begins that holds a formula: Excel takes more signs than one for it.
var cellStart = regexp.MustCompile(`(?:^|[,;\t">])[ \t]*[=+\-@]`)

// cellDDE is where a DDE formula begins: program|'what it is told'!item, which stands in text for nothing else, or program|topic!item in a cell
// that holds a formula; negative if there is none.
func cellDDE(line string) int {
	mark := strings.LastIndexByte(line, '!')
	if mark < 0 || !strings.Contains(line, "|") {
		return -1
	}
	quote := strings.LastIndexByte(strings.TrimRight(line[:mark], " \t"), '\'')
	formula := cellStart.FindStringIndex(line)
	for i := range mark {
		if line[i] != '|' {
			continue
		}
		app := strings.TrimRight(line[:i], " \t")
		if app == "" || !isNameEnd(app[len(app)-1]) {
			continue
		}
		topic := strings.TrimLeft(line[i+1:], " \t")
		at := len(line) - len(topic)
		quoted := topic != "" && topic[0] == '\'' && at < quote
		if quoted || formula != nil && formula[0] < i && hasItem(topic) {
			return strings.LastIndexFunc(strings.TrimRight(app, `'"`), isNoName) + 1
		}
	}
	return -1
}

// hasItem tells if a topic without quotation marks and an item follow: topic!item.
func hasItem(s string) bool {
	end := strings.IndexFunc(s, func(r rune) bool { return isNoName(r) && !strings.ContainsRune(`:\/`, r) })
	return end > 0 && s[end] == '!' && end+1 < len(s) && (s[end+1] == '$' || !isNoName(rune(s[end+1])))
}

func isNoName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '.'
}

// isNameEnd tells what may stand before the bar: the last character of a name, or the quotation mark behind it.
func isNameEnd(c byte) bool { return c == '\'' || c == '"' || !isNoName(rune(c)) }

// maxShown is how many octets of a formula are kept.
const maxShown = 255

func shown(s string) string { return s[:min(len(s), maxShown)] }
