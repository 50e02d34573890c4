// SPDX-License-Identifier: Apache-2.0

// Package vba finds the Visual Basic projects in a compound file, and the source of their modules (MS-OVBA). It finds modules that the
// project does not list, too, and tells if a project's compiled code is of another source than the one that is shown (VBA stomping).
package vba

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/mailweir/mailweir/unpack/ole"
)

// Limits of what is read of one file.
const (
	MaxModules = 1000     // Over all projects.
	MaxStream  = 16 << 20 // Octets of one stream.
	MaxSource  = 16 << 20 // Octets of source over all modules.
	maxList    = 32 << 20 // Octets of all lists of modules.
)

// errLimit is told of modules beyond the limits.
var errLimit = errors.New("limit of Visual Basic in one file exceeded")

// Module is one module of a project.
type Module struct {
	Name   string
	Entry  *ole.Entry // The stream that it is in.
	Source string     // In the code page of the project; keywords are ASCII in all of them.
	PCode  int        // Octets before the source, where the compiled code is.
	Err    error      // Why the source is not there, or not whole.
}

// Project is one Visual Basic project.
type Project struct {
	Storage *ole.Entry // Which has the modules; nil for modules that no storage lists.
	Modules []Module

	compiled map[string]string // Names in the compiled code that run by themselves or leave the document, by the same in lower case.
}

// Path is where the project is in the file.
func (p *Project) Path() string {
	if p.Storage == nil {
		return ""
	}
	return strings.Join(p.Storage.Path(), "/")
}

// Projects finds all projects of the file. Damage is told of in the modules; the error is that of reading the file.
func Projects(f *ole.File) ([]*Project, error) {
	r := &reader{f: f, source: MaxSource, stream: 4 * MaxStream, list: maxList, by: map[*ole.Entry]*Project{}, offsets: map[*ole.Entry]listed{}}
	for _, e := range f.Entries {
		if e.Kind == ole.Stream && strings.EqualFold(e.Name, "dir") {
			if err := r.dir(e); err != nil {
				return nil, err
			}
		}
	}
	// What is known to be a module comes first, before large streams of other things have used up the limits.
	for _, known := range []bool{true, false} {
		for _, e := range f.Entries {
			_, isListed := r.offsets[e]
			if e.Kind != ole.Stream || strings.EqualFold(e.Name, "dir") || isListed != known {
				continue
			}
			if err := r.look(e); err != nil {
				return nil, err
			}
		}
	}
	return r.projects, nil
}

type reader struct {
	f        *ole.File
	projects []*Project
	by       map[*ole.Entry]*Project
	offsets  map[*ole.Entry]listed
	modules  int
	source   int   // Octets left.
	stream   int64 // Octets of streams left.
	list     int   // Octets of lists left.
}

// listed is what the stream dir says of a module.
type listed struct {
	name   string
	offset int
}

// project is that with the storage.
func (r *reader) project(storage *ole.Entry) *Project {
	p := r.by[storage]
	if p == nil {
		p = &Project{Storage: storage, compiled: map[string]string{}}
		r.by[storage] = p
		r.projects = append(r.projects, p)
	}
	return p
}

// dir reads the list of modules beside which the stream dir lies.
func (r *reader) dir(e *ole.Entry) error {
	b, err := r.read(e)
	if err != nil || e.Parent == nil {
		return err
	}
	text, _ := Decompress(b, r.list)
	r.list -= len(text)
	for _, m := range parseDir(text) {
		c := e.Parent.Child(m.stream)
		if c == nil || c.Kind != ole.Stream {
			continue
		}
		r.offsets[c] = listed{m.name, int(m.offset)}
	}
	return nil
}

func (r *reader) read(e *ole.Entry) ([]byte, error) {
	n := min(e.Size, MaxStream, r.stream)
	if n <= 0 {
		return nil, nil
	}
	b, err := r.f.Read(e, n)
	r.stream -= int64(len(b))
	return b, err
}

// chunkHead is how many octets stand before the first chunk's text: the container's, and the chunk's header.
const chunkHead = 3

// marker is what the compressed source of a module begins with, but for the octets of the chunk's header: "Attribute ", whose flags octet
// is among the letters.
var marker = []byte("\x00Attribut\x00e ")

