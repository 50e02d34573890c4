// SPDX-License-Identifier: Apache-2.0

package dnslist_test

import (
	"fmt"
	"math"
	"net/netip"
	"testing"

	"github.com/mailweir/mailweir/resolver/dnslist"
)

func TestCodes(t *testing.T) {
	for _, c := range []struct {
		name  string
		score float64
		rules map[string]float64
		codes []string
		want  string
	}{
		{"score alone", 3, nil, []string{"127.0.0.2", "127.9.9.9"}, "3 [127.0.0.2 127.9.9.9]"},
		{"not listed", 3, nil, nil, "0 []"},
		{"one code", 0, map[string]float64{"127.0.0.2": 5}, []string{"127.0.0.2"}, "5 [127.0.0.2]"},
		{"a code that no rule is about", 0, map[string]float64{"127.0.0.2": 5}, []string{"127.0.0.3"}, "0 []"},
		{"the score for all others", 1, map[string]float64{"127.0.0.2": 5}, []string{"127.0.0.3"}, "1 [127.0.0.3]"},
		{"the most counts", 0, map[string]float64{"127.0.0.2": 5, "127.0.0.4-127.0.0.7": 2}, []string{"127.0.0.5", "127.0.0.2"}, "5 [127.0.0.5 127.0.0.2]"},
		{"range", 0, map[string]float64{"127.0.0.4 - 127.0.0.7": 2}, []string{"127.0.0.3", "127.0.0.4", "127.0.0.7", "127.0.0.8"}, "2 [127.0.0.4 127.0.0.7]"},
		{"network", 0, map[string]float64{"127.0.0.16/28": 2}, []string{"127.0.0.15", "127.0.0.16", "127.0.0.31", "127.0.0.32"}, "2 [127.0.0.16 127.0.0.31]"},
		{"any octet", 0, map[string]float64{"127.0.*.3": -3, "127.0.*.1": -1}, []string{"127.0.5.3", "127.0.9.1", "127.1.5.3", "127.0.5.2"}, "-3 [127.0.5.3 127.0.9.1]"},
		{"bits", 0, map[string]float64{"&8": 2, "&64": 4}, []string{"127.0.0.72"}, "4 [127.0.0.72]"},
		{"other bits", 0, map[string]float64{"&8": 2}, []string{"127.0.0.4"}, "0 []"},
		{"allow list", 0, map[string]float64{"127.0.0.0/16": -1, "127.0.0.3": -4}, []string{"127.0.0.3"}, "-4 [127.0.0.3]"},
		{"a rule without points", 3, map[string]float64{"127.0.0.9": 0}, []string{"127.0.0.9"}, "0 [127.0.0.9]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			codes, err := dnslist.NewCodes(c.score, c.rules)
			if err != nil {
				t.Fatal(err)
			}
			var addrs []netip.Addr
			for _, s := range c.codes {
				addrs = append(addrs, netip.MustParseAddr(s))
			}
			points, listed := codes.Points(addrs)
			if got := fmt.Sprint(points, " ", listed); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestBadCodes(t *testing.T) {
	for _, s := range []string{
		"", "127.0.0", "126.0.0.2", "127.0.0.4-127.0.0.2", "127.0.0.2-128.0.0.1", "127.0.0.1/24", "126.0.0.0/7", "0.0.0.0/0", "&", "&0", "&256", "&x", "::1", "127.0.0.2,3", "*.0.0.2", "127.0.*", "127.0.*.x", "127.0.*.256", "127.*.*.*.*", "128.0.*.1",
		"127.0.0.1", "127.0.0.255", "127.255.255.254",
	} {
		if _, err := dnslist.NewCodes(0, map[string]float64{s: 1}); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
	for _, p := range []float64{math.NaN(), math.Inf(1)} {
		if _, err := dnslist.NewCodes(p, nil); err == nil {
			t.Errorf("score %v is taken", p)
		}
		if _, err := dnslist.NewCodes(0, map[string]float64{"127.0.0.2": p}); err == nil {
			t.Errorf("%v points are taken", p)
		}
	}
	many := map[string]float64{}
	for i := range 257 {
		many[fmt.Sprintf("127.0.%d.%d", i/256, i%256)] = 1
	}
	if _, err := dnslist.NewCodes(0, many); err == nil {
		t.Error("too many are taken")
	}
}

// FuzzCodes: a rule that is taken is about a code in 127.0.0.0/8, and about none outside of it.
func FuzzCodes(f *testing.F) {
	for _, s := range []string{"127.0.0.2", "127.0.0.4-127.0.0.7", "127.0.0.0/28", "&6", "127.0.*.2", "127.0.0.2-", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := dnslist.NewCodes(0, map[string]float64{s: 1})
		if err != nil {
			return
		}
		if _, listed := c.Points([]netip.Addr{netip.MustParseAddr("126.255.255.0"), netip.MustParseAddr("128.0.0.0")}); len(listed) > 0 {
			t.Errorf("%q is about %v", s, listed)
		}
	})
}
