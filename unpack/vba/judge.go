// SPDX-License-Identifier: Apache-2.0

package vba

import (
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// maxWords is how many names one judgement lists.
const maxWords = 12

// autoNames are procedures that Office runs by itself: on open, close, print, or when a control is drawn.
const autoNames = `auto_?(?:exec|open|exit|close|new)|(?:document|workbook|presentation|slideshow)_?(?:open|opened|close|new|activate|beforeclose|beforeprint|beforesave|change|sync|addininstall)|newdocument|` +
	`document_(?:documentopened|contentcontrolonenter)|workbook_(?:windowactivate|sheetactivate|sheetcalculate)|worksheet_(?:activate|calculate|change|selectionchange)|` +
	`onslideshowpagechange|onslideshowterminate|userform_(?:initialize|activate)|application_startup|` +
	`\w+_(?:layout|resize|gotfocus|lostfocus|mousehover|mousemove|painted|onpropertychange|beforenavigate2|documentcomplete|downloadcomplete|navigatecomplete2|progresschange|statustextchange|titlechange)`

// isDanger tells of calls, objects and programs by which a macro leaves its document, in lower case.
func isDanger(name string) bool {
	switch name {
	case "shell", "shellexecute", "shellexecutea", "shellexecutew", "shellbrowserwindow", "createobject", "getobject", "wscript.shell", "scripting.filesystemobject",
		"urldownloadtofile", "urldownloadtofilea", "urldownloadtofilew", "xmlhttp", "serverxmlhttp", "winhttp", "adodb.stream", "callbyname",
		"createthread", "createremotethread", "virtualalloc", "virtualallocex", "virtualprotect", "rtlmovememory", "ntallocatevirtualmemory", "writeprocessmemory",
		"createprocess", "createprocessa", "createprocessw", "winexec", "loadlibrary", "loadlibrarya", "loadlibraryw",
		"powershell", "cmd.exe", "mshta", "regsvr32", "rundll32", "certutil", "bitsadmin", "macscript", "applescripttask", "executeexcel4macro", "sendkeys", "regwrite",
		"win32_process", "winmgmts", "vbcomponents", "strreverse", "environ":
		return true
	}
	return false
}

// What source is judged by.
var (
	auto    = regexp.MustCompile(`(?i)^(?:` + autoNames + `)$`)
	declare = regexp.MustCompile(`(?i)^declare\b[^\r\n]{0,80}\blib\b`)
)

// Limits of the names that are looked at.
const (
	minName    = 5
	maxName    = 40
	maxNames   = 100_000 // Of one project's compiled code, and procedures of one module.
	maxDeclare = 100     // Octets of a declaration.
)

// HasCode tells if there is more in the source than attributes, options and comments.
func HasCode(source string) bool {
	for line := range strings.Lines(source) {
		line = strings.ToLower(strings.Trim(line, " \t\r\n\x00"))
		word, _, _ := strings.Cut(strings.ReplaceAll(line[:min(len(line), maxName)], "\t", " "), " ")
		if line != "" && line[0] != '\'' && word != "attribute" && word != "option" && word != "rem" {
			return true
		}
	}
	return false
}

// words gives the words of source or of compiled code one after the other, and where each begins.
func words(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for at := 0; at < len(text); {
			n := strings.IndexFunc(text[at:], notWord)
			if n < 0 {
				n = len(text) - at
			}
			if n > 0 && !yield(at, text[at:at+n]) {
				return
			}
			at += max(n, 1)
		}
	}
}

// Auto lists the procedures in the source that run by themselves.
func Auto(source string) []string {
	var names []string
	seen := map[string]bool{}
	for name := range procedures(source) {
		if len(name) <= maxName && len(seen) < maxNames && !seen[name] {
			seen[name] = true
			if auto.MatchString(name) {
				names = appendOnce(names, name)
			}
		}
	}
	return names
}

// procedures gives the names behind Sub and Function, before which no more than such words as Private stand in a line.
func procedures(source string) iter.Seq[string] {
	return func(yield func(string) bool) {
		last, head, named, goesOn := 0, true, false, false
		for at, word := range words(source) {
			gap := source[last:at]
			last = at + len(word)
			end := strings.LastIndexAny(gap, "\r\n")
			head = head || end >= 0 && !goesOn
			head = head && !strings.Contains(gap[end+1:], "'")
			if goesOn = strings.Trim(word, "_") == ""; goesOn {
				continue
			}
			if named && !yield(word) {
				return
			}
			begins := strings.EqualFold(word, "sub") || strings.EqualFold(word, "function")
			named = head && !named && begins
			head = head && !named && isModifier(strings.ToLower(word))
		}
	}
}

func isModifier(word string) bool {
	switch word {
	case "public", "private", "friend", "static", "global":
		return true
	}
	return false
}

// Danger lists the calls in the source by which it leaves the document.
func Danger(source string) []string {
	var names []string
	for at, word := range words(source) {
		if len(word) < minName || len(names) >= maxWords {
			continue
		}
		if strings.EqualFold(word, "declare") && declare.MatchString(source[at:min(at+maxDeclare, len(source))]) {
			names = appendOnce(names, "Declare")
		}
		if isDanger(strings.ToLower(word)) {
			names = appendOnce(names, word)
			continue
		}
		for piece := range strings.SplitSeq(word, ".") {
			if isDanger(strings.ToLower(piece)) {
				names = appendOnce(names, piece)
			}
		}
	}
	return names
}

func appendOnce(names []string, name string) []string {
	if len(names) >= maxWords || slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
		return names
	}
	return append(names, name)
}

// Stomped lists the names that run by themselves or leave the document and that are in the project's compiled code but not in its source.
// Office runs the compiled code, if it is of the same version as the one that made it.
func (p *Project) Stomped() []string {
	compiled := map[string]string{} // By the name in lower case.
	seen := map[string]bool{}
	for _, word := range words(p.names) {
		lower := strings.ToLower(word)
		if len(word) < minName || len(word) > maxName || seen[lower] {
			continue
		}
		if len(seen) >= maxNames {
			break
		}
		seen[lower] = true
		// PowerPoint puts onslideshow... into each project.
		if !strings.HasPrefix(lower, "onslideshow") && (isDanger(lower) || auto.MatchString(word)) {
			compiled[lower] = word
		}
	}
	for _, m := range p.Modules {
		for _, word := range words(strings.ToLower(m.Source)) {
			delete(compiled, word)
			for piece := range strings.SplitSeq(word, ".") {
				delete(compiled, piece)
			}
		}
	}
	var names []string
	for _, lower := range slices.Sorted(maps.Keys(compiled)) {
		names = appendOnce(names, compiled[lower])
	}
	return names
}

func notWord(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '.'
}
