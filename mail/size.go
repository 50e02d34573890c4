// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of octets, written in the config as 512, 64KiB, 20MiB or 1GiB.
type Size int64

var sizeUnits = []struct {
	name  string
	shift uint
}{{"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"B", 0}, {"", 0}}

// ParseSize reads a size. Units are powers of 1024; a number without a unit counts octets.
func ParseSize(s string) (Size, error) {
	for _, u := range sizeUnits {
		digits, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil || n > math.MaxInt64>>u.shift {
			break
		}
		return Size(n << u.shift), nil
	}
	return 0, fmt.Errorf("size %q: want a number with KiB, MiB, GiB or no unit", s)
}

// String is the size in the largest unit that divides it.
func (s Size) String() string {
	for _, u := range sizeUnits {
		if u.shift > 0 && s != 0 && s&(1<<u.shift-1) == 0 {
			return strconv.FormatInt(int64(s>>u.shift), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// UnmarshalText reads a size from the config.
func (s *Size) UnmarshalText(text []byte) error {
	v, err := ParseSize(string(text))
	*s = v
	return err
}

// MarshalText writes a size as ParseSize reads it.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
