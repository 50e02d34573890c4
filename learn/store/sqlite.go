// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const sqliteTables = `
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS learn_model (owner BLOB PRIMARY KEY, epoch INTEGER NOT NULL, at INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS learn_page (owner BLOB NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (owner, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS learn_message (owner BLOB NOT NULL, digest BLOB NOT NULL, spam INTEGER NOT NULL, words REAL NOT NULL, grams REAL NOT NULL,
  PRIMARY KEY (owner, digest)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS learn_journal (owner BLOB NOT NULL, seq INTEGER NOT NULL, forget INTEGER NOT NULL, spam INTEGER NOT NULL, words REAL NOT NULL,
  grams REAL NOT NULL, features BLOB NOT NULL, PRIMARY KEY (owner, seq));
CREATE TABLE IF NOT EXISTS learn_imported (n INTEGER PRIMARY KEY, data BLOB NOT NULL);`

// newSQLite is a database in a file. Only Open makes the file: if it is gone later, what is in memory is not thrown away for an empty one.
func newSQLite(path string) *database {
	return &database{name: path, dialect: dialect{
		open: func(ctx context.Context, write bool) (*sql.DB, error) {
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				return nil, ErrNoDatabase
			}
			return sql.Open("sqlite", sqliteDSN(ctx, path, write))
		},
		there: func(ctx context.Context, c *sql.Conn) (there bool, err error) {
			err = c.QueryRowContext(ctx, "SELECT count(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = 'learn_imported'").Scan(&there)
			return there, err
		},
		create: func(ctx context.Context, c *sql.Conn) error {
			_, err := c.ExecContext(ctx, sqliteTables)
			return err
		},
	}}
}

// makeFile makes the file, if it is not there. What root makes belongs to the owner of the folder, so that the server can use it.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	if st, ok := folder.Sys().(*syscall.Stat_t); ok {
		return f.Chown(int(st.Uid), int(st.Gid))
	}
	return nil
}

// How long a file is waited for that is locked. Readers never wait for writers of ours, but for other programs that lock the whole file.
const (
	busyRead  = 2 * time.Second
	busyWrite = time.Minute
)

// sqliteDSN names the file for the driver. A transaction that reads and then writes would fail if it began as a reader: those of writers begin as
// such, and wait for each other. A reader changes nothing in a file, which may not be ours. SQLite does not see the end of ctx while it waits, so it
// is told how long it may.
func sqliteDSN(ctx context.Context, path string, write bool) string {
	busy, begin := busyRead, ""
	if write {
		busy, begin = busyWrite, "&_pragma=journal_mode(WAL)&_txlock=immediate"
	}
	if end, ok := ctx.Deadline(); ok {
		busy = max(0, min(busy, time.Until(end)))
	}
	return fmt.Sprintf("file:%s?mode=rw&_pragma=busy_timeout(%d)&_pragma=synchronous(NORMAL)%s", (&url.URL{Path: path}).EscapedPath(), busy.Milliseconds(), begin)
}

// IsBusy tells if an error says that another program has the file of the database for itself.
func IsBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}
