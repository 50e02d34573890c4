// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// MaxTotal bounds the octets of all texts of one message that are held in memory; those that do not fit are Unreadable.
const MaxTotal = 64 << 20

// Document is a leaf of a message that some program may show as HTML.
type Document struct {
	*Page
	Leaf     *unpack.Leaf
	Editable bool         // The dangers' Changes can be made: the leaf is the body of an entity, and not signed or encrypted.
	Source   *mail.Source // What was read; nil if it is too large.
}

// documentsOf is the key of the documents that are shared.
type documentsOf struct{ u *unpack.Unpacker }

// Documents reads every leaf of the message that some program may show as HTML: by its media type, its name or its content. They are read
// once for all who ask. An error is one of reading: then there is no answer.
func Documents(ctx context.Context, u *unpack.Unpacker, msg *mail.Message) ([]*Document, error) {
	return mail.Shared(ctx, msg, documentsOf{u}, func(ctx context.Context) ([]*Document, error) {
		c, err := u.Contents(ctx, msg)
		if err != nil {
			return nil, err
		}
		r := reader{ctx: ctx, msg: msg, left: MaxTotal}
		for _, l := range c.Leaves {
			if err := r.leaf(l); err != nil {
				return nil, fmt.Errorf("read %s as HTML: %w", l, err)
			}
		}
		return r.docs, nil
	})
}

// reader reads the leaves of one message.
type reader struct {
	ctx  context.Context
	msg  *mail.Message
	left int64 // Octets of MaxTotal.
	docs []*Document
}

func (r *reader) leaf(l *unpack.Leaf) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	media := ""
	part := r.msg.Part(l.Part)
	whole := l.Within == nil && l.Kept == unpack.Entity && part != nil && part.IsLeaf()
	if whole {
		media = part.MediaType
	}
	if l.Sealed != "" {
		return nil
	}
	if media = shownAs(l, media); media == "" {
		return nil
	}
	d := &Document{Leaf: l}
	r.docs = append(r.docs, d)
	if l.Size > MaxSource || l.Size > r.left {
		d.Page = &Page{Unreadable: "too large"}
		return nil
	}
	r.left -= l.Size
	var raw []byte
	var err error
	if whole {
		raw, err = d.ofEntity(part)
	} else if raw, err = octets(l); err == nil {
		d.Source = sourceOf(raw)
	}
	if errors.Is(err, mail.ErrTooLarge) {
		d.Page, d.Editable = &Page{Unreadable: "too large"}, false
		return nil
	}
	if err != nil {
		return err
	}
	d.Page = Scan(d.Source.Text, media)
	d.compare(raw, media)
	d.prove(media)
	return nil
}

// ofEntity takes the source from the entity whose body the leaf is, and gives its octets.
func (d *Document) ofEntity(p *mail.Part) (raw []byte, err error) {
	if d.Source, err = p.Source(MaxSource); err != nil {
		return nil, err
	}
	d.Editable = !p.Protected()
	if !d.Source.Recoded {
		return d.Source.Text, nil
	}
	return octets(d.Leaf)
}

// octets are those of a leaf, in memory of just their size.
func octets(l *unpack.Leaf) ([]byte, error) {
	b := make([]byte, l.Size)
	if _, err := io.ReadFull(l.Reader(), b); err != nil {
		return nil, err
	}
	return b, nil
}

// prove reads the text once more as it is when disarmed, in each charset: what is still dangerous then is not understood.
func (d *Document) prove(media string) {
	kinds := slices.DeleteFunc(Kinds(), func(k Kind) bool { return k == Remote || k == WebBug })
	if d.Unreadable != "" || !slices.ContainsFunc(d.Dangers, func(d Danger) bool { return slices.Contains(kinds, d.Kind) }) {
		return
	}
	text := d.Disarm(kinds...)
	all := append(views(text, &mail.Source{Text: text, Charset: d.Source.Charset}), view{text: text})
	for _, v := range all {
		if again := scan(v.text, media, true); again.Unreadable != "" || more(again.Dangers, nil) {
			d.Unreadable = "it is dangerous even when disarmed"
			return
		}
	}
}

// shownAs is the media type that a leaf is read as; "" if nobody takes it for HTML. media is that of the entity whose body it is.
func shownAs(l *unpack.Leaf, media string) string {
	switch media {
	case "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/x-amp-html", "text/x-watch-html":
		return media
	case "text/enriched", "text/richtext":
		return "text/html" // Programs that do not know it show it as such.
	}
	if strings.HasSuffix(media, "+xml") {
		return "text/xml" // Browsers show it by the namespaces in it.
	}
	switch l.Type.Name {
	case "html", "hta":
		return "text/html"
	case "xhtml":
		return "application/xhtml+xml"
	case "svg":
		return "image/svg+xml"
	}
	if m := byName(l); m != "" && textual(l) {
		return m
	}
	if l.Kept == unpack.Letter && l.Type.Name == "text" && hasTags(l) {
		return "text/html"
	}
	return ""
}

// byName goes by how a leaf's names end.
func byName(l *unpack.Leaf) string {
	for _, name := range append([]string{l.File}, l.Aliases...) {
		switch strings.ToLower(path.Ext(strings.TrimRight(name, " ."))) {
		case ".htm", ".html", ".shtml", ".shtm", ".hta", ".mht", ".mhtml", ".xht":
			return "text/html"
		case ".xhtml":
			return "application/xhtml+xml"
		case ".svg", ".svgz":
			return "image/svg+xml"
		}
	}
	return ""
}

// textual tells if content may be a text at all: what has that name but is a picture is shown as one or not at all.
func textual(l *unpack.Leaf) bool {
	switch l.Type.Group {
	case "text", "document", "script", "message", "data", "shortcut":
		return true
	default:
		return false
	}
}

// hasTags tells if a text that came without its type has tags near its start.
func hasTags(l *unpack.Leaf) bool {
	head := make([]byte, min(l.Size, 4<<10))
	n, _ := l.Content.ReadAt(head, 0)
	head = bytes.ToLower(head[:n])
	for _, t := range []string{"<html", "<body", "<div", "<p>", "<br", "<table", "<a href", "<script", "<img", "<font", "<svg", "<span", "<iframe", "<form", "<style", "<meta"} {
		if bytes.Contains(head, []byte(t)) {
			return true
		}
	}
	return false
}
