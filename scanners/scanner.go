// SPDX-License-Identifier: Apache-2.0

// Package scanners holds the contract of all virus scanners. A scanner speaks to one product by that product's own
// protocol. Each lives in a folder of its own below this one and is listed in package scanners/all; the filter
// "virus" calls them.
package scanners

import (
	"context"
	"fmt"
	"io"
)

// Verdict is what a scanner says of some content.
type Verdict int

// The verdicts. The zero Verdict is no answer, which is never the same as Clean.
const (
	None        Verdict = iota // No answer.
	Clean                      // Looked at whole, nothing found.
	Infected                   // Signature tells what was found.
	Unscannable                // Not looked at, or not whole; Reason tells why: too large, encrypted, damaged.
)

func (v Verdict) String() string {
	switch v {
	case Clean:
		return "clean"
	case Infected:
		return "infected"
	case Unscannable:
		return "unscannable"
	case None:
	}
	return "none"
}

// Report is the answer of a scanner about one piece of content.
type Report struct {
	Verdict   Verdict
	Signature string // If Infected: the product's name for it, one line, bounded by MaxSignature.
	Reason    string // If Unscannable: why, one line.
}

// MaxSignature bounds the octets of a signature's name or a reason that a scanner may hand on.
const MaxSignature = 256

// Scanner hands octets to one virus scanner. Scan reads r, of size octets, at most once and from one goroutine; it may return
// before it has read all. Scan and Probe may be called by many goroutines at once and end soon after ctx is done, with
// no goroutine, connection or process left behind. A non-nil error means no answer; so does a report with the verdict None.
// An answer that is not understood word for word is an error.
type Scanner interface {
	Scan(ctx context.Context, r io.Reader, size int64) (Report, error)

	// Probe asks for product, version and date of the signatures, in one line. An answer that differs from the last one means that
	// verdicts kept since may be stale.
	Probe(ctx context.Context) (engine string, err error)
}

// Deps is what scanners are given to work with.
type Deps struct {
	WorkDir string // For those that need their content in a file. Not shared with other programs unless the operator says so.
}

// Kind is one kind of scanner, as the config names it.
type Kind struct {
	Name    string
	Options func() any // A pointer to options with their defaults; it may have a Validate() error method.
	New     func(options any, d Deps) (Scanner, error)
}

// NewKind makes a Kind of a package's default options and its constructor.
func NewKind[O any, S Scanner](name string, defaults func() O, build func(O, Deps) (S, error)) Kind {
	return Kind{
		Name: name,
		Options: func() any {
			o := defaults()
			return &o
		},
		New: func(options any, d Deps) (Scanner, error) {
			o, ok := options.(*O)
			if !ok {
				return nil, fmt.Errorf("%s: options are %T", name, options)
			}
			s, err := build(*o, d)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	}
}
