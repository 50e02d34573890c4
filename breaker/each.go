// SPDX-License-Identifier: Apache-2.0

package breaker

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Each asks all servers, one after the other, each for no longer than the timeout: for what all of them have to be told. No breaker is in the way. The error
// says of each server that gave none why.
func Each(ctx context.Context, addresses []string, timeout time.Duration, ask func(ctx context.Context, address string) error) error {
	var errs []error
	for _, address := range addresses {
		one, cancel := context.WithTimeout(ctx, timeout)
		if err := ask(one, address); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", address, err))
		}
		cancel()
	}
	return errors.Join(errs...)
}
