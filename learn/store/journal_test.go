// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"testing"
)

// The journal of a user, whose model is small, is short, however much the site's may hold: entries are of the same length, and there may be many users.
func testJournalLength(t *testing.T, fresh func(*testing.T) string) {
	s, err := Open(t.Context(), fresh(t), Options{Bits: 19})
	if err != nil {
		t.Fatal(err)
	}
	for owner, most := range map[string]int64{Site: 16 << 20 / entryOctets, "user@example.org": 2 << 20 / entryOctets} {
		longest := int64(0)
		for n := range 150 {
			var items []Item
			for i := range 10 {
				items = append(items, item(10*n+i, i%2 == 0))
			}
			if _, err := s.Learn(t.Context(), owner, items); err != nil {
				t.Fatal(err)
			}
			var entries int64
			err := s.db.read(t.Context(), maxRead, func(ctx context.Context, tx *sql.Tx) error {
				return tx.QueryRowContext(ctx, "SELECT count(*) FROM learn_journal WHERE owner = $1", key(owner)).Scan(&entries)
			})
			if err != nil {
				t.Fatal(err)
			}
			longest = max(longest, entries)
		}
		if longest > most || longest < most/2 {
			t.Errorf("owner %q: %d entries, want at most %d, and not many fewer", owner, longest, most)
		}
	}
}
