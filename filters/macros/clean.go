// SPDX-License-Identifier: Apache-2.0

package macros

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
	"github.com/mailweir/mailweir/unpack/officeclean"
	"github.com/mailweir/mailweir/unpack/pdf"
)

// Clean puts a document from which was taken what acts in the place of one that is the body of an entity.
type Clean struct{ mail.RewriteBody }

var _ mail.Edit = Clean{}

// String is the edit for people.
func (e Clean) String() string {
	return fmt.Sprintf("clean document %s, %d octets", e.Part, len(e.Body))
}

// cleaned is what came of cleaning one document.
type cleaned struct {
	edit mail.Edit // Nil if there is no sound way.
	left []string  // Codes of facts that are still there.
}

// clean cleans a document, once. The error is that of ctx or of spooling; that the document cannot be cleaned is none.
func (s *session) clean(ctx context.Context, l *unpack.Leaf) (*cleaned, error) {
	if c := s.cleaned[l]; c != nil {
		return c, nil
	}
	c := &cleaned{}
	s.cleaned[l] = c
	p := s.msg.Part(l.Part)
	if l.Kept != unpack.Entity || l.Size > s.maxClean || p == nil || !p.IsLeaf() || p.Protected() {
		return c, nil
	}
	body, ok := without(l)
	if !ok {
		return c, nil
	}
	left, sound, err := s.lookAgain(ctx, l, body)
	if err != nil {
		return nil, err
	}
	if sound {
		c.edit, c.left = Clean{mail.RewriteBody{Part: l.Part, Body: body}}, left
	}
	return c, nil
}

// without is the document without what acts in it. A document that is what it was is no remedy.
func without(l *unpack.Leaf) (body []byte, ok bool) {
	if l.Type.Name == "pdf" {
		var b bytes.Buffer
		err := pdf.Neutralise(l.Content, l.Size, &b)
		return b.Bytes(), err == nil
	}
	body, err := officeclean.Document(l.Content, l.Size)
	return body, err == nil
}

// lookAgain unpacks the cleaned document as it came the first time. sound tells that no new trouble is in it; left are the codes of facts that
// are still there.
func (s *session) lookAgain(ctx context.Context, l *unpack.Leaf, body []byte) (left []string, sound bool, err error) {
	text := slices.Concat([]byte("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"), body)
	msg, err := mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(s.msg.Budget().Limits(), nil))
	if err != nil {
		return nil, false, fmt.Errorf("look at the cleaned document: %w", err)
	}
	contents, err := s.unpacker.Contents(ctx, msg)
	if err != nil {
		return nil, false, fmt.Errorf("look at the cleaned document: %w", closeAfter(msg, err))
	}
	for _, l := range contents.Leaves {
		for _, f := range l.Facts {
			if strings.HasPrefix(f.Code, "macro.") && !slices.Contains(left, f.Code) {
				left = append(left, f.Code)
			}
		}
	}
	before := 0
	for _, p := range s.contents.Problems {
		if p.Part == l.Part {
			before++
		}
	}
	sound = len(contents.Problems) <= before && contents.Leaves[0].Type.Group == l.Type.Group
	return left, sound, closeAfter(msg, nil)
}

// closeAfter closes a message that is of no more use, and keeps the error that there was.
func closeAfter(msg *mail.Message, err error) error { return errors.Join(err, msg.Close()) }
