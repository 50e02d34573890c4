// SPDX-License-Identifier: Apache-2.0

package dmarc

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
)

func TestParse(t *testing.T) {
	base := Record{Policy: "none", Subdomains: "none", NonExistent: "none", Percent: 100, PSD: "u", FailureWhen: "0"}
	with := func(change func(*Record)) *Record {
		r := base
		change(&r)
		return &r
	}
	for _, tc := range []struct {
		in   string
		want *Record // Nil if it is none.
	}{
		{"v=DMARC1; p=none", &base},
		{"v = DMARC1 ; p = NONE ;", &base},
		{"v=DMARC1;p=none", &base},
		{"v=DMARC1; p=reject", with(func(r *Record) { r.Policy, r.Subdomains, r.NonExistent = "reject", "reject", "reject" })},
		{"v=DMARC1; p=reject; sp=none", with(func(r *Record) { r.Policy = "reject" })},
		{"v=DMARC1; p=none; np=reject", with(func(r *Record) { r.NonExistent = "reject" })},
		{"v=DMARC1; p=none; sp=quarantine", with(func(r *Record) { r.Subdomains, r.NonExistent = "quarantine", "quarantine" })},
		{"v=DMARC1; p=none; adkim=s; aspf=S; pct=20; t=y; psd=n", with(func(r *Record) { r.StrictDKIM, r.StrictSPF, r.Percent, r.Testing, r.PSD = true, true, 20, true, "n" })},
		{"v=DMARC1; p=none; pct=101; ri=x; psd=q; adkim=x; unknown=1; ;=;x", &base},
		{"v=DMARC1; p=none; p=reject", &base},
		{"v=DMARC1; p=none; rua=mailto:a@example.org!10m, mailto:b@example.org,https://x", with(func(r *Record) { r.Aggregate = []string{"mailto:a@example.org!10m", "mailto:b@example.org"} })},
		{"v=DMARC1; rua=mailto:a@example.org", with(func(r *Record) { r.Aggregate = []string{"mailto:a@example.org"} })},
		{"v=DMARC1; p=odd; rua=mailto:a@example.org", with(func(r *Record) { r.Aggregate = []string{"mailto:a@example.org"} })},
		{"v=DMARC1; p=odd", nil},
		{"v=DMARC1; sp=reject; rua=mailto:a@example.org", with(func(r *Record) { r.Aggregate = []string{"mailto:a@example.org"} })}, // RFC 7489 section 6.6.3, step 6: as if it was p=none.
		{"v=DMARC1; p=reject; sp=odd; rua=mailto:a@example.org", with(func(r *Record) { r.Aggregate = []string{"mailto:a@example.org"} })},
		{"v=DMARC1; p=reject; sp=reject; np=; rua=mailto:a@example.org", with(func(r *Record) { r.Aggregate = []string{"mailto:a@example.org"} })},
		{"v=DMARC1; p=reject; sp=odd", nil},
		{"v=DMARC1; np=odd; p=reject", nil},
		{"v=DMARC1", nil},
		{"p=none; v=DMARC1", nil},
		{"v=dmarc1; p=none", nil},
		{"v=DMARC10; p=none", nil},
		{"v=spf1 -all", nil},
		{"", nil},
	} {
		got, ok := Parse(tc.in)
		if ok != (tc.want != nil) {
			t.Errorf("%q: got %v", tc.in, ok)
			continue
		}
		if ok {
			if d := cmp.Diff(*tc.want, got); d != "" {
				t.Errorf("%q: (-want +got)\n%s", tc.in, d)
			}
		}
	}
}

// records are _dmarc records by domain.
func records(list ...string) *authntest.Zone {
	z := &authntest.Zone{TXT: map[string][]string{}, IP: map[string][]string{}, Errs: map[string]error{}}
	for i := 0; i+1 < len(list); i += 2 {
		name := "_dmarc." + list[i]
		z.TXT[name] = append(z.TXT[name], list[i+1])
	}
	return z
}

func judge(t *testing.T, z *authntest.Zone, author string, m Message) Outcome {
	t.Helper()
	return Find(t.Context(), z, author).Judge(t.Context(), m)
}

