// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/mailweir/mailweir/breaker"
)

// ErrTooLarge is the error of a message that is larger than max_size: it is not learned.
var ErrTooLarge = errors.New("message is larger than max_size")

// ErrNoController is the error of options without controllers.
var ErrNoController = errors.New("controllers: want at least one to learn by")

// Learner tells rspamd's controllers what is spam and what is not. It is safe for many goroutines.
type Learner struct {
	options *Options
	user    string
}

// NewLearner makes a learner for the controllers of the options. It connects to none.
func NewLearner(o *Options) (*Learner, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if len(o.Controllers) == 0 {
		return nil, ErrNoController
	}
	return &Learner{options: o}, nil
}

// ForUser is a learner for what one user calls spam, if rspamd's learning tells users apart. The user is a recipient's address.
func (l *Learner) ForUser(user string) (*Learner, error) {
	if !fits(user) {
		return nil, fmt.Errorf("user %.40q: want an address of at most %d octets", user, maxFact)
	}
	return &Learner{options: l.options, user: user}, nil
}

// Learn has all controllers learn a message, of size octets, as spam or as ham. learned tells if it was new to one of them. An error says which of them have
// not learned it, for which reason: it can be tried again, as a message counts once however often it is told. What was learned as the other of the two
// is forgotten.
func (l *Learner) Learn(ctx context.Context, message io.ReaderAt, size int64, spam bool) (learned bool, err error) {
	if size > int64(l.options.MaxSize) {
		return false, fmt.Errorf("%w (%v)", ErrTooLarge, l.options.MaxSize)
	}
	q := request{method: http.MethodPost, path: "/learnham", header: http.Header{}, content: message, size: size}
	if spam {
		q.path = "/learnspam"
	}
	set(q.header, "Password", l.options.Password)
	set(q.header, "Deliver-To", l.user)
	set(q.header, "Rcpt", l.user)
	err = l.each(ctx, func(ctx context.Context, address string) error {
		fresh := false
		err := exchange(ctx, address, &q, func(status int, body io.Reader) error {
			if fresh = status == http.StatusOK; fresh || status == http.StatusAlreadyReported { // It was learned before.
				return nil
			}
			return refused(status, body)
		})
		learned = learned || fresh && err == nil
		return err
	})
	return learned, err
}

// Ping asks all controllers if they are there.
func (l *Learner) Ping(ctx context.Context) error {
	return l.each(ctx, ping)
}

// each asks one controller after the other, each for as long as the filter would ask a server.
func (l *Learner) each(ctx context.Context, ask func(ctx context.Context, address string) error) error {
	return breaker.Each(ctx, l.options.Controllers, l.options.Timeout, ask)
}
