// SPDX-License-Identifier: Apache-2.0

package xls

import "encoding/binary"

// call names the functions of macro sheets that leave the document (MS-XLS section 2.5.198.17).
func call(n uint16) string {
	switch n {
	case 17:
		return "RUN"
	case 110:
		return "EXEC"
	case 132:
		return "FOPEN"
	case 137:
		return "FWRITELN"
	case 138:
		return "FWRITE"
	case 149:
		return "REGISTER"
	case 150:
		return "CALL"
	case 262:
		return "FILE.DELETE"
	}
	return ""
}

// formula looks for calls among the tokens. It does not tell tokens from their operands, which is good enough to name calls.
func (p *parser) formula(b []byte) {
	if len(b) < formulaTokens {
		return
	}
	b = b[formulaTokens:]
	for i := 0; i+4 <= len(b); i++ {
		if b[i]&0x1F != 0x02 || b[i]>>5 == 0 { // Function of a variable number of arguments, in its three classes.
			continue
		}
		if name := call(binary.LittleEndian.Uint16(b[i+2:])); name != "" {
			p.book.Calls = appendOnce(p.book.Calls, name)
		}
	}
}
