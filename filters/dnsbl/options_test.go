// SPDX-License-Identifier: Apache-2.0

package dnsbl

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	zones := func(z Zone) *Options { return &Options{Timeout: time.Second, Zones: map[string]Zone{"bl.test": z}} }
	for _, o := range []*Options{
		zones(Zone{Score: 1}), zones(Zone{Conclusive: true}), zones(Zone{Allow: true}), zones(Zone{Allow: true, Score: -1, Conclusive: true}),
		zones(Zone{RelayScore: 1}), zones(Zone{Codes: map[string]float64{"&2": 1}, Test: "none", Family: "ipv6", Timeout: time.Second}),
	} {
		if err := o.Validate(); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, c := range []struct {
		options *Options
		want    string
	}{
		{DefaultOptions(), "zones: have 0, want 1 to 50"},
		{&Options{Timeout: 1, Zones: map[string]Zone{"bl": {Score: 1}}}, "zones.bl: that is not the name of a zone"},
		{zones(Zone{}), "a listing has no points and no effect"},
		{zones(Zone{Score: -1}), "points of a list that is no allow list are 0 or more, not -1"},
		{zones(Zone{Score: 1, Allow: true}), "allow: the points of the good are 0 or less, not 1"},
		{zones(Zone{Codes: map[string]float64{"128.0.0.1": 1}}), `codes: "128.0.0.1" is no code in 127.0.0.0/8`},
		{zones(Zone{Score: math.NaN()}), "score: want a number"},
		{zones(Zone{Score: 1, RelayScore: -1}), "relay_score"},
		{zones(Zone{Allow: true, RelayScore: 1}), "relay_score"},
		{zones(Zone{Score: 1, Family: "ipv5"}), `family: "ipv5": want both, ipv4 or ipv6`},
		{zones(Zone{Score: 1, Test: "some"}), `test: "some": want both, unlisted or none`},
		{zones(Zone{Score: 1, Timeout: -1}), "timeout"},
		{&Options{Timeout: 1, Threshold: 1, Zones: map[string]Zone{"ok.test": {Allow: true}}}, "threshold: 1: there are 0 lists that are no allow lists"},
		{&Options{Timeout: 1, Require: 2, Zones: map[string]Zone{"bl.test": {Score: 1}}}, "require: 2: there are 1 lists"},
		{&Options{Zones: map[string]Zone{"bl.test": {Score: 1}}}, "timeout: want some time"},
		{&Options{Timeout: 1, Relays: 21, Zones: map[string]Zone{"bl.test": {Score: 1}}}, "relays, trusted"},
	} {
		if err := c.options.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestZoneNames(t *testing.T) {
	for _, s := range []string{"zen.example.org", "k3y_x.zen.example.org"} {
		if !isZone(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{"", "org", "Zen.example.org", ".example.org", "example.org.", "a..b", "a b.c", strings.Repeat("a", 64) + ".org", strings.Repeat("a.", 100) + "org"} {
		if isZone(s) {
			t.Errorf("%q is taken", s)
		}
	}
}
