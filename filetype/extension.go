// SPDX-License-Identifier: Apache-2.0

package filetype

import "strings"

// Ext is the extension that programs give content of the type, in lower case and without the dot: "exe" for "pe". "" if the type has none.
func (t Type) Ext() string {
	if ext, ok := extensions[t.Name]; ok {
		return ext
	}
	if _, script, ok := strings.Cut(t.Name, "script."); ok {
		return script
	}
	return t.Name
}

// extensions are those that differ from the name.
var extensions = map[string]string{
	"data": "", "empty": "", "text": "txt", "pe": "exe", "mz": "exe", "elf": "", "macho": "", "script.encoded": "jse", "script.applescript": "scpt",
	"autorun": "inf", "msbuild": "csproj", "clickonce": "application", "gzip": "gz", "bzip2": "bz2", "compress": "z", "iscab": "cab", "tnef": "dat",
	"szdd": "ex_", "binhex": "hqx", "uuencode": "uu", "yenc": "ync", "ooxml": "docx", "ole": "", "odf": "odt", "onenote": "one", "access": "mdb",
	"publisher": "pub", "visio": "vsdx", "flatopc": "xml", "officexml": "xml", "activemime": "mso", "jpeg": "jpg", "heif": "heic", "quicktime": "mov",
	"matroska": "mkv", "asf": "wmv", "midi": "mid", "pkcs7": "p7m", "vcard": "vcf", "regf": "", "bplist": "plist", "zstd": "zst", "squashfs": "sqsh",
	"stuffit": "sit", "lzip": "lz", "lzop": "lzo", "lrzip": "lrz",
}
