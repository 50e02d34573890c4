// SPDX-License-Identifier: Apache-2.0

package filetype

import "strings"

// Bounds of what is read of a compound file's directory (MS-CFB section 2.6).
const (
	maxDirSectors = 4   // Sectors that follow the first one as neighbours; who writes a document puts the telling streams there.
	dirEntry      = 128 // Octets of an entry.
)

// ole tells what made a compound file, by the class of its root and by the names of its streams.
func (s sample) ole() kind {
	if len(s.head) < sector {
		return ole
	}
	size := int64(512)
	if s.u16(30) == 12 {
		size = 4096
	}
	start := s.u32(48) + 1 // The sector 0 follows the header (MS-CFB section 2.2).
	if start <= 0 || start*size >= s.size {
		return ole
	}
	dir := sample{head: readAt(s.r, start*size, maxDirSectors*max(size, 1024))}
	streams := map[string]bool{}
	for at := 0; at+dirEntry <= len(dir.head); at += dirEntry {
		name := dir.oleName(at)
		if name == "" || dir.head[at+66] > 5 {
			break
		}
		if dir.head[at+66] == 5 { // The root.
			if k := classes[string(dir.head[at+80:at+96])]; k != unknown {
				return k
			}
			continue
		}
		streams[name] = true
	}
	return oleKind(streams)
}

// classes are kinds by the class of the root, as it is stored (MS-OI29500, MS-OXMSG, and the registry of Windows).
var classes = map[string]kind{
	"\x84\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46": msi,
	"\x86\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46": msi, // A patch.
	"\x82\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46": msi, // A transform.
	"\x0b\x0d\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46": msg,
	"\x46\xf0\x06\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46": msg, // A template.
	"\x06\x09\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46": doc,
	"\x00\x09\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46": doc,
	"\x20\x08\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46": xls,
	"\x10\x08\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46": xls,
	"\x10\x8d\x81\x64\x9b\x4f\xcf\x11\x86\xea\x00\xaa\x00\xb9\x29\xe8": ppt,
	"\x01\x12\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46": publisher,
}

func oleKind(streams map[string]bool) kind {
	switch {
	case streams["encryptedpackage"]:
		return ooxml // Behind a password (MS-OFFCRYPTO section 2.3.4).
	case streams["worddocument"]:
		return doc
	case streams["workbook"], streams["book"]:
		return xls
	case streams["powerpoint document"]:
		return ppt
	case streams["__properties_version1.0"], streams["__nameid_version1.0"]:
		return msg
	case streams["visiodocument"]:
		return visio
	case streams["quill"]:
		return publisher
	}
	return ole
}

// oleName is the name of the entry at that place: UTF-16, its length in octets with the NUL at 64.
func (s sample) oleName(at int) string {
	n := s.u16(at + 64)
	if n < 2 || n > 64 {
		return ""
	}
	var b strings.Builder
	for i := at; i < at+n-2; i += 2 {
		c := byte('?')
		if s.head[i+1] == 0 {
			c = lower[s.head[i]]
		}
		b.WriteByte(c)
	}
	return b.String()
}
