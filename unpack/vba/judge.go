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

// isAuto tells of procedures that Office runs by itself, in lower case: on open, close, print, or when a control is drawn.
func isAuto(name string) bool {
	switch name {
	case "newdocument", "document_documentopened", "document_contentcontrolonenter", "workbook_windowactivate", "workbook_sheetactivate", "workbook_sheetcalculate",
		"worksheet_activate", "worksheet_calculate", "worksheet_change", "worksheet_selectionchange", "onslideshowpagechange", "onslideshowterminate",
		"userform_initialize", "userform_activate", "application_startup":
		return true
	}
	if event, ok := strings.CutPrefix(name, "auto"); ok {
		switch strings.TrimPrefix(event, "_") {
		case "exec", "open", "exit", "close", "new":
			return true
		}
	}
	return isDocumentEvent(name) || isControlEvent(name)
}

func isDocumentEvent(name string) bool {
	for _, of := range []string{"document", "workbook", "presentation", "slideshow"} {
		event, ok := strings.CutPrefix(name, of)
		if !ok {
			continue
		}
		switch strings.TrimPrefix(event, "_") {
		case "open", "opened", "close", "new", "activate", "beforeclose", "beforeprint", "beforesave", "change", "sync", "addininstall":
			return true
		}
	}
	return false
}

func isControlEvent(name string) bool {
	switch name[max(strings.LastIndexByte(name, '_'), 0):] {
	case "_layout", "_resize", "_gotfocus", "_lostfocus", "_mousehover", "_mousemove", "_painted", "_onpropertychange", "_beforenavigate2", "_documentcomplete",
		"_downloadcomplete", "_navigatecomplete2", "_progresschange", "_statustextchange", "_titlechange":
		return name[0] != '_'
	}
	return false
}

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

// declare finds the declaration of a function of a library.
var declare = regexp.MustCompile(`(?i)^declare\b[^\r\n]{0,80}\blib\b`)

// Limits of the names that are looked at.
const (
	minName    = 5
	maxName    = 40
	maxNames   = 100_000 // Kept of one project's compiled code.
	maxDeclare = 100     // Octets of a declaration.
)

// HasCode tells if there is more in the source than attributes, options and comments.
func HasCode(source string) bool {
	for line := range strings.FieldsFuncSeq(source, func(r rune) bool { return r == '\r' || r == '\n' }) {
		line = strings.ToLower(strings.Trim(line, " \t\x00"))
		word, _, _ := strings.Cut(strings.ReplaceAll(line[:min(len(line), maxName)], "\t", " "), " ")
		switch {
		case line == "" || line[0] == '\'' || word == "attribute" || word == "rem":
		case word == "option" && !strings.Contains(line, ":"): // Another statement may follow that.
		default:
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
	for name := range procedures(source) {
		if len(name) <= maxName && isAuto(strings.ToLower(name)) {
			names = appendOnce(names, name)
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

// note keeps the names in compiled code that run by themselves or leave the document.
func (p *Project) note(code []byte) {
	for _, word := range words(string(code)) {
		if len(word) < minName || len(word) > maxName || len(p.compiled) >= maxNames {
			continue
		}
		lower := strings.ToLower(word)
		// PowerPoint puts onslideshow... into each project.
		if !strings.HasPrefix(lower, "onslideshow") && (isDanger(lower) || isAuto(lower)) {
			p.compiled[lower] = word
		}
	}
}

// Stomped lists the names that run by themselves or leave the document and that are in the project's compiled code but not in its source.
// Office runs the compiled code, if it is of the same version as the one that made it.
func (p *Project) Stomped() []string {
	compiled := maps.Clone(p.compiled)
	for _, m := range p.Modules {
		for _, word := range words(m.Source) {
			word = strings.ToLower(word)
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
