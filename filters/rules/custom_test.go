// SPDX-License-Identifier: Apache-2.0

package rules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/rules"
)

const letter = "From: a@example.org\r\nTo: to@example.net\r\nSubject: =?utf-8?q?Caf=C3=A9?= prices\r\nX-Own: one\r\nX-Own: two\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/html\r\n\r\n<p>Visible words, see <a href=\"https://shop.example.com/x\">this</a></p><p style=\"display:none\">unseen words</p>\r\n" +
	"--b\r\nContent-Type: application/octet-stream; name=offer.xyz\r\n\r\nx\r\n--b--\r\n"

func TestCustom(t *testing.T) {
	words := filepath.Join(t.TempDir(), "words")
	if err := os.WriteFile(words, []byte("# ours\nprix fixe\nVISIBLE words # a phrase\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		rules []rules.Rule
		want  bool // The last rule is so.
	}{
		{"field, decoded", []rules.Rule{{Field: "subject", Pattern: "^Café"}}, true},
		{"second field of a name", []rules.Rule{{Field: "X-Own", Pattern: "^two$"}}, true},
		{"no such field", []rules.Rule{{Field: "X-None", Pattern: "."}}, false},
		{"body", []rules.Rule{{In: "body", Pattern: "Visible"}}, true},
		{"what is hidden is not the body", []rules.Rule{{In: "body", Pattern: "unseen"}}, false},
		{"hidden", []rules.Rule{{In: "hidden", Pattern: "unseen"}}, true},
		{"link", []rules.Rule{{In: "link", Pattern: `^https://shop\.example\.com/`}}, true},
		{"header", []rules.Rule{{In: "header", Pattern: "(?m)^Subject: Café prices$"}}, true},
		{"raw", []rules.Rule{{In: "raw", Pattern: "=C3=A9"}}, true},
		{"file", []rules.Rule{{In: "file", Pattern: `\.xyz$`}}, true},
		{"mail from", []rules.Rule{{In: "mail_from", Pattern: "^from@"}}, true},
		{"recipient", []rules.Rule{{In: "rcpt_to", Pattern: "^to@"}}, true},
		{"helo", []rules.Rule{{In: "helo", Pattern: "^client"}}, true},
		{"client", []rules.Rule{{In: "client", Pattern: `^192\.0\.2\.1$`}}, true},
		{"words", []rules.Rule{{In: "body", Words: words}}, true},
		{"words elsewhere", []rules.Rule{{Field: "Subject", Words: words}}, false},
		{"all", []rules.Rule{{Name: "x", In: "body", Pattern: "Visible"}, {All: []string{"x", "no_date"}}}, true},
		{"not all", []rules.Rule{{Name: "x", In: "body", Pattern: "nothing"}, {All: []string{"x", "no_date"}}}, false},
		{"none", []rules.Rule{{Name: "x", In: "body", Pattern: "nothing"}, {All: []string{"no_date"}, None: []string{"x"}}}, true},
		{"one of none", []rules.Rule{{Name: "x", In: "body", Pattern: "Visible"}, {All: []string{"no_date"}, None: []string{"x"}}}, false},
		{"any", []rules.Rule{{Any: []string{"no_date", "gtube"}}}, true},
		{"two of any", []rules.Rule{{Any: []string{"no_date", "gtube", "no_message_id"}, AtLeast: 2}}, true},
		{"three of any", []rules.Rule{{Any: []string{"no_date", "gtube", "no_message_id"}, AtLeast: 3}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			last := &c.rules[len(c.rules)-1]
			last.Name, last.Points = "judged", 1.5
			found, err := newFilter(t, &rules.Options{Rules: c.rules}).Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, letter))
			if err != nil {
				t.Fatal(err)
			}
			p, got := codes(found)["rules.custom judged"]
			if got != c.want || got && p != 1.5 {
				t.Errorf("got %v", codes(found))
			}
		})
	}
}

