// SPDX-License-Identifier: Apache-2.0

package sig

import "github.com/mailweir/mailweir/authn"

// Fault is why a signature does not count. Reason is a fixed text of ours, fit for a result field: nothing of it comes from the message or the DNS.
type Fault struct {
	Result authn.Result
	Reason string
	Err    error // What the DNS said; nil if it is not about that.
}

func (f *Fault) Error() string {
	if f.Err != nil {
		return f.Reason + ": " + f.Err.Error()
	}
	return f.Reason
}

func (f *Fault) Unwrap() error { return f.Err }

// PermError is a fault that will be there next time too.
func PermError(reason string) *Fault { return &Fault{Result: authn.PermError, Reason: reason} }
