// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"math"
	"strings"
	"testing"
)

func TestSize(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Size
		out  string
	}{
		{"0", 0, "0"},
		{"512", 512, "512"},
		{"512B", 512, "512"},
		{"1024", 1024, "1KiB"},
		{"64KiB", 64 << 10, "64KiB"},
		{"20MiB", 20 << 20, "20MiB"},
		{"1536KiB", 1536 << 10, "1536KiB"},
		{"4GiB", 4 << 30, "4GiB"},
		{"8388607TiB", 0, ""},
		{"9223372036854775807", math.MaxInt64, "9223372036854775807"},
		{"8589934591GiB", 8589934591 << 30, "8589934591GiB"},
		{"8589934592GiB", 0, ""},
		{"9223372036854775808", 0, ""},
		{"", 0, ""},
		{"MiB", 0, ""},
		{"-1", 0, ""},
		{"+1", 0, ""},
		{"1.5MiB", 0, ""},
		{"1 MiB", 0, ""},
		{"1MB", 0, ""},
		{"1mib", 0, ""},
		{"x", 0, ""},
	} {
		got, err := ParseSize(c.in)
		if got != c.want || (err == nil) != (c.out != "") {
			t.Errorf("%q: got %d, %v, want %d", c.in, got, err, c.want)
		}
		if err != nil {
			if !strings.Contains(err.Error(), c.in) {
				t.Errorf("%q: error %q does not tell it", c.in, err)
			}
			continue
		}
		text, err := got.MarshalText()
		var back Size
		if err != nil || string(text) != c.out || back.UnmarshalText(text) != nil || back != got {
			t.Errorf("%q: written as %s, read back as %d", c.in, text, back)
		}
	}
}
