// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"bufio"
	"fmt"
	"os"
)

// rewrite puts a file with nothing but what is still known in the place of one that has grown too long. The lock on the old one is held, and who waits for
// it finds that the file is not at its path any more.
func (s *Store) rewrite(old *os.File) error {
	records := (s.file.end - int64(headOctets)) / recordOctets
	s.mu.Lock()
	live := len(s.table.index)
	s.mu.Unlock()
	if records <= int64(2*live+slack) || records < s.file.rewriteA {
		return nil
	}
	info, err := old.Stat()
	if err != nil {
		return err
	}
	s.mu.Lock()
	list := s.table.all(seconds(s.now()))
	s.mu.Unlock()
	next := newPlace()
	if err := write(s.path, next, list, info.Mode().Perm()); err != nil {
		s.file.rewriteA = records + slack
		return fmt.Errorf("write anew: %w", err)
	}
	next.end += int64(len(list)) * recordOctets
	s.file = next
	return nil
}

// write writes a new file and puts it in place once it is on stable storage: else it might be there and empty after a loss of power.
func write(path string, p place, list []record, mode os.FileMode) error {
	temporary := path + ".new"
	if err := os.Remove(temporary); err != nil && !os.IsNotExist(err) { // Of one who was killed here.
		return err
	}
	f, err := openOwn(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	err = fill(f, p, list, mode)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary) // It is nobody's.
	}
	return err
}

func fill(f *os.File, p place, list []record, mode os.FileMode) error {
	if err := f.Chmod(mode); err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 64<<10)
	if _, err := w.WriteString(magic + string(p.id[:])); err != nil {
		return err
	}
	b := make([]byte, 0, recordOctets)
	for i := range list {
		if _, err := w.Write(list[i].append(b)); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Sync()
}
