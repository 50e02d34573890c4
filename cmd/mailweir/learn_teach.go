// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/learn/store"
)

// lesson is what is to be done with messages.
type lesson int

const (
	teachHam lesson = iota
	teachSpam
	teachForget
	teachMixed
)

// learnBatch is the number of messages that are learned in one transaction: what a kill can lose.
const learnBatch = 500

// teacher learns or forgets messages.
type teacher struct {
	db   *learned
	what lesson
	errs io.Writer
	show *progress

	batch      []store.Item
	done       store.Done // Forgotten ones are counted as learned.
	unknown    int        // Were to be forgotten.
	unreadable int
}

// teach is "mailweir learn spam", "ham", "mixed" and "forget".
func (o *learnOptions) teach(cmd *cobra.Command, messages sources, what lesson) error {
	db, err := o.open(cmd, what == teachForget)
	if err != nil {
		return err
	}
	t := &teacher{db: db, what: what, errs: cmd.ErrOrStderr(), show: newProgress(cmd.ErrOrStderr(), time.Now)}
	r := newLearnReader()
	ctx := cmd.Context()
	each := func(visit func(source) error) error {
		return messages.until(ctx)(func(s source) error {
			s.spam = s.spam || what == teachSpam
			return visit(s)
		})
	}
	alone, err := t.alone(ctx)
	if err != nil {
		return err
	}
	err = inOrder(o.jobs, learnBatch, each, r.read, func(m lessonMessage) error { return t.take(ctx, m) })
	if err == nil || errors.Is(err, errInterrupted) {
		err = errors.Join(err, t.flush(ctx))
	}
	t.show.clear()
	t.tell(cmd.OutOrStdout())
	if alone && t.done.Learned >= manyAlone {
		printf(t.errs, "mailweir: ham and spam were not learned side by side, so verdicts are one-sided; begin anew, with mailweir learn mixed\n")
	}
	if err == nil && t.unreadable > 0 {
		err = errFault
	}
	return err
}

var errInterrupted = fmt.Errorf("%w; run it again to go on", errStopped)

// take learns a message with the next batch.
func (t *teacher) take(ctx context.Context, m lessonMessage) error {
	t.show.step()
	if m.err != nil {
		t.unreadable++
		t.show.clear()
		printf(t.errs, "mailweir: %s\n", shown(fmt.Sprintf("%s: %v", m.name, m.err)))
		return nil //nolint:nilerr // the others are learned
	}
	if t.batch = append(t.batch, m.item); len(t.batch) < learnBatch {
		return nil
	}
	return t.flush(ctx)
}

// flush learns the batch. An interruption does not undo what is under way.
func (t *teacher) flush(ctx context.Context) error {
	if len(t.batch) == 0 {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	batch := t.batch
	t.batch = nil
	if t.what == teachForget {
		known, err := t.db.store.ForgetAll(ctx, t.db.owner, batch)
		if err == nil {
			t.done.Learned += known
			t.unknown += len(batch) - known
		}
		return err
	}
	done, err := t.db.store.Learn(ctx, t.db.owner, batch)
	t.done.Learned += done.Learned
	t.done.Changed += done.Changed
	t.done.Known += done.Known
	return err
}

// manyAlone is the number of messages of one class that may be learned without harm before there are any of the other.
const manyAlone = 200

// alone tells if a class is about to be learned for itself, though the one or the other is not known yet.
func (t *teacher) alone(ctx context.Context) (bool, error) {
	if t.what == teachForget || t.what == teachMixed {
		return false, nil
	}
	st, err := t.db.store.Status(ctx, t.db.owner)
	return st.Ham == 0 || st.Spam == 0, err
}

// tell says what became of the messages.
func (t *teacher) tell(w io.Writer) {
	if t.what == teachForget {
		printf(w, "forgotten %d, not known %d, unreadable %d\n", t.done.Learned, t.unknown, t.unreadable)
		return
	}
	other := map[lesson]string{teachHam: "spam", teachSpam: "ham", teachMixed: "the other"}[t.what]
	printf(w, "learned %d, were %s before %d, known %d, unreadable %d\n", t.done.Learned, other, t.done.Changed, t.done.Known, t.unreadable)
}
