// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"strings"

	"github.com/mailweir/mailweir/filename"
	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/unpack"
)

// inDocument tells if the leaf is a part of a document, and no file that a user would take out of it. The unpacker opens documents that are zip
// archives as archives. Programs go by the name: what has the members of a document and the name of an archive is opened as an archive.
func inDocument(l *unpack.Leaf) bool {
	if l.Kept != unpack.Archive || l.Within == nil {
		return l.Kept == unpack.Document
	}
	if !packed(l.Within.Type) {
		return false
	}
	for _, name := range l.Within.Aliases {
		if !strings.Contains(packedExts, " "+filename.Ext(name)+" ") {
			return false
		}
	}
	return true
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

// inArchive tells if the leaf is a member of an archive.
func inArchive(l *unpack.Leaf) bool { return l.Kept == unpack.Archive && !inDocument(l) }
