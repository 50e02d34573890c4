// SPDX-License-Identifier: Apache-2.0

// Package filename judges the names of attachments and of members of archives. A name comes from the sender, and programs do not
// agree on what it is once it is shown or saved: they decode it, cut it, leave characters out. Forms gives all that may come of it,
// so that a rule need only know the plain name; Oddities tells what makes it look like a trick. No name is ever used as a path. The
// filter attachments calls it.
package filename

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of what is made of one name.
const (
	MaxName  = 1024 // Octets that are looked at: the first and the last half of a longer name.
	MaxForms = 32   // Forms of one name.
)

// Forms are all names that a program may make of name, each once: the name itself comes first. A rule that forbids one of them
// forbids the file. There are at most MaxForms; none if name is empty.
func Forms(name string) []string {
	if simple(name) {
		return []string{name}
	}
	f := &forms{}
	name = bounded(name)
	f.add(name)
	for _, source := range sources(name) {
		f.spread(source)
	}
	return f.list
}

// simple tells if nothing can come of name but itself: it is short, of plain characters, and ends in a letter or digit.
func simple(name string) bool {
	if name == "" || len(name) > maxShort || name[0] == ' ' {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !plain(rune(c)) && c != '-' && c != '_' && c != ' ' {
			return false
		}
	}
	return name[len(name)-1] != '.' && name[len(name)-1] != ' '
}

// forms is a list of names without duplicates.
type forms struct{ list []string }

func (f *forms) add(name string) {
	if name != "" && len(f.list) < MaxForms && !slices.Contains(f.list, name) {
		f.list = append(f.list, name)
	}
}

// spread adds what may come of one decoded name: what Windows saves it as comes first, then what is left of it where programs cut it
// or leave characters out, and what is shown.
func (f *forms) spread(name string) {
	f.add(name)
	clean := strings.TrimSpace(Visible(name))
	for _, n := range []string{clean, name} {
		f.add(Windows(n))
		f.add(n)
		for _, cut := range cuts(n) {
			f.add(Windows(cut))
		}
	}
	f.add(Windows(plainDots(clean)))
	f.add(Windows(strings.ReplaceAll(clean, `\`, "")))
	f.add(shown(name))
}

// bounded keeps the start and the end of a name that is too long: the end is what decides how a file is opened.
func bounded(name string) string {
	name = strings.ToValidUTF8(name, string(utf8.RuneError))
	if len(name) <= MaxName {
		return name
	}
	return strings.ToValidUTF8(name[:MaxName/2]+name[len(name)-MaxName/2:], "")
}

// Visible is name as it looks: compatibility characters are the plain ones (Unicode NFKC), and those that cannot be seen are gone.
func Visible(name string) string {
	return strings.Map(func(r rune) rune {
		if invisible(r) || control(r) {
			return -1
		}
		if blank(r) {
			return ' '
		}
		return r
	}, norm.NFKC.String(name))
}

// Windows is what Windows makes of name when it saves a file: the last part of a path, without a drive, a stream behind a colon, and dots and
// blanks at the end ("Naming Files, Paths, and Namespaces" in the Windows documentation). "" if nothing is left.
func Windows(name string) string {
	name, _, _ = strings.Cut(name, "\x00")
	name = strings.TrimRight(name, `/\ .`)
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if drive(name) {
		name = name[2:]
	}
	if file, _, ok := strings.Cut(name, ":"); ok && file != "" {
		name = file
	}
	return strings.TrimLeft(strings.TrimRight(name, " .\t\r\n\u00a0"), " \t\r\n")
}

// drive tells if the name begins with the letter of a drive.
func drive(name string) bool {
	return len(name) > 2 && name[1] == ':' && (name[0]|0x20 >= 'a' && name[0]|0x20 <= 'z')
}

// Ext is the extension that Windows goes by, in lower case and without the dot; "" if there is none. A class identifier in braces is one.
func Ext(name string) string {
	name = Windows(Visible(name))
	at := strings.LastIndexByte(name, '.')
	if at < 0 {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(name[at+1:]))
}
