// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mailweir/mailweir/mail"
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	prefixType   = reflect.TypeFor[netip.Prefix]()
	sizeType     = reflect.TypeFor[mail.Size]()
)

const day = 24 * time.Hour

var errDuration = errors.New("want a duration such as 90s, 5m, 2h or 30d")

// parseDuration reads a Go duration, before which days may stand: 90s, 1h30m, 30d, 1d12h.
func parseDuration(s string) (time.Duration, error) {
	var days int64
	rest := s
	if digits, after, ok := strings.Cut(s, "d"); ok {
		n, err := strconv.ParseUint(digits, 10, 16)
		if err != nil {
			return 0, errDuration
		}
		days, rest = int64(n), after
	}
	if rest == "" && days == 0 && !strings.HasSuffix(s, "d") {
		return 0, errDuration
	}
	var d time.Duration
	if rest != "" {
		var err error
		if d, err = time.ParseDuration(rest); err != nil || d < 0 || strings.ContainsAny(rest, "+-") {
			return 0, errDuration
		}
	}
	if d > math.MaxInt64-time.Duration(days)*day {
		return 0, errDuration
	}
	return time.Duration(days)*day + d, nil
}

// formatDuration writes a duration as parseDuration reads it, in one unit where it can.
func formatDuration(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d > 0 && d%u.unit == 0 {
			return strconv.FormatInt(int64(d/u.unit), 10) + u.name
		}
	}
	return d.String()
}

// parsePrefix reads a network, or an address, which is a network of its own.
func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, errors.New("want a network such as 192.0.2.0/24 or an address")
	}
	if p != p.Masked() {
		return p, fmt.Errorf("address bits behind the network's, want %v", p.Masked())
	}
	return p, nil
}

// setScalar gives v, which is no struct, list or map, the value that s stands for. The tag is the YAML type of the scalar.
// The error says what was wanted.
func setScalar(v reflect.Value, tag, s string) error {
	switch v.Type() {
	case durationType:
		d, err := parseDuration(s)
		v.SetInt(int64(d))
		return err
	case prefixType:
		p, err := parsePrefix(s)
		v.Set(reflect.ValueOf(p))
		return err
	case sizeType:
		size, err := mail.ParseSize(s)
		v.SetInt(int64(size))
		if err != nil {
			return errors.New("want a size such as 512, 64KiB, 20MiB or 1GiB")
		}
		return nil
	}
	if u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok {
		return u.UnmarshalText([]byte(s))
	}
	switch v.Kind() {
	case reflect.String:
		if tag != "!!str" {
			return errors.New("want text, put it in quotes")
		}
		v.SetString(s)
	case reflect.Bool:
		if tag != "!!bool" || s != "true" && s != "false" {
			return errors.New("want true or false")
		}
		v.SetBool(s == "true")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(s, 10, v.Type().Bits())
		if err != nil || tag != "!!int" {
			return errors.New("want a whole number")
		}
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(s, 10, v.Type().Bits())
		if err != nil || tag != "!!int" {
			return errors.New("want a whole number, not negative")
		}
		v.SetUint(n)
	case reflect.Float32, reflect.Float64:
		n, err := strconv.ParseFloat(s, v.Type().Bits())
		if err != nil || tag != "!!int" && tag != "!!float" || math.IsInf(n, 0) || math.IsNaN(n) {
			return errors.New("want a number")
		}
		v.SetFloat(n)
	default:
		return fmt.Errorf("options of type %v are not supported", v.Type())
	}
	return nil
}

// check holds a value that setScalar has set against the tags of its field.
func (f *field) check(v reflect.Value, s string) error {
	if len(f.oneof) > 0 && !slices.Contains(f.oneof, s) {
		return fmt.Errorf("want one of %s", strings.Join(f.oneof, ", "))
	}
	if f.min != "" && less(v, bound(v, f.min)) {
		return fmt.Errorf("want at least %s", f.min)
	}
	if f.max != "" && less(bound(v, f.max), v) {
		return fmt.Errorf("want at most %s", f.max)
	}
	if f.path != "" && s != "" {
		return checkPath(s, f.path == "dir")
	}
	return nil
}

// checkPath wants a folder or a regular file to exist. What this user may not look at may be the service's all the same: that
// it finds out at start.
func checkPath(path string, wantDir bool) error {
	what := "file"
	if wantDir {
		what = "folder"
	}
	if !filepath.IsAbs(path) {
		return fmt.Errorf("want the absolute path of a %s", what)
	}
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("no such %s", what)
	case err == nil && (wantDir && !st.IsDir() || !wantDir && !st.Mode().IsRegular()):
		return fmt.Errorf("is no %s", what)
	}
	return nil
}

// bound is the value of a min or max tag in the type of v. A tag that cannot be read is a bug of ours.
func bound(v reflect.Value, tag string) reflect.Value {
	b := reflect.New(v.Type()).Elem()
	if err := setScalar(b, "!!int", tag); err != nil {
		panic(fmt.Sprintf("config: bound %q of a %v: %v", tag, v.Type(), err))
	}
	return b
}

func less(a, b reflect.Value) bool {
	switch {
	case a.CanInt():
		return a.Int() < b.Int()
	case a.CanUint():
		return a.Uint() < b.Uint()
	}
	return a.Float() < b.Float()
}
