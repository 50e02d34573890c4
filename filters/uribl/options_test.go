// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"fmt"
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
	none := newCollector(newIgnore(nil, false), nil)
	for name := range ig.names {
		if none.domainOf(name) != name {
			t.Errorf("%s is not a registrable domain", name)
		}
	}
}

// TestChoice: the envelope first, then what can be followed, then chance, alike for one filter.
func TestChoice(t *testing.T) {
	var all targets[string]
	for i := range 100 {
		all.add(fmt.Sprint("image", i), inLinks, "")
	}
	all.add("link", inLinks|clickable, "")
	all.add("from", inHeader, "")
	seed := maphash.MakeSeed()
	chosen, left := all.choose(10, seed)
	if left != 92 || len(chosen) != 10 || chosen[0].key != "from" || chosen[1].key != "link" {
		t.Errorf("%d are left out, first are %s, %s", left, chosen[0].key, chosen[1].key)
	}
	again, _ := all.choose(10, seed)
	same := 0
	for range 5 {
		for i, x := range chosen {
			if again[i] != x {
				t.Errorf("%d: the same choice is %s then %s", i, x.key, again[i].key)
			}
		}
		if c, _ := all.choose(10, maphash.MakeSeed()); c[5] == chosen[5] && c[6] == chosen[6] {
			same++
		}
	}
	if same == 5 {
		t.Error("who knows the message knows the choice")
	}
}

func TestKeptIsBounded(t *testing.T) {
	var all targets[string]
	for i := range maxKept + 10 {
		all.add(fmt.Sprint(i), inLinks, "")
	}
	if chosen, left := all.choose(20, maphash.MakeSeed()); len(all.all) != maxKept || len(chosen) != 20 || left != maxKept-20+10 {
		t.Errorf("%d are kept, %d chosen, %d left out", len(all.all), len(chosen), left)
	}
}
