// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"math"
	"strings"
	"testing"
)

func TestOptions(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		err    string
	}{
		{"no server", func(o *Options) { o.Servers = nil }, "servers: have 0"},
		{"user", func(o *Options) { o.User = "a b" }, `user: "a b": want a name`},
		{"user that is a path", func(o *Options) { o.User = "../x" }, "user: "},
		{"long user", func(o *Options) { o.User = strings.Repeat("x", 129) }, "user: "},
		{"command", func(o *Options) { o.Command = "process" }, `command: "process": want symbols, check or report`},
		{"small", func(o *Options) { o.MaxSize = 1 }, "max_size: 1: want 1KiB to 256MiB"},
		{"large", func(o *Options) { o.MaxSize = 1 << 30 }, "max_size: 1GiB"},
		{"word", func(o *Options) { o.Large = "cut" }, `large: "cut": want skip or truncate`},
		{"factor", func(o *Options) { o.Factor = math.NaN() }, "factor, max_points, ham_points: NaN"},
		{"points", func(o *Options) { o.MaxPoints = -1 }, "factor, max_points, ham_points: -1"},
		{"ham points", func(o *Options) { o.HamPoints = math.Inf(1) }, "factor, max_points, ham_points: +Inf"},
		{"rule", func(o *Options) { o.Rules = map[string]float64{"a b": 1} }, `rules: "a b": 1`},
		{"rule's points", func(o *Options) { o.Rules = map[string]float64{"A": math.NaN()} }, `rules: "A": NaN`},
		{"rules of check", func(o *Options) { o.Command, o.Rules = "check", map[string]float64{"A": 1} }, "rules: the answer to the command check"},
		{"many rules", func(o *Options) {
			o.Rules = map[string]float64{}
			for i := range 51 {
				o.Rules[strings.Repeat("A", i+1)] = 1
			}
		}, "rules: have 51, want at most 50"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOptions([]string{"127.0.0.1:783"}, nil)
			if err := o.Validate(); err != nil {
				t.Fatal(err)
			}
			tt.change(o)
			if err := o.Validate(); err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
			if _, err := NewLearner(o); err == nil {
				t.Error("a learner takes them")
			}
		})
	}
}

func TestIsUser(t *testing.T) {
	for _, s := range []string{"ann", "Ann.Miller+list@example.org", "a=b@example.org", "_a-b@x"} {
		if !isUser(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{"", ".", "..", "a..b", ".a@b", "-rf", "@x", "a/b@c", "a\\b", "a b", "a\r\nX: y", "a\x00", "ä@b", `"a"@b`, "a%u", "~root"} {
		if isUser(s) {
			t.Errorf("%q is taken", s)
		}
	}
}
