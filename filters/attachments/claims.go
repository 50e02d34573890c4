// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filename"
	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// oddName tells of a name that looks like a trick.
func (j *judge) oddName(l *unpack.Leaf) {
	if j.tooMany {
		return
	}
	for i, name := range l.Aliases {
		var odd []string
		for _, o := range filename.Oddities(name) {
			// In an archive the other names are also the first one in other charsets, which makes characters of all kinds.
			if j.f.odd[o] && (i == 0 || l.Kept != unpack.Archive || o != filename.Invisible && o != filename.Control) {
				odd = append(odd, o)
			}
		}
		if len(odd) == 0 {
			continue
		}
		what := strings.Join(odd, ", ")
		j.add(what, filters.Finding{
			Code: codeName, Class: filters.File, Part: l.Part, File: fileOf(l), Detail: fmt.Sprintf("%s: the name looks like a trick: %s: %+.200q", l, what, name),
		})
		return
	}
}

// mismatch tells of content that is not what name or media type claim.
func (j *judge) mismatch(l *unpack.Leaf, p *mail.Part) {
	how := j.f.options.Mismatch
	if how == mismatchOff {
		return
	}
	for _, c := range claimsOf(l, p) {
		if c.broken(l.Type, how == mismatchAll) {
			j.add("", filters.Finding{
				Code: codeMismatch, Class: filters.File, Part: l.Part, File: fileOf(l),
				Detail: fmt.Sprintf("%s: %s says %s, the content is %s (%s)", l, c.by, c.group, l.Type.Name, l.Type.Group),
			})
			return
		}
	}
	if how != mismatchAll && !onlyShown(l.Type) {
		return
	}
	for _, t := range filetype.All(l.Content, l.Size)[1:] {
		if how == mismatchAll || twoInOne(l, t) {
			j.add("", filters.Finding{
				Code: codeMismatch, Class: filters.File, Part: l.Part, File: fileOf(l), Detail: fmt.Sprintf("%s: the content is %s, and %s as well", l, l.Type.Name, t.Name),
			})
			return
		}
	}
}

// onlyShown tells if content of the type is there to be looked at or listened to, and has no reason to be of another type as well.
func onlyShown(t filetype.Type) bool {
	switch t.Group {
	case filetype.Image, filetype.Audio, filetype.Video, filetype.Font:
		return t.Name != "svg"
	default:
		return t.Name == "pdf"
	}
}

// twoInOne tells if it is a trick that content which is only shown is of type t as well. Nothing at all is found in honest pictures; a document or a film
// may hold files, so that there it counts whether programs take the whole for one.
func twoInOne(l *unpack.Leaf, t filetype.Type) bool {
	if l.Type.Group == filetype.Image {
		return true
	}
	switch t.Name {
	case "zip":
		return filetype.EndsAsZip(l.Content, l.Size)
	case "rar", "7z", "cab", "ace", "hta", "activemime", "iso", "udf", "vhd", "dmg":
		return true
	}
	return false
}

// claim is what a file says that it is.
type claim struct {
	group filetype.Group
	word  string // Extension or media type.
	by    string // For people: "name .png", "media type image/png".
}

// claimsOf are the claims of extensions and media type. That a text has a name says more of it than that it is a text.
func claimsOf(l *unpack.Leaf, p *mail.Part) []claim {
	var list []claim
	for _, name := range l.Aliases {
		ext := filename.Ext(name)
		if g := groupOfExt(ext); g != "" && !slices.ContainsFunc(list, func(c claim) bool { return c.word == ext }) {
			list = append(list, claim{g, ext, "name ." + ext})
		}
	}
	if p == nil || l.Kept != unpack.Entity {
		return list
	}
	major, _, _ := strings.Cut(p.MediaType, "/")
	g := filetype.Group(major)
	switch {
	case p.MediaType == "application/pdf":
		g = filetype.Document
	case g != filetype.Image && g != filetype.Audio && g != filetype.Video && g != filetype.Font:
		return list
	}
	return append(list, claim{g, p.MediaType, "media type " + p.MediaType})
}

// extensions of what is looked at or listened to, and not run, by group.
var extensions = map[filetype.Group]string{
	filetype.Image:    " jpg jpeg jpe jfif png gif bmp dib tif tiff webp ico heic heif avif jp2 psd ",
	filetype.Audio:    " mp3 wav wma ogg oga flac aac m4a mid midi amr opus ",
	filetype.Video:    " mp4 m4v mov avi mkv webm mpg mpeg wmv flv 3gp ",
	filetype.Font:     " ttf otf woff woff2 ",
	filetype.Text:     " txt log csv tsv md ics vcf json ",
	filetype.Document: " pdf doc docx docm dot dotx xls xlsx xlsm xlsb xlt xltx ppt pptx pptm pps ppsx rtf odt ods odp epub xps ",
}

func groupOfExt(ext string) filetype.Group {
	if ext == "" || strings.Contains(ext, " ") {
		return ""
	}
	for g, list := range extensions {
		if strings.Contains(list, " "+ext+" ") {
			return g
		}
	}
	return ""
}

// broken tells if content of the type is another thing than claimed, to the harm of who believes it, or at all. Much honest mail lies
// harmlessly: pictures of another format, tables that are HTML by a name of Excel, texts that are scripts.
func (c claim) broken(t filetype.Type, all bool) bool {
	if t.Media == c.word || t.Ext() == c.word {
		return false
	}
	if all && t.Group != c.group && t.Group != filetype.Data && t.Name != "empty" {
		return true
	}
	switch t.Group {
	case filetype.Executable:
		return true
	case filetype.Script, filetype.Shortcut:
		return c.group != filetype.Text || t.Name == "lnk"
	case filetype.Archive:
		return c.archive(t)
	case filetype.Document:
		return c.document(t)
	case filetype.Image:
		return t.Name == "svg" && c.word != "svg" && c.word != "image/svg+xml"
	default:
		return false
	}
}

// archive tells if an archive is something that the claim has not in it. Office documents may be zip archives.
func (c claim) archive(t filetype.Type) bool {
	switch {
	case t.Name == "uuencode" || t.Name == "yenc" || t.Name == "binhex":
		return false // The name is that of what is inside.
	case c.group == filetype.Document:
		return t.Name != "zip" || c.isPDF()
	}
	return true
}

// document tells if a document is something else than the claim by which it would be opened.
func (c claim) document(t filetype.Type) bool {
	switch t.Name {
	case "html", "xhtml", "mht":
		return c.isPDF() || c.group != filetype.Document && c.group != filetype.Text
	case "pdf", "ps", "djvu", "dwg":
		return false
	}
	return c.isPDF() || c.group != filetype.Document && c.group != filetype.Text
}

func (c claim) isPDF() bool { return c.word == "pdf" || c.word == "application/pdf" }