// TestValidate: what cannot work is told before it runs.
func TestValidate(t *testing.T) {
	for _, c := range []struct {
		options rules.Options
		want    string
	}{
		{rules.Options{Points: map[string]float64{"no_such": 1}}, `there is no fact "no_such"`},
		{rules.Options{Points: map[string]float64{"no_date": 1e9}}, "points.no_date"},
		{rules.Options{Rules: []rules.Rule{{Name: "Bad Name", In: "body", Pattern: "x"}}}, "lower-case"},
		{rules.Options{Rules: []rules.Rule{{Name: "no_date", In: "body", Pattern: "x"}}}, "a name of its own"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", In: "body", Pattern: "x"}, {Name: "a", In: "body", Pattern: "x"}}}, "rules[1] a: name"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", In: "soul", Pattern: "x"}}}, `in: "soul"`},
		{rules.Options{Rules: []rules.Rule{{Name: "a", Pattern: "x"}}}, "either in or field"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", In: "body", Field: "x", Pattern: "x"}}}, "either in or field"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", In: "body"}}}, "either pattern or words"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", In: "body", Pattern: "(x"}}}, "missing closing"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", In: "body", Pattern: `(x)\1`}}}, "invalid escape"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", In: "body", Pattern: strings.Repeat("x", 1001)}}}, "longer than 1000"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", In: "body", Words: "words"}}}, "absolute"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", Field: "Sub:", Pattern: "x"}}}, "name of a field"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", None: []string{"no_date"}}}}, "nearly all mail"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", All: []string{"b"}}, {Name: "b", In: "body", Pattern: "x"}}}, `no fact "b"`},
		{rules.Options{Rules: []rules.Rule{{Name: "a", All: []string{"a"}}}}, `no fact "a"`},
		{rules.Options{Rules: []rules.Rule{{Name: "a", Any: []string{"no_date"}, AtLeast: 2}}}, "at_least: 2 of 1"},
		{rules.Options{Rules: []rules.Rule{{Name: "a", All: []string{"no_date"}, In: "body"}}}, "not both"},
		{rules.Options{Rules: make([]rules.Rule, 201)}, "at most 200"},
	} {
		if err := c.options.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %q", c.options, err, c.want)
		}
	}
	if err := rules.DefaultOptions().Validate(); err != nil {
		t.Error(err)
	}
}

// TestWordsAgain: a file that changes is read again; one that cannot be read leaves what was.
func TestWordsAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "words")
	put := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Unix(1_700_000_000, 0)
	now := start
	put("nothing of it\n", start)
	reg := prometheus.NewRegistry()
	f, err := rules.New(
		&rules.Options{CheckEvery: time.Second, Rules: []rules.Rule{{Name: "w", Points: 1, In: "body", Words: file}}},
		filters.Deps{Now: func() time.Time { return now }, Registerer: reg},
	)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		text string
		want bool
	}{{"visible words\n", true}, {"!!!\n", true}, {"other words\n", false}} {
		put(c.text, start.Add(time.Duration(i+1)*time.Minute))
		now = now.Add(time.Minute)
		found, err := f.Inspect(t.Context(), nil, filtertest.Message(t, letter))
		if _, got := codes(found)["rules.custom w"]; err != nil || got != c.want {
			t.Errorf("%q: got %v, %v", c.text, got, err)
		}
	}
	const want = "# HELP mailweir_rules_reload_failures_total Changed files of words that could not be read; what was read before is used.\n" +
		"# TYPE mailweir_rules_reload_failures_total counter\nmailweir_rules_reload_failures_total 1\n"
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mailweir_rules_reload_failures_total"); err != nil {
		t.Error(err)
	}
	if _, err := rules.New(&rules.Options{Rules: []rules.Rule{{Name: "w", In: "body", Words: file + ".none"}}}, filters.Deps{}); err == nil {
		t.Error("a file that is not there is no error")
	}
}
