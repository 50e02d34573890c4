// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// maxConnect is the longest that connecting to PostgreSQL takes, unless the URL says otherwise.
const maxConnect = 5 * time.Second

const postgresTables = `
CREATE TABLE IF NOT EXISTS learn_model (owner BYTEA PRIMARY KEY, epoch BIGINT NOT NULL, at BIGINT NOT NULL, last BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS learn_page (owner BYTEA NOT NULL, n INTEGER NOT NULL, data BYTEA NOT NULL, PRIMARY KEY (owner, n));
ALTER TABLE learn_page ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS learn_message (owner BYTEA NOT NULL, digest BYTEA NOT NULL, spam BOOLEAN NOT NULL, words REAL NOT NULL, grams REAL NOT NULL,
  PRIMARY KEY (owner, digest));
CREATE TABLE IF NOT EXISTS learn_journal (owner BYTEA NOT NULL, seq BIGINT NOT NULL, forget BOOLEAN NOT NULL, spam BOOLEAN NOT NULL, words REAL NOT NULL,
  grams REAL NOT NULL, features BYTEA NOT NULL, PRIMARY KEY (owner, seq));
CREATE TABLE IF NOT EXISTS learn_imported (n INTEGER PRIMARY KEY, data BYTEA NOT NULL);`

// postgresBegin bounds what the server waits for, so that a host that died while it learned does not keep the others from learning. They are set
// here and not when connecting, because a pooler between us and the server may know no such parameters.
const postgresBegin = "SET LOCAL idle_in_transaction_session_timeout = '60s'; SET LOCAL lock_timeout = '240s'; SET LOCAL statement_timeout = '600s'"

// postgresLock is the number of the lock under which tables are made: two hosts that do so at once would fail.
const postgresLock = 0x6d61696c77656972

var errURL = errors.New("not the URL of a PostgreSQL database, as in postgres://user@host/database")

// CheckURL tells what is wrong with the URL of a PostgreSQL database. It does not connect, and its error does not hold a password.
func CheckURL(at string) error {
	_, err := newPostgres(at)
	return err
}

// newPostgres is a PostgreSQL database. A writer waits for the owner's row, and then reads what the writer before it has committed.
func newPostgres(at string) (*database, error) {
	u, err := url.Parse(at)
	if err != nil {
		return nil, errURL // The cause has the password in it.
	}
	cfg, err := pgx.ParseConfig(at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shownURL(u), errURL)
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = maxConnect
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe // Leaves nothing on the server: a pooler may give the connection to others.
	return &database{name: shownURL(u), dialect: dialect{
		remote: true,
		open:   func(context.Context, bool) (*sql.DB, error) { return stdlib.OpenDB(*cfg), nil },
		there:  postgresThere,
		create: createPostgres,
		begin:  postgresBegin,
		lock:   " FOR UPDATE",
		view:   &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	}}, nil
}

// shownURL is the URL without the password, wherever in it that is.
func shownURL(u *url.URL) string {
	c := *u
	if q := c.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		c.RawQuery = q.Encode()
	}
	return c.Redacted()
}

// postgresThere tells if the tables are there. Who finds them needs no right to make any.
func postgresThere(ctx context.Context, c *sql.Conn) (there bool, err error) {
	err = c.QueryRowContext(ctx, "SELECT to_regclass('learn_imported') IS NOT NULL").Scan(&there)
	return there, err
}

func createPostgres(ctx context.Context, c *sql.Conn) error {
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(postgresLock))); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, postgresTables); err != nil {
		return err
	}
	return tx.Commit()
}
