// SPDX-License-Identifier: Apache-2.0

package filename

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// What makes a name look like a trick.
const (
	Direction = "direction"        // It changes the direction of text, so that the end is shown elsewhere.
	Invisible = "invisible"        // Characters that cannot be seen, within plain ones.
	Control   = "control"          // Control characters or line ends.
	ClassID   = "clsid"            // A class identifier of Windows or a name of the shell's own folders.
	Blanks    = "blanks"           // So many blanks in a row that the end is out of sight.
	Double    = "double_extension" // It ends in what runs, and before that in what is read.
	Disguised = "disguised"        // It ends in what runs, once it is decoded and saved, and does not look so.
	Stream    = "stream"           // It names a stream of a file (NTFS).
	Path      = "path"             // It leads out of its folder, or to another computer.
	Device    = "device"           // A device of Windows, such as CON.
	TooLong   = "too_long"         // No Windows keeps it whole.
)

// All lists every oddity, in the order of Oddities.
func All() []string {
	return []string{Direction, Invisible, Control, ClassID, Blanks, Double, Disguised, Stream, Path, Device, TooLong}
}

// Bounds of what is ordinary.
const (
	maxBlanks = 9 // In a row.
	maxLength = maxShort
)

// Oddities tells why name looks like a trick, as constants of this package in the order of All. Names of honest files have
// none of them, also long ones, those in any language, and those with paths of old programs.
func Oddities(name string) []string {
	name = strings.ToValidUTF8(name, string(utf8.RuneError))
	long := utf8.RuneCountInString(name) > maxLength
	name = bounded(name)
	is := map[string]bool{
		Direction: strings.IndexFunc(name, directional) >= 0,
		Invisible: hides(name),
		Control:   strings.IndexFunc(name, control) >= 0,
		ClassID:   classID.MatchString(name),
		Blanks:    manyBlanks(name),
		Double:    doubleExtension(name),
		Disguised: disguised(name),
		Stream:    inStream(Visible(name)),
		Path:      leadsOut.MatchString(Visible(name)),
		Device:    device.MatchString(Windows(Visible(name))),
		TooLong:   long,
	}
	var list []string
	for _, o := range All() {
		if is[o] {
			list = append(list, o)
		}
	}
	return list
}

var (
	classID  = regexp.MustCompile(`(?i)\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}\W*$|^::\{|^shell:|\\shell:`)
	stream   = regexp.MustCompile(`(?i):\$(data|index_allocation|bitmap|attribute_list)\b`)
	leadsOut = regexp.MustCompile(`(^|[\\/])\.\.[\\/]|^\\\\[^\\/]|(?i:^file:)`)
	device   = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³]|conin\$|conout\$) *(\.|$)`)
)

// hides tells if there are characters that cannot be seen. Joiners count only between plain letters, where no language has them.
func hides(name string) bool {
	before := rune(0)
	pending := false
	for _, r := range name {
		switch {
		case directional(r):
			continue // Told by its own name.
		case joiner(r):
			pending = plain(before)
			continue
		case invisible(r), r == '\u2800':
			return true
		case pending && plain(r):
			return true
		}
		before, pending = r, false
	}
	return false
}

func plain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.'
}

// manyBlanks tells if more than maxBlanks stand in a row before something else.
func manyBlanks(name string) bool {
	n := 0
	for _, r := range strings.TrimRight(name, " \t") {
		if !blank(r) {
			n = 0
			continue
		}
		if n++; n > maxBlanks {
			return true
		}
	}
	return false
}

// read are extensions of what is read, not run; runs are those of what is run, or shown by a browser that runs it.
const (
	read = " pdf doc docx xls xlsx csv ppt pptx rtf txt odt ods jpg jpeg png gif bmp tif tiff mp3 mp4 avi mov wav xml "
	runs = " exe scr com pif bat cmd cpl msi js jse vbs vbe wsf wsh ps1 hta lnk url jar iso img vhd vhdx html htm shtml xhtml svg mht mhtml dll reg chm one library-ms search-ms settingcontent-ms "
)

// doubleExtension: "invoice.pdf.exe", also with blanks between.
func doubleExtension(name string) bool {
	name = Windows(Visible(name))
	at := strings.LastIndexByte(name, '.')
	if at < 0 || !among(runs, Ext(name)) {
		return false
	}
	before := strings.TrimRight(name[:at], " .")
	inner := strings.LastIndexByte(before, '.')
	return inner >= 0 && among(read, strings.ToLower(before[inner+1:]))
}

// disguised tells if the name ends in what runs and does not look so: behind dots, in other characters, with some that cannot be seen. Encoded
// words are left aside, since honest programs put them where they do not belong.
func disguised(name string) bool {
	if strings.Contains(name, "=?") {
		return false
	}
	seems := strings.ToLower(strings.TrimSpace(rawExt(name)))
	for _, s := range []string{name, unfolded(name), percent(name), extended(name), plainDots(Visible(name))} {
		if ext := Ext(s); ext != seems && among(runs, ext) {
			return true
		}
	}
	return false
}

// inStream tells if the name goes on behind a colon, which Windows takes for a stream of the file before it.
func inStream(name string) bool {
	if drive(name) {
		name = name[2:]
	}
	file, rest, ok := strings.Cut(name, ":")
	return ok && rest != "" && (stream.MatchString(":"+rest) || among(runs, Ext(file)))
}

// among tells if ext is in the list, which has blanks around each.
func among(list, ext string) bool {
	return ext != "" && !strings.Contains(ext, " ") && strings.Contains(list, " "+ext+" ")
}

// rawExt is what stands behind the last dot.
func rawExt(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
