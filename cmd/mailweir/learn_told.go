// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
)

// Limits of what is told of a server that does not learn.
const (
	maxSilence = 10 // Messages in a row without an answer, after which it is given up.
	maxReasons = 20 // Reasons that are told apart; messages that are not taken for others are counted only.
)

// told is what became of one message.
type told struct {
	name     string
	new      bool
	err      error
	byServer bool // The error is the server's, and may be the same for all messages.
	silent   bool // It gave no answer.
}

// isSilence tells if an error says that a server gave no answer, and not that it did not like the message.
func isSilence(err error) bool {
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// toldCount counts what became of messages. What a server has said once it does not repeat.
type toldCount struct {
	errs                        io.Writer
	show                        *progress
	done, known, failed, silent int
	row                         int // The last ones, without an answer.
	reasons                     []reason
}

// reason is why a server has not taken messages.
type reason struct {
	text string
	more int // Messages after the first.
}

func (c *toldCount) take(t told) error {
	c.show.step()
	switch {
	case t.err != nil:
		c.failed++
		c.complain(t)
	case t.new:
		c.done++
	default:
		c.known++
	}
	if !t.silent {
		c.row = 0
		return nil
	}
	c.silent, c.row = c.silent+1, c.row+1
	if c.row == maxSilence {
		return c.noAnswer()
	}
	return nil
}

// complain tells why a message was not taken.
func (c *toldCount) complain(t told) {
	if text := t.err.Error(); t.byServer {
		i := slices.IndexFunc(c.reasons, func(r reason) bool { return r.text == text })
		switch {
		case i >= 0:
			c.reasons[i].more++
			return
		case len(c.reasons) == maxReasons:
			return
		}
		c.reasons = append(c.reasons, reason{text: text})
	}
	c.show.clear()
	printf(c.errs, "mailweir: %s\n", shown(fmt.Sprintf("%s: %v", t.name, t.err)))
}

// tell says what became of all.
func (c *toldCount) tell(w io.Writer, to string) {
	c.show.clear()
	for _, r := range c.reasons {
		if r.more > 0 {
			printf(c.errs, "mailweir: %d more: %s\n", r.more, shown(r.text))
		}
	}
	printf(w, "told %s: new %d, nothing new %d, not taken %d\n", to, c.done, c.known, c.failed)
}

// noAnswer is the error of servers that do not answer.
func (c *toldCount) noAnswer() error {
	return fmt.Errorf("no answer for %d messages; run it again to go on", c.silent)
}
