// SPDX-License-Identifier: Apache-2.0

package dnslist

import (
	"cmp"
	"context"
	"fmt"

	"github.com/mailweir/mailweir/resolver"
)

// secondhand is the result of a test that somebody else made.
type secondhand struct{ error }

func (e secondhand) Unwrap() error { return e.error }

// prove tests the list. If somebody has tested it since the caller had seen that many tests, or does so now, that one counts: however many ask, there
// is one test at a time, and one is enough. That of somebody who was hurried and got no answer counts for nobody.
func (l *List) prove(ctx context.Context, seen int, hurried bool) error {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return secondhand{fmt.Errorf("wait for the test: %w", ctx.Err())}
	}
	if now, last := l.tests(); now != seen {
		if last != nil {
			return secondhand{last}
		}
		return nil
	}
	err := l.test(ctx)
	if !gone(ctx, hurried, err) {
		l.made(err)
	}
	return err
}

// test asks for the test entries, all at once.
func (l *List) test(ctx context.Context) error {
	ctx = resolver.Fresh(ctx)
	wrong := make(chan error, len(l.config.Unlisted))
	for _, label := range l.config.Unlisted {
		go func() {
			codes, err := l.query(ctx, label)
			if err == nil && len(codes) > 0 {
				err = fmt.Errorf("%w: %s is %v", ErrLiar, label, codes[0])
			}
			wrong <- err
		}()
	}
	var right error
	if l.config.Listed != "" {
		codes, err := l.query(ctx, l.config.Listed)
		if right = err; err == nil && len(codes) == 0 {
			right = fmt.Errorf("%w: %s", ErrEmpty, l.config.Listed)
		}
	}
	var worst error
	for range l.config.Unlisted {
		if err := <-wrong; worst == nil || condemns(err) {
			worst = cmp.Or(err, worst)
		}
	}
	// A list that has everything has its test entry too, so that what must not be listed tells more.
	return cmp.Or(worst, right)
}
