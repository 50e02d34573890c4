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

// Sender hands the message of an entry to the next hop for rcpts, without filtering it again, and gives the reply of the
// next hop once that is a 250. It adds ReleaseEdit.
type Sender func(ctx context.Context, e *Entry, message *io.SectionReader, rcpts []mail.Path) (reply string, err error)

// Release sends an entry to rcpts, or to those that it is kept for if there are none, and marks it as released once the
// next hop has taken it. A message that is not what was kept is not sent.
func (s *Store) Release(ctx context.Context, id ID, rcpts []mail.Path, send Sender) (reply string, err error) {
	e, err := s.Get(id)
	if err != nil {
		return "", err
	}
	f, err := s.Open(id)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := e.verify(f); err != nil {
		return "", fmt.Errorf("entry %s: %w", id, err)
	}
	if len(rcpts) == 0 {
		rcpts = e.Mail().RcptTo
	}
	reply, err = send(ctx, e, io.NewSectionReader(f, 0, e.Size), rcpts)
	if err != nil {
		return "", fmt.Errorf("release %s: %w", id, err)
	}
	if err := s.MarkReleased(id, rcpts, reply); err != nil {
		return reply, fmt.Errorf("entry %s was sent, but is not marked as released: %w", id, err)
	}
	return reply, nil
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
	r := Release{Time: s.opts.Now().UTC(), Reply: cut(reply, MaxDetail)}
	for _, p := range rcpts {
		r.Recipients = append(r.Recipients, Path(p.Raw))
	}
	e.State, e.Releases = Released, append(e.Releases, r)
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
