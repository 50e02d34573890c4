// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/unpack/field"
	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/oleobj"
)

func isOLE(h *head) bool { return ole.Is(h.octet) }

// compound is a compound file being opened.
type compound struct {
	*box
	file  *ole.File
	taken map[*ole.Entry]bool // Streams whose content is looked at by who knows it.
}

// openOLE opens a compound file: an old Office document, an Outlook message, an installer package, an encrypted package, or an object of one of
// them. All that it may be is looked at; which program it is for depends on names and registries elsewhere.
func openOLE(b *box) error {
	r, size := b.content()
	f, err := ole.Open(r, size)
	if err != nil {
		b.problem(Damaged, "a compound file that cannot be read: "+cleanName(err.Error()))
		return nil
	}
	c := &compound{box: b, file: f, taken: map[*ole.Entry]bool{}}
	for _, step := range []func() error{c.encrypted, c.macros, c.workbooks, c.words, c.slides, c.letter, c.objects} {
		if err := step(); err != nil {
			return err
		}
	}
	switch said := "compound file: " + strings.Join(f.Damage, "; "); {
	case f.Cut:
		b.problem(Unscannable, said)
	case len(f.Damage) > 0:
		b.problem(Damaged, said)
	}
	return nil
}

// ended tells why a stream could not be read.
func (c *compound) ended(err error) {
	if errors.Is(err, ole.ErrLimit) {
		c.problem(Unscannable, err.Error())
		return
	}
	c.box.ended(err)
}

// entryName is what a stream is called as a member.
func entryName(e *ole.Entry) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, strings.Join(e.Path(), "/"))
}

// take makes a member of a stream.
func (c *compound) take(e *ole.Entry, names ...string) error {
	c.taken[e] = true
	return c.member(member{names: names, size: e.Size, open: func() (io.Reader, error) { return c.file.Open(e) }})
}

// Class identifiers of objects that are dangerous by themselves.
const (
	classEquation3 = "0002CE02-0000-0000-C000-000000000046"
	classEquation2 = "00021700-0000-0000-C000-000000000046"
	classOLE2Link  = "00000300-0000-0000-C000-000000000046"
	classInstaller = "000C1084-0000-0000-C000-000000000046"
	classPatch     = "000C1086-0000-0000-C000-000000000046"
)

// objects looks at all entries for what documents embed.
func (c *compound) objects() error {
	class := c.file.Root().Class.String()
	installer := class == classInstaller || class == classPatch
	equation := false
	for _, e := range c.file.Entries {
		switch class := e.Class.String(); {
		case class == classEquation2 || class == classEquation3:
			equation = true
		case oleobj.Dangerous(class):
			c.fact("macro.object", fmt.Sprintf("object that shows or runs what comes from elsewhere (%s)", class))
		case class == classOLE2Link:
			c.fact("macro.ole_link", "object that is a link to elsewhere")
		}
		if e.Kind != ole.Stream || c.taken[e] || e.Size == 0 {
			continue
		}
		equation = equation || strings.EqualFold(e.Name, "Equation Native")
		if err := c.stream(e, installer); err != nil {
			return err
		}
	}
	if equation {
		c.fact("macro.equation", "object of the Equation Editor, which old versions of Office run with its faults")
	}
	return nil
}

// maxLinkStream is how many octets of a stream are looked at for monikers.
const maxLinkStream = 1 << 20

// stream looks at a stream that nobody has taken.
func (c *compound) stream(e *ole.Entry, installer bool) error {
	switch strings.ToLower(e.Name) {
	case "\x01ole10native":
		return c.native(e)
	case "\x01ole", "\x03linkinfo":
		c.monikers(e)
		return nil
	case "contents", "package", "embeddedodf":
		return c.take(e, entryName(e))
	case "\x05summaryinformation", "\x05documentsummaryinformation", "\x01compobj", "\x03objinfo", "\x02olepres000":
		return nil
	}
	if installer {
		return c.take(e, installerName(e))
	}
	r, err := c.file.Open(e)
	if err != nil {
		c.ended(err)
		return nil
	}
	if strings.HasPrefix(e.Name, "_") && isPackedObject(r) {
		return c.member(member{names: []string{entryName(e)}, size: -1, open: func() (io.Reader, error) {
			return zlib.NewReader(io.NewSectionReader(r, packedObjectAt, r.Size()-packedObjectAt))
		}})
	}
	switch filetype.Detect(r, r.Size()).Group {
	case filetype.Executable, filetype.Archive, filetype.Document, filetype.Shortcut:
		return c.take(e, entryName(e))
	default:
		return nil // Part of what the program writes itself, or not to be told from it.
	}
}

// packedObjectAt is where the data of a packed object begins, behind its length: Word 2003 keeps them so in XML.
const packedObjectAt = 4

func isPackedObject(r io.ReaderAt) bool {
	var head [packedObjectAt + 2]byte
	n, _ := r.ReadAt(head[:], 0)
	return n == len(head) && head[4] == 0x78 && (uint(head[4])<<8|uint(head[5]))%31 == 0
}

// monikers looks at where a linked object leads.
func (c *compound) monikers(e *ole.Entry) {
	b, err := c.file.Read(e, maxLinkStream)
	c.ended(err)
	if e.Size > maxLinkStream {
		c.problem(Unscannable, fmt.Sprintf("limit octets of a link (%d) exceeded", maxLinkStream))
	}
	for _, address := range oleobj.Monikers(b) {
		c.link(address)
		if field.Remote(address) {
			c.fact("macro.ole_link", fmt.Sprintf("object is loaded from %q", address))
		}
	}
}

// native makes a member of the file in a stream Ole10Native.
func (c *compound) native(e *ole.Entry) error {
	r, err := c.file.Open(e)
	if err != nil {
		c.ended(err)
		return nil
	}
	p, err := oleobj.ReadNative(r, r.Size())
	if err != nil {
		return c.take(e, entryName(e))
	}
	c.taken[e] = true
	return c.packed(p, entryName(e))
}

// packed makes a member of a packed file.
func (b *box) packed(p *oleobj.Package, name string) error {
	switch {
	case p.Link:
		b.fact("macro.object", fmt.Sprintf("link to the file %q", p.Names[0]))
		return nil
	case len(p.Names) > 0:
		b.fact("macro.object", fmt.Sprintf("packed file %q", p.Names[0]))
	}
	names := append(baseNames(p.Names), name)
	return b.member(member{names: names, size: p.Data.Size(), open: func() (io.Reader, error) { return p.Data, nil }})
}

// baseNames puts the file names of paths before the paths themselves.
func baseNames(paths []string) []string {
	var names []string
	for _, p := range paths {
		if i := strings.LastIndexAny(p, `/\`); i >= 0 && i+1 < len(p) {
			names = append(names, p[i+1:])
		}
	}
	if len(names) == 0 || len(paths) > 0 && !strings.ContainsAny(paths[0], `/\`) {
		return append(append([]string(nil), paths...), names...)
	}
	return append(names, paths...)
}

// installerName decodes the name of a stream of an installer package: two characters of 64 in one from U+3800 on, or one from U+4800 on.
func installerName(e *ole.Entry) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
	var b strings.Builder
	for _, r := range e.Name {
		switch {
		case r >= 0x3800 && r < 0x4800:
			b.WriteByte(alphabet[(r-0x3800)&63])
			b.WriteByte(alphabet[(r-0x3800)>>6])
		case r >= 0x4800 && r < 0x4840:
			b.WriteByte(alphabet[r-0x4800])
		case r == 0x4840:
			b.WriteByte('!')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
