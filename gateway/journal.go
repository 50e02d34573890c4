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
	journalEntry   = 16 << 20 // Octets of one file.
)

// journal remembers what was done for which recipients of a mail object, when some of it has to be tried again, so that the retry does not do it
// twice. A mail object is known by its queue ID, reverse-path and content, because Postfix uses queue IDs
// again. It is a folder with one small file for each such mail object. Safe for many goroutines of one process.
type journal struct {
	dir string
	now func() time.Time

	mu    sync.Mutex
	names map[string]time.Time // Files, by when they were written.
	ids   map[string]int       // How many of them there are for a queue ID: most mail needs no look at any file.
}

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
	j := &journal{dir: dir, now: now, names: map[string]time.Time{}, ids: map[string]int{}}
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

// marks counts what earlier attempts have noted: each mark with how often it stands.
func (j *journal) marks(a attempt) map[string]int {
	if !j.knows(a) {
		return nil
	}
	name, err := a.name()
	if err != nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.read(name)
}

// read reads a file. One that is not there, or broken, has no marks.
func (j *journal) read(name string) map[string]int {
	marks := map[string]int{}
	f, err := os.Open(filepath.Join(j.dir, name))
	if err != nil {
		return marks
	}
	defer f.Close()
	if json.NewDecoder(io.LimitReader(f, journalEntry)).Decode(&marks) != nil {
		return map[string]int{}
	}
	return marks
}

// update notes marks and takes out stale ones, and has that on stable storage when it returns. Other transactions may have come out of the same
// queue file: what is noted of them stays. A mark that stands there often enough already is not noted again.
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
	marks := j.read(name)
	for _, m := range stale {
		if marks[m]--; marks[m] <= 0 {
			delete(marks, m)
		}
	}
	wanted := map[string]int{}
	for _, m := range notes {
		wanted[m]++
		marks[m] = max(marks[m], wanted[m])
	}
	if len(marks) == 0 {
		j.remove(name)
		return nil
	}
	return j.write(name, marks)
}

func (j *journal) write(name string, marks map[string]int) error {
	if _, ok := j.names[name]; !ok && len(j.names) >= journalEntries {
		return errors.New("journal is full")
	}
	data, err := json.Marshal(marks)
	if err != nil {
		return err
	}
	if err := writeDurably(filepath.Join(j.dir, name), data); err != nil {
		return err
	}
	j.add(name, j.now())
	return nil
}

// writeDurably puts a whole file in place: a reader sees the old one or the new one, and after a crash too.
func writeDurably(path string, data []byte) (err error) {
	tmp := path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		if rm := os.Remove(tmp); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
			err = errors.Join(err, rm)
		}
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
