// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/mailweir/mailweir/lookalike"
	"github.com/mailweir/mailweir/mail"
)

// tables are what facts are found with. They do not change.
type tables struct {
	judge   *lookalike.Judge
	phrases *phrases
}

// shipped are the tables, made at first use.
var shipped = sync.OnceValue(func() *tables {
	judge, err := lookalike.New(true, nil)
	if err != nil {
		panic(err) // The list is part of the program, and tested.
	}
	return &tables{judge: judge, phrases: newPhrases()}
})

// session finds the facts of one message.
type session struct {
	t    *tables
	env  *mail.Envelope // Nil if there is none.
	msg  *mail.Message
	h    head
	b    body
	list []Fact
}

// note adds a fact; only the first of a name counts.
func (s *session) note(name, detail string) {
	if !s.has(name) {
		s.list = append(s.list, Fact{name, detail})
	}
}

// when adds a fact if it is true.
func (s *session) when(is bool, name string) {
	if is {
		s.note(name, "")
	}
}

// counted adds a fact with a number.
func (s *session) counted(is bool, name string, n int) {
	if is {
		s.note(name, strconv.Itoa(n))
	}
}

func (s *session) has(name string) bool {
	return slices.ContainsFunc(s.list, func(f Fact) bool { return f.Name == name })
}

// run looks at everything. What rests on facts found before comes last.
func (s *session) run(ctx context.Context) error {
	s.readHead()
	if err := s.readBody(ctx); err != nil {
		return err
	}
	for _, look := range []func(){
		s.fields, s.dates, s.messageID, s.subject, s.recipients, s.sender, s.replyTo, s.path, s.mailer, s.program, s.bulk,
		s.structure, s.hidden, s.obfuscation, s.wording, s.links, s.identity, s.thread, s.tiny, s.combined, s.good,
	} {
		if err := ctx.Err(); err != nil {
			return err
		}
		look()
	}
	return s.gtube()
}
