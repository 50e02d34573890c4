// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/mail"
)

// Bounds of what a walk reports.
const (
	MaxProblems = 100    // Of one message; the last one says that there were more.
	MaxName     = 255    // Octets of one name in a Place.
	MaxAliases  = 256    // Of one leaf; more are a Problem, as a bad name may stand behind many good ones.
	MaxAlias    = 4096   // Octets of one of them.
	MaxFacts    = 50     // Of one leaf; the first of each code is there in any case.
	MaxLinks    = 10_000 // Of all leaves.
	MaxLink     = 8192   // Octets of one of them.
)

// errSpent ends the walk of one entity's archives, after a Problem has told why.
var errSpent = errors.New("budget is spent")

// walk is one message being walked, by one goroutine.
type walk struct {
	u        *Unpacker
	msg      *mail.Message
	stopped  func() error // Why the walk is to end before its end; nil if it is not.
	budget   *mail.Budget
	contents *Contents
	octets   int64 // Of the message, and of all members of archives.
	extra    int64 // Octets read once more, for what only some clients see.
	links    int
	formats  []format
	secrets  secrets // Passwords that may open what is in the message.
	windows  windows

	zstd      *zstd.Decoder // nil until it is needed.
	zstdLease int64         // What it looks back at, if that is too much to be kept.
}

// origin is where a leaf comes from.
type origin struct {
	Place
	within  *Leaf
	by      string
	kept    Holder
	aliases []string
	depth   int
}

// member is the origin of what is taken out of a leaf.
func (l *Leaf) member(by string, kept Holder, names ...string) origin {
	var name string
	if len(names) > 0 {
		name = names[0]
	}
	return origin{Place: l.Place.member(cleanName(name)), within: l, by: by, kept: kept, aliases: names, depth: l.Depth + 1}
}

// as is the origin of another reading of the same octets.
func (o origin) as(how string) origin {
	o.Place, o.by = o.Place.member("as "+how), how
	if o.kept == Entity {
		o.kept = Reading
	}
	return o
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

// leaf adds some content, and what is packed or hides in it.
func (w *walk) leaf(o origin, c content) error {
	if w.zstdLease > 0 {
		w.dropZstd() // What it unpacked is here.
	}
	l := w.add(o, c)
	var err error
	if l.signs, err = w.look(l); err != nil {
		return err
	}
	if err := w.open(l); err != nil {
		return err
	}
	err = w.hidden(l)
	l.signs, l.covered = nil, nil
	return err
}

// add adds a leaf, and does not look into it.
func (w *walk) add(o origin, c content) *Leaf {
	if len(o.aliases) > MaxAliases {
		w.problem(o.Place, Unscannable, fmt.Sprintf("limit names (%d) exceeded: it has %d", MaxAliases, len(o.aliases)))
	}
	l := &Leaf{
		Place: o.Place, Content: c.r, Size: c.size, Depth: o.depth, Within: o.within, By: o.by, Kept: o.kept, Aliases: boundNames(o.aliases),
		Type: filetype.Detect(c.r, c.size), base: c.base, at: c.at,
	}
	w.contents.Leaves = append(w.contents.Leaves, l)
	return l
}

// seal adds a leaf of which only the names are known, and a Problem that says why.
func (w *walk) seal(o origin, k Kind, detail string) {
	l := w.add(o, content{r: nothing{}})
	l.Sealed = k
	w.problem(o.Place, k, detail)
}

func boundNames(names []string) []string {
	names = names[:min(len(names), MaxAliases)]
	for i, n := range names {
		if len(n) > MaxAlias {
			// Its end tells the type.
			names[i] = n[:MaxAlias/2] + n[len(n)-MaxAlias/2:]
		}
	}
	return names
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
	if errors.As(err, &limit) || errors.Is(err, errOverlap) || errors.Is(err, errReads) || errors.Is(err, errReadings) {
		w.problem(at, Unscannable, err.Error()+"; what follows was not looked at")
		return errSpent
	}
	return err
}

// problem notes a problem, up to MaxProblems of them.
func (w *walk) problem(at Place, k Kind, detail string) {
	c := w.contents
	switch n := len(c.Problems); {
	case n < MaxProblems-1:
		c.Problems = append(c.Problems, Problem{Place: at, Kind: k, Detail: detail})
	case n == MaxProblems-1:
		c.Problems = append(c.Problems, Problem{
			Place: at, Kind: Unscannable, Detail: fmt.Sprintf("limit problems (%d) exceeded; more are not listed", MaxProblems),
		})
	}
}

// fact notes a fact about a leaf, once, up to MaxFacts of them; of each code there is one at least.
func (l *Leaf) fact(code, detail string) {
	f := Fact{Code: code, Detail: detail}
	known := false
	for _, have := range l.Facts {
		if have == f {
			return
		}
		known = known || have.Code == code
	}
	if len(l.Facts) < MaxFacts || !known && len(l.Facts) < 2*MaxFacts {
		l.Facts = append(l.Facts, f)
	}
}

// link notes a link in a leaf, up to MaxLinks in the message.
func (w *walk) link(l *Leaf, uri string) {
	switch {
	case uri == "":
		return
	case w.links == MaxLinks:
		w.problem(l.Place, Unscannable, fmt.Sprintf("limit links (%d) exceeded; more are not listed", MaxLinks))
	case w.links < MaxLinks:
		l.Links = append(l.Links, uri[:min(len(uri), MaxLink)])
	}
	w.links++
}
