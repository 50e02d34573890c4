// SPDX-License-Identifier: Apache-2.0

package xls

import (
	"encoding/binary"
	"strings"
)

// link reads where a formula's reference leads (MS-XLS section 2.4.271): "\x03" stands between a program and what it is told.
func (p *parser) link(id uint16, b []byte) {
	var path string
	switch {
	case id == recSupBook && len(b) > 5:
		n := int(binary.LittleEndian.Uint16(b[2:]))
		if n == 0x0401 || n == 0x3A01 {
			return // The workbook itself, and functions of add-ins.
		}
		path = p.text(b[4:], n)
	case id == recExternSheet && p.book.Version < 8 && len(b) > 1:
		path = latin1(b[1:min(len(b), 1+int(b[0]))])
	}
	app, topic, ok := strings.Cut(path, "\x03")
	encoded := path != "" && path[0] <= 2
	switch id {
	case recSupBook:
		encoded = encoded && binary.LittleEndian.Uint16(b) > 0 // Sheets: of a workbook, and not of a program.
	default:
		encoded = encoded && len(path) > 1 && path[1] < ' '
	}
	if ok && app != "" && !encoded {
		p.book.DDE = appendOnce(p.book.DDE, strings.TrimLeft(app, "\x00\x01\x02")+"|"+topic)
		return
	}
	if path = decodePath(path); strings.Contains(path, "://") || strings.HasPrefix(path, `\\`) {
		p.book.Links = appendOnce(p.book.Links, path)
	}
}

// decodePath makes a path of an encoded one (MS-XLS section 2.5.277): \x01 and @ begin a share, \x05 and a length an address, \x03 is the
// separator, and \x04 the folder above.
func decodePath(path string) string {
	path = strings.TrimLeft(path, "\x00\x02")
	path = strings.TrimPrefix(path, "\x01")
	if rest, ok := strings.CutPrefix(path, "\x01@"); ok {
		path = `\\` + rest
	}
	if strings.HasPrefix(path, "\x05") && len(path) > 2 {
		path = path[2:]
	}
	path = strings.NewReplacer("\x03", `\`, "\x04", `..\`).Replace(path)
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, path)
}