func TestPolicyDiscovery(t *testing.T) {
	const reject, quarantine, none = "v=DMARC1; p=reject", "v=DMARC1; p=quarantine", "v=DMARC1; p=none"
	deep := strings.Repeat("a.", 20) + "example.com"
	for _, tc := range []struct {
		name, author string
		zone         *authntest.Zone
		found, org   string
		wanted       Policy
	}{
		{"own", "example.com", records("example.com", reject), "example.com", "example.com", "reject"},
		{"own before that of the organisation", "a.example.com", records("a.example.com", none, "example.com", reject), "a.example.com", "example.com", "none"},
		{"of the organisation", "a.b.example.com", records("example.com", reject+"; sp=quarantine"), "example.com", "example.com", "quarantine"},
		{"of the organisation, not what is between", "a.b.example.com", records("b.example.com", none, "example.com", reject), "example.com", "example.com", "reject"},
		{"between, where the organisation has none", "a.b.example.com", records("b.example.com", reject), "b.example.com", "example.com", "reject"},
		{"np of a name that does not exist", "no.example.com", records("example.com", "v=DMARC1; p=none; np=reject"), "example.com", "example.com", "reject"},
		{"a suffix does not speak for its customers", "a.github.io", records("github.io", reject), "", "", ""},
		{"unless it says that it is one", "a.bank.example", records("example", "v=DMARC1; p=reject; psd=y", "bank.example", none), "bank.example", "bank.example", "none"},
		{"a suffix that says so", "bank.example", records("example", "v=DMARC1; p=none; sp=reject; psd=y"), "example", "bank.example", "reject"},
		{"an organisation inside another", "a.dept.uni.example", records("dept.uni.example", "v=DMARC1; p=reject; psd=n", "uni.example", none), "dept.uni.example", "dept.uni.example", "reject"},
		{"two records are none", "example.com", records("example.com", reject, "example.com", none), "", "", ""},
		{"other texts beside it", "example.com", records("example.com", "x", "example.com", reject, "example.com", "v=spf1"), "example.com", "example.com", "reject"},
		{"a broken one", "a.example.com", records("a.example.com", "v=DMARC1; p=x", "example.com", quarantine), "", "", ""},
		{"a broken one for names below", "a.example.com", records("a.example.com", none+"; sp=x", "example.com", reject), "", "", ""},
		{"a broken one between", "a.b.example.com", records("b.example.com", "v=DMARC1; p=x", "example.com", reject), "example.com", "example.com", "reject"},
		{"not in the list", "a.b.internal", records("b.internal", reject), "b.internal", "b.internal", "reject"},
		{"many labels", deep, records("example.com", reject), "example.com", "example.com", "reject"},
		{"none", "example.com", records(), "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := judge(t, tc.zone, tc.author, Message{})
			if o.Found != tc.found || o.Organisation != tc.org || o.Wanted != tc.wanted {
				t.Errorf("got %q %q %q", o.Found, o.Organisation, o.Wanted)
			}
			if (o.Result == authn.None) != (tc.found == "") {
				t.Errorf("result %s", o.Result)
			}
			if n := len(tc.zone.Asked()); n > maxSteps+2 {
				t.Errorf("%d questions", n)
			}
		})
	}
}

// TestExists: np= is for names that do not exist; one that takes mail does. Where that is not known, it is not known what is asked for, and may be the stricter.
func TestExists(t *testing.T) {
	zone := func(change func(*authntest.Zone)) *authntest.Zone {
		z := records("example.com", "v=DMARC1; p=none; np=reject")
		change(z)
		return z
	}
	for _, tc := range []struct {
		name string
		zone *authntest.Zone
		want Policy
	}{
		{"nothing", zone(func(*authntest.Zone) {}), "reject"},
		{"host", zone(func(z *authntest.Zone) { z.IP["a.example.com"] = []string{"192.0.2.1"} }), "none"},
		{"mail", zone(func(z *authntest.Zone) { z.MX = map[string][]*net.MX{"a.example.com": {{Host: "x."}}} }), "none"},
		{"no answer", zone(func(z *authntest.Zone) { z.Errs["a.example.com"] = authntest.Temporary("x") }), "reject"},
	} {
		o := judge(t, tc.zone, "a.example.com", Message{})
		if o.Wanted != tc.want || (o.Result == authn.TempError) != (tc.name == "no answer") || o.Applies != tc.want {
			t.Errorf("%s: got %+v", tc.name, o)
		}
		if o := judge(t, tc.zone, "a.example.com", Message{DKIM: []Identifier{{"example.com", authn.Pass}}}); o.Result != authn.Pass || o.Temporary != nil {
			t.Errorf("%s, signed: got %+v", tc.name, o)
		}
	}
}

