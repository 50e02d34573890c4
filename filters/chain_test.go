// SPDX-License-Identifier: Apache-2.0

package filters

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"github.com/mailweir/mailweir/mail"
)

// filterFunc is a filter made of a function.
type filterFunc func(ctx context.Context) ([]Finding, error)

func (f filterFunc) Inspect(ctx context.Context, _ *mail.Envelope, _ *mail.Message) ([]Finding, error) {
	return f(ctx)
}

// finds is a filter that finds what it is given.
func finds(found ...Finding) Filter {
	return filterFunc(func(context.Context) ([]Finding, error) { return found, nil })
}

func takes(d time.Duration, err error) Filter {
	return filterFunc(func(ctx context.Context) ([]Finding, error) {
		select {
		case <-time.After(d):
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
}

func message(t *testing.T, text string) *mail.Message {
	t.Helper()
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

var env = &mail.Envelope{ID: "test-id"}

func newChain(t *testing.T, stages ...Stage) *Chain {
	t.Helper()
	c, err := NewChain(stages, ChainConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := filterFunc(func(context.Context) ([]Finding, error) {
			time.Sleep(time.Second)
			return []Finding{{Code: "a.one", Class: Spam}, {Code: "a.two", Class: Spam}}, nil
		})
		quick := finds(Finding{Code: "b.one", Class: Spam})
		c := newChain(t, Stage{{Name: "a", Filter: slow}, {Name: "b", Filter: quick}}, Stage{{Name: "c", Filter: slow}})
		began := time.Now()
		res := c.Run(t.Context(), env, message(t, "\r\n"), nil)
		var got []string
		for _, f := range res.Findings {
			got = append(got, f.Filter+" "+f.Code)
		}
		want := []string{"a a.one", "a a.two", "b b.one", "c a.one", "c a.two"}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("findings (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]Timing{{"a", time.Second, nil}, {"b", 0, nil}, {"c", time.Second, nil}}, res.Timings); d != "" {
			t.Errorf("timings (-want +got):\n%s", d)
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("took %v: stages in order and filters side by side take 2s", took)
		}
	})
}

// Not knowing is never clean: every way to give no answer is a finding.
func TestFailures(t *testing.T) {
	boom := filterFunc(func(context.Context) ([]Finding, error) { panic("boom") })
	stuck := func(free chan struct{}) Filter {
		return filterFunc(func(context.Context) ([]Finding, error) { <-free; return nil, nil })
	}
	tests := []struct {
		name   string
		filter func(free chan struct{}) Filter
		code   string
		detail string
		reason string
		took   time.Duration
	}{
		{"error", func(chan struct{}) Filter { return takes(time.Second, errors.New("dead\nscanner")) }, "failure.error", "f: dead scanner", reasonError, time.Second},
		{"panic", func(chan struct{}) Filter { return boom }, "failure.panic", "f: panic: boom", reasonPanic, 0},
		{"timeout", func(chan struct{}) Filter { return takes(time.Hour, nil) }, "failure.timeout", "f: context deadline exceeded", reasonTimeout, 5 * time.Second},
		{"ignores its context", stuck, "failure.timeout", "f: did not end when its time was up", reasonLeft, 5*time.Second + Grace},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				free := make(chan struct{})
				reg := prometheus.NewPedanticRegistry()
				c, err := NewChain([]Stage{{{Name: "f", Filter: tt.filter(free), Timeout: 5 * time.Second}, {Name: "g", Filter: finds()}}}, ChainConfig{Registerer: reg})
				if err != nil {
					t.Fatal(err)
				}
				res := c.Run(t.Context(), env, message(t, "\r\n"), nil)
				want := []Finding{{Filter: "f", Code: tt.code, Class: Failure, Detail: tt.detail}}
				if d := cmp.Diff(want, res.Findings); d != "" {
					t.Errorf("findings (-want +got):\n%s", d)
				}
				if got := res.Timings[0]; got.Took != tt.took || got.Err == nil {
					t.Errorf("got timing %v, want %v and an error", got, tt.took)
				}
				if got := testutil.ToFloat64(c.metrics.failures.WithLabelValues("f", tt.reason)); got != 1 {
					t.Errorf("counted %v failures for reason %s, want 1", got, tt.reason)
				}
				if (res.Pending != nil) != (tt.reason == reasonLeft) {
					t.Errorf("pending is %v", res.Pending)
				}
				close(free)
				if res.Pending != nil {
					<-res.Pending // Closed when the filter has ended.
				}
			})
		})
	}
}

