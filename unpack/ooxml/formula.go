// SPDX-License-Identifier: Apache-2.0

package ooxml

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// xlmCall finds functions of macro sheets that leave the document.
var xlmCall = []string{"EXEC(", "CALL(", "REGISTER(", "RUN(", "FOPEN(", "FWRITE(", "FWRITELN(", "FILE.DELETE("}

// formula looks at a formula for DDE, and in a macro sheet for calls.
func (p *part) formula(text string) {
	upper := strings.ToUpper(text)
	if p.macro {
		for _, call := range xlmCall {
			if i := strings.Index(upper, call); i >= 0 && (i == 0 || !isNameByte(upper[i-1])) {
				p.calls = appendOnce(p.calls, strings.TrimSuffix(call, "("))
			}
		}
	}
	if isDDE(upper) {
		p.fact("macro.dde", "formula %q (%s)", text[:min(len(text), 200)], p.name)
	}
}

func isNameByte(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_'
}

// isDDE tells if a formula in capitals talks to another program: =app|'topic'!item, or DDE("app";"topic";"item") of OpenDocument.
func isDDE(upper string) bool {
	i := strings.Index(upper, "DDE(")
	return i >= 0 && (i == 0 || !isNameByte(upper[i-1])) || hasBarLink(upper)
}

// hasBarLink looks for a | between a program and its topic, with a ! behind. In formulas it stands for nothing else.
func hasBarLink(upper string) bool {
	mark := strings.LastIndexByte(upper, '!')
	for i := 0; i < mark; i++ {
		switch c := upper[i]; {
		case c == '"' || c == '\'':
			// Text, or a name in quotation marks.
			end := strings.IndexByte(upper[i+1:], c)
			if end < 0 {
				return false
			}
			i += end + 1
		case c == '|' && i > 0 && (isNameByte(upper[i-1]) || upper[i-1] == '\''):
			return true
		}
	}
	return false
}

// hasBar tells if there is a | in a part, as DDE has, or what may stand for one. Sheets are large, and this is much faster than reading tags.
func hasBar(r io.Reader) (bool, error) {
	in := bufio.NewReaderSize(io.LimitReader(r, MaxPart), 64<<10)
	for {
		b, err := in.Peek(in.Size())
		if bytes.IndexByte(b, '|') >= 0 || bytes.Contains(b, []byte("&#")) || bytes.Contains(b, []byte("&\x00#")) || bytes.Contains(b, []byte("<![CDATA")) {
			return true, nil
		}
		if err != nil {
			return false, ignoreEOF(err)
		}
		if _, err := in.Discard(len(b) - 2); err != nil {
			return false, err
		}
	}
}
