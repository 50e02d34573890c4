// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/dmarc"
	"github.com/mailweir/mailweir/authn/spf"
	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
)

var update = flag.Bool("update", false, "write testdata anew")

var day = time.Date(2023, 11, 14, 0, 0, 0, 0, time.UTC)

func envelope(from string) *mail.Envelope {
	return &mail.Envelope{Client: mail.Client{Addr: "192.0.2.1"}, MailFrom: mail.NewPath(from), Received: day.Add(23 * time.Hour)}
}

func report(result authn.Result, applies dmarc.Policy) *check.Report {
	return &check.Report{
		MailFrom: spf.Check{Result: authn.Fail, Domain: "bounce.test"},
		DKIM:     []dkim.Signature{{Domain: "example.org", Selector: "s", Result: authn.Pass}, {}, {Domain: "late.test", Result: authn.None}},
		DMARC: []dmarc.Outcome{{
			Result: result, Author: "mail.example.org", Found: "example.org", Organisation: "example.org", Wanted: dmarc.PolicyReject, Applies: applies, DKIM: result == authn.Pass,
			Record: dmarc.Record{Policy: dmarc.PolicyReject, Subdomains: dmarc.PolicyReject, Percent: 50, FailureWhen: "0", Aggregate: []string{"mailto:a@example.org"}},
		}},
	}
}

func TestRows(t *testing.T) {
	got := Rows(report(authn.Pass, ""), envelope("a@bounce.test"), dmarc.PolicyNone, false)
	want := []Row{{
		Day: day, Source: netip.MustParseAddr("192.0.2.1"), Count: 1, Disposition: "none", DKIM: true, HeaderFrom: "mail.example.org", MailFrom: "bounce.test",
		Published:  Published{Domain: "example.org", Organisation: "example.org", Policy: "reject", Subdomains: "reject", Percent: 50, Failure: "0", Aggregate: []string{"mailto:a@example.org"}},
		Signatures: []Signature{{"example.org", "s", authn.Pass}}, SPFDomain: "bounce.test", SPFScope: "mfrom", SPFResult: authn.Fail,
	}}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if r := Rows(report(authn.Pass, ""), envelope(""), dmarc.PolicyNone, false); r[0].SPFScope != "helo" || r[0].MailFrom != "" {
		t.Errorf("null reverse-path: %+v", r)
	}
	for _, tc := range []struct {
		result   authn.Result
		applies  dmarc.Policy
		done     dmarc.Policy
		trusted  bool
		want     dmarc.Policy
		override Override
	}{
		{authn.Fail, "reject", "reject", false, "reject", ""},
		{authn.Fail, "quarantine", "quarantine", false, "quarantine", SampledOut},
		{authn.Fail, "quarantine", "reject", false, "quarantine", SampledOut}, // For another reason, which is nobody's business.
		{authn.Fail, "none", "quarantine", false, "none", SampledOut},
		{authn.Fail, "reject", "none", true, "none", TrustedForwarder},
		{authn.Fail, "reject", "none", false, "none", LocalPolicy},
		{authn.Fail, "reject", "quarantine", false, "quarantine", LocalPolicy},
		{authn.Pass, "", "quarantine", false, "none", ""},
		{authn.PermError, "", "reject", false, "none", ""},
	} {
		if r := Rows(report(tc.result, tc.applies), envelope("a@b.test"), tc.done, tc.trusted); r[0].Disposition != tc.want || r[0].Override != tc.override {
			t.Errorf("%+v: got %q, %q", tc, r[0].Disposition, r[0].Override)
		}
	}
	unknown := envelope("a@b.test")
	unknown.Client.Addr = ""
	if r := Rows(report(authn.Pass, ""), unknown, "none", false); len(r) > 0 {
		t.Errorf("from nowhere: %+v", r)
	}
	silent := report(authn.Pass, "")
	silent.DMARC[0].Record.Aggregate = nil
	if r := Rows(silent, envelope("a@b.test"), "none", false); len(r) > 0 {
		t.Errorf("nobody has asked for %+v", r)
	}
}

func TestXML(t *testing.T) {
	row := Rows(report(authn.Fail, "quarantine"), envelope("a@bounce.test"), "quarantine", false)[0]
	row.HeaderFrom = "a<&>.test" // Never from a message, and safe all the same.
	null := Rows(report(authn.Pass, ""), envelope(""), "none", false)[0]
	null.Source = netip.MustParseAddr("2001:db8::1")
	meta := Meta{Organisation: "Example & Sons", Email: "a@example.net", ID: "1", Begin: day, End: day.AddDate(0, 0, 1)}
	var b bytes.Buffer
	if err := XML(&b, meta, []Row{row, null}); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/report.xml", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	valid(t, b.Bytes())
	want, err := os.ReadFile("testdata/report.xml")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := FileName("mx.example.net", "example.org", meta); got != fmt.Sprintf("mx.example.net!example.org!%d!%d!1", day.Unix(), day.Unix()+86399) {
		t.Errorf("got %s", got)
	}
	other := row
	other.Published.Domain = "other.test"
	if XML(&b, meta, []Row{row, other}) == nil || XML(&b, meta, nil) == nil {
		t.Error("a report about two domains, or nothing")
	}
}

// valid has the document held against the schema of the RFC by xmllint, if that is there.
func valid(t *testing.T, document []byte) {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Log("xmllint (libxml2-utils) is not installed: not held against the schema")
		return
	}
	cmd := exec.CommandContext(t.Context(), program, "--noout", "--nonet", "--schema", "testdata/report.xsd", "-")
	cmd.Stdin = bytes.NewReader(document)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestReadsOthers: the form is that of the reports that others send.
func TestReadsOthers(t *testing.T) {
	for _, file := range corpora.Files(t, "auth/mail-auth/resources/dmarc-feedback/*.xml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f feedback
		if err := xml.Unmarshal(text, &f); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if f.Policy.Domain == "" || f.Policy.Policy == "" || f.Metadata.Begin == 0 || len(f.Records) == 0 || f.Records[0].Row.Count == 0 || f.Records[0].HeaderFrom == "" {
			t.Errorf("%s: %+v", filepath.Base(file), f)
		}
		for i := range f.Records {
			if strings.TrimSpace(f.Records[i].Row.Source) == "" {
				t.Errorf("%s: record %d has no source", filepath.Base(file), i)
			}
		}
	}
}
