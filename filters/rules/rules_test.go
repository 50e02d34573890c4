// SPDX-License-Identifier: Apache-2.0

package rules_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/rules"
)

var update = flag.Bool("update", false, "write the table of facts into README.md")

func newFilter(t testing.TB, o *rules.Options) filters.Filter {
	t.Helper()
	f, err := rules.New(o, filters.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const spammy = "From: \"PayPal Support\" <x9k3q7z1w5@example.xyz>\r\nTo: undisclosed-recipients:;\r\nSubject: VERIFY YOUR ACCOUNT NOW!!\r\nContent-Type: text/html\r\n\r\n" +
	"<p>Dear customer, your account has been suspended. <a href=\"http://192.0.2.7/login\">Click here</a> to verify your account within 24 hours.</p>"

func TestSuite(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter {
			return newFilter(t, &rules.Options{Rules: []rules.Rule{
				{Name: "own", Points: 1, In: "raw", Pattern: "(?i)paypal"}, {Name: "any", Points: -1, Any: []string{"own", "no_date"}, AtLeast: 2},
			}})
		},
		Messages: []string{spammy},
	})
}

// codes are findings in short.
func codes(found []filters.Finding) map[string]float64 {
	m := map[string]float64{}
	for _, f := range found {
		k := f.Code
		if k == "rules.custom" {
			k = "rules.custom " + f.Detail
		}
		m[k] += f.Score
	}
	return m
}

// TestPoints: shipped points hold unless an option says otherwise.
func TestPoints(t *testing.T) {
	msg := filtertest.Message(t, spammy)
	shipped, err := newFilter(t, rules.DefaultOptions()).Inspect(t.Context(), nil, msg)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for c, p := range codes(shipped) {
		if p != facts.Points(strings.TrimPrefix(c, "rules.")) {
			t.Errorf("%s: got %v points", c, p)
		}
		sum += p
	}
	if sum < 5 {
		t.Errorf("got %v points: %v", sum, codes(shipped))
	}
	own, err := newFilter(t, &rules.Options{Points: map[string]float64{"to_undisclosed": 0, "subject_shouting": 2.25, "no_date": -1}}).Inspect(t.Context(), nil, msg)
	if err != nil {
		t.Fatal(err)
	}
	got := codes(own)
	if _, on := got["rules.to_undisclosed"]; on || got["rules.subject_shouting"] != 2.25 || got["rules.no_date"] != -1 {
		t.Errorf("got %v", got)
	}
}

// TestGTUBE: the text for tests is worth 1000 points wherever it stands.
func TestGTUBE(t *testing.T) {
	mark := "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
	for _, text := range []string{
		"Subject: x\r\n\r\n" + mark + "\r\n",
		"Subject: " + mark + "\r\n\r\n",
	} {
		found, err := newFilter(t, rules.DefaultOptions()).Inspect(t.Context(), nil, filtertest.Message(t, text))
		if got := codes(found)["rules.gtube"]; err != nil || got != 1000 {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

// TestBounded: a message of which very much is so has few findings, and all its points.
func TestBounded(t *testing.T) {
	var own []rules.Rule
	for i := range 150 {
		own = append(own, rules.Rule{Name: fmt.Sprintf("r%d", i), Points: 0.1, In: "raw", Pattern: "."})
	}
	found, err := newFilter(t, &rules.Options{Rules: own}).Inspect(t.Context(), nil, filtertest.Message(t, spammy))
	if err != nil || len(found) > 92 {
		t.Fatalf("%d findings, %v", len(found), err)
	}
	sum := 0.0
	for c, p := range codes(found) {
		if strings.HasPrefix(c, "rules.custom") || c == "rules.more" {
			sum += p
		}
	}
	if sum < 14.9 {
		t.Errorf("got %v points, want 15", sum)
	}
}

// table is what the section Findings of README.md holds.
func table() string {
	var b strings.Builder
	b.WriteString("| code | class | points | meaning |\n|---|---|---|---|\n")
	for _, a := range facts.All() {
		fmt.Fprintf(&b, "| `rules.%s` | spam | %s | %s |\n", a.Name, strings.TrimSuffix(fmt.Sprintf("%.1f", facts.Points(a.Name)), ".0"), a.Reason)
	}
	b.WriteString("| `rules.custom` | spam | those of the rule | A rule of the site's own is so; the detail is its name. |\n")
	b.WriteString("| `rules.more` | spam | the sum | There are more facts, or rules of the site's own, than are told one by one. |\n")
	return b.String()
}

// TestREADME: the table of facts is that of the program.
func TestREADME(t *testing.T) {
	const begin, end = "-update -->\n", "<!-- end -->"
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the marks are gone")
	}
	if d := cmp.Diff(table(), old); d != "" && !*update {
		t.Errorf("go test ./filters/rules -update (-want +got):\n%s", d)
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(before+begin+table()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