// look looks at one stream: a module, the project's compiled names, or something else.
func (r *reader) look(e *ole.Entry) error {
	m, isListed := r.offsets[e]
	names := strings.EqualFold(e.Name, "_VBA_PROJECT")
	if r.modules >= MaxModules || r.source <= 0 || r.stream <= 0 {
		if isListed {
			r.beyond(e, m)
		}
		return nil
	}
	b, err := r.read(e)
	if err != nil {
		return err
	}
	if names {
		if e.Size > 0x20 { // A project that is not compiled has its header only.
			r.project(e.Parent).note(b)
		}
		return nil
	}
	if !isListed && ole.Is(b) {
		return nil // A file of its own, whose modules are not this one's.
	}
	at := sourceAt(b)
	if isListed && m.offset < len(b) && b[m.offset] == container {
		at = m.offset
	}
	if at < 0 || b[at] != container {
		if isListed {
			r.add(e, Module{Name: m.name, Entry: e, PCode: len(b), Err: errCompressed}, b)
		}
		return nil
	}
	source, err := Decompress(b[at:], min(MaxStream, max(r.source, 0)))
	r.source -= len(source)
	if !isListed {
		m.name = e.Name
	}
	r.add(e, Module{Name: m.name, Entry: e, Source: string(source), PCode: at, Err: err}, b[:at])
	return nil
}

// sourceAt is where the source of a module begins, by what it begins with; negative if it is none. A chunk may be packed or not.
func sourceAt(b []byte) int {
	if i := bytes.Index(b, marker); i >= chunkHead {
		return i - chunkHead
	}
	if i := bytes.Index(b, []byte("Attribute VB_")); i >= chunkHead && b[i-1]&0xF0 == 0x30 {
		return i - chunkHead
	}
	return -1
}

// beyond tells of a module that is not looked at, once for a project.
func (r *reader) beyond(e *ole.Entry, m listed) {
	p := r.project(e.Parent)
	if n := len(p.Modules); n == 0 || !errors.Is(p.Modules[n-1].Err, errLimit) {
		p.Modules = append(p.Modules, Module{Name: m.name, Entry: e, Err: errLimit})
	}
}

func (r *reader) add(e *ole.Entry, m Module, compiled []byte) {
	r.modules++
	p := r.project(e.Parent)
	p.Modules = append(p.Modules, m)
	p.note(compiled)
}

// toUTF8 makes a string of a name in some code page.
func toUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

type dirModule struct {
	name, stream string
	offset       uint32
}

// Records of the stream dir (MS-OVBA section 2.3.4.2).
const (
	recVersion    = 0x0009
	recName       = 0x0019
	recNameWide   = 0x0047
	recStream     = 0x001A
	recStreamWide = 0x0032
	recOffset     = 0x0031
	recEnd        = 0x002B
)

// parseDir reads the modules out of the unpacked stream dir, up to damage.
func parseDir(b []byte) []dirModule {
	var all []dirModule
	var m dirModule
	for len(b) >= 6 {
		id, size := binary.LittleEndian.Uint16(b), int64(binary.LittleEndian.Uint32(b[2:]))
		if id == recVersion {
			size = 6 // Its length is said to be 4.
		}
		if b = b[6:]; size > int64(len(b)) {
			break
		}
		data := b[:size]
		b = b[size:]
		switch id {
		case recName:
			m = dirModule{name: toUTF8(data)}
		case recNameWide:
			m.name = wide(data)
		case recStream:
			m.stream = toUTF8(data)
		case recStreamWide:
			m.stream = wide(data)
		case recOffset:
			if len(data) == 4 {
				m.offset = binary.LittleEndian.Uint32(data)
			}
		case recEnd:
			all = append(all, m)
			m = dirModule{}
		}
		if len(all) == MaxModules {
			break
		}
	}
	return all
}

// wide decodes UTF-16.
func wide(b []byte) string {
	var s strings.Builder
	for i := 0; i+2 <= len(b); i += 2 {
		s.WriteRune(rune(binary.LittleEndian.Uint16(b[i:])))
	}
	return s.String()
}
