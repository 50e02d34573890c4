// SPDX-License-Identifier: Apache-2.0

// Package quarantine keeps messages: it puts, lists, opens, marks, deletes and expires them. Once Put has returned
// without an error, a message and what is known about it survive a crash. It sends nothing: a release goes by the gateway,
// through the next hop. The daemon and the command line may use one folder at the same time. See docs/design/005-quarantine-store.md.
package quarantine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// Options say how much is kept, and for how long.
type Options struct {
	Keep    time.Duration    // Age at which Expire removes an entry; 0 is never.
	MaxSize mail.Size        // Octets of all files that Expire leaves at most; 0 is no limit. Put does not look at it.
	Now     func() time.Time // nil is time.Now.
}

// Store is a folder with one folder per day (UTC), and in that two files per entry: ID.eml with the message octet for octet,
// and ID.json with its Entry. It is safe for many goroutines and many processes.
type Store struct {
	root *os.Root
	opts Options
	sync func(*os.File) error // (*os.File).Sync, but for tests.

	mu  sync.Mutex
	day string // Folder whose name is known to be on stable storage.
}

const (
	folderMode = 0o750
	fileMode   = 0o640
)

// Open opens the store in the folder dir, and makes that folder if only it is missing.
func Open(dir string, opts Options) (*Store, error) {
	if err := makeFolder(dir); err != nil {
		return nil, fmt.Errorf("open quarantine: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open quarantine: %w", err)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Store{root: root, opts: opts, sync: (*os.File).Sync}, nil
}

// makeFolder makes the store's folder, and its name survive a crash.
func makeFolder(dir string) error {
	err := os.Mkdir(dir, folderMode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	parent, err := os.Open(filepath.Dir(dir))
	if err != nil {
		return err
	}
	defer parent.Close()
	return parent.Sync()
}

// Close gives the folder back. Nothing else may be called after it.
func (s *Store) Close() error { return s.root.Close() }

// Put keeps the message of size octets that r gives, and returns once both files and their folder are on stable storage.
// After an error nothing is left of it, and the message is not to be answered for: a full disk (ENOSPC, EDQUOT) is
// one such error. It sets the fields of e that say so.
func (s *Store) Put(ctx context.Context, e Entry, r io.Reader, size int64) (ID, error) {
	e.Version, e.State, e.Size, e.Time, e.Releases, e.Openings = version, Kept, size, s.opts.Now().UTC(), nil, nil
	id, err := s.put(ctx, &e, r)
	if err != nil {
		return "", fmt.Errorf("put message %s into quarantine: %w", e.Envelope.ID, err)
	}
	return id, nil
}

func (s *Store) put(ctx context.Context, e *Entry, r io.Reader) (ID, error) {
	f, err := s.reserve(e)
	if err != nil {
		return "", err
	}
	if err := s.fill(ctx, e, f, r); err != nil {
		return "", errors.Join(err, s.remove(e.ID))
	}
	return e.ID, nil
}

// maxSame bounds the entries for one message within one millisecond.
const maxSame = 20

// reserve creates the temporary file of the message under an ID that nobody else has.
func (s *Store) reserve(e *Entry) (*os.File, error) {
	if err := s.makeDay(e.Time.Format(dayFmt)); err != nil {
		return nil, err
	}
	for n := 1; n <= maxSame; n++ {
		id, err := newID(e.Time, e.Envelope.ID, n)
		if err != nil {
			return nil, err
		}
		f, err := s.create(id)
		if !errors.Is(err, fs.ErrExist) {
			e.ID = id
			return f, err
		}
	}
	return nil, fmt.Errorf("more than %d entries for one message", maxSame)
}

// create fails with fs.ErrExist if there is an entry of this ID, or one is being put. Two cannot both have it: O_EXCL
// refuses the second while the first writes, and after that there is the message.
func (s *Store) create(id ID) (*os.File, error) {
	f, err := s.root.OpenFile(path(id, messageTemp), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, err
	}
	_, err = s.root.Lstat(path(id, message))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		err = fs.ErrExist
	}
	return nil, errors.Join(err, f.Close(), s.root.Remove(path(id, messageTemp)))
}

// makeDay makes the folder of a day, unless it is known to be there for good.
func (s *Store) makeDay(day string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.day == day {
		if _, err := s.root.Lstat(day); err == nil {
			return nil
		}
	}
	if err := s.root.Mkdir(day, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// Whoever made it, another process perhaps: only after this its name survives a crash.
	if err := s.syncFolder("."); err != nil {
		return err
	}
	s.day = day
	return nil
}

// fill writes the files. The rename of the JSON makes the entry visible, so it comes last.
func (s *Store) fill(ctx context.Context, e *Entry, f *os.File, r io.Reader) error {
	if err := s.writeMessage(ctx, e, f, r); err != nil {
		return err
	}
	if err := s.root.Rename(path(e.ID, messageTemp), path(e.ID, message)); err != nil {
		return err
	}
	if err := s.writeEntry(e); err != nil {
		return err
	}
	return s.syncFolder(e.ID.day())
}

func (s *Store) writeMessage(ctx context.Context, e *Entry, f *os.File, r io.Reader) (err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, hash), io.LimitReader(&ctxReader{ctx, r}, e.Size+1))
	if err != nil {
		return err
	}
	if n != e.Size {
		return fmt.Errorf("message has not %d octets but %d: %w", e.Size, n, io.ErrUnexpectedEOF)
	}
	e.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return s.sync(f)
}

// ctxReader ends reading when the context is done.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// writeEntry writes the JSON under a temporary name, and then gives it its own, so that a reader finds all of it or nothing.
func (s *Store) writeEntry(e *Entry) error {
	text, err := marshal(e)
	if err != nil {
		return err
	}
	f, err := s.root.OpenFile(path(e.ID, entryTemp), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		s.keepOwner(e.ID, f)
		err = s.sync(f)
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = s.root.Rename(path(e.ID, entryTemp), path(e.ID, entry))
	}
	if err != nil {
		return errors.Join(err, s.root.Remove(path(e.ID, entryTemp)))
	}
	return nil
}

// keepOwner gives the file that takes the place of an entry the entry's owner: what an administrator marks is still for the
// service to read. Who may not do so is that owner, or one of its group, already.
func (s *Store) keepOwner(id ID, f *os.File) {
	info, err := s.root.Lstat(path(id, entry))
	if err != nil {
		return // A new entry.
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(st.Uid), int(st.Gid))
	}
}

func (s *Store) syncFolder(name string) error {
	d, err := s.root.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return s.sync(d)
}

// What the files of an entry end in.
const (
	message     = ".eml"
	entry       = ".json"
	messageTemp = ".eml.tmp"
	entryTemp   = ".json.tmp"
)

// suffixes are all of them in the order in which files are removed: the JSON first, so that nobody sees half an entry.
func suffixes() []string { return []string{entry, entryTemp, messageTemp, message} }

// path is the name of a file below the store's folder. The ID has to be valid.
func path(id ID, suffix string) string { return id.day() + "/" + string(id) + suffix }

// marshal writes an entry as a person may want to read it.
func marshal(e *Entry) ([]byte, error) {
	text, err := encode(e)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = json.Indent(&b, text, "", "  ")
	return b.Bytes(), err
}

// encode is json.Marshal but for the escapes that only HTML needs: paths have angle brackets.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}