// Findings that come with an error are kept.
func TestErrorKeepsFindings(t *testing.T) {
	half := filterFunc(func(context.Context) ([]Finding, error) {
		return []Finding{{Code: "f.virus", Class: Virus}}, errors.New("half")
	})
	res := newChain(t, Stage{{Name: "f", Filter: half}}).Run(t.Context(), env, message(t, "\r\n"), nil)
	if len(res.Findings) != 2 || res.Findings[0].Code != "f.virus" || res.Findings[1].Code != "failure.error" {
		t.Errorf("got %v", res.Findings)
	}
}

// The end of the caller's context ends the run in bounded time, also with a filter that ignores it.
func TestCallersContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		defer close(free)
		stuck := filterFunc(func(context.Context) ([]Finding, error) { <-free; return nil, nil })
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		res := newChain(t, Stage{{Name: "a", Filter: stuck}, {Name: "b", Filter: takes(time.Hour, nil)}}, Stage{{Name: "c", Filter: takes(time.Hour, nil)}}).
			Run(ctx, env, message(t, "\r\n"), nil)
		if took := time.Since(began); took != 3*time.Second+Grace {
			t.Errorf("took %v", took)
		}
		if len(res.Findings) != 3 {
			t.Errorf("got %v, want a failure of each filter", res.Findings)
		}
		for _, f := range res.Findings {
			if f.Code != "failure.timeout" {
				t.Errorf("got %v", f)
			}
		}
	})
}

func TestSealed(t *testing.T) {
	virus := finds(Finding{Code: "a.virus", Class: Virus})
	stages := []Stage{{{Name: "a", Filter: virus}}, {{Name: "b", Filter: finds()}}, {{Name: "c", Filter: virus}, {Name: "d", Filter: virus}}}
	for _, tt := range []struct {
		name    string
		sealed  func([]Finding) bool
		skipped []string
		found   int
	}{
		{"never", nil, nil, 3},
		{"at once", func(f []Finding) bool { return len(f) > 0 }, []string{"b", "c", "d"}, 1},
		{"not", func(f []Finding) bool { return len(f) > 1 }, nil, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := newChain(t, stages...).Run(t.Context(), env, message(t, "\r\n"), tt.sealed)
			if d := cmp.Diff(tt.skipped, res.Skipped); d != "" || len(res.Findings) != tt.found {
				t.Errorf("skipped (-want +got):\n%s\nfindings %v", d, res.Findings)
			}
		})
	}
}

// TestSettled: once spam is settled the filters about it are left out, and no others.
func TestSettled(t *testing.T) {
	listed := finds(Finding{Code: "a.listed", Class: Listed})
	stages := []Stage{
		{{Name: "a", Filter: listed, Inbound: true}}, {{Name: "b", Filter: finds(), Inbound: true}, {Name: "virus", Filter: finds(Finding{Code: "a.virus", Class: Virus})}},
	}
	c, err := NewChain(stages, ChainConfig{Settled: func(_ *mail.Envelope, f []Finding) bool { return len(f) > 0 }})
	if err != nil {
		t.Fatal(err)
	}
	res := c.Run(t.Context(), env, message(t, "\r\n"), nil)
	if d := cmp.Diff([]string{"b"}, res.Skipped); d != "" || len(res.Findings) != 2 {
		t.Errorf("skipped (-want +got):\n%s\nfindings %v", d, res.Findings)
	}
}

