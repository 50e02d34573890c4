// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// Bounds of the journal.
const (
	journalKeep    = 7 * 24 * time.Hour // Postfix gives up after maximal_queue_lifetime, 5 days by default.
	journalEntries = 100_000
	journalEntry   = 16 << 20    // Octets of one file.
	journalOwed    = 1000        // Files that could not be written and are kept in memory.
	journalTrust   = time.Second // How long the folder is believed to be writable once it was.
)

var errJournalFull = errors.New("journal is full")

// journal remembers what was done for which recipients of a mail object, when some of it has to be tried again, so that the retry does not do it
// twice. A mail object is known by its queue ID, reverse-path and content, because Postfix uses queue IDs
// again. It is a folder with one small file for each such mail object. Safe for many goroutines of one process.
type journal struct {
	dir string
	now func() time.Time

	mu    sync.Mutex
	names map[string]time.Time // Files, by when they were written.
	ids   map[string]int       // How many of them there are for a queue ID: most mail needs no look at any file.
	owed  map[string]marks     // What files would hold that could not be written, and are to be.
	tried time.Time            // When it was found out last that the folder can be written to.
}

// marks is what a file holds: each mark with how often it stands.
type marks map[string]int

// attempt is one attempt to hand over a mail object.
type attempt struct {
	queueID string
	from    string
	content *mail.Spool
}

// prefix is the part of a file's name that stands for the queue ID.
func (a attempt) prefix() string { return digest(a.queueID)[:16] }

// name is the name of the file for an attempt.
func (a attempt) name() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d\n", a.from, a.content.Size())
	if _, err := io.Copy(h, a.content.Reader()); err != nil {
		return "", err
	}
	return a.prefix() + "-" + hex.EncodeToString(h.Sum(nil)[:16]) + ".json", nil
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// openJournal reads which files there are, and removes those that nobody will ask for.
func openJournal(dir string, now func() time.Time) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &journal{dir: dir, now: now, names: map[string]time.Time{}, ids: map[string]int{}, owed: map[string]marks{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	for _, e := range entries {
		fi, err := e.Info()
		if err != nil || !strings.HasSuffix(e.Name(), ".json") {
			_ = os.Remove(filepath.Join(dir, e.Name())) // What a crash left half-written.
			continue
		}
		j.add(e.Name(), fi.ModTime())
	}
	j.expire()
	return j, nil
}

func (j *journal) add(name string, t time.Time) {
	if _, ok := j.names[name]; !ok {
		j.ids[queuePart(name)]++
	}
	j.names[name] = t
}

func queuePart(name string) string {
	prefix, _, _ := strings.Cut(name, "-")
	return prefix
}

func (j *journal) remove(name string) {
	if _, ok := j.names[name]; !ok {
		return
	}
	delete(j.names, name)
	delete(j.owed, name)
	if p := queuePart(name); j.ids[p] > 1 {
		j.ids[p]--
	} else {
		delete(j.ids, p)
	}
	_ = os.Remove(filepath.Join(j.dir, name))
}

// expire removes what is too old.
func (j *journal) expire() {
	for name, t := range j.names {
		if j.now().Sub(t) > journalKeep {
			j.remove(name)
		}
	}
}

func (j *journal) knows(a attempt) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return a.queueID != "" && j.ids[a.prefix()] > 0
}

// marks are what earlier attempts have noted. An error says that nobody knows.
func (j *journal) marks(a attempt) (marks, error) {
	if !j.knows(a) {
		return nil, nil
	}
	name, err := a.name()
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.read(name)
}

// read reads a file. One that is not there, or broken, has no marks.
func (j *journal) read(name string) (marks, error) {
	if _, ok := j.names[name]; !ok {
		return marks{}, nil
	}
	if m, ok := j.owed[name]; ok {
		return maps.Clone(m), nil
	}
	f, err := os.Open(filepath.Join(j.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return marks{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, journalEntry))
	if err != nil {
		return nil, err
	}
	m := marks{}
	if json.Unmarshal(data, &m) != nil || m == nil {
		return marks{}, nil
	}
	return m, nil
}

// ready tells if marks could be noted for an attempt, as far as that can be known before there are any: with a full disk, or a folder that is gone, nothing is to
// be begun that may have to be noted. What could not be written before is written first.
func (j *journal) ready(a attempt, notes []string) error {
	data, err := json.Marshal(marks{}.with(notes, nil))
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.pay(); err != nil {
		return err
	}
	if len(j.names) >= journalEntries {
		j.expire() // Who comes first when all is old makes the room.
	}
	switch now := j.now(); {
	case len(data) > journalEntry, len(j.names) >= journalEntries && j.ids[a.prefix()] == 0:
		return errJournalFull
	case now.Sub(j.tried) >= 0 && now.Sub(j.tried) < journalTrust:
		return nil
	}
	probe := filepath.Join(j.dir, "probe.tmp")
	if err := errors.Join(os.WriteFile(probe, data, 0o600), os.Remove(probe)); err != nil {
		return err
	}
	j.tried = j.now()
	return nil
}

// pay writes what could not be written before.
func (j *journal) pay() error {
	for name, m := range j.owed {
		if err := j.write(name, m); err != nil {
			return err
		}
	}
	return nil
}

// close writes what could not be written before, for the next process.
func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.pay(); err != nil {
		return fmt.Errorf("journal of retries: %w", err)
	}
	return nil
}

// update notes marks and takes out stale ones, and has that on stable storage when it returns. Other transactions may have come out of the same
// queue file: what is noted of them stays. A mark that stands there often enough already is not noted again. What cannot be written is remembered all the
// same, and written later.
func (j *journal) update(a attempt, notes, stale []string) error {
	if len(notes) == 0 && (len(stale) == 0 || !j.knows(a)) {
		return nil
	}
	name, err := a.name()
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire()
	before, err := j.read(name)
	if err != nil {
		return err
	}
	after := before.with(notes, stale)
	switch {
	case len(after) == 0:
		j.remove(name)
		return nil
	case maps.Equal(before, after) && j.owed[name] == nil:
		return nil
	}
	return j.write(name, after)
}

// with gives the marks with notes, and without what is stale.
func (m marks) with(notes, stale []string) marks {
	after := maps.Clone(m)
	for _, s := range stale {
		if after[s]--; after[s] <= 0 {
			delete(after, s)
		}
	}
	wanted := marks{}
	for _, n := range notes {
		wanted[n]++
		after[n] = max(after[n], wanted[n])
	}
	return after
}

func (j *journal) write(name string, m marks) error {
	if _, ok := j.names[name]; !ok && len(j.names) >= journalEntries {
		return errJournalFull
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(data) > journalEntry {
		return errJournalFull
	}
	if err := writeDurably(filepath.Join(j.dir, name), data); err != nil {
		j.tried = time.Time{}
		if _, ok := j.owed[name]; ok || len(j.owed) < journalOwed {
			j.owed[name] = m
			j.add(name, j.now())
		}
		return err
	}
	delete(j.owed, name)
	j.add(name, j.now())
	return nil
}
