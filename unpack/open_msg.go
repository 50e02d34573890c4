// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/unpack/field"
	"github.com/mailweir/mailweir/unpack/msg"
	"github.com/mailweir/mailweir/unpack/ole"
)

// letter takes out what an Outlook message has.
func (c *compound) letter() error {
	if !msg.Is(c.file) {
		return nil
	}
	m, err := msg.Read(c.file)
	if err != nil {
		c.ended(err)
		return nil
	}
	c.kept = Letter
	return c.message(m, "")
}

// message takes out the texts and attachments of a message and of those inside. path is where it is among them.
func (c *compound) message(m *msg.Message, path string) error {
	for _, t := range m.Bodies {
		c.taken[t.Entry] = true
		name := path + "message." + map[msg.Form]string{msg.Text: "txt", msg.HTML: "html", msg.RTF: "rtf"}[t.Form]
		if err := c.member(member{names: []string{name}, size: -1, open: func() (io.Reader, error) { return t.Open(c.file) }}); err != nil {
			return err
		}
	}
	for _, s := range m.Sounds {
		c.link(s)
		if field.Remote(s) {
			c.fact("macro.ole_link", fmt.Sprintf("message that may have Outlook play %q, to which Windows logs on by itself", s))
		}
	}
	for i, a := range m.Attachments {
		if err := c.attachment(a, path, i); err != nil {
			return err
		}
	}
	if m.Cut {
		c.problem(Unscannable, "limit attachments of an Outlook message exceeded")
	}
	return nil
}

func (c *compound) attachment(a msg.Attachment, path string, i int) error {
	names := a.Names
	if len(names) == 0 {
		names = []string{fmt.Sprintf("attachment %d", i+1)}
	}
	if path != "" {
		names = append([]string{path + names[0]}, names...)
	}
	if field.Remote(a.Path) {
		c.link(a.Path)
	}
	if a.Data != nil {
		if err := c.take(a.Data, names...); err != nil {
			return err
		}
	}
	if a.Object != nil {
		return c.embeddedObject(a.Object, path+names[0])
	}
	if a.Message == nil {
		return nil
	}
	name := a.Message.Subject
	if name == "" {
		name = names[0]
	}
	return c.message(a.Message, path+strings.ReplaceAll(name, "/", " ")+".msg/")
}

// embeddedObject takes out the streams of an object that is attached as such. Those that are known for what they are stay for later.
func (c *compound) embeddedObject(at *ole.Entry, name string) error {
	for _, e := range at.Children {
		if e.Kind != ole.Stream || e.Size == 0 || strings.HasPrefix(e.Name, "\x01") || strings.HasPrefix(e.Name, "\x03") {
			continue
		}
		if err := c.take(e, name+"/"+e.Name, name); err != nil {
			return err
		}
	}
	return nil
}
