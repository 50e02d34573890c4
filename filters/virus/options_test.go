// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/scanners"
)

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"good", func(*Options) {}, ""},
		{"no scanner", func(o *Options) { o.Scanners = nil }, "scanners: want at least one"},
		{"require too many", func(o *Options) { o.Require = 3 }, "require: 3: there are only 2 scanners"},
		{"twice", func(o *Options) { o.Backup = []string{"a"} }, `scanners, backup: "a" is named twice`},
		{"scan", func(o *Options) { o.Scan = "all" }, `scan: "all": want both, leaves or message`},
		{"pattern", func(o *Options) { o.AsSpam = []SpamRule{{"", 1}} }, "as_spam: want a pattern"},
		{"cache", func(o *Options) { o.CacheTTL = 0 }, "cache_entries, cache_ttl: "},
		{"parallel", func(o *Options) { o.MaxParallel = 0 }, "max_parallel: 0: want at least 1"},
		{"not there", func(o *Options) { o.Scanners = []string{"c"} }, `scanners: there is no "c"; there are: a, b`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Kind().Options().(*Options)
			o.Scanners = []string{"a", "b"}
			tt.change(o)
			f, err := Kind().New(o, filters.Deps{Scanners: map[string]scanners.Scanner{"a": &fake{}, "b": &fake{}}})
			switch {
			case tt.want == "" && (err != nil || f == nil):
				t.Errorf("got %v, %v", f, err)
			case tt.want != "" && (err == nil || f != nil || !strings.HasPrefix(err.Error(), tt.want)):
				t.Errorf("got %v, %v, want %s", f, err, tt.want)
			}
		})
	}
}

func TestRequireText(t *testing.T) {
	for in, want := range map[string]string{"all": "all", "any": "1", "1": "1", "12": "12", "0": "", "-1": "", "some": "", "": "", "99999999999": ""} {
		var r Require
		err := r.UnmarshalText([]byte(in))
		got, _ := r.MarshalText()
		if (err != nil) != (want == "") || err == nil && string(got) != want {
			t.Errorf("%q: got %s, %v, want %q", in, got, err, want)
		}
	}
}
