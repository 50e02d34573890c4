// SPDX-License-Identifier: Apache-2.0

package clamd

import (
	"testing"

	"github.com/mailweir/mailweir/scanners"
)

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		err    string
	}{
		{name: "defaults", change: func(*Options) {}},
		{name: "TCP", change: func(o *Options) { o.Address = "av.example.org:3310" }},
		{name: "no address", change: func(o *Options) { o.Address = "" }, err: `address "": want host:port or unix:/path`},
		{name: "path without unix:", change: func(o *Options) { o.Address = "/run/clamav/clamd.ctl" }, err: "want host:port or unix:/path"},
		{name: "no length", change: func(o *Options) { o.StreamMaxLength = 0 }, err: "stream_max_length 0: want more than 0"},
		{name: "heuristics", change: func(o *Options) { o.Heuristics = "infected" }},
		{name: "other heuristics", change: func(o *Options) { o.Heuristics = "clean" }, err: `heuristics "clean": want unscannable or infected`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := DefaultOptions()
			tt.change(&o)
			wantReport(t, scanners.Report{}, o.Validate(), scanners.Report{}, tt.err)
			_, err := New(o)
			wantReport(t, scanners.Report{}, err, scanners.Report{}, tt.err)
		})
	}
}

func TestKind(t *testing.T) {
	k := Kind()
	if s, err := k.New(k.Options(), scanners.Deps{}); err != nil || s == nil {
		t.Errorf("default options: got %v, %v", s, err)
	}
	if _, err := k.New(Options{}, scanners.Deps{}); err == nil {
		t.Error("options by value: no error")
	}
	k.Options().(*Options).Heuristics = "infected"
	if got := k.Options().(*Options).Heuristics; got != "unscannable" {
		t.Errorf("options are shared: got %q", got)
	}
}
