// SPDX-License-Identifier: Apache-2.0

package virus

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/unpack"
)

// fake is a scanner that knows three words: EVIL is infected, SPAMMY too but by a name for as_spam, LARGE is unscannable.
type fake struct {
	version atomic.Pointer[version] // What Probe says.
	err     error                   // What Scan says instead of a verdict.
	report  scanners.Report
	panics  bool
	hold    chan struct{} // If not nil, Scan waits until it is closed.

	mu    sync.Mutex
	scans []string // What was scanned.
}

func (f *fake) Scan(ctx context.Context, r io.Reader, size int64) (scanners.Report, error) {
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != size {
		return scanners.Report{}, fmt.Errorf("read %d octets of %d: %w", len(b), size, err)
	}
	f.mu.Lock()
	f.scans = append(f.scans, string(b))
	f.mu.Unlock()
	if f.hold != nil {
		select {
		case <-f.hold:
		case <-ctx.Done():
		}
	}
	if f.panics {
		panic("boom")
	}
	if err := cmpErr(f.err, ctx.Err()); err != nil {
		return scanners.Report{Verdict: scanners.Clean}, err
	}
	return f.judge(string(b)), nil
}

func cmpErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) judge(s string) scanners.Report {
	switch {
	case f.report != (scanners.Report{}):
		return f.report
	case strings.Contains(s, "EVIL"):
		return scanners.Report{Verdict: scanners.Infected, Signature: "Test.Evil"}
	case strings.Contains(s, "SPAMMY"):
		return scanners.Report{Verdict: scanners.Infected, Signature: "Sanesecurity.Spam.1"}
	case strings.Contains(s, "LARGE"):
		return scanners.Report{Verdict: scanners.Unscannable, Reason: "too large"}
	}
	return scanners.Report{Verdict: scanners.Clean}
}

// version is an answer of Probe.
type version struct {
	text   string
	err    error
	panics bool
}

func (f *fake) Probe(context.Context) (string, error) {
	if v := f.version.Load(); v != nil {
		if v.panics {
			panic("probe")
		}
		return v.text, v.err
	}
	return "fake 1", nil
}

func (f *fake) scanned() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.scans)
}

// newFilter makes a filter; change changes its options.
func newFilter(t testing.TB, set map[string]scanners.Scanner, change func(*Options)) *filter {
	t.Helper()
	o := DefaultOptions()
	o.Scanners = []string{"a"}
	if change != nil {
		change(o)
	}
	f, err := New(o, filters.Deps{Registerer: prometheus.NewPedanticRegistry(), Unpacker: &unpack.Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}, Scanners: set})
	if err != nil {
		t.Fatal(err)
	}
	return f.(*filter)
}

