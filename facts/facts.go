// SPDX-License-Identifier: Apache-2.0

// Package facts finds what can be said about one message without asking anybody: about its header section, its structure, its links and its text. A
// fact has a name that never changes; the filter rules gives points for it, and package learn takes it for a feature. Facts are found once for all
// who ask. Fields that other filters have written are never looked at.
//
// session.go has the order in which a message is looked at. The files about_*.go list all facts, points.go their points.
package facts

import (
	"context"
	"errors"
	"slices"

	"github.com/mailweir/mailweir/mail"
)

// Fact is one thing that is true of a message.
type Fact struct {
	Name   string // One of About, in lower_snake_case.
	Detail string // In few words, without any word of the message; often "".
}

// Facts are those of one message, each name once, in the order in which they were found. They are not to be changed: many may have them.
type Facts struct {
	List   []Fact
	Text   string   // What is seen of the texts; of plain text beside HTML the first 4 KiB. UTF-8, about 68 KiB at the most.
	Hidden string   // What is in the HTML and not seen. UTF-8, 64 KiB at the most.
	Links  []string // Addresses that the texts show, in canonical form; 150 at the most.
}

// Has tells if the fact of that name is among them.
func (f *Facts) Has(name string) bool {
	return slices.ContainsFunc(f.List, func(x Fact) bool { return x.Name == name })
}

// sharedKey is what a message keeps its facts under.
type sharedKey struct{}

var errNothing = errors.New("there is no message")

// Shared gives the facts of a message, found for whoever asks first and kept as long as the message. env may be nil, for a message from a file; all who
// ask about one message give the same. What authn/check has found by then is used; nothing is looked up. The error is that of ctx or of reading the
// message.
func Shared(ctx context.Context, env *mail.Envelope, msg *mail.Message) (*Facts, error) {
	if msg == nil {
		return nil, errNothing
	}
	return mail.Shared(ctx, msg, sharedKey{}, func(ctx context.Context) (*Facts, error) { return Find(ctx, env, msg) })
}

// Find does what Shared does, without keeping the facts with the message.
func Find(ctx context.Context, env *mail.Envelope, msg *mail.Message) (*Facts, error) {
	if msg == nil {
		return nil, errNothing
	}
	s := &session{t: shipped(), env: env, msg: msg}
	if err := s.run(ctx); err != nil {
		return nil, err
	}
	f := &Facts{List: s.list, Text: s.b.all, Hidden: s.b.hidden}
	for i := range s.b.links {
		f.Links = append(f.Links, cut(s.b.links[i].url.String(), maxValue))
	}
	return f, nil
}
