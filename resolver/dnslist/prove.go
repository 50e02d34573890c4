// SPDX-License-Identifier: Apache-2.0

package dnslist

import (
	"context"
	"fmt"

	"github.com/mailweir/mailweir/resolver"
)

// secondhand is the result of a test that somebody else made.
type secondhand struct{ error }

func (e secondhand) Unwrap() error { return e.error }

// prove tests the list. If somebody has tested it since the caller had seen that many tests, or does so now, that one counts: however many ask, there
// is one test at a time, and one is enough.
func (l *List) prove(ctx context.Context, seen int) error {
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
	if !gone(ctx, err) {
		l.made(err)
	}
	return err
}

// test asks for the test entries.
func (l *List) test(ctx context.Context) error {
	wrong := make(chan error, 1)
	go func() {
		if l.config.Unlisted == "" {
			wrong <- nil
			return
		}
		codes, err := l.query(resolver.Fresh(ctx), l.config.Unlisted)
		if err == nil && len(codes) > 0 {
			err = fmt.Errorf("%w: %s is %v", ErrLiar, l.config.Unlisted, codes[0])
		}
		wrong <- err
	}()
	var right error
	if l.config.Listed != "" {
		codes, err := l.query(resolver.Fresh(ctx), l.config.Listed)
		if right = err; err == nil && len(codes) == 0 {
			right = fmt.Errorf("%w: %s", ErrEmpty, l.config.Listed)
		}
	}
	// A list that has everything has its test entry too, so the other one tells more.
	if err := <-wrong; err != nil {
		return err
	}
	return right
}
