// SPDX-License-Identifier: Apache-2.0

// Package unpack goes from a message down to its last leaf: the decoded bodies of its entities and, where such a body is
// an archive, the members of it, and theirs; where it is a message in a transfer encoding, the leaves of that. Where mail clients
// differ in what they make of a body, each way is visited. It goes by content, never by name, and spends the message's budget. It
// knows zip and what is built on zip (docx, jar, self-extracting programs); other archives are leaves as they are. Filters call it.
package unpack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/mailweir/mailweir/mail"
)

// Bounds of what a walk reports.
const (
	MaxProblems = 100 // Of one message; the last one says that there were more.
	MaxName     = 255 // Octets of one name in a Place.
)

// Unpacker walks messages. It is safe for many goroutines; the zero value with a Spooler is ready for use.
type Unpacker struct {
	Spooler *mail.Spooler // Holds what is decoded and unpacked.

	inflaters sync.Pool // Of *inflater.
	pages     sync.Pool // Of *[]byte, pageSize octets long.
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

// Place tells where in a message some content is.
type Place struct {
	Part  mail.PartID
	File  string   // File name of the entity, cleaned for display; "" if it has none.
	Names []string // Of archive members, from the outermost archive inward; empty for the entity's body itself.
}

// String is the place as people are told it, such as "evil.zip/inner.zip/eicar.com".
func (p Place) String() string {
	top := p.File
	if top == "" {
		top = "part " + string(p.Part)
	}
	return strings.Join(append([]string{top}, p.Names...), "/")
}

// member is the place of an archive member.
func (p Place) member(name string) Place {
	p.Names = append(p.Names[:len(p.Names):len(p.Names)], name)
	return p
}

// Kind is what kept content from being looked at as a whole.
type Kind string

// The kinds.
const (
	Encrypted   Kind = "encrypted"   // It needs a password. What could be read without one was visited.
	Unscannable Kind = "unscannable" // A limit or an unknown method: it was not visited, or not whole.
	Damaged     Kind = "damaged"     // Visited as far as it could be read; other programs may read something else.
	Ambiguous   Kind = "ambiguous"   // A message inside that mail clients may read in two ways.
)

// Problem tells of content that Walk could not show, or not as everybody else may see it.
type Problem struct {
	Place
	Kind   Kind
	Detail string // One line; names in it are cleaned.
}

// String is the problem on one line.
func (p Problem) String() string { return p.Place.String() + ": " + p.Detail }

// errSpent ends the walk of one entity's archives, after a Problem has told why.
var errSpent = errors.New("budget is spent")

// Walk calls visit for every leaf of msg: the decoded body of each MIME leaf, in order, and after it what is in it, depth first: the
// members of an archive, what some clients see or decode and others do not. An archive is a leaf too. What cannot be opened is a Problem. The error is that of visit, of ctx, or of reading or
// spooling: then the walk is not complete, and so no answer.
func (u *Unpacker) Walk(ctx context.Context, msg *mail.Message, visit func(Leaf) error) ([]Problem, error) {
	w := &walk{u: u, stopped: ctx.Err, budget: msg.Budget(), visit: visit, octets: msg.Size()}
	err := w.tree(msg.Root(), func(p *mail.Part) error {
		err := w.entity(Place{Part: p.ID, File: cleanName(p.Filename())}, p, p.Depth)
		if err == nil || errors.Is(err, errSpent) {
			return nil
		}
		return fmt.Errorf("unpack part %s: %w", p.ID, err)
	})
	return w.problems, err
}

// walk is one message being walked, by one goroutine.
type walk struct {
	u        *Unpacker
	stopped  func() error // Why the walk is to end before its end; nil if it is not.
	budget   *mail.Budget
	visit    func(Leaf) error
	within   *content // Which holds the message that is being walked; nil for the message itself.
	octets   int64    // Of the message, and of all members of archives.
	extra    int64    // Octets read once more, for what only some clients see.
	problems []Problem
}

// tree calls each for the entities of a message, depth first, as deep in calls as the tree, which the budget bounds.
func (w *walk) tree(p *mail.Part, each func(*mail.Part) error) error {
	if err := each(p); err != nil {
		return err
	}
	for _, child := range p.Children {
		if err := w.tree(child, each); err != nil {
			return err
		}
	}
	return nil
}

// leaf visits some content and what is packed or hides in it. depth is the content's own.
func (w *walk) leaf(at Place, c *content, depth int) error {
	if err := w.visit(Leaf{Place: at, Content: c.r, Size: c.size, held: c}); err != nil {
		return err
	}
	if err := w.archive(at, c, depth); err != nil {
		return err
	}
	return w.hidden(at, c, depth)
}

// archive visits the members if there is an archive in the content.
func (w *walk) archive(at Place, c *content, depth int) error {
	z := &zipFile{walk: w, place: at, c: c, depth: depth + 1, find: w.finder(c)}
	defer z.find.close()
	if found, err := z.recognise(); err != nil || !found {
		return z.spent(at, err)
	}
	if err := w.budget.Depth(depth + 1); err != nil {
		// Not spent for good: what lies less deep may still be opened.
		w.problem(at, Unscannable, err.Error())
		return nil
	}
	return z.walkZip()
}

// maxExtra is how often all octets may be read once more: readings inside readings grow by their power.
const maxExtra = 16

// errReadings is returned when there are more readings than that.
var errReadings = fmt.Errorf("limit readings (%d) exceeded: too many ways to read the same", maxExtra)

// again asks for leave to read n octets once more.
func (w *walk) again(at Place, n int64) error {
	w.extra += n
	if w.extra > maxExtra*w.octets+pageSize {
		return w.spent(at, errReadings)
	}
	if err := w.budget.CheckTime(); err != nil {
		return w.spent(at, err)
	}
	return w.stopped()
}

// spent makes a Problem of a limit that was hit at some place, and errSpent of its error. Other errors are handed on.
func (w *walk) spent(at Place, err error) error {
	var limit *mail.LimitError
	if errors.As(err, &limit) || errors.Is(err, errOverlap) || errors.Is(err, errReadings) {
		w.problem(at, Unscannable, err.Error()+"; what follows was not looked at")
		return errSpent
	}
	return err
}

// problem notes a problem, up to MaxProblems of them.
func (w *walk) problem(at Place, k Kind, detail string) {
	switch n := len(w.problems); {
	case n < MaxProblems-1:
		w.problems = append(w.problems, Problem{Place: at, Kind: k, Detail: detail})
	case n == MaxProblems-1:
		w.problems = append(w.problems, Problem{
			Place: at, Kind: Unscannable, Detail: fmt.Sprintf("limit problems (%d) exceeded; more are not listed", MaxProblems),
		})
	}
}
