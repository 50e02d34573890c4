// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// dialect is what differs between the kinds of databases. All statements but these are the same for both.
type dialect struct {
	remote bool                                                   // Whether it may be away for a time.
	open   func(ctx context.Context, write bool) (*sql.DB, error) // Connects when it is first used.
	there  func(context.Context, *sql.Conn) (bool, error)         // Tells if the tables are there.
	create func(context.Context, *sql.Conn) error                 // Makes the tables, if they are not there.
	begin  string                                                 // What each transaction begins with; "" for nothing.
	lock   string                                                 // Behind the SELECT of an owner's row: nobody else changes it until the end of the transaction.
	view   *sql.TxOptions                                         // Of a transaction that reads: all it reads is of one moment.
}

// database is one of a dialect.
type database struct {
	dialect
	name     string // As it may be shown.
	existing bool   // It has to be there: nothing is made.
}

// ErrNoDatabase tells that there is no database of that name.
var ErrNoDatabase = errors.New("there is no such database")

func newDatabase(at string) (*database, error) {
	if IsURL(at) {
		return newPostgres(at)
	}
	return newSQLite(at), nil
}

// IsURL tells if a database is named by the URL of a PostgreSQL database, and not by the path of a file.
func IsURL(at string) bool {
	return strings.HasPrefix(at, "postgres://") || strings.HasPrefix(at, "postgresql://")
}

// connect opens the database, with its tables. The caller closes it.
func (d *database) connect(ctx context.Context, write bool) (*sql.DB, error) {
	db, err := d.open(ctx, write)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.name, err)
	}
	db.SetMaxOpenConns(1)
	if err := d.ensure(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", d.name, err), db.Close())
	}
	return db, nil
}

// ensure makes the tables, if they are not there. It looks each time: another database may have taken the place of the one that was there before.
func (d *database) ensure(ctx context.Context, db *sql.DB) error {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	there, err := d.there(ctx, c)
	switch {
	case err != nil || there:
	case d.existing:
		err = ErrNoDatabase
	default:
		err = d.create(ctx, c)
	}
	return errors.Join(err, c.Close())
}

// read runs do in a transaction that only reads, for at most that time.
func (d *database) read(ctx context.Context, most time.Duration, do func(context.Context, *sql.Tx) error) error {
	return d.run(ctx, false, most, do)
}

// write runs do in a transaction that changes things, for at most that time. It is done wholly, or not at all.
func (d *database) write(ctx context.Context, most time.Duration, do func(context.Context, *sql.Tx) error) error {
	return d.run(ctx, true, most, do)
}

func (d *database) run(ctx context.Context, write bool, most time.Duration, do func(context.Context, *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	db, err := d.connect(ctx, write)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var o *sql.TxOptions
	if !write {
		o = d.view
	}
	tx, err := db.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("open %s: %w", d.name, err)
	}
	if d.begin != "" {
		_, err = tx.ExecContext(ctx, d.begin)
	}
	if err == nil {
		err = do(ctx, tx)
	}
	if err != nil || !write {
		_ = tx.Rollback()
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// state is how far an owner's data is.
type state struct {
	epoch int64 // Made at random with the row, so that another database is not taken for the one that was there before; 0 if there is none.
	at    int64 // Entry of the journal up to which the pages have learned.
	last  int64 // Last entry of the journal.
}

// key is an owner as it is kept: octets, because addresses need not be UTF-8.
func key(owner string) []byte { return []byte(owner) }

const selectState = "SELECT epoch, at, last FROM learn_model WHERE owner = $1"

// state reads an owner's state.
func (d *database) state(ctx context.Context, tx *sql.Tx, owner string) (state, error) {
	return scanState(tx.QueryRowContext(ctx, selectState, key(owner)))
}

// claim reads an owner's state. Nobody else changes it until the end of the transaction.
func (d *database) claim(ctx context.Context, tx *sql.Tx, owner string) (state, error) {
	const insert = "INSERT INTO learn_model (owner, epoch, at, last) VALUES ($1, $2, 0, 0) ON CONFLICT (owner) DO NOTHING"
	epoch := 1 + rand.Int64N(1<<62) //nolint:gosec // it is no secret
	if _, err := tx.ExecContext(ctx, insert, key(owner), epoch); err != nil {
		return state{}, err
	}
	return scanState(tx.QueryRowContext(ctx, selectState+d.lock, key(owner)))
}

func scanState(row *sql.Row) (state, error) {
	var st state
	err := row.Scan(&st.epoch, &st.at, &st.last)
	if errors.Is(err, sql.ErrNoRows) {
		return state{}, nil
	}
	return st, err
}
