// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filename"
	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/unpack"
)

// inDocument tells if the leaf is a part of a document, and no file that a user would take out of it. The unpacker opens documents that are zip
// archives as archives. Programs go by the name: what has the members of a document and the name of an archive, in any form, is opened as an archive.
// Of what has no name nobody knows what it is saved as.
func (j *judge) inDocument(l *unpack.Leaf) bool {
	if l.Kept != unpack.Archive || l.Within == nil {
		return l.Kept == unpack.Document
	}
	whole, ok := j.whole[l.Within]
	if !ok {
		whole = isWhole(l.Within)
		j.whole[l.Within] = whole
	}
	return whole
}

// isWhole tells if what was unpacked is a document that programs open as one, by all of its names.
func isWhole(l *unpack.Leaf) bool {
	if !packed(l.Type) {
		return false
	}
	for _, name := range l.Aliases {
		if !strings.Contains(packedExts, " "+filename.Ext(name)+" ") || slices.ContainsFunc(filename.Forms(name), isZipName) {
			return false
		}
	}
	return len(l.Aliases) > 0
}

// isZipName tells if programs open a file of that name as a zip archive.
func isZipName(name string) bool {
	ext := filename.Ext(name)
	return ext == "zip" || ext == "zipx" || ext == "jar"
}

// packed tells if content of the type is a document that is a zip archive.
func packed(t filetype.Type) bool {
	switch t.Name {
	case "ooxml", "docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "xlsb", "visio", "odf", "epub", "xps":
		return true
	}
	return false
}

// packedExts are the extensions of such documents.
const packedExts = " docx docm dotx dotm xlsx xlsm xltx xltm xlsb xlam pptx pptm potx potm ppsx ppsm ppam sldx sldm thmx vsdx vsdm vstx vssx " +
	"odt ods odp odg odf odb odc odi odm ott ots otp otg sxw sxc sxi epub xps oxps "
