// SPDX-License-Identifier: Apache-2.0

package quarantine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/policy"
)

// maxEntry bounds the octets of a JSON that is read: some thousands of recipients.
const maxEntry = 64 << 20

// Get reads what is known about an entry. An entry written by a later version is given as far as it is understood; its
// Version tells. The error is fs.ErrNotExist if there is no such entry.
func (s *Store) Get(id ID) (*Entry, error) {
	if !id.valid() {
		return nil, fmt.Errorf("%.*q is no quarantine ID", maxID, string(id))
	}
	f, err := s.root.Open(path(id, entry))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxEntry+1))
	if err != nil {
		return nil, err
	}
	e, err := unmarshal(text)
	if err != nil {
		return nil, fmt.Errorf("entry %s: %w", id, err)
	}
	if e.Version != version {
		e.ID, e.Time = id, id.Time()
	}
	if e.ID != id {
		return nil, fmt.Errorf("entry %s: is named %.*q inside", id, maxID, string(e.ID))
	}
	return e, nil
}

// unmarshal reads the JSON of an entry. What a later version wrote is taken as far as it goes.
func unmarshal(text []byte) (*Entry, error) {
	if len(text) > maxEntry {
		return nil, fmt.Errorf("is larger than %d octets", maxEntry)
	}
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, err
	}
	if head.Version < 1 {
		return nil, errors.New("has no version")
	}
	var e Entry
	if err := json.Unmarshal(text, &e); err != nil && head.Version == version {
		return nil, err
	}
	e.Version = head.Version
	return &e, nil
}

// Open opens the message octet for octet. Who opens it closes it; it stays readable if the entry is deleted meanwhile.
func (s *Store) Open(id ID) (*os.File, error) {
	if !id.valid() {
		return nil, fmt.Errorf("%.*q is no quarantine ID", maxID, string(id))
	}
	return s.root.Open(path(id, message))
}

// Filter says which entries to list. All conditions given have to hold; the zero Filter lists everything.
type Filter struct {
	Since   time.Time      // Kept at this time or later.
	Until   time.Time      // Kept before this time.
	Message string         // ID of the message, as in the log.
	Rcpt    policy.Pattern // Matches a recipient that it is kept for.
	From    policy.Pattern // Matches the reverse-path.
	Class   string         // HasClass.
	Shelf   string
	Limit   int // Entries to list at most; 0 is all.
}

// List gives the entries newest first, one at a time. An entry that cannot be read comes with an error, and with its ID
// and Time only; if the folder itself cannot be read, the entry is nil. An entry that vanishes meanwhile is left out, and one
// that is put meanwhile may be.
func (s *Store) List(f Filter) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		listed := 0
		for id, err := range s.ids(f) {
			if err != nil {
				if !yield(nil, err) {
					return
				}
				continue
			}
			e, err := s.Get(id)
			if errors.Is(err, fs.ErrNotExist) || err == nil && !f.matches(e) {
				continue
			}
			if err != nil {
				e = &Entry{ID: id, Time: id.Time()}
			}
			listed++
			if !yield(e, err) || listed == f.Limit {
				return
			}
		}
	}
}

// ids gives the IDs of the entries that their name does not rule out, newest first. It holds the names of one day at a time.
func (s *Store) ids(f Filter) iter.Seq2[ID, error] {
	return func(yield func(ID, error) bool) {
		days, err := s.readDays()
		if err != nil {
			yield("", err)
			return
		}
		for _, day := range slices.Backward(days) {
			if !f.matchesDay(day) {
				continue
			}
			names, err := s.readNames(day)
			if err != nil && !yield("", err) {
				return
			}
			for _, name := range slices.Backward(names) {
				id, ok := idOf(name, entry)
				if ok && f.matchesID(id) && !yield(id, nil) {
					return
				}
			}
		}
	}
}

// readDays gives the folders of days, oldest first.
func (s *Store) readDays() ([]string, error) {
	names, err := s.readNames(".")
	return slices.DeleteFunc(names, func(name string) bool {
		_, err := time.Parse(dayFmt, name)
		return err != nil
	}), err
}

// readNames gives the names in a folder in order; none if the folder has vanished.
func (s *Store) readNames(folder string) ([]string, error) {
	d, err := s.root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

// idOf is the ID in the name of a file that ends in suffix.
func idOf(name, suffix string) (ID, bool) {
	base, ok := strings.CutSuffix(name, suffix)
	return ID(base), ok && ID(base).valid()
}

func (f Filter) matchesDay(day string) bool {
	return (f.Since.IsZero() || day >= f.Since.UTC().Format(dayFmt)) &&
		(f.Until.IsZero() || day <= f.Until.UTC().Format(dayFmt))
}

func (f Filter) matchesID(id ID) bool {
	t := id.Time()
	return (f.Since.IsZero() || !t.Before(f.Since.Truncate(time.Millisecond))) &&
		(f.Until.IsZero() || t.Before(f.Until)) &&
		(f.Message == "" || strings.HasPrefix(string(id[len(idTime)+1:]), f.Message))
}

func (f Filter) matches(e *Entry) bool {
	return (f.Message == "" || e.Envelope.ID == f.Message) &&
		(f.From == "" || f.From.Match(e.Envelope.MailFrom.Mail())) &&
		(f.Rcpt == "" || slices.ContainsFunc(e.Recipients, func(r Recipient) bool { return f.Rcpt.Match(r.Path.Mail()) })) &&
		(f.Class == "" || e.HasClass(f.Class)) &&
		(f.Shelf == "" || slices.Contains(e.Shelves, f.Shelf))
}
