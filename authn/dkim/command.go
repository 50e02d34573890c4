// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// errUnpublished is returned by CheckKeys for keys that nobody could verify with.
var errUnpublished = errors.New("not all keys can be used")

// CheckKeys writes a line about each key to w: whether it can be read, and the DNS has its record. The error tells that there is one of which that is not so.
func CheckKeys(ctx context.Context, w io.Writer, r authn.Resolver, keys []KeyFile) error {
	var failed error
	for _, k := range keys {
		said := "ok"
		s, err := k.Load(time.Now)
		if err == nil {
			err = s.CheckPublished(ctx, r)
		}
		if err != nil {
			said, failed = err.Error(), errUnpublished
		}
		if _, err := fmt.Fprintf(w, "%s._domainkey.%s: %s\n", k.Selector, k.Domain, said); err != nil {
			return err
		}
	}
	return failed
}
