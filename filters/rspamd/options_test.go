// SPDX-License-Identifier: Apache-2.0

package rspamd

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
		{"settings", func(o *Options) { o.Settings = "a b" }, "settings_id: want printable ASCII"},
		{"password", func(o *Options) { o.Password = "a\r\nIp: 127.0.0.1" }, "password: want printable ASCII"},
		{"long password", func(o *Options) { o.Password = strings.Repeat("x", 257) }, "password: "},
		{"our name", func(o *Options) { o.MTAName = "a b" }, "mta_name: want printable ASCII"},
		{"controller", func(o *Options) { o.Controllers = []string{"http://x:1/"} }, "controllers: address"},
		{"controller twice", func(o *Options) { o.Controllers = []string{"x:1", "x:1"} }, `controllers: "x:1" is named twice`},
		{"many controllers", func(o *Options) { o.Controllers = make([]string, 21) }, "controllers: have 21"},
		{"small", func(o *Options) { o.MaxSize = 1 }, "max_size: 1: want 1KiB to 256MiB"},
		{"large", func(o *Options) { o.MaxSize = 1 << 30 }, "max_size: 1GiB"},
		{"factor", func(o *Options) { o.Factor = math.NaN() }, "factor, max_points, ham_points: NaN"},
		{"points", func(o *Options) { o.MaxPoints = -1 }, "factor, max_points, ham_points: -1"},
		{"ham points", func(o *Options) { o.HamPoints = math.Inf(1) }, "factor, max_points, ham_points: +Inf"},
		{"rule", func(o *Options) { o.Rules = map[string]float64{"a b": 1} }, `rules: "a b": 1`},
		{"no rule", func(o *Options) { o.Rules = map[string]float64{"": 1} }, `rules: "": 1`},
		{"rule's points", func(o *Options) { o.Rules = map[string]float64{"A": math.NaN()} }, `rules: "A": NaN`},
		{"many rules", func(o *Options) {
			o.Rules = map[string]float64{}
			for i := range 51 {
				o.Rules[strings.Repeat("A", i+1)] = 1
			}
		}, "rules: have 51, want at most 50"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOptions([]string{"127.0.0.1:11333"}, nil)
			if err := o.Validate(); err != nil {
				t.Fatal(err)
			}
			tt.change(o)
			if err := o.Validate(); err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
		})
	}
}
