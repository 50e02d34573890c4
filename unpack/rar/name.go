// SPDX-License-Identifier: Apache-2.0

package rar

import (
	"bytes"
	"unicode/utf16"
)

// wideName is a name of version 4 in UTF-16: behind the plain name and NUL stand the upper octet that most characters have, and then
// characters, each four of them behind an octet that tells how they are written.
func wideName(b []byte) string {
	plain, coded, ok := bytes.Cut(b, []byte{0})
	if !ok {
		return string(b) // It is UTF-8.
	}
	take := func() uint16 {
		if len(coded) == 0 {
			return 0
		}
		c := coded[0]
		coded = coded[1:]
		return uint16(c)
	}
	upper := take() << 8
	var name []uint16
	for len(coded) > 0 {
		for flags, n := take(), 0; n < 4 && len(coded) > 0; flags, n = flags<<2, n+1 {
			switch flags >> 6 & 3 {
			case 0:
				name = append(name, take())
			case 1:
				name = append(name, upper|take())
			case 2:
				name = append(name, take()|take()<<8)
			default:
				name = appendPlain(name, plain, take(), take, upper)
			}
		}
	}
	return string(utf16.Decode(name))
}

// appendPlain takes some characters over from the plain name, moved by the same number perhaps.
func appendPlain(name []uint16, plain []byte, length uint16, take func() uint16, upper uint16) []uint16 {
	var add uint16
	moved := length&0x80 != 0
	if moved {
		add = take()
	}
	for range length&0x7f + 2 {
		if len(name) >= len(plain) {
			break
		}
		c := uint16(plain[len(name)])
		if moved {
			c = (c+add)&0xff | upper
		}
		name = append(name, c)
	}
	return name
}
