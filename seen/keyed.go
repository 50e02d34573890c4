// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"context"
	"time"
)

// OpenKeyed opens a store and its secret, which stands beside it with .key behind its name: OpenSecret and Open. For who may only look nothing is made:
// then it is LookSecret.
func OpenKeyed(path string, look bool, o Options) (*Secret, *Store, error) {
	open := OpenSecret
	if look {
		open = LookSecret
	}
	secret, err := open(path + ".key")
	if err != nil {
		return nil, nil, err
	}
	store, err := Open(path, o)
	if err != nil {
		return nil, nil, err
	}
	return secret, store, nil
}

// closePatience is how long Close waits for the file.
const closePatience = 5 * time.Second

// Close saves what is not saved yet, within closePatience. The store can still be used.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	return s.Save(ctx)
}