func TestLimitsAreFindings(t *testing.T) {
	l := mail.DefaultLimits()
	l.Parts = 3
	text := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 10) + "--b--\r\n"
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(l, nil))
	if err != nil {
		t.Fatal(err)
	}
	res := newChain(t).Run(t.Context(), env, msg, nil)
	if len(res.Findings) != 1 {
		t.Fatalf("got %v, want one finding", res.Findings)
	}
	got := res.Findings[0]
	if got.Code != "unscannable.limit" || got.Class != Unscannable || !strings.Contains(got.Detail, "limit.parts") {
		t.Errorf("got %+v", got)
	}
	if len(res.Defects) == 0 {
		t.Error("the defects are not in the result")
	}
}

// All defects that may hide content are one finding, the others none: EVASIONS numbers 40 to 77.
func TestAmbiguousDefectsAreOneFinding(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"two boundaries", "Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n", "mime.two_boundaries, mime.no_parts, first at octet 0: \"b\""},
		{"unknown encoding", "Content-Transfer-Encoding: x-gzip64\r\n\r\nx\r\n", "mime.unknown_encoding, first at octet 0: \"x-gzip64\""},
		{"untidy", "From a\nFrom: a\nContent-Type: multipart/mixed; boundary=b; x=1; x=2\n\n--b\n\nx\n", ""},
		{"plain", "From: a\r\n\r\nx\r\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			msg, err := mail.Parse(strings.NewReader(c.text), int64(len(c.text)), mail.NewBudget(mail.DefaultLimits(), nil))
			if err != nil {
				t.Fatal(err)
			}
			var want []Finding
			if c.want != "" {
				want = []Finding{{Filter: "mail", Code: "mime.ambiguous", Class: Ambiguous, Part: "1", Detail: c.want}}
			}
			if d := cmp.Diff(want, newChain(t).Run(t.Context(), env, msg, nil).Findings); d != "" {
				t.Errorf("%q (-want +got):\n%s", c.text, d)
			}
		})
	}
}

func TestFindingsAreBounded(t *testing.T) {
	many := make([]Finding, 3*MaxFindings)
	for i := range many {
		many[i] = Finding{Code: "f.spam", Class: Spam, Detail: strings.Repeat("x\n", 1000)}
	}
	many = append(many, Finding{Code: "f.virus", Class: Virus})
	res := newChain(t, Stage{{Name: "f", Filter: finds(many...)}}).Run(t.Context(), env, message(t, "\r\n"), nil)
	if len(res.Findings) != MaxFindings+2 {
		t.Fatalf("got %d findings, want %d", len(res.Findings), MaxFindings+2)
	}
	if got := res.Findings[MaxFindings]; got.Code != "f.virus" {
		t.Errorf("the finding of another class is lost: %v", got)
	}
	want := Finding{Filter: "f", Code: "unscannable.limit", Class: Unscannable, Detail: "limit findings (100 of a class) exceeded: 200 left out"}
	if d := cmp.Diff(want, res.Findings[MaxFindings+1]); d != "" {
		t.Errorf("last finding (-want +got):\n%s", d)
	}
}

// A score that is no number would be below and above every threshold.
func TestScoreIsANumber(t *testing.T) {
	for _, score := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		res := newChain(t, Stage{{Name: "f", Filter: finds(Finding{Code: "f.spam", Class: Spam, Score: score})}}).
			Run(t.Context(), env, message(t, "\r\n"), nil)
		if f := res.Findings[0]; f.Class != Failure || f.Score != 0 {
			t.Errorf("score %v: got %+v, want a failure", score, f)
		}
	}
}

