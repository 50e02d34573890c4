// SPDX-License-Identifier: Apache-2.0

package quarantine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Delete removes an entry for good, whatever its version. The error is fs.ErrNotExist if there is no such entry.
func (s *Store) Delete(id ID) error {
	if !id.valid() {
		return fmt.Errorf("%.*q is no quarantine ID", maxID, string(id))
	}
	if _, err := s.root.Lstat(path(id, entry)); err != nil {
		return err
	}
	if err := s.unlink(id); err != nil {
		return err
	}
	return s.syncFolder(id.day())
}

// unlink removes the files of an entry while nobody changes it.
func (s *Store) unlink(id ID) error {
	unlock, err := s.lock(id.day())
	if err != nil {
		return err
	}
	defer unlock()
	return s.remove(id)
}

// remove removes whatever files there are of an ID.
func (s *Store) remove(id ID) error {
	var errs []error
	for _, suffix := range suffixes() {
		if err := s.root.Remove(path(id, suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// leftoverAge is how old a file has to be that no entry needs: by then nobody is putting it any more.
const leftoverAge = time.Hour

// Expire removes entries older than Options.Keep, and then the oldest until all files together have at most
// Options.MaxSize octets. Entries of a later version stay. It also removes what a crash has left, and folders of past days that
// are empty. It tells the entries removed and the octets of all files removed, also if there is an error: one bad file
// does not keep it from the others.
func (s *Store) Expire(ctx context.Context) (removed int, octets int64, err error) {
	x := expiry{store: s, now: s.opts.Now()}
	err = errors.Join(x.byAge(ctx), x.bySize(ctx), x.folders())
	return x.removed, x.octets, err
}

// expiry is one run of Expire.
type expiry struct {
	store   *Store
	now     time.Time
	total   int64 // Octets of all files that are left, known after byAge.
	removed int
	octets  int64
}

func (x *expiry) byAge(ctx context.Context) error {
	var errs []error
	keep := x.store.opts.Keep
	for it, err := range x.items(ctx) {
		switch {
		case err != nil:
		case it.isLeftover(x.now):
			err = x.unlink(it)
		case it.has(entry) && keep > 0 && it.id.Time().Before(x.now.Add(-keep)):
			err = x.expire(it)
		}
		errs = append(errs, err)
		x.total += it.octets()
	}
	x.total -= x.octets
	return errors.Join(errs...)
}

func (x *expiry) bySize(ctx context.Context) error {
	limit := int64(x.store.opts.MaxSize)
	if limit == 0 || x.total <= limit {
		return nil
	}
	var errs []error
	for it, err := range x.items(ctx) {
		if err == nil && it.has(entry) {
			before := x.octets
			err = x.expire(it)
			x.total -= x.octets - before
		}
		errs = append(errs, err)
		if x.total <= limit {
			break
		}
	}
	return errors.Join(errs...)
}

// expire removes an entry, unless a later version wrote it: that may know a reason to keep it.
func (x *expiry) expire(it item) error {
	e, err := x.store.Get(it.id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && e.Version != version {
		return nil
	}
	if err := x.unlink(it); err != nil {
		return err
	}
	x.removed++
	return nil
}

func (x *expiry) unlink(it item) error {
	if err := x.store.unlink(it.id); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("expire %s: %w", it.id, err)
	}
	x.octets += it.octets()
	return nil
}

// folders removes those of past days that are empty. Today's may be about to get an entry, and yesterday's when its
// last one began before midnight.
func (x *expiry) folders() error {
	days, err := x.store.readDays()
	errs := []error{err}
	for _, day := range days {
		if day >= x.now.UTC().AddDate(0, 0, -1).Format(dayFmt) {
			break
		}
		info, err := x.store.root.Lstat(day)
		if err == nil && info.IsDir() { // A file of such a name is not ours.
			err = x.store.root.Remove(day)
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTEMPTY) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// item is the files of one ID.
type item struct {
	id      ID
	sizes   map[string]int64 // Octets by what the name ends in.
	changed time.Time        // The latest of its files.
}

func (it item) has(suffix string) bool {
	_, ok := it.sizes[suffix]
	return ok
}

func (it item) octets() int64 {
	var sum int64
	for _, n := range it.sizes {
		sum += n
	}
	return sum
}

// isLeftover tells if a crash has left these files: there is no JSON, and nobody is about to write it.
func (it item) isLeftover(now time.Time) bool {
	return !it.has(entry) && now.Sub(it.changed) > leftoverAge
}

// items gives all that is there, oldest first. It holds the names of one day at a time.
func (x *expiry) items(ctx context.Context) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		days, err := x.store.readDays()
		if err != nil && !yield(item{}, err) {
			return
		}
		for _, day := range days {
			names, err := x.store.readNames(day)
			if err != nil && !yield(item{}, err) {
				return
			}
			for _, id := range idsOf(names) {
				if err := ctx.Err(); err != nil {
					yield(item{}, err)
					return
				}
				if !yield(x.item(id)) {
					return
				}
			}
		}
	}
}

// idsOf gives the IDs that files are named for, in order. Files of other names are not ours.
func idsOf(names []string) []ID {
	var ids []ID
	for _, name := range names {
		for _, suffix := range suffixes() {
			if id, ok := idOf(name, suffix); ok {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (x *expiry) item(id ID) (item, error) {
	it := item{id: id, sizes: make(map[string]int64)}
	for _, suffix := range suffixes() {
		info, err := x.store.root.Lstat(path(id, suffix))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return it, err
		}
		it.sizes[suffix] = info.Size()
		if info.ModTime().After(it.changed) {
			it.changed = info.ModTime()
		}
	}
	return it, nil
}
