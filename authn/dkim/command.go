// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mailweir/mailweir/authn"
)

// Keygen makes a new key of that kind and length (0 for the usual one) in the file of k, which must not be there yet, and writes the record for the zone to w.
func Keygen(w io.Writer, k KeyFile, kind string, bits int) error {
	if err := k.Validate(); err != nil {
		return err
	}
	text, err := GenerateKey(kind, bits)
	if err != nil {
		return err
	}
	if err := WriteNewKey(k.File, text); err != nil {
		return err
	}
	return ShowRecord(w, k)
}

// ShowRecord writes the record of a key as a zone file has it to w.
func ShowRecord(w io.Writer, k KeyFile) error {
	s, err := k.Load(time.Now)
	if err != nil {
		return err
	}
	record, err := Record(s.Key)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, ZoneRecord(s.Domain, s.Selector, record))
	return err
}

// ErrUnpublished is returned by CheckKeys for keys that nobody could verify with.
var ErrUnpublished = errors.New("not all keys can be used")

// CheckKeys writes a line about each key to w: whether it can be read, and the DNS has its record. Where it has another one, both are shown. The error tells that there is a key of
// which that is not so.
func CheckKeys(ctx context.Context, w io.Writer, r authn.Resolver, keys []KeyFile) error {
	var failed error
	for _, k := range keys {
		said, ok := k.check(ctx, r)
		if !ok {
			failed = ErrUnpublished
		}
		if _, err := fmt.Fprintf(w, "%s._domainkey.%s: %s\n", k.Selector, k.Domain, said); err != nil {
			return err
		}
	}
	return failed
}

// check says what is wrong with a key; ok tells that signatures by it verify.
func (k KeyFile) check(ctx context.Context, r authn.Resolver) (said string, ok bool) {
	s, err := k.Load(time.Now)
	if err != nil {
		return err.Error(), false
	}
	want, err := Record(s.Key)
	if err != nil {
		return err.Error(), false
	}
	key, err := s.published(ctx, r)
	if err != nil {
		said = err.Error() + "\n  wanted:    " + want
		for _, record := range shown(r.LookupTXT(ctx, s.Selector+"._domainkey."+s.Domain)) {
			said += "\n  published: " + record
		}
		return said, false
	}
	said = "ok"
	if key.Testing {
		said += "; t=y: in test mode, so that others may take mail for unsigned"
	}
	if err := k.Exposed(); err != nil {
		said += "; " + err.Error()
	}
	return said, true
}

// Limits on what is shown of the DNS's answer.
const (
	maxShown       = 5    // Records.
	maxShownOctets = 2000 // Of one record; that of the longest key has 1,500.
)

// shown are records as a terminal may have them.
func shown(records []string, err error) []string {
	var list []string
	if err != nil {
		return nil
	}
	for _, r := range records[:min(len(records), maxShown)] {
		list = append(list, strings.Map(printable, r[:min(len(r), maxShownOctets)]))
	}
	return list
}

func printable(r rune) rune {
	if r < ' ' || r >= 0x7f {
		return '?'
	}
	return r
}
