// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// file is an embedded file while its names are gathered.
type file struct {
	stream object
	names  []string
	marks  []mark // Names that make it reachable.
}

// embedded looks at the EF entry of a file specification (section 7.11.4): the same file under several keys, or several files.
func (x *inspection) embedded(spec object, key, v value) {
	var names []string
	for _, k := range []string{"UF", "F", "DOS", "Mac", "Unix"} {
		for _, o := range x.definitions(spec, spec.get(k)) {
			if n := x.text(o); n != "" && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	for _, ef := range x.definitions(spec, v) {
		if ef.kind != dict {
			continue
		}
		for i := 0; i+1 < len(ef.list); i += 2 {
			if found := x.held(ef, ef.list[i+1], spec, key, names); !found && ef.list[i+1].kind == ref {
				x.missed(errLost)
			}
		}
	}
}

// held notes the streams that v refers to as embedded files.
func (x *inspection) held(in object, v value, spec object, key value, names []string) (found bool) {
	for _, s := range x.revisions(in, v) {
		if s.stream {
			x.clear(s, "Filter", "DecodeParms", "DP")
			x.reach(x.file(s, names), spec, key)
			found = true
		}
	}
	return found
}

// related looks at the RF entry of a file specification (section 7.11.4.2): names and files in turn, for each key of EF.
func (x *inspection) related(spec object, key, v value) {
	for _, rf := range x.definitions(spec, v) {
		if rf.kind != dict {
			continue
		}
		for i := 1; i < len(rf.list); i += 2 {
			all := x.resolve(rf, rf.list[i])
			list := all.items()
			for j := 0; j+1 < len(list); j += 2 {
				x.held(all, list[j+1], spec, key, []string{x.text(x.resolve(all, list[j]))})
			}
		}
	}
}

// reach notes the name by which a file is reached.
func (x *inspection) reach(f *file, spec object, key value) {
	m := mark{in: spec.in, off: key.off, end: key.end}
	if f != nil && len(f.marks) < maxMarks && !slices.Contains(f.marks, m) {
		f.marks = append(f.marks, m)
	}
}

// file notes an embedded file, or more names of one; nil if there are too many.
func (x *inspection) file(o object, names []string) *file {
	f := x.files[o.data]
	if f == nil {
		if len(x.order) >= maxFiles {
			x.missed(errFiles)
			return nil
		}
		f = &file{stream: o}
		x.files[o.data] = f
		x.order = append(x.order, f)
	}
	for _, n := range names {
		if !slices.Contains(f.names, n) && len(f.names) < maxRefs {
			f.names = append(f.names, n)
		}
	}
	return f
}

// gather puts files and images into the report.
func (x *inspection) gather() {
	for _, f := range x.order {
		out := File{Names: f.names, Sealed: x.sealed, Stream: x.content(f.stream)}
		x.report.Files = append(x.report.Files, out)
		if !x.sealed && x.ordinary(out) {
			continue
		}
		detail := "holds a file"
		if len(f.names) > 0 {
			detail += " " + quote(f.names[0])
		}
		x.marks = append(x.marks, f.marks...)
		x.fact(f.stream, Embedded, detail, f.stream.get("Type"))
	}
	slices.SortStableFunc(x.images, func(a, b Image) int { return a.oddness() - b.oddness() })
	x.report.Images = x.images
}

// content is how a stream's content is read.
func (x *inspection) content(o object) Stream {
	s := Stream{Size: -1, Open: func() (io.Reader, error) {
		r, rest, err := x.open(o)
		if err == nil && rest.filter != "" && !jpeg(rest.filter) {
			err = errFilter
		}
		return r, err
	}}
	stages, err := x.stages(o)
	if err == nil && (x.crypt == nil || crypted(stages)) && (len(stages) == 0 || len(stages) == 1 && jpeg(stages[0].filter)) {
		s.Stored = true
		s.Offset, s.Size = x.extent(o)
	}
	return s
}

func jpeg(filter string) bool { return filter == "DCTDecode" || filter == "DCT" }

// sniffOctets is how much of an embedded file is looked at.
const sniffOctets = 512

// ordinary tells if a file is one that nothing can be done with but read: invoices carry their data as XML, forms as text.
func (x *inspection) ordinary(f File) bool {
	for _, n := range f.Names {
		i := strings.LastIndexByte(n, '.')
		if i < 0 {
			return false
		}
		switch strings.ToLower(n[i+1:]) {
		case "xml", "txt", "csv", "json", "joboptions", "png", "jpg", "jpeg":
		default:
			return false
		}
	}
	r, err := f.Open()
	if err != nil || len(f.Names) == 0 {
		return false
	}
	head := make([]byte, sniffOctets)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	head = head[:n]
	return bytes.HasPrefix(head, []byte("\xff\xd8\xff")) || bytes.HasPrefix(head, []byte("\x89PNG\r\n")) || plainText(head)
}

// plainText tells if octets are text that is no HTML; the last character may be cut.
func plainText(b []byte) bool {
	if bytes.IndexByte(b, 0) >= 0 || bytes.HasPrefix(b, []byte("%PDF")) || bytes.HasPrefix(b, []byte("MZ")) {
		return false
	}
	low := bytes.ToLower(b)
	for _, bad := range []string{"<html", "<script", "<svg", "<!doctype html", "#!/"} {
		if bytes.Contains(low, []byte(bad)) {
			return false
		}
	}
	for i := 0; i < 4 && len(b) > 0 && !utf8.Valid(b); i++ {
		b = b[:len(b)-1]
	}
	return utf8.Valid(b)
}