func TestPanicIsLoggedWithStack(t *testing.T) {
	log, hook := logtest.NewNullLogger()
	boom := filterFunc(func(context.Context) ([]Finding, error) { panic("boom") })
	c, err := NewChain([]Stage{{{Name: "f", Filter: boom}}}, ChainConfig{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	c.Run(t.Context(), env, message(t, "\r\n"), nil)
	e := hook.LastEntry()
	if e == nil || e.Level != logrus.ErrorLevel || e.Data["id"] != "test-id" || e.Data["filter"] != "f" {
		t.Fatalf("got entry %v", e)
	}
	if stack, _ := e.Data["stack"].(string); !strings.Contains(stack, "chain_test.go") {
		t.Errorf("the stack does not show where: %s", stack)
	}
}

func TestNewChainErrors(t *testing.T) {
	for name, st := range map[string]Stage{
		"two names": {{Name: "f", Filter: finds()}, {Name: "f", Filter: finds()}},
		"no name":   {{Filter: finds()}},
		"nil":       {{Name: "f"}},
	} {
		if _, err := NewChain([]Stage{st}, ChainConfig{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A new chain on the same registry, as after a reload, goes on counting.
func TestMetricsSurviveReload(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	stages := []Stage{{{Name: "f", Filter: finds(Finding{Code: "f.virus", Class: Virus})}}}
	for range 2 {
		c, err := NewChain(stages, ChainConfig{Registerer: reg})
		if err != nil {
			t.Fatal(err)
		}
		c.Run(t.Context(), env, message(t, "\r\n"), nil)
	}
	const want = `
# HELP mailweir_filter_failures_total Messages that a filter gave no answer about, by reason.
# TYPE mailweir_filter_failures_total counter
mailweir_filter_failures_total{filter="f",reason="error"} 0
mailweir_filter_failures_total{filter="f",reason="left_behind"} 0
mailweir_filter_failures_total{filter="f",reason="panic"} 0
mailweir_filter_failures_total{filter="f",reason="timeout"} 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mailweir_filter_failures_total"); err != nil {
		t.Error(err)
	}
	n, err := testutil.GatherAndCount(reg, "mailweir_filter_findings_total")
	if err != nil || n != len(Classes())+3 { // The chain's own findings are unscannable, ambiguous or encrypted.
		t.Errorf("got %d series of findings, %v, want %d", n, err, len(Classes())+3)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
}

func TestLine(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "evil.zip: Eicar (clamav)", "evil.zip: Eicar (clamav)"},
		{"line ends", "a\r\nb\tc", "a  b c"},
		{"terminal", "\x1b[2J\x00\u202eexe", "\ufffd[2J\ufffd\ufffdexe"},
		{"not UTF-8", "a\xffb", "a\ufffdb"},
		{"letters", "Größe", "Größe"},
		{"long", strings.Repeat("x", 5000), strings.Repeat("x", MaxDetail-3) + "..."},
		{"long, cut between characters", strings.Repeat("ü", 5000), strings.Repeat("ü", (MaxDetail-3)/2) + "..."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Line(tt.in); got != tt.want {
				t.Errorf("Line(%.40q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\n\xff\u202e" + strings.Repeat("ü", 300))
	f.Fuzz(func(t *testing.T, s string) {
		got := Line(s)
		if len(got) > MaxDetail || strings.ContainsAny(got, "\r\n\t\x00\x1b") || !bytes.Equal([]byte(got), []byte(strings.ToValidUTF8(got, "?"))) {
			t.Errorf("Line(%q) = %q", s, got)
		}
		if Line(got) != got {
			t.Errorf("Line of a line changes it: %q", got)
		}
	})
}

func BenchmarkChain(b *testing.B) {
	text := "Subject: x\r\n\r\nbody\r\n"
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		b.Fatal(err)
	}
	for name, stages := range map[string][]Stage{"empty": nil, "two": {{{Name: "a", Filter: finds()}, {Name: "b", Filter: finds()}}}} {
		b.Run(name, func(b *testing.B) {
			c, err := NewChain(stages, ChainConfig{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				c.Run(b.Context(), env, msg, nil)
			}
		})
	}
}
