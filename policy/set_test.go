// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

func TestMatch(t *testing.T) {
	tests := []struct {
		name   string
		when   When
		change func(*mail.Envelope)
		want   bool
	}{
		{"no condition", When{}, nil, true},
		{"from", When{From: []Pattern{"other@example.net", "sender@example.net"}}, nil, true},
		{"not from", When{From: []Pattern{"other@example.net"}}, nil, false},
		{"null", When{From: []Pattern{"<>"}}, func(e *mail.Envelope) { e.MailFrom = mail.Path{} }, true},
		{"to", When{To: []Pattern{"example.org"}}, nil, true},
		{"not to", When{To: []Pattern{"example.net"}}, nil, false},
		{"to is not from", When{To: []Pattern{"sender@example.net"}}, nil, false},
		{"from an empty list", When{From: []Pattern{}}, nil, false},
		{"to an empty list", When{To: []Pattern{}}, nil, false},
		{"client of an empty list", When{Client: []netip.Prefix{}}, nil, false},
		{"listener of an empty list", When{Listener: []string{}}, nil, false},
		{"client", When{Client: prefixes("198.51.100.0/24")}, nil, true},
		{"client of IPv6", When{Client: prefixes("10.0.0.0/8", "2001:db8::/32")}, func(e *mail.Envelope) { e.Client.Addr = "2001:db8::1" }, true},
		{"client mapped", When{Client: prefixes("198.51.100.0/24")}, func(e *mail.Envelope) { e.Client.Addr = "::ffff:198.51.100.7" }, true},
		{"prefix mapped", When{Client: prefixes("::ffff:198.51.100.0/120")}, nil, true},
		{"prefix with host bits", When{Client: prefixes("198.51.100.9/24")}, nil, true},
		{"not client", When{Client: prefixes("203.0.113.0/24", "::/0")}, nil, false},
		{"unknown client", When{Client: prefixes("0.0.0.0/0", "::/0")}, func(e *mail.Envelope) { e.Client.Addr = "" }, false},
		{"listener", When{Listener: []string{"smtp", "lmtp"}}, nil, true},
		{"not listener", When{Listener: []string{"smtp"}}, nil, false},
		{"inbound", When{Direction: Inbound}, nil, true},
		{"not outbound", When{Direction: Outbound}, nil, false},
		{"outbound by network", When{Direction: Outbound}, func(e *mail.Envelope) { e.Client.Addr = "192.0.2.9" }, true},
		{"outbound by source", When{Direction: Outbound}, func(e *mail.Envelope) { e.Client.Source = "LOCAL" }, true},
		{"remote source in a trusted network", When{Direction: Outbound}, func(e *mail.Envelope) { e.Client = mail.Client{Addr: "192.0.2.9", Source: "REMOTE"} }, true},
		{"unknown is inbound", When{Direction: Inbound}, func(e *mail.Envelope) { e.Client = mail.Client{} }, true},
		{"all conditions", When{From: []Pattern{"*"}, To: []Pattern{"*"}, Listener: []string{"lmtp"}, Client: prefixes("198.51.100.0/24"), Direction: Inbound}, nil, true},
		{"all but one", When{From: []Pattern{"*"}, To: []Pattern{"*"}, Listener: []string{"lmtp"}, Client: prefixes("198.51.100.0/24"), Direction: Outbound}, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Policy{Name: "tested", When: tt.when}
			env := envelope("user@example.org")
			env.Client.Addr = "198.51.100.7"
			if tt.change != nil {
				tt.change(env)
			}
			got := newSet(t, p).Match(env, env.RcptTo[0]).Name == "tested"
			if got != tt.want {
				t.Errorf("matches = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestFirstMatchWins(t *testing.T) {
	s := newSet(t,
		Policy{Name: "a", When: When{To: []Pattern{"a@example.org"}}},
		Policy{Name: "b", When: When{To: []Pattern{"example.org"}}},
		Policy{Name: DefaultName})
	for rcpt, want := range map[string]string{"a@example.org": "a", "b@example.org": "b", "a@example.net": DefaultName} {
		if got := s.Match(envelope(), mail.NewPath(rcpt)).Name; got != want {
			t.Errorf("policy of %s is %s, want %s", rcpt, got, want)
		}
	}
}

// TestCompletion: what a policy leaves out comes from the default, and what that leaves out is built in.
func TestCompletion(t *testing.T) {
	s := newSet(t,
		Policy{
			Name: "students", When: When{To: []Pattern{"a@example.org"}}, Spam: Thresholds{TagAt: 4},
			Do:    map[string][]Action{"virus": {{"reject", ""}}},
			Where: map[string]string{"": "f:1", "when": "f:2", "do": "f:3", "do.virus": "f:4", "spam.tag_at": "f:5"},
		},
		Policy{
			Name: DefaultName, Spam: Thresholds{TagAt: 3, HighAt: 8}, Do: map[string][]Action{"virus": {{"discard", ""}}, "html": {{"attach", ""}}},
			Where: map[string]string{"": "f:10", "do": "f:11", "spam": "f:12"},
		})
	e := s.Explain(envelope(), mail.NewPath("a@example.org"))
	want := map[string]Rule{
		"virus":   {"virus", []Action{{"reject", ""}}, "students", "f:4"},
		"html":    {"html", []Action{{"attach", ""}}, DefaultName, "f:11"},
		"failure": {"failure", []Action{{"defer", ""}}, BuiltInName, ""},
	}
	keys := append(Keys(), "auth.dmarc_temperror", "file.rename", "phishing.display_name", "phishing.reply_to")
	for i, r := range e.Rules {
		if r.Class != keys[i] {
			t.Errorf("rule %d is of %s, want %s", i, r.Class, keys[i])
		}
		if w, ok := want[r.Class]; ok && !cmp.Equal(w, r) {
			t.Errorf("rule (-want +got):\n%s", cmp.Diff(w, r))
		}
	}
	e.Rules = nil
	wantExplanation := Explanation{
		Policy: "students", Where: "f:1", Direction: Inbound,
		GreyAt: Threshold{2, BuiltInName, ""}, TagAt: Threshold{4, "students", "f:5"}, HighAt: Threshold{8, DefaultName, "f:12"},
		FileRules: "default", Signed: SignedWrap, Language: "en",
	}
	if diff := cmp.Diff(wantExplanation, e); diff != "" {
		t.Errorf("Explain (-want +got):\n%s", diff)
	}
	p := s.Match(envelope(), mail.NewPath("a@example.org"))
	if len(p.Do) != len(keys) || p.Spam != (Thresholds{GreyAt: 2, TagAt: 4, HighAt: 8}) {
		t.Errorf("Match = %+v, want it completed", p)
	}
}

func TestExplainPassed(t *testing.T) {
	where := map[string]string{"": "f:1", "when": "f:2"}
	s := newSet(t,
		Policy{Name: "a", When: When{From: []Pattern{"<>"}}, Where: where},
		Policy{Name: "b", When: When{To: []Pattern{"x@example.org"}}},
		Policy{Name: "c", When: When{Client: prefixes("10.0.0.0/8")}},
		Policy{Name: "d", When: When{Listener: []string{"smtp"}}},
		Policy{Name: "e", When: When{Direction: Outbound}})
	got := s.Explain(envelope(), mail.NewPath("a@example.org"))
	want := []Passed{{"a", "f:2", "from"}, {"b", "", "to"}, {"c", "", "client"}, {"d", "", "listener"}, {"e", "", "direction"}}
	if diff := cmp.Diff(want, got.Passed); diff != "" || got.Policy != DefaultName || len(got.Rules) != len(BuiltIn().Do) {
		t.Errorf("policy %q, %d rules; Passed (-want +got):\n%s", got.Policy, len(got.Rules), diff)
	}
}

func TestWhere(t *testing.T) {
	p := doing("virus", Action{"reject", ""})
	p.Where = map[string]string{"do.virus": "mailweir.yaml:7"}
	got := decide(t, p, filters.Finding{Code: "c", Class: filters.Virus}).Because
	want := []Reason{{Code: "c", Class: "virus", Rule: DefaultName, Where: "mailweir.yaml:7", Action: "reject", Fate: Reject}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Because (-want +got):\n%s", diff)
	}
}

// faults are all that New finds, one a line.
func faults(t *testing.T, policies ...Policy) string {
	t.Helper()
	_, err := New(policies, nil)
	if err == nil {
		return ""
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("error %T is not joined", err)
	}
	for _, e := range joined.Unwrap() {
		if _, ok := e.(*Fault); !ok {
			t.Errorf("error %T is no Fault", e)
		}
	}
	return strings.ReplaceAll(err.Error(), "policy \"default\": ", "")
}

func TestActionFaults(t *testing.T) {
	tests := []struct {
		name    string
		class   string
		actions []Action
		want    string
	}{
		{"unknown action", "virus", []Action{{"quarantne", ""}}, `do.virus[0]: unknown action "quarantne", did you mean "quarantine"?`},
		{"strange action", "virus", []Action{{"zzzzzzzzzz", ""}}, `do.virus[0]: unknown action "zzzzzzzzzz"; there are deliver, tag, header, disarm, replace, strip-html, attach, rebuild, store, quarantine, forward, redirect, reject, defer, discard`},
		{"unknown class", "viruses", []Action{{"reject", ""}}, `do.viruses: unknown class "viruses", did you mean "virus"?`},
		{"notify", "html", []Action{{"notify", "a@b.org"}}, `do.html[0]: the action notify does not exist yet`},
		{"no action", "virus", nil, `do.virus: no action; write deliver if nothing is to be done`},
		{"twice", "virus", []Action{{"tag", "a"}, {"tag", "b"}}, `do.virus: tag: b is given twice`},
		{"the same header twice", "virus", []Action{{"header", "X-A: b"}, {"header", "X-A: b"}}, `do.virus: header: X-A: b is given twice`},
		{"two fates", "virus", []Action{{"quarantine", ""}, {"reject", ""}}, `do.virus: quarantine and reject contradict each other`},
		{"deliver and defer", "virus", []Action{{"deliver", ""}, {"defer", ""}}, `do.virus: deliver and defer contradict each other`},
		{"deliver and redirect", "virus", []Action{{"deliver", ""}, {"redirect", "a@example.org"}}, `do.virus: deliver and redirect contradict each other`},
		{"tag and reject", "virus", []Action{{"tag", ""}, {"reject", ""}}, `do.virus: tag changes a message that is delivered, and reject keeps it from being`},
		{"replace and discard", "virus", []Action{{"discard", ""}, {"replace", ""}}, `do.virus: replace changes a message that is delivered, and discard keeps it from being`},
		{"defer and store", "virus", []Action{{"defer", ""}, {"store", ""}}, `do.virus: store would make another copy with every retry after defer`},
		{"defer and forward", "virus", []Action{{"forward", "a@example.org"}, {"defer", ""}}, `do.virus: forward would make another copy with every retry after defer`},
		{"the same shelf", "virus", []Action{{"quarantine", ""}, {"store", "virus"}}, `do.virus: store is needless: quarantine keeps it on the same shelf`},
		{"replace spam", "spam", []Action{{"replace", ""}}, `do.spam: replace needs a part of the message, and spam is about the whole`},
		{"replace high spam", "high_spam", []Action{{"replace", ""}}, `do.high_spam: replace needs a part of the message, and spam is about the whole`},
		{"needless value", "virus", []Action{{"reject", "now"}}, `do.virus[0]: the action reject takes no value`},
		{"needless replace value", "virus", []Action{{"replace", "x"}}, `do.virus[0]: the action replace takes no value`},
		{"forward to nobody", "virus", []Action{{"forward", ""}}, `do.virus[0]: the action forward needs an address`},
		{"redirect to nobody", "virus", []Action{{"redirect", ""}}, `do.virus[0]: the action redirect needs an address`},
		{"no field", "virus", []Action{{"header", ""}}, `do.virus[0]: the action header needs "Name: value"`},
		{"forward to a name", "virus", []Action{{"forward", "postmaster"}}, `do.virus[0]: forward "postmaster": want an address such as user@example.org`},
		{"redirect to two", "virus", []Action{{"redirect", "a@b.org, c@d.org"}}, `do.virus[0]: redirect "a@b.org, c@d.org": the local-part is not as RFC 5321 has it`},
		{"bad shelf", "virus", []Action{{"store", "../x"}}, `do.virus[0]: store "../x": a shelf has up to 32 of a-z, 0-9, hyphen and underscore`},
		{"bad quarantine shelf", "virus", []Action{{"quarantine", strings.Repeat("x", 33)}}, `do.virus[0]: quarantine "` + strings.Repeat("x", 33) + `": a shelf has up to 32 of a-z, 0-9, hyphen and underscore`},
		{"several", "virus", []Action{{"reject", "x"}, {"discrad", ""}}, "do.virus[0]: the action reject takes no value\ndo.virus[1]: unknown action \"discrad\", did you mean \"discard\"?"},
		{"high spam more gently", "spam", []Action{{"reject", ""}}, `do.spam: reject (from default) is stronger than quarantine for high_spam (from built-in)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := faults(t, doing(tt.class, tt.actions...)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestPolicyFaults(t *testing.T) {
	one := func(p Policy) []Policy {
		if p.Name == "" {
			p.Name = DefaultName
		}
		return []Policy{p}
	}
	named := func(name string, w When) Policy {
		return Policy{Name: name, When: w, Where: map[string]string{"when": name + ".yaml:1"}}
	}
	tests := []struct {
		name     string
		policies []Policy
		want     string
	}{
		{"no policy", nil, ""},
		{"bad name", one(Policy{Name: "a b"}), `policy "a b": name: a policy's name has 1 to 64 letters, digits, dots, hyphens and underscores`},
		{"no name", []Policy{{}}, `policy "": name: a policy's name has 1 to 64 letters, digits, dots, hyphens and underscores`},
		{"reserved name", one(Policy{Name: "built-in", When: When{Direction: Inbound}}), `policy "built-in": name: this name stands for what no policy says`},
		{"default in other letters", []Policy{{Name: "Default"}}, `policy "Default": name: write "default" in small letters`},
		{"same name", []Policy{named("a", When{Direction: Inbound}), named("a", When{Direction: Outbound})}, `policy "a": name: there is a policy of this name already`},
		{"bad pattern", one(Policy{Name: "a", When: When{From: []Pattern{"ok@b.org", "@"}}}), `policy "a": when.from[1]: pattern "@": names no domain`},
		{"null recipient", one(Policy{Name: "a", When: When{To: []Pattern{"<>"}}}), `policy "a": when.to[0]: pattern "<>": a recipient is never null`},
		{"bad network", one(Policy{Name: "a", When: When{Client: []netip.Prefix{{}}}}), `policy "a": when.client[0]: is no network; want one such as 192.0.2.0/24`},
		{"bad direction", one(Policy{Name: "a", When: When{Direction: "in"}}), `policy "a": when.direction: unknown direction "in"; there are inbound, outbound`},
		{"near direction", one(Policy{Name: "a", When: When{Direction: "inbond"}}), `policy "a": when.direction: unknown direction "inbond", did you mean "inbound"?`},
		{"negative threshold", one(Policy{Spam: Thresholds{TagAt: -1}}), `spam.tag_at: want points above 0, at least 0.001`},
		{"tiny threshold", one(Policy{Spam: Thresholds{HighAt: 0.0001}}), "spam.high_at: want points above 0, at least 0.001"},
		{"grey_at that is as good as 0", one(Policy{Spam: Thresholds{GreyAt: -0.0001}}), `spam.grey_at: want points, at least 0.001 above or below 0`},
		{"grey_at of 0", one(Policy{Where: map[string]string{"spam.grey_at": "f:3"}}), `spam.grey_at: want points, at least 0.001 above or below 0`},
		{"thresholds crossed", one(Policy{Spam: Thresholds{TagAt: 12}}), `spam: high_at 10 (from built-in) is below tag_at 12 (from default)`},
		{"thresholds crossed with places", one(Policy{Spam: Thresholds{TagAt: 12}, Where: map[string]string{"spam": "f:3"}}), `spam: high_at 10 (from built-in) is below tag_at 12 (from f:3)`},
		{"default with conditions", one(Policy{When: When{Direction: Inbound}}), `when: the default is for all recipients; give these conditions to a policy of another name`},
		{"behind the default", []Policy{{Name: DefaultName}, named("a", When{Direction: Inbound})}, `policy "a": is never reached: policy "default" is for all recipients and stands before it`},
		{"behind a catch-all", []Policy{named("a", When{To: []Pattern{"b@b.org", "*"}}), named("b", When{Direction: Inbound}), {Name: DefaultName}}, "policy \"b\": is never reached: policy \"a\" (a.yaml:1) is for all recipients and stands before it\nis never reached: policy \"a\" (a.yaml:1) is for all recipients and stands before it"},
		{"behind all senders", []Policy{named("a", When{From: []Pattern{"*"}, Direction: Inbound}), named("b", When{To: []Pattern{"x.org"}, Direction: Inbound})}, `policy "b": is never reached: policy "a" (a.yaml:1) stands before it and takes all that it is for`},
		{"the same conditions", []Policy{named("a", When{To: []Pattern{"x.org", "y.org"}}), named("b", When{To: []Pattern{"Y.org", "*@x.org"}})}, `policy "b": is never reached: policy "a" (a.yaml:1) stands before it and takes all that it is for`},
		{"narrower", []Policy{named("a", When{From: []Pattern{"x.org"}}), named("b", When{From: []Pattern{"a@x.org"}, Direction: Inbound})}, `policy "b": is never reached: policy "a" (a.yaml:1) stands before it and takes all that it is for`},
		{"narrower network", []Policy{named("a", When{Client: prefixes("10.0.0.0/8", "2001:db8::/32")}), named("b", When{Client: prefixes("10.1.0.0/16", "2001:db8:1::/48")})}, `policy "b": is never reached: policy "a" (a.yaml:1) stands before it and takes all that it is for`},
		{"narrower listener", []Policy{named("a", When{Listener: []string{"x", "y"}}), named("b", When{Listener: []string{"y"}})}, `policy "b": is never reached: policy "a" (a.yaml:1) stands before it and takes all that it is for`},
		{"wider", []Policy{named("a", When{From: []Pattern{"a@x.org"}}), named("b", When{From: []Pattern{"x.org"}}), named("c", When{Client: prefixes("10.1.0.0/16")}), named("d", When{Client: prefixes("10.0.0.0/8")}), named("e", When{Listener: []string{"x"}}), named("f", When{Listener: []string{"x", "y"}}), named("g", When{Direction: Inbound})}, ""},
		{"other condition", []Policy{named("a", When{From: []Pattern{"x.org"}}), named("b", When{To: []Pattern{"x.org"}})}, ""},
		{"empty list", []Policy{named("a", When{To: []Pattern{}}), named("b", When{To: []Pattern{}, Direction: Inbound})}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := faults(t, tt.policies...); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestFaultPlace: config finds the line by index and key.
func TestFaultPlace(t *testing.T) {
	_, err := New([]Policy{{Name: "a", When: When{Direction: Inbound}}, {Name: DefaultName, Do: map[string][]Action{"virus": {{"deliver", ""}, {"x", ""}}}}}, nil)
	got := err.(interface{ Unwrap() []error }).Unwrap()[0].(*Fault)
	if got.Index != 1 || got.Policy != DefaultName || got.Key != "do.virus[1]" {
		t.Errorf("fault %+v, want policy 1, default, do.virus[1]", got)
	}
	for key, want := range map[string]string{"do.virus[1]": "do.virus", "do.virus": "do", "do": "", "": "", "when.to[0]": "when.to"} {
		if got := parentKey(key); got != want {
			t.Errorf("parentKey(%q) = %q, want %q", key, got, want)
		}
	}
}

// TestPoliciesAreNotChanged: the config that they come from is shown later.
func TestPoliciesAreNotChanged(t *testing.T) {
	policies := make([]Policy, 1, 2)
	policies[0] = Policy{Name: "a", When: When{Direction: Inbound}, Do: map[string][]Action{"virus": {{"reject", ""}}}}
	newSet(t, policies...)
	if len(policies[0].Do) != 1 || policies[0].Spam != (Thresholds{}) || policies[:2][1].Name != "" {
		t.Errorf("policies are now %+v", policies[:2])
	}
}
