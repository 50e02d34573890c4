// SPDX-License-Identifier: Apache-2.0

// Package unpack goes from a message down to its last leaf: the decoded bodies of its entities, the members of archives
// and the files in documents, and what is in those; where a body is a message in a transfer encoding, the leaves of that. Where mail
// clients differ in what they make of a body, each way is a leaf. It goes by content, never by name, and spends the message's budget.
// What it cannot open it names. A message is walked once, for all filters that ask. The readers of the formats are in
// the folders below, one each; formats.go lists them.
package unpack

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/mailweir/mailweir/mail"
)

// Options are what the operator can say about unpacking, beside the limits of the budget.
type Options struct {
	Passwords     []string // Tried on encrypted archives and documents, before the words of the message.
	PasswordTries int      // How many passwords are tried on one archive or document; 0 for DefaultTries.
}

// DefaultTries is how many passwords are tried on one archive or document.
const DefaultTries = 50

// Unpacker walks messages. It is safe for many goroutines; the zero value with a Spooler is ready for use.
type Unpacker struct {
	Spooler *mail.Spooler // Holds what is decoded and unpacked.
	Options

	inflaters sync.Pool // Of *inflater.
	pages     sync.Pool // Of *[]byte, pageSize octets long.
	turns     turns
}

const pageSize = 64 << 10

// page is a buffer, to be put back into pages.
func (u *Unpacker) page() *[]byte {
	if p, ok := u.pages.Get().(*[]byte); ok {
		return p
	}
	p := make([]byte, pageSize)
	return &p
}

// contentsOf is the key of the contents that an unpacker shares.
type contentsOf struct{ u *Unpacker }

// Contents gives all that is in the message. It is walked by who asks first; the others wait for that, or until their ctx is done. The
// leaves stay readable until the message is closed. An error is one of reading or of spooling: then there is no answer.
func (u *Unpacker) Contents(ctx context.Context, msg *mail.Message) (*Contents, error) {
	return mail.Shared(ctx, msg, contentsOf{u}, func(ctx context.Context) (*Contents, error) { return u.walk(ctx, msg) })
}

// Known gives the contents of a message that was walked before; nil if it was not.
func (u *Unpacker) Known(msg *mail.Message) *Contents {
	c, _ := mail.Known[*Contents](msg, contentsOf{u})
	return c
}

func (u *Unpacker) walk(ctx context.Context, msg *mail.Message) (*Contents, error) {
	w := &walk{
		u: u, msg: msg, stopped: ctx.Err, budget: msg.Budget(), octets: msg.Size(),
		contents: &Contents{arena: u.Spooler.New(0)}, formats: formats(),
	}
	defer w.dropZstd()
	err := w.tree(msg.Root(), func(p *mail.Part) error {
		o := origin{Place: Place{Part: p.ID, File: cleanName(p.Filename())}, kept: Entity, depth: p.Depth}
		err := w.entity(o, p)
		if err == nil || errors.Is(err, errSpent) {
			return nil
		}
		return fmt.Errorf("unpack part %s: %w", p.ID, err)
	})
	if err != nil {
		return nil, errors.Join(err, w.contents.Close())
	}
	return w.contents, nil
}
