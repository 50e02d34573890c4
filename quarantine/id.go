// SPDX-License-Identifier: Apache-2.0

package quarantine

import (
	"fmt"
	"strings"
	"time"
)

// ID names an entry: the time in UTC to the millisecond, and the ID of the message, as in 20261122-093015.042-4F8A2C.
// A second entry for the same message within the same millisecond has -2 behind it. IDs sort by time as text.
type ID string

const (
	idTime = "20060102-150405.000"
	dayFmt = "2006-01-02"
	maxID  = 100 // Octets, far below what a file name may have.
)

// ParseID checks that s is an ID, and so fit for a path. It does not tell if there is such an entry.
func ParseID(s string) (ID, error) {
	if id := ID(s); id.valid() {
		return id, nil
	}
	return "", fmt.Errorf("%.*q is no quarantine ID", maxID, s)
}

// Time is when the entry was kept, to the millisecond; the zero time if the ID is not valid.
func (id ID) Time() time.Time {
	if len(id) < len(idTime) {
		return time.Time{}
	}
	t, err := time.Parse(idTime, string(id[:len(idTime)]))
	if err != nil || t.Format(idTime) != string(id[:len(idTime)]) { // Parse takes a comma for the point.
		return time.Time{}
	}
	return t
}

func (id ID) valid() bool {
	if len(id) > maxID || id.Time().IsZero() {
		return false
	}
	rest, ok := strings.CutPrefix(string(id[len(idTime):]), "-")
	return ok && isToken(rest)
}

// isToken tells if s is not empty and has letters, digits, hyphens and underscores only.
func isToken(s string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return s != "" && strings.Trim(s, allowed) == ""
}

// day is the name of the folder that the entry is in.
func (id ID) day() string { return id.Time().Format(dayFmt) }

// newID makes the nth ID for a message.
func newID(now time.Time, message string, n int) (ID, error) {
	id := ID(now.UTC().Format(idTime) + "-" + message)
	if n > 1 {
		id += ID(fmt.Sprintf("-%d", n))
	}
	if !isToken(message) || !id.valid() {
		return "", fmt.Errorf("the ID %q of the message is not fit for a file name", message)
	}
	return id, nil
}
