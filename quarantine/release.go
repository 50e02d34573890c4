// SPDX-License-Identifier: Apache-2.0

package quarantine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mailweir/mailweir/mail"
)

// Sender hands the message of an entry to the next hop for rcpts, without filtering it again, with ReleaseEdit on top. It
// tells for whom the next hop has answered 250, and with what reply; the error is about the others. What it leaves on a
// connection is its own.
type Sender func(ctx context.Context, e *Entry, message *io.SectionReader, rcpts []mail.Path) (taken []mail.Path, reply string, err error)

// Release sends an entry to rcpts, or to those that it is kept for if there are none, and marks it as released to those that
// the next hop has taken it for. The error is not nil if there are others. A message that is not what was kept is not sent.
func (s *Store) Release(ctx context.Context, id ID, rcpts []mail.Path, send Sender) (taken []mail.Path, err error) {
	e, err := s.Get(id)
	if err != nil {
		return nil, err
	}
	f, err := s.Open(id)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := e.verify(f); err != nil {
		return nil, fmt.Errorf("entry %s: %w", id, err)
	}
	if len(rcpts) == 0 {
		rcpts = e.Mail().RcptTo
	}
	taken, reply, err := send(ctx, e, io.NewSectionReader(f, 0, e.Size), rcpts)
	if err != nil {
		err = fmt.Errorf("release %s: %w", id, err)
	}
	if len(taken) == 0 {
		return nil, err
	}
	if markErr := s.MarkReleased(id, taken, reply); markErr != nil {
		err = errors.Join(err, fmt.Errorf("entry %s was sent, but is not marked as released: %w", id, markErr))
	}
	return taken, err
}

// verify compares the message with what was kept.
func (e *Entry) verify(f *os.File) error {
	hash := sha256.New()
	n, err := io.Copy(hash, f)
	if err != nil {
		return err
	}
	if n != e.Size || hex.EncodeToString(hash.Sum(nil)) != e.SHA256 {
		return errors.New("the message is not the one that was kept")
	}
	return nil
}

// ReleaseEdit is the trace field that a released message gets: Mailweir-Released: ID; date (RFC 5322 section 3.3).
func (e *Entry) ReleaseEdit(now time.Time) mail.Edit {
	return mail.AddField{Name: "Mailweir-Released", Value: string(e.ID) + "; " + now.Format(time.RFC1123Z)}
}

// MarkReleased notes that the next hop has answered 250 for rcpts. It does not touch an entry of a later version.
func (s *Store) MarkReleased(id ID, rcpts []mail.Path, reply string) error {
	r := Release{Time: s.opts.Now().UTC(), Reply: cut(reply, MaxDetail)}
	for _, p := range rcpts {
		r.Recipients = append(r.Recipients, Path(p.Raw))
	}
	return s.update(id, func(e *Entry) { e.State, e.Releases = Released, append(e.Releases, r) })
}

// MarkOpened notes that who is about to read the message. It does not touch an entry of a later version.
func (s *Store) MarkOpened(id ID, who string) error {
	o := Opening{Time: s.opts.Now().UTC(), Who: cut(who, MaxDetail)}
	return s.update(id, func(e *Entry) { e.Openings = append(e.Openings, o) })
}

// update changes what is known about an entry. Readers see it as it was or as it is.
func (s *Store) update(id ID, change func(*Entry)) error {
	if !id.valid() {
		return fmt.Errorf("%.*q is no quarantine ID", maxID, string(id))
	}
	unlock, err := s.lock(id.day())
	if err != nil {
		return err
	}
	defer unlock()
	e, err := s.Get(id)
	if err != nil {
		return err
	}
	if e.Version != version {
		return fmt.Errorf("entry %s: has version %d, and this program writes %d", id, e.Version, version)
	}
	change(e)
	if err := s.writeEntry(e); err != nil {
		return err
	}
	return s.syncFolder(id.day())
}

// lock keeps other processes and goroutines from changing entries of a day that are there already. Putting and reading
// need no lock. It ends with the process, so a crash leaves none behind.
func (s *Store) lock(day string) (unlock func(), err error) {
	d, err := s.root.Open(day)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(d.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock folder %s: %w", day, err), d.Close())
	}
	return func() { d.Close() }, nil
}
