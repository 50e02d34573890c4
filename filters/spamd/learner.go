// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/breaker"
)

// ErrTooLarge is the error of a message that is larger than max_size: it is not learned.
var ErrTooLarge = errors.New("message is larger than max_size")

// Learner tells spamd what is spam and what is not, by the command TELL. The daemon has to be started with --allow-tell. It is safe for many goroutines.
type Learner struct {
	options *Options
	user    string
}

// NewLearner makes a learner for the servers of the options. It connects to none.
func NewLearner(o *Options) (*Learner, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	l := &Learner{options: o}
	if o.User != userOfOne {
		l.user = o.User
	}
	return l, nil
}

// ForUser is a learner for what one user calls spam: with the option user: recipient, the recipient's address.
func (l *Learner) ForUser(user string) (*Learner, error) {
	if !isUser(user) {
		return nil, fmt.Errorf("user %.40q: want a name of letters, digits and ._+=@- of at most %d octets", user, maxUser)
	}
	return &Learner{options: l.options, user: user}, nil
}

// Learn has all servers learn a message, of size octets, as spam or as ham. learned tells if it was new to one of them. An error says which of them have
// not learned it, for which reason: it can be tried again, as a message counts once however often it is told.
func (l *Learner) Learn(ctx context.Context, message io.ReaderAt, size int64, spam bool) (learned bool, err error) {
	class := "Message-class: ham"
	if spam {
		class = "Message-class: spam"
	}
	return l.tell(ctx, message, size, "didset", class, "Set: local")
}

// Forget has all servers forget that they learned a message. forgotten tells if one of them had.
func (l *Learner) Forget(ctx context.Context, message io.ReaderAt, size int64) (forgotten bool, err error) {
	return l.tell(ctx, message, size, "didremove", "Remove: local")
}

// Ping asks all servers if they are there.
func (l *Learner) Ping(ctx context.Context) error {
	return l.each(ctx, func(ctx context.Context, address string) error { return ping(ctx, address) })
}

func (l *Learner) tell(ctx context.Context, message io.ReaderAt, size int64, did string, fields ...string) (done bool, err error) {
	if size > int64(l.options.MaxSize) {
		return false, fmt.Errorf("%w (%v)", ErrTooLarge, l.options.MaxSize)
	}
	q := query{command: "TELL", fields: fields, user: l.user, content: message, size: size, compress: l.options.Compress}
	err = l.each(ctx, func(ctx context.Context, address string) error {
		r, err := exchange(ctx, address, &q)
		if err != nil {
			return err
		}
		done = done || strings.Contains(r.fields[did], "local")
		return nil
	})
	return done, err
}

// each asks one server after the other, each for as long as the filter would.
func (l *Learner) each(ctx context.Context, ask func(ctx context.Context, address string) error) error {
	return breaker.Each(ctx, l.options.Servers, l.options.Timeout, ask)
}
