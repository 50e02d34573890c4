// SPDX-License-Identifier: Apache-2.0

package xls

import (
	"bytes"
	"regexp"
	"strings"
)

// Text is what was found in a text file that Excel opens as a sheet.
type Text struct {
	Macro string   // Of a symbolic link file: why it is a program; "" if it is none.
	DDE   []string // Programs and what they are told.
}

// IsSYLK tells if it is a symbolic link file (.slk): the first record is ID.
func IsSYLK(head []byte) bool {
	return bytes.HasPrefix(head, []byte("ID;")) && bytes.ContainsAny(head[:min(len(head), 64)], "\r\n")
}

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
	first := strings.ToUpper(firstLine(head))
	return first == "XLODBC" || strings.HasPrefix(first, "QUERYTYPE=OLEDB") || bytes.Contains(bytes.ToLower(head), []byte("text/x-ms-odc"))
}

func hasHost(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	return strings.Contains(s, "://") || strings.HasPrefix(s, `\\`)
}

// SYLK reads a symbolic link file: its macros are formulas (E) of a sheet that is for macros (O;E), or names such as Auto_Open.
func SYLK(text []byte) Text {
	var t Text
	auto, sheet, exec := false, false, false
	for line := range bytes.Lines(text) {
		s := strings.ToLower(strings.TrimRight(string(line[:min(len(line), 512)]), "\r\n"))
		switch {
		case strings.HasPrefix(s, "nn;") && strings.Contains(s, "nauto_"):
			auto = true
		case strings.HasPrefix(s, "o;") && strings.Contains(s+";", ";e;"):
			sheet = true
		case strings.HasPrefix(s, "c;") && (strings.Contains(s, ";eexec(") || strings.Contains(s, ";ecall(") || strings.Contains(s, ";eregister(")):
			exec = true
		case strings.HasPrefix(s, "c;") && strings.Contains(s, ";e") && strings.Contains(s, "|"):
			_, formula, _ := strings.Cut(s, ";e")
			t.DDE = appendOnce(t.DDE, formula)
		}
	}
	switch {
	case exec && auto:
		t.Macro = "a program is run when it is opened"
	case exec:
		t.Macro = "a formula runs a program"
	case auto || sheet:
		t.Macro = "macros in a text file"
	}
	return t
}

// cellDDE finds a DDE formula in a cell: =program|'what it is told'!item, also behind + - or @.
var cellDDE = regexp.MustCompile(`(?i)(?:^|[,;\t"\n])[ \t]*(?:[=+\-@][^|,;\t\r\n"]{0,64}?)([a-z][\w.]{0,63}[ \t]*\|[ \t]*'[^\r\n]{1,255}?'[ \t]*![^\s,;"]{1,64})`)

// CSV finds DDE formulas in text with separators.
func CSV(text []byte) []string {
	if !bytes.ContainsRune(text, '|') || !bytes.ContainsRune(text, '!') {
		return nil
	}
	var all []string
	for _, m := range cellDDE.FindAllSubmatch(text, MaxNames) {
		all = appendOnce(all, string(m[1]))
	}
	return all
}
