// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"errors"
	"fmt"
)

// The kinds of errors, for errors.Is. Every error of a look-up is of one of them.
var (
	ErrNoName    = errors.New("no such name")          // NXDOMAIN (RFC 2308 section 2.1): the name has no records of any type.
	ErrNoData    = errors.New("no record of the type") // The name exists, but has no such record (RFC 2308 section 2.2).
	ErrTemporary = errors.New("temporary failure")     // No answer, or none that can be used. It says nothing about the name.
	ErrLimit     = errors.New("limit exceeded")        // One of our limits. It says nothing about the name.
	ErrBadName   = errors.New("not a domain name")     // The name cannot be asked about (RFC 1035 section 2.3.4).
)

// Causes of an error of the kind ErrLimit. That the time is over is some server's doing, so it is none that says who has sent too much.
var (
	ErrBudget = errors.New("the message has used up its look-ups")
	errTime   = errors.New("the time for the look-ups of the message is over")
)

// Error is why a look-up gave no records.
type Error struct {
	Kind   error  // One of the kinds above.
	Name   string // As asked for.
	Type   string // "A", "TXT" and so on.
	Server string // The last one that was asked; "" if none was.
	Shared bool   // Found out before, or for somebody else: it tells nothing new.
	Cause  error  // Nil if Kind says it all.
}

// Error tells what was asked, of whom, and what came of it.
func (e *Error) Error() string {
	s := fmt.Sprintf("look up %s of %.255q", e.Type, e.Name)
	if e.Server != "" {
		s += " at " + e.Server
	}
	s += ": " + e.Kind.Error()
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap makes errors.Is find the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// Temporary tells that another try later may give an answer.
func (e *Error) Temporary() bool {
	return errors.Is(e.Kind, ErrTemporary) || errors.Is(e.Kind, ErrLimit)
}

// NotFound tells if the error is an answer: there is no such name, or no such record. A failure is none.
func NotFound(err error) bool { return errors.Is(err, ErrNoName) || errors.Is(err, ErrNoData) }
