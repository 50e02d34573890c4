// SPDX-License-Identifier: Apache-2.0

// Package msg finds what is in an Outlook message that was saved as a file (MS-OXMSG): its texts, its attachments, and the messages inside,
// which are storages of the same compound file.
package msg

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/mailweir/mailweir/unpack/ole"
)

// Limits of one file.
const (
	MaxDepth       = 16 // Messages inside messages.
	MaxAttachments = 10_000
	maxName        = 4096 // Octets of a name.
)

// Form is what a text is written in.
type Form string

// The forms.
const (
	Text Form = "text"
	HTML Form = "html"
	RTF  Form = "rtf" // Compressed.
)

// Body is one text of a message.
type Body struct {
	Form  Form
	Entry *ole.Entry
	wide  bool // UTF-16.
}

// Attachment is one attachment: octets, a message, or an object in a storage of its own.
type Attachment struct {
	Names   []string   // All that it is called, the long name first.
	Path    string     // Of one that is elsewhere.
	Data    *ole.Entry // Nil if it has no octets of its own.
	Message *Message
	Object  *ole.Entry
}

// Message is what was found.
type Message struct {
	Subject     string
	Bodies      []Body
	Attachments []Attachment
	Cut         bool // A limit kept the rest from being looked at.

	// Sounds are files on other machines that Outlook plays when it reminds of the message (PidLidReminderFileParameter); to get one, Windows
	// logs on there by itself.
	Sounds []string
}

// Names of streams and storages (MS-OXMSG section 2).
const (
	property   = "__substg1.0_"
	attachment = "__attach_version1.0_#"
	properties = "__properties_version1.0"
)

// Is tells if a compound file is a message.
func Is(f *ole.File) bool { return f.Find(properties) != nil }

// Read reads the message that is the file. The error is that of reading the file.
func Read(f *ole.File) (*Message, error) {
	r := &reader{f: f, left: MaxAttachments}
	return r.message(f.Root(), 0)
}

type reader struct {
	f    *ole.File
	left int // Attachments.
}

func (r *reader) message(at *ole.Entry, depth int) (*Message, error) {
	m := &Message{}
	var err error
	if m.Subject, err = r.text(at, "0037"); err != nil {
		return nil, err
	}
	for _, b := range []Body{
		{Text, at.Child(property + "1000001F"), true},
		{Text, at.Child(property + "1000001E"), false},
		{HTML, at.Child(property + "10130102"), false},
		{HTML, at.Child(property + "1013001F"), true},
		{HTML, at.Child(property + "1013001E"), false},
		{RTF, at.Child(property + "10090102"), false},
	} {
		if b.Entry != nil && b.Entry.Kind == ole.Stream {
			m.Bodies = append(m.Bodies, b)
		}
	}
	if err := r.sounds(at, m); err != nil {
		return nil, err
	}
	for _, c := range at.Children {
		if c.Kind != ole.Storage || len(c.Name) < len(attachment) || !strings.EqualFold(c.Name[:len(attachment)], attachment) {
			continue
		}
		if r.left--; r.left < 0 || depth >= MaxDepth {
			m.Cut = true
			break
		}
		a, err := r.attachment(c, depth)
		if err != nil {
			return nil, err
		}
		m.Attachments = append(m.Attachments, a)
	}
	return m, nil
}

// maxSounds is how many are kept of one message.
const maxSounds = 10

// sounds looks through the properties that have no fixed number, as this one has none: a path to a share is of no use in another.
func (r *reader) sounds(at *ole.Entry, m *Message) error {
	const named = property + "8"
	for _, c := range at.Children {
		if c.Kind != ole.Stream || c.Size > maxName || !strings.HasPrefix(strings.ToLower(c.Name), named) || len(m.Sounds) >= maxSounds {
			continue
		}
		id := strings.ToUpper(c.Name[len(property):])
		if len(id) != len("8000001F") || id[4:] != "001F" && id[4:] != "001E" {
			continue
		}
		path, err := r.text(at, id[:4])
		if err != nil {
			return err
		}
		if strings.HasPrefix(path, `\\`) || strings.HasPrefix(path, "//") {
			m.Sounds = append(m.Sounds, path)
		}
	}
	return nil
}

// attachment reads an attachment: its names are the long and the short file name, and what is displayed.
func (r *reader) attachment(at *ole.Entry, depth int) (Attachment, error) {
	var a Attachment
	for _, id := range []string{"3707", "3704", "3001"} {
		names, err := r.texts(at, id)
		if err != nil {
			return a, err
		}
		a.Names = append(a.Names, names...)
	}
	for _, id := range []string{"370D", "3708"} {
		path, err := r.text(at, id)
		if err != nil {
			return a, err
		}
		a.Path = cmp.Or(a.Path, path)
	}
	if d := at.Child(property + "37010102"); d != nil && d.Kind == ole.Stream {
		a.Data = d
	}
	object := at.Child(property + "3701000D")
	switch {
	case object == nil || object.Kind != ole.Storage:
	case object.Child(properties) != nil:
		var err error
		if a.Message, err = r.message(object, depth+1); err != nil {
			return a, err
		}
	default:
		a.Object = object
	}
	return a, nil
}

// text is the value of a property that is text; "" if there is none.
func (r *reader) text(at *ole.Entry, id string) (string, error) {
	all, err := r.texts(at, id)
	return strings.Join(all[:min(len(all), 1)], ""), err
}

// texts are the values of a property that is text: in Unicode, and in another charset, which may not be the same.
func (r *reader) texts(at *ole.Entry, id string) ([]string, error) {
	var all []string
	for _, kind := range []string{"001F", "001E"} {
		e := at.Child(property + id + kind)
		if e == nil || e.Kind != ole.Stream {
			continue
		}
		b, err := r.f.Read(e, maxName)
		if err != nil {
			return nil, err
		}
		if kind == "001F" {
			b, _ = utf16().NewDecoder().Bytes(b)
		}
		if s := strings.TrimRight(string(b), "\x00"); s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all, nil
}

// Open is the text as UTF-8, or in its own charset if it is not in Unicode; Rich Text is unpacked.
func (b Body) Open(f *ole.File) (io.Reader, error) {
	r, err := f.Open(b.Entry)
	switch {
	case err != nil:
		return nil, err
	case b.Form == RTF:
		return Decompress(r)
	case b.wide:
		return transform.NewReader(r, utf16().NewDecoder()), nil
	}
	return r, nil
}

func utf16() encoding.Encoding { return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM) }
