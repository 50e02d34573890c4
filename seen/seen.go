// SPDX-License-Identifier: Apache-2.0

// Package seen remembers what was seen before, and when: a bounded set of keyed hashes with times, in memory and in one file. What the hashes stand for
// is known only to who has the site's secret. It knows nothing of mail; filters that remember something have a file each.
//
// The file is a log that is appended to, without fsync: a process that is killed loses nothing that it has saved, a host that loses power the last
// seconds. Several stores may have the same file open at one time, in one process or in many, as when the config is read again: what one appends the
// others take over when they save.
package seen

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Limits.
const (
	MaxEntries = 16_000_000 // That a store may be told to keep.
	MaxClasses = 4
)

// Key is the keyed hash of what is remembered.
type Key [16]byte

// Entry is what is remembered of one key.
type Entry struct {
	Class int       // Index in Options.Classes.
	Group uint8     // Whose it is, by a hash: who brings many entries pushes out those of the same group first.
	First time.Time // When it was seen first, in whole seconds. The zero time for now.
	Last  time.Time // When it was updated last, in whole seconds; the store sets it.
	Count uint32    // For the caller.
	Tag   uint32    // For the caller.
}

// Class is one kind of entries.
type Class struct {
	Keep  time.Duration // How long an entry is known after its last update.
	Share int           // So many entries of the class are safe from those of other classes.
	Group int           // So many entries of the class one group may have; a further one pushes out its own. 0 for no limit.
}

// Options say what a store keeps.
type Options struct {
	Max     int              // Entries in all; about 120 octets of memory each, and twice 40 in the file.
	Classes []Class          // At most MaxClasses. They may change; what is in the file with a class that is gone is forgotten.
	Now     func() time.Time // The clock; nil for time.Now.
}

func (o *Options) validate() error {
	if o.Max < 1 || o.Max > MaxEntries {
		return fmt.Errorf("entries: %d: want 1 to %d", o.Max, MaxEntries)
	}
	if len(o.Classes) < 1 || len(o.Classes) > MaxClasses {
		return fmt.Errorf("classes: %d: want 1 to %d", len(o.Classes), MaxClasses)
	}
	shares := 0
	for _, c := range o.Classes {
		if c.Keep < time.Second || c.Share < 0 || c.Group < 0 {
			return fmt.Errorf("class: %+v: want a second at least, and a share and a limit from 0 on", c)
		}
		shares += c.Share
	}
	if shares > o.Max {
		return errors.New("classes: their shares are more than all entries")
	}
	return nil
}

// Store is a set of entries. Safe for many goroutines. It needs no end: nothing goes on between calls.
type Store struct {
	path string
	now  func() time.Time

	mu    sync.Mutex // Of the table; held for no longer than a copy in memory takes.
	table *table

	saving sync.Mutex // Of what follows, which is about the file.
	file   place
	busy   bool // The file could not be locked the last time.

	failed atomic.Int64 // When Keep could not save, in nanoseconds since 1970; 0 if it could the last time.
}

// Open reads the file, if there is one. It is made by the first Save.
func Open(path string, o Options) (*Store, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	s := &Store{path: path, now: o.Now, table: newTable(o)}
	if s.now == nil {
		s.now = time.Now
	}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return s, nil
}

// Get is what is known of a key. It costs no look at the file.
func (s *Store) Get(k Key) (e Entry, known bool) {
	now := seconds(s.now())
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.table.get(k, now)
}

// Update lets change give what is to be known of a key from what is known by now; false leaves things as they are. It is to be saved later, unless
// nothing but Last changes, and that by little.
func (s *Store) Update(k Key, change func(e Entry, known bool) (Entry, bool)) {
	now := seconds(s.now())
	s.mu.Lock()
	defer s.mu.Unlock()
	e, known := s.table.get(k, now)
	e, ok := change(e, known)
	if ok {
		s.table.put(k, e, now)
	}
}

// Lives tells how long entries of a class and group last at present: for as long as the class says, unless in the last hour one had to be given up
// before that for want of room.
func (s *Store) Lives(class int, group uint8) time.Duration {
	now := seconds(s.now())
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.table.lives(class, group, now)
}

// Len counts the entries of a class, those that nobody has missed since they expired too.
func (s *Store) Len(class int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.table.count[class]
}

// seconds since 1970. Before and beyond what fits in 32 bits (the year 2106) time stands still.
func seconds(t time.Time) uint32 {
	return uint32(min(max(t.Unix(), 1), 1<<32-1))
}
