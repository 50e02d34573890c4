// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// item is one content that the scanners are given.
type item struct {
	id      string      // Of the message, for the log.
	part    mail.PartID // "" if it is the message.
	where   string
	content io.ReaderAt
	size    int64
	digest  *[sha256.Size]byte // Nil if the verdict is not to be kept.
}

func (it *item) reader() io.Reader { return io.NewSectionReader(it.content, 0, it.size) }

// messageItem is the whole message. It is not looked up in the cache: no two messages are the same, as their trace fields differ.
func messageItem(msg *mail.Message) *item {
	return &item{where: "message", content: msg.Reader(), size: msg.Size()}
}

// session is one message being scanned: several items at once, each by all engines.
type session struct {
	f      *filter
	id     string // Of the message.
	items  errgroup.Group
	probes sync.WaitGroup
	all    []*item

	mu      sync.Mutex
	results map[*item][]answer
}

func newSession(ctx context.Context, f *filter, env *mail.Envelope) *session {
	s := &session{f: f, results: map[*item][]answer{}}
	if env != nil {
		s.id = env.ID
	}
	s.items.SetLimit(f.parallel)
	// A scanner is asked for its version beside the scans, so that nobody waits for it.
	now := f.now()
	for _, list := range [][]*engine{f.engines, f.backup} {
		for _, e := range list {
			if e.due(now) {
				s.probes.Go(func() { e.probe(ctx) })
			}
		}
	}
	return s
}

// leaves takes all leaves of the message in hand.
func (s *session) leaves(ctx context.Context, msg *mail.Message) error {
	in, err := s.f.unpacker.Contents(ctx, msg)
	if err != nil {
		return err
	}
	for _, l := range in.Leaves {
		if err := s.leaf(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// leaf takes a leaf of the message in hand.
func (s *session) leaf(ctx context.Context, l *unpack.Leaf) error {
	it := &item{part: l.Part, where: l.String(), content: l.Content, size: l.Size}
	if s.f.engines[0].cache != nil {
		var err error
		if it.digest, err = s.f.digest(it); err != nil {
			return fmt.Errorf("read %s: %w", it.where, err)
		}
	}
	s.add(ctx, it)
	return nil
}

func (f *filter) digest(it *item) (*[sha256.Size]byte, error) {
	page, ok := f.pages.Get().(*[]byte)
	if !ok {
		p := make([]byte, pageSize)
		page = &p
	}
	defer f.pages.Put(page)
	h := sha256.New()
	if _, err := io.CopyBuffer(h, it.reader(), *page); err != nil {
		return nil, err
	}
	return (*[sha256.Size]byte)(h.Sum(nil)), nil
}

// add has an item scanned as soon as there is room for one more. Empty content is clean.
func (s *session) add(ctx context.Context, it *item) {
	if it.size == 0 {
		return
	}
	s.all = append(s.all, it)
	s.items.Go(func() error {
		s.scan(ctx, it)
		return nil
	})
}

// here has an item scanned at once, without a goroutine of its own.
func (s *session) here(ctx context.Context, it *item) {
	if it.size > 0 {
		s.all = append([]*item{it}, s.all...) // What is found in the message comes first.
		s.scan(ctx, it)
	}
}

func (s *session) scan(ctx context.Context, it *item) {
	it.id = s.id
	got := s.f.scan(ctx, it)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.results[it] = got
}

// finish waits for all scans and makes findings of them, in the order of the items.
func (s *session) finish() []filters.Finding {
	s.wait()
	v := newVerdicts(s.f)
	for _, it := range s.all {
		v.add(it, s.results[it])
	}
	return v.findings()
}

// wait waits for all goroutines of the session.
func (s *session) wait() {
	// The items have no errors: those of scanners are answers.
	_ = s.items.Wait()
	s.probes.Wait()
}

// scan asks all engines side by side, and then those of the backup list, one by one, until enough have answered.
func (f *filter) scan(ctx context.Context, it *item) []answer {
	answers := make([]answer, len(f.engines))
	var wg sync.WaitGroup
	for i, e := range f.engines[1:] {
		wg.Go(func() { answers[i+1] = e.ask(ctx, it) })
	}
	answers[0] = f.engines[0].ask(ctx, it)
	wg.Wait()
	for _, e := range f.backup {
		if answered(answers) >= f.need {
			break
		}
		answers = append(answers, e.ask(ctx, it))
	}
	return answers
}

func answered(answers []answer) int {
	n := 0
	for _, a := range answers {
		if a.err == nil {
			n++
		}
	}
	return n
}
