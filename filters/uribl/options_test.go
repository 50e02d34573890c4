// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"hash/maphash"
	"math"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	with := func(z Zone) *Options {
		o := DefaultOptions()
		o.Zones = map[string]Zone{"bl.test": z}
		return o
	}
	also := func(o *Options, change func(*Options)) *Options {
		change(o)
		return o
	}
	for _, o := range []*Options{
		with(Zone{Score: 1}), with(Zone{Conclusive: true}), with(Zone{Codes: map[string]float64{"&2": 1}, Ask: []string{"hosts", "resolved"}, Of: []string{"links"}}),
		with(Zone{Score: 1, Ask: []string{"emails"}, Hash: "sha256", TestEntry: "a@example.org"}), with(Zone{Score: 1, TestEntry: "192.0.2.1"}), with(Zone{Score: 1, TestEntry: "test"}),
	} {
		if err := o.Validate(); err != nil {
			t.Errorf("%+v: %v", o.Zones, err)
		}
	}
	for _, c := range []struct {
		options *Options
		want    string
	}{
		{DefaultOptions(), "zones: have 0, want 1 to 50"},
		{also(with(Zone{Score: 1}), func(o *Options) { o.Zones["bl"] = Zone{Score: 1} }), "zones.bl: that is not the name of a zone"},
		{with(Zone{}), "a listing has no points and no effect"},
		{with(Zone{Score: -1}), "points are 0 or more, not -1"},
		{with(Zone{Score: math.Inf(1)}), "score: want a number"},
		{with(Zone{Score: 1, Codes: map[string]float64{"1.2.3.4": 1}}), `codes: "1.2.3.4" is no code`},
		{with(Zone{Score: 1, Ask: []string{"names"}}), `ask: there is no "names"; there are: domains, hosts, addresses, resolved, emails`},
		{with(Zone{Score: 1, Ask: []string{"hosts", "hosts"}}), `ask: "hosts" is named twice`},
		{with(Zone{Score: 1, Ask: []string{"emails", "hosts"}}), "ask: a list of mail addresses has nothing else"},
		{with(Zone{Score: 1, Of: []string{"body"}}), `of: there is no "body"`},
		{with(Zone{Score: 1, Hash: "crc"}), `hash: there is no "crc"`},
		{with(Zone{Score: 1, TestEntry: "no name"}), `test_entry: "no name" is not a name or an address`},
		{with(Zone{Score: 1, Ask: []string{"emails"}, TestEntry: "x"}), `test_entry: "x" is not a mail address`},
		{with(Zone{Score: 1, Timeout: -1}), "timeout"},
		{also(with(Zone{Score: 1}), func(o *Options) { o.Ignore = []string{"a b"} }), `ignore: "a b" is not a domain`},
		{also(with(Zone{Score: 1}), func(o *Options) { o.MaxDomains = 0 }), "max_domains"},
		{also(with(Zone{Score: 1}), func(o *Options) { o.Require = 2 }), "require: 2: there are 1 lists"},
		{also(with(Zone{Score: 1}), func(o *Options) { o.Timeout = 0 }), "timeout: want some time"},
	} {
		if err := c.options.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

// TestShippedIgnore: each name of the list is one that could be asked about otherwise.
func TestShippedIgnore(t *testing.T) {
	ig := newIgnore(nil, true)
	if len(ig.names) < 50 || !ig.has("www.google.com") || ig.has("notgoogle.com") || ig.has("com") {
		t.Errorf("%d names", len(ig.names))
	}
	none := newCollector(newIgnore(nil, false), maphash.MakeSeed(), nil)
	for name := range ig.names {
		if none.site(name).domain != name {
			t.Errorf("%s is not a registrable domain", name)
		}
	}
}
