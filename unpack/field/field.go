// SPDX-License-Identifier: Apache-2.0

// Package field understands the fields of Word documents, such as { DDEAUTO cmd "/c ..." }, whatever file format they stand in: the reader
// of the format tells it where a field begins, where its instruction ends, and where it ends; this package puts the instruction together
// (ECMA-376 part 1 section 17.16) and says what it does.
package field

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of what is kept of one document. Fields beyond them are left out.
const (
	MaxFields = 10_000 // And as many that act.
	MaxDepth  = 20     // Fields inside fields.
	MaxText   = 4096   // Octets of one instruction, and of one result.
)

// Field is one field.
type Field struct {
	Name string   // In capitals: "DDEAUTO".
	Args []string // Without quotation marks and without switches.
}

// String is the field for people.
func (f Field) String() string { return strings.Join(append([]string{f.Name}, f.Args...), " ") }

// Dynamic tells if it talks to another program (DDE).
func (f Field) Dynamic() bool { return f.Name == "DDE" || f.Name == "DDEAUTO" }

// Target is the address that the field refers to; "" if none. loads tells that Word fetches it when fields are updated, which is done for
// some when the document is opened.
func (f Field) Target() (address string, loads bool) {
	switch f.Name {
	case "HYPERLINK":
		return f.arg(0), false
	case "INCLUDETEXT", "INCLUDE", "RD", "IMPORT":
		return f.arg(0), true
	case "INCLUDEPICTURE":
		return f.arg(0), Share(f.arg(0)) // To which Windows logs on by itself.
	case "DATABASE":
		for _, a := range f.Args {
			if Remote(a) {
				return a, true
			}
		}
	case "LINK":
		return f.arg(1), true
	}
	return "", false
}

func (f Field) arg(i int) string {
	if i < len(f.Args) {
		return f.Args[i]
	}
	return ""
}

// Parser puts fields together. The zero value is ready.
type Parser struct {
	Fields []Field

	open []*frame
	free []*frame // To be used again.
}

type frame struct {
	instruction []byte
	result      []byte
	separated   bool // The instruction has ended.
	blank       bool // The last character was white space.
}

// Begin begins a field, perhaps inside another. Of too many the outermost counts as it is: many that never end must hide none.
func (p *Parser) Begin() {
	if len(p.open) >= MaxDepth {
		p.Simple(string(p.open[0].instruction))
		p.free = append(p.free, p.open[0])
		p.open = slices.Delete(p.open, 0, 1)
	}
	f := &frame{}
	if n := len(p.free); n > 0 {
		f, p.free = p.free[n-1], p.free[:n-1]
		*f = frame{instruction: f.instruction[:0], result: f.result[:0]}
	}
	p.open = append(p.open, f)
}

// Inside tells if a field is open.
func (p *Parser) Inside() bool { return len(p.open) > 0 }

// Separate ends the instruction: what follows is the result as it was last.
func (p *Parser) Separate() {
	if len(p.open) > 0 {
		p.open[len(p.open)-1].separated, p.open[len(p.open)-1].blank = true, false
	}
}

// Text is text of the instruction or of the result.
func (p *Parser) Text(s string) {
	if len(p.open) == 0 {
		return
	}
	f := p.open[len(p.open)-1]
	b := &f.instruction
	if f.separated {
		b = &f.result
	}
	for _, r := range s {
		// Of white space one is enough: a lot of it must not push away what stands behind.
		blank := isBlank(r)
		if len(*b)+utf8.RuneLen(r) > MaxText || blank && (len(*b) == 0 || f.blank) {
			continue
		}
		f.blank = blank
		*b = utf8.AppendRune(*b, r)
	}
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' || r == '\u00a0' }

// End ends the innermost field.
func (p *Parser) End() {
	if len(p.open) == 0 {
		return
	}
	last := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	p.free = append(p.free, last)
	result := string(last.result)
	if f := p.Simple(string(last.instruction)); f.Name == "QUOTE" {
		result = quoted(f.Args)
	}
	// A field's result is part of the instruction that it stands in.
	p.Text(result)
}

// Drop forgets all fields that are open.
func (p *Parser) Drop() {
	p.free = append(p.free, p.open...)
	p.open = p.open[:0]
}

// Close ends all fields that are open, as for a document that breaks off.
func (p *Parser) Close() {
	for len(p.open) > 0 {
		p.End()
	}
}

// Simple takes a whole instruction.
func (p *Parser) Simple(instruction string) Field {
	words := split(instruction)
	if len(words) == 0 {
		return Field{}
	}
	f := Field{Name: strings.ToUpper(words[0]), Args: words[1:]}
	// Many that do nothing must not hide one that does.
	if n := len(p.Fields); n < MaxFields || n < 2*MaxFields && f.acts() {
		p.Fields = append(p.Fields, f)
	}
	return f
}

// acts tells of fields that do something when they are updated.
func (f Field) acts() bool {
	_, loads := f.Target()
	return loads || f.Dynamic()
}

// split cuts an instruction into words. A backslash in quotation marks stands before the character that is meant; elsewhere it
// begins a switch, which is left out.
func split(s string) []string {
	var words []string
	for s = strings.TrimLeft(s, " \t\r\n\u00a0"); s != ""; s = strings.TrimLeft(s, " \t\r\n\u00a0") {
		var word string
		if s[0] == '"' {
			word, s = inQuotes(s[1:])
			words = append(words, word)
			continue
		}
		end := strings.IndexAny(s, " \t\r\n\"")
		if end < 0 {
			end = len(s)
		}
		word, s = s[:end], s[end:]
		if len(word) > 2 || word[0] != '\\' {
			words = append(words, strings.ReplaceAll(word, `\\`, `\`))
		}
	}
	return words
}

func inQuotes(s string) (word, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// quoted is the result of a QUOTE field: numbers in it stand for characters.
func quoted(args []string) string {
	var b strings.Builder
	for _, a := range args {
		digits, base := a, 10
		if hex, ok := strings.CutPrefix(strings.ToLower(a), "0x"); ok {
			digits, base = hex, 16
		}
		if n, err := strconv.ParseUint(digits, base, 16); err == nil && n >= ' ' {
			b.WriteRune(rune(n))
			continue
		}
		b.WriteString(a)
	}
	return b.String()
}
