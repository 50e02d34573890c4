// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
)

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"good", func(*Options) {}, ""},
		{"protect", func(o *Options) { o.Protect = []string{"com"} }, `protect: "com": want a domain`},
		{"people", func(o *Options) { o.ProtectPeople = []string{"Jane"} }, `protect_people: "Jane": want a first and a last name`},
		{"mismatch", func(o *Options) { o.Mismatch = "on" }, `mismatch: "on": want off, relaxed or strict`},
		{"language", func(o *Options) { o.Language = "xx" }, `language: "xx": want one of`},
		{"every", func(o *Options) { o.CheckEvery = 1 }, "check_every: 1ns: want 1s to 1h"},
		{"links", func(o *Options) { o.MaxLinks = 0 }, "max_links: 0: want at least 1"},
		{"score", func(o *Options) { o.QRScore = -1 }, "qr_score: -1: want points"},
		{"relative", func(o *Options) { o.SafeSites = []string{"x"} }, `safe_sites: "x": want an absolute path`},
		{"missing", func(o *Options) { o.BadSites = []string{"/nonexistent/list"} }, "list /nonexistent/list: open /nonexistent/list: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Kind().Options().(*Options)
			tt.change(o)
			f, err := Kind().New(o, filters.Deps{Unpacker: filtertest.Unpacker(t)})
			switch {
			case tt.want == "" && (err != nil || f == nil):
				t.Errorf("got %v, %v", f, err)
			case tt.want != "" && (err == nil || f != nil || !strings.HasPrefix(err.Error(), tt.want)):
				t.Errorf("got %v, %v, want %s", f, err, tt.want)
			}
		})
	}
}
