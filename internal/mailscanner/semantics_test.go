// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// imported reads a folder as far as the policies.
func imported(t *testing.T, dir string) (*importer, []*spec) {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	src := newSource(root, dir, nil)
	c, err := readConf(src)
	if err != nil {
		t.Fatal(err)
	}
	im := &importer{src: src, conf: c, notes: newNotes()}
	if err := im.readRulesets(); err != nil {
		t.Fatal(err)
	}
	im.views = im.cells()
	specs, err := im.policies()
	if err != nil {
		t.Fatal(err)
	}
	return im, specs
}

// envelope is whom a message is from and to.
type envelope struct {
	from, to string
	client   netip.Addr
}

func (c cond) holds(e envelope) bool {
	match := func(list []policy.Pattern, address string) bool {
		return list == nil || slices.ContainsFunc(list, func(p policy.Pattern) bool { return p.Match(mail.NewPath(address)) })
	}
	return match(c.from, e.from) && match(c.to, e.to) &&
		(c.client == nil || slices.ContainsFunc(c.client, func(p netip.Prefix) bool { return p.Contains(e.client) }))
}

// direct is the view that MailScanner would come to: each ruleset is asked by itself.
func (im *importer) direct(e envelope) view {
	v := view{im: im, values: map[string][]string{}}
	for key, rs := range im.rulesets {
		for _, r := range rs.rules {
			if !slices.ContainsFunc(r.conds, func(c cond) bool { return c.holds(e) }) {
				continue
			}
			v.values[key] = append(v.values[key], r.value)
			if rs.setting.scope == first {
				break
			}
		}
	}
	return v
}

// TestPoliciesAreRulesets compares, for random mail to one recipient, the policy that is for it with what the rulesets say one by one.
func TestPoliciesAreRulesets(t *testing.T) {
	im, specs := imported(t, filepath.Join("testdata", "rulesets"))
	random := rand.New(rand.NewPCG(1, 2))
	addresses := []string{
		"", "a@sales.example.org", "boss@example.org", "x@friend.example.net", "y@partner.example.com", "z@a.partner.example.com", "alice@example.net",
		"bob@friends.example", "newsletter1@news.example.com", "s@survey.example.com", "s@survey.example.org", "lab@example.org", "big@example.org",
		"none@example.org", "abuse@example.org", "other@example.net", "newsletter@survey.example.com",
	}
	clients := []string{"127.0.0.1", "10.1.2.3", "10.1.3.3", "172.31.255.1", "198.51.100.127", "198.51.100.128", "192.0.4.1", "2001:db8::1", "203.0.113.9"}
	used := map[string]int{}
	for range 4000 {
		e := envelope{
			addresses[random.IntN(len(addresses))], addresses[1+random.IntN(len(addresses)-1)], netip.MustParseAddr(clients[random.IntN(len(clients))]),
		}
		got := specs[slices.IndexFunc(specs, func(s *spec) bool { return s.view.cond.holds(e) })]
		used[got.name]++
		v := im.direct(e)
		list, err := im.list(v)
		if err != nil {
			t.Fatal(err)
		}
		want := &spec{view: v, out: v.outcome(), list: list}
		want.settle(specs[len(specs)-1])
		if !got.same(want) {
			t.Fatalf("%+v: policy %s says\n%s\nthe rulesets say\n%s", e, got.name, got.key(), want.key())
		}
	}
	if len(used) < len(specs)*3/4 {
		t.Errorf("only %d of %d policies were used: %v", len(used), len(specs), used)
	}
}

// TestTooManyPolicies: a ruleset that would make too many policies is left out, and told.
func TestTooManyPolicies(t *testing.T) {
	dir := t.TempDir()
	conf := ""
	for n, name := range []string{"Spam Subject Text", "Virus Subject Text", "Size Subject Text"} {
		text := "FromOrTo: default {none}\n"
		for i := range 20 {
			side := []string{"From", "To", "From"}[n]
			text += fmt.Sprintf("%s: u%d-%d@example.org {%d}\n", side, i, n/2*i, i)
		}
		write(t, dir, fmt.Sprintf("%d.rules", n), text)
		conf += fmt.Sprintf("%s = /etc/MailScanner/%d.rules\n", name, n)
	}
	write(t, dir, mainFile, conf)
	res, err := Import(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	load(t, res.Config)
	if res.Policies > maxCells {
		t.Errorf("%d policies, limit is %d", res.Policies, maxCells)
	}
	if !slices.ContainsFunc(res.Warnings, func(w string) bool { return contains(w, "makes too many policies") }) {
		t.Errorf("nothing is told of it: %q", res.Warnings)
	}
}
