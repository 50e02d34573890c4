// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"context"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/salearn"
	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/mail"
)

const (
	young      = 1000             // Messages of each class that were learned, from which on nobody asks any more what SpamAssassin had learned.
	importLook = 10 * time.Minute // How often it is looked if something was imported.
)

// imported is what SpamAssassin had learned, if that was imported.
type imported struct {
	options *Options
	store   *store.Store // Nil if there is nothing to read.
	tokens  *salearn.Tokenizer
	now     func() time.Time
	log     logrus.FieldLogger
	reader  reader

	mu   sync.Mutex
	have *salearn.Counts
	next time.Time
}

// prior is the log-odds that SpamAssassin would give a message. known is false if it would not tell, or if what we have learned ourselves is enough.
func (i *imported) prior(ctx context.Context, msg *mail.Message, own learn.Verdict) (odds float64, known bool, err error) {
	if min(own.Ham, own.Spam) >= young {
		return 0, false, nil
	}
	c := i.current(ctx)
	if c == nil || int(c.Ham) < i.options.MinHam || int(c.Spam) < i.options.MinSpam {
		return 0, false, nil
	}
	tokens, err := i.tokens.Tokens(msg)
	if err != nil {
		return 0, false, err
	}
	odds, known = c.LogOdds(tokens)
	return odds, known, nil
}

// counts are the messages that SpamAssassin had learned from. It had scored no ham before, so all of it stands for that.
func (i *imported) counts() (ham, spam, compared int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.have == nil {
		return 0, 0, 0
	}
	return int(i.have.Ham), int(i.have.Spam), int(i.have.Ham)
}

// current is what was imported; nil if nothing was.
func (i *imported) current(ctx context.Context) *salearn.Counts {
	i.mu.Lock()
	due := !i.now().Before(i.next)
	i.mu.Unlock()
	if due && i.store != nil {
		i.reader.look(ctx, i.log, i.read)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.have
}

// read reads what was imported, or keeps what was read before.
func (i *imported) read(ctx context.Context) {
	defer func() { // After a panic, too.
		i.mu.Lock()
		defer i.mu.Unlock()
		i.next = i.now().Add(importLook)
	}()
	fresh, err := i.store.Imported(ctx)
	if err != nil {
		i.log.WithError(err).Warn("what SpamAssassin had learned cannot be read")
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.have = fresh
}