func TestAlignment(t *testing.T) {
	const relaxed = "v=DMARC1; p=reject"
	pass := func(d string) []Identifier { return []Identifier{{d, authn.Pass}} }
	for _, tc := range []struct {
		name   string
		record string
		author string
		m      Message
		want   authn.Result
	}{
		{"same by DKIM", relaxed, "example.com", Message{DKIM: pass("example.com")}, authn.Pass},
		{"same by SPF", relaxed, "example.com", Message{SPF: pass("example.com")}, authn.Pass},
		{"below", relaxed, "example.com", Message{SPF: pass("bounce.example.com")}, authn.Pass},
		{"above", relaxed, "news.example.com", Message{DKIM: pass("example.com")}, authn.Pass},
		{"beside", relaxed, "news.example.com", Message{DKIM: pass("mail.example.com")}, authn.Pass},
		{"strict, same", relaxed + "; adkim=s", "example.com", Message{DKIM: pass("example.com")}, authn.Pass},
		{"strict, below", relaxed + "; adkim=s", "example.com", Message{DKIM: pass("a.example.com")}, authn.Fail},
		{"strict for the other", relaxed + "; aspf=s", "example.com", Message{DKIM: pass("a.example.com")}, authn.Pass},
		{"strict for SPF", relaxed + "; aspf=s", "example.com", Message{SPF: pass("a.example.com")}, authn.Fail},
		{"a longer name", relaxed, "example.com", Message{DKIM: pass("notexample.com")}, authn.Fail},
		{"another below the same suffix", relaxed, "example.co.uk", Message{DKIM: pass("evil.co.uk")}, authn.Fail},
		{"the suffix", relaxed, "example.co.uk", Message{DKIM: pass("co.uk")}, authn.Fail},
		{"a private suffix", relaxed, "a.github.io", Message{DKIM: pass("b.github.io")}, authn.Fail},
		{"no domain", relaxed, "example.com", Message{SPF: pass("")}, authn.Fail},
		{"failed", relaxed, "example.com", Message{SPF: []Identifier{{"example.com", authn.Fail}}, DKIM: []Identifier{{"example.com", authn.Policy}}}, authn.Fail},
		{"one of several", relaxed, "example.com", Message{DKIM: append([]Identifier{{"example.com", authn.Fail}, {"x.test", authn.Pass}}, pass("example.com")...)}, authn.Pass},
		{"no answer", relaxed, "example.com", Message{DKIM: []Identifier{{"example.com", authn.TempError}}}, authn.TempError},
		{"no answer about another", relaxed, "example.com", Message{DKIM: []Identifier{{"x.test", authn.TempError}}}, authn.Fail},
		{"no answer, and a pass", relaxed, "example.com", Message{SPF: pass("example.com"), DKIM: []Identifier{{"example.com", authn.TempError}}}, authn.Pass},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if o := judge(t, records(tc.author, tc.record), tc.author, tc.m); o.Result != tc.want {
				t.Errorf("got %+v", o)
			}
		})
	}
	t.Run("an organisation inside another", func(t *testing.T) {
		z := records("dept.uni.example", "v=DMARC1; p=reject; psd=n", "uni.example", "v=DMARC1; p=none")
		if o := judge(t, z, "uni.example", Message{DKIM: pass("dept.uni.example")}); o.Result != authn.Fail {
			t.Errorf("got %+v", o)
		}
		if o := judge(t, z, "a.dept.uni.example", Message{DKIM: pass("dept.uni.example")}); o.Result != authn.Pass {
			t.Errorf("got %+v", o)
		}
	})
}

func TestApplies(t *testing.T) {
	for _, tc := range []struct {
		record string
		sample int
		want   Policy
	}{
		{"p=reject", 99, "reject"},
		{"p=reject; pct=50", 49, "reject"},
		{"p=reject; pct=50", 50, "quarantine"},
		{"p=quarantine; pct=0", 0, "none"},
		{"p=none; pct=0", 0, "none"},
		{"p=reject; t=y", 0, "quarantine"},
		{"p=quarantine; t=y; pct=0", 0, "none"},
	} {
		o := judge(t, records("example.com", "v=DMARC1; "+tc.record), "example.com", Message{Sample: tc.sample})
		if o.Result != authn.Fail || o.Applies != tc.want {
			t.Errorf("%s, %d: got %s %s", tc.record, tc.sample, o.Result, o.Applies)
		}
	}
}

// TestNoAnswer: a DNS that does not answer is not "no policy", neither for the domain nor above it.
func TestNoAnswer(t *testing.T) {
	for _, dead := range []string{"_dmarc.a.example.com", "_dmarc.example.com"} {
		z := records()
		z.Errs[dead] = authntest.Temporary(dead)
		if o := judge(t, z, "a.example.com", Message{}); o.Result != authn.TempError || o.Temporary == nil {
			t.Errorf("%s: got %+v", dead, o)
		}
	}
}

// TestQuestions: however many names a message brings, the questions are few.
func TestQuestions(t *testing.T) {
	z := records("example.com", "v=DMARC1; p=reject")
	var m Message
	for i := range 1000 {
		m.DKIM = append(m.DKIM, Identifier{fmt.Sprintf("a.b.c.d.e.f%d.example.com", i), authn.TempError})
	}
	judge(t, z, "example.com", m)
	if n := len(z.Asked()); n > maxQueries {
		t.Errorf("%d questions", n)
	}
}

func TestSameOrganisation(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"a.example.com", "b.example.com", true},
		{"example.com", "example.com", true},
		{"a.co.uk", "b.co.uk", false},
		{"co.uk", "b.co.uk", false},
		{"", "example.com", false},
		{"a.internal", "b.a.internal", true},
	} {
		if got := SameOrganisation(tc.a, tc.b); got != tc.want {
			t.Errorf("%s, %s: got %v", tc.a, tc.b, got)
		}
	}
}

// FuzzParse: any text is a record or none, and a record always has policies.
func FuzzParse(f *testing.F) {
	f.Add("v=DMARC1; p=reject; sp=none; np=x; rua=mailto:a@b,mailto:c; pct=7; psd=y; t=y")
	f.Fuzz(func(t *testing.T, in string) {
		r, ok := Parse(in)
		if !ok {
			return
		}
		if severity(r.Policy) < 0 || severity(r.Subdomains) < 0 || severity(r.NonExistent) < 0 || r.Percent < 0 || r.Percent > 100 || len(r.Aggregate) > maxURIs {
			t.Errorf("%q: %+v", in, r)
		}
	})
}
