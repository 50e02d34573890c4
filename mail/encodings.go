// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"slices"
	"strings"
)

// OtherEncodings are the transfer encodings beside Encoding that a client may decode the body by, because the header section is odd: they
// stand in another field, behind the first word of the field, or in a line that is no field to us. An encoding that nobody knows may
// still be base64; uuencode is not known to many, who take the body as it is.
func (p *Part) OtherEncodings() []string {
	own := knownEncoding(p.Encoding)
	if p.opaque || p.defects == 0 && own != "x-uuencode" {
		return nil
	}
	var list []string
	if own == "x-uuencode" {
		list = append(list, "binary")
	}
	for _, f := range p.Header {
		list = addEncodings(list, lower(f.Raw))
	}
	if p.defects&(1<<mimeUnknownEncoding) != 0 {
		list = append(list, "base64")
	}
	var others []string
	for _, e := range list {
		if e != own && !slices.Contains(others, e) {
			others = append(others, e)
		}
	}
	return others
}

// addEncodings adds what stands behind the name of the field wherever that is in text.
func addEncodings(list []string, text string) []string {
	const name = "transfer-encoding"
	for len(list) < maxEncodings {
		_, rest, ok := strings.Cut(text, name)
		if !ok {
			break
		}
		line, _, _ := strings.Cut(rest, name)
		for word := range strings.FieldsFuncSeq(line, notInEncoding) {
			if e := knownEncoding(word); e != "" {
				list = append(list, e)
			}
		}
		text = rest
	}
	return list
}

// maxEncodings bounds the names of encodings that are looked for in a header section; there are few to find.
const maxEncodings = 100

func notInEncoding(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
}

// knownEncoding is one name for all that decode alike; "" if it is not known.
func knownEncoding(name string) string {
	switch name {
	case "7bit", "8bit", "binary":
		return "binary"
	case "quoted-printable", "base64":
		return name
	case "x-uuencode", "uuencode", "x-uue", "uue", "x-uu":
		return "x-uuencode"
	}
	return ""
}