func inspect(t testing.TB, f filters.Filter, text string) []filters.Finding {
	t.Helper()
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// told writes findings as "code part detail".
func told(found []filters.Finding) []string {
	var all []string
	for _, f := range found {
		all = append(all, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", f.Code, f.Part, f.Detail)), " "))
	}
	return all
}

// attach is a message with an attachment in base64.
func attach(name, content string) string {
	return fmt.Sprintf("Content-Type: application/octet-stream; name=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
		name, base64.StdEncoding.EncodeToString([]byte(content)))
}

// inMultipart is a multipart message of entities.
func inMultipart(entities ...string) string {
	return "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + strings.Join(entities, "\r\n--b\r\n") + "\r\n--b--\r\n"
}

// zipped packs content under a name.
func zipped(t testing.TB, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	m, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(m, content)
	}
	if err := cmpErr(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFindings(t *testing.T) {
	withRule := func(o *Options) { o.AsSpam = []SpamRule{{"sanesecurity.*", 3}, {"*", 99}} }
	leaves := func(o *Options) { o.Scan = scanLeaves }
	tests := []struct {
		name   string
		text   string
		change func(*Options)
		want   []string
	}{
		{"clean", "\r\nhello\r\n", nil, nil},
		{"empty", "", nil, nil},
		{"plain", "Subject: x\r\n\r\nEVIL\r\n", nil, []string{"virus.infected message: Test.Evil (a)", "virus.infected 1 part 1: Test.Evil (a)"}},
		{"base64", attach("f.exe", "EVIL"), nil, []string{"virus.infected 1 f.exe: Test.Evil (a)"}},
		{"nested message", "Content-Type: message/rfc822\r\n\r\n" + attach("f.exe", "EVIL"), nil, []string{"virus.infected 1.1 f.exe: Test.Evil (a)"}},
		{"zip in zip", attach("e.zip", zipped(t, "in.zip", zipped(t, "f.exe", "EVIL"))), leaves, []string{"virus.infected 1 e.zip/in.zip/f.exe: Test.Evil (a)"}},
		{"message only", attach("f.exe", "EVIL"), func(o *Options) { o.Scan = scanMessage }, nil},
		{"leaves only", "Subject: EVIL\r\n\r\nx\r\n", leaves, nil},
		{"every leaf", inMultipart(attach("a", "EVIL"), attach("b", "x"), attach("c", "EVIL EVIL")), leaves, []string{
			"virus.infected 1.1 a: Test.Evil (a)", "virus.infected 1.3 c: Test.Evil (a)",
		}},
		{"unscannable", attach("f", "LARGE"), nil, []string{"virus.unscannable 1 f: too large (a)"}},
		{"as spam, once", inMultipart("\r\nSPAMMY", attach("f", "SPAMMY!")), withRule, []string{"virus.as_spam 1.1 part 1.1: Sanesecurity.Spam.1 (a)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFilter(t, map[string]scanners.Scanner{"a": &fake{}}, tt.change)
			for range 2 { // The second time the cache knows.
				found := inspect(t, f, tt.text)
				if d := cmp.Diff(tt.want, told(found)); d != "" {
					t.Errorf("findings (-want +got):\n%s", d)
				}
			}
		})
	}
}

func TestSpamScore(t *testing.T) {
	f := newFilter(t, map[string]scanners.Scanner{"a": &fake{}}, func(o *Options) {
		o.AsSpam = []SpamRule{{"Test.*", -1}, {"*.Spam.?", 3.5}, {"*", 9}}
	})
	want := []filters.Finding{{Code: "virus.as_spam", Class: filters.Spam, Score: 3.5, Part: "1", Detail: "part 1: Sanesecurity.Spam.1 (a)"}}
	if d := cmp.Diff(want, inspect(t, f, "\r\nSPAMMY\r\n")); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
}

// TestRequire: who has to say what for a message to be clean.
func TestRequire(t *testing.T) {
	verdict := func(v scanners.Verdict) *fake {
		return &fake{report: scanners.Report{Verdict: v, Signature: "sig", Reason: "why"}}
	}
	clean, infected, large := verdict(scanners.Clean), verdict(scanners.Infected), verdict(scanners.Unscannable)
	dead, none := &fake{err: errors.New("dead")}, verdict(scanners.None)
	none.report.Signature = "sig"
	tests := []struct {
		name    string
		require string
		main    []*fake
		backup  []*fake
		want    string
	}{
		{"all clean", "all", []*fake{clean, clean}, nil, ""},
		{"one dead of all", "all", []*fake{clean, dead}, nil, "failure.scanner b: dead (message)"},
		{"all dead", "all", []*fake{dead, dead}, nil, "failure.scanner a: dead (message); failure.scanner b: dead (message)"},
		{"dead, the backup is clean", "all", []*fake{clean, dead}, []*fake{clean}, ""},
		{"dead, the backup is infected", "all", []*fake{clean, dead}, []*fake{infected}, "virus.infected message: sig (x)"},
		{"dead, the backup too", "all", []*fake{dead}, []*fake{dead, dead}, "failure.scanner a: dead (message); failure.scanner x: dead (message); failure.scanner y: dead (message)"},
		{"the backup is not asked", "all", []*fake{clean}, []*fake{infected}, ""},
		{"infected and dead", "all", []*fake{infected, dead}, nil, "virus.infected message: sig (a); failure.scanner b: dead (message)"},
		{"infected by one", "all", []*fake{clean, infected}, nil, "virus.infected message: sig (b)"},
		{"infected by both", "any", []*fake{infected, infected}, nil, "virus.infected message: sig (a); virus.infected message: sig (b)"},
		{"unscannable for one of all", "all", []*fake{clean, large}, nil, "virus.unscannable message: why (b)"},
		{"unscannable for one of all, infected for the other", "all", []*fake{infected, large}, nil, "virus.infected message: sig (a); virus.unscannable message: why (b)"},
		{"any: one dead", "any", []*fake{dead, clean}, nil, ""},
		{"any: all dead", "any", []*fake{dead, dead}, nil, "failure.scanner a: dead (message); failure.scanner b: dead (message)"},
		{"any: one is unscannable", "any", []*fake{large, clean}, nil, ""},
		{"any: unscannable and dead", "any", []*fake{large, dead}, nil, "virus.unscannable message: why (a)"},
		{"two of three clean", "2", []*fake{clean, dead, clean}, nil, ""},
		{"two of three, one clean", "2", []*fake{clean, large, dead}, nil, "virus.unscannable message: why (b)"},
		{"two of three dead", "2", []*fake{clean, dead, dead}, nil, "failure.scanner b: dead (message); failure.scanner c: dead (message)"},
		{"no verdict", "all", []*fake{none}, nil, "failure.scanner a: no answer (verdict 0) (message)"},
		{"no such verdict", "all", []*fake{verdict(7)}, nil, "failure.scanner a: no answer (verdict 7) (message)"},
		{"panic", "all", []*fake{{panics: true}}, nil, "failure.scanner a: panic: boom (message)"},
		{"panic of the second", "all", []*fake{clean, {panics: true}}, nil, "failure.scanner b: panic: boom (message)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := map[string]scanners.Scanner{}
			f := newFilter(t, set, func(o *Options) {
				o.Scan, o.Scanners = scanMessage, nil
				for i, s := range tt.main {
					name := string(rune('a' + i))
					o.Scanners, set[name] = append(o.Scanners, name), s
				}
				for i, s := range tt.backup {
					name := string(rune('x' + i))
					o.Backup, set[name] = append(o.Backup, name), s
				}
				if err := o.Require.UnmarshalText([]byte(tt.require)); err != nil {
					t.Fatal(err)
				}
			})
			if got := strings.Join(told(inspect(t, f, "\r\nx\r\n")), "; "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A scanner that is down is one finding, however much there was to scan.
func TestFailuresAreCounted(t *testing.T) {
	f := newFilter(t, map[string]scanners.Scanner{"a": &fake{err: errors.New("dead")}}, nil)
	got := told(inspect(t, f, inMultipart("\r\na", "\r\nb", "\r\nc")))
	if d := cmp.Diff([]string{"failure.scanner a: dead (message, and 3 more)"}, got); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
}

// What was not scanned because the time was up is no answer.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFilter(t, map[string]scanners.Scanner{"a": &fake{hold: make(chan struct{})}}, nil)
		done := make(chan struct{})
		go func() {
			defer close(done)
			found, err := f.Inspect(ctx, filtertest.Envelope(), filtertest.Message(t, "\r\nx\r\n"))
			if err == nil && (len(found) == 0 || found[0].Code != "failure.scanner") {
				t.Errorf("got %v, %v", found, err)
			}
		}()
		synctest.Wait() // Until the scans wait.
		cancel()
		<-done
	})
}

// A disk that fails while a leaf is spooled is an error, and what was found before is kept.
func TestSpoolError(t *testing.T) {
	f := newFilter(t, map[string]scanners.Scanner{"a": &fake{}}, nil)
	f.unpacker.Spooler = &mail.Spooler{Dir: t.TempDir() + "/missing"}
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, "Subject: EVIL\r\n"+attach("f", "x")))
	if err == nil || len(found) != 1 {
		t.Errorf("got %v, %v, want the virus and an error", found, err)
	}
}

// Scanners and leaves of one message are at work at the same time, up to the limit.
func TestParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		a, b := &fake{hold: hold}, &fake{hold: hold}
		f := newFilter(t, map[string]scanners.Scanner{"a": a, "b": b}, func(o *Options) {
			o.Scanners, o.Scan, o.MaxParallel = []string{"a", "b"}, scanLeaves, 2
		})
		done := make(chan struct{})
		go func() {
			defer close(done)
			inspect(t, f, inMultipart("\r\na", "\r\nb", "\r\nc"))
		}()
		synctest.Wait() // Until all scans that begin have begun.
		if a.scanned() != 2 || b.scanned() != 2 {
			t.Errorf("%d and %d leaves are scanned at once, want 2", a.scanned(), b.scanned())
		}
		close(hold)
		<-done
		if a.scanned() != 3 || b.scanned() != 3 {
			t.Errorf("scanned %d and %d leaves, want 3", a.scanned(), b.scanned())
		}
	})
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	o := DefaultOptions()
	o.Scanners = []string{"a"}
	deps := filters.Deps{Registerer: reg, Unpacker: &unpack.Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}, Scanners: map[string]scanners.Scanner{"a": &fake{}}}
	for range 2 { // A reload makes the filter anew and goes on counting.
		f, err := New(o, deps)
		if err != nil {
			t.Fatal(err)
		}
		inspect(t, f, "") // Makes the version known.
		for range 2 {
			inspect(t, f, attach("f", "EVIL"))
		}
	}
	const want = `
# HELP mailweir_scanner_scans_total Scans by scanner and verdict; what the cache knew is not among them.
# TYPE mailweir_scanner_scans_total counter
mailweir_scanner_scans_total{scanner="a",verdict="clean"} 4
mailweir_scanner_scans_total{scanner="a",verdict="error"} 0
mailweir_scanner_scans_total{scanner="a",verdict="infected"} 2
mailweir_scanner_scans_total{scanner="a",verdict="unscannable"} 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mailweir_scanner_scans_total"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
}

func TestConformance(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter {
			return newFilter(t, map[string]scanners.Scanner{"a": &fake{}, "b": &fake{}}, func(o *Options) {
				o.Scanners, o.AsSpam = []string{"a", "b"}, []SpamRule{{"Sane*", 1}}
			})
		},
		Messages: []string{
			"\r\nEVIL\r\n", "\r\nSPAMMY\r\n", attach("f", "LARGE"), attach("e.zip", zipped(t, "in.zip", zipped(t, "f.exe", "EVIL"))),
		},
	})
}

// reader is a scanner that reads and says clean.
type reader struct{}

func (reader) Scan(_ context.Context, r io.Reader, _ int64) (scanners.Report, error) {
	_, err := io.Copy(io.Discard, r)
	return scanners.Report{Verdict: scanners.Clean}, err
}

func (reader) Probe(context.Context) (string, error) { return "reader 1", nil }
