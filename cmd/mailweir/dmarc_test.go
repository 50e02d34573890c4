// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aggregate "github.com/mailweir/mailweir/authn/dmarc/report"
	"github.com/mailweir/mailweir/authn/dmarc/report/store"
	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

var counted = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

func countedRow(domain, author string, messages int64, rua ...string) aggregate.Row {
	return aggregate.Row{
		Day: counted, Source: netip.MustParseAddr("2001:db8::7"), Count: messages, Disposition: "none", HeaderFrom: author, SPFDomain: domain, SPFScope: "mfrom", SPFResult: "pass", SPF: true,
		Published: aggregate.Published{Domain: domain, Organisation: domain, Policy: "reject", Subdomains: "reject", Percent: 100, Failure: "0", Aggregate: rua},
	}
}

// dmarcConfig is a config whose filter auth counts, with what was counted on one day.
func dmarcConfig(t *testing.T) (file, dir string) {
	t.Helper()
	server := dnstest.Serve(t, dnstest.Zones(t, `example.org._report._dmarc.reports.test. 60 IN TXT "v=DMARC1"`))
	chain := "chain: [[auth: {reports: {database: DIR/dmarc.db, email: dmarc@example.net}}]]\n"
	file = writeConfig(t, strings.Replace(signingConfig(server, ""), "signing: {}\n", chain, 1))
	dir = filepath.Dir(file)
	long := strings.Repeat("a.", 110) + "example.net"
	s := store.New(filepath.Join(dir, "dmarc.db"), 1000*oneDay, time.Now)
	dropped, err := s.Add(t.Context(),
		countedRow("example.org", "example.org", 3, "mailto:dmarc@example.org", "mailto:a@reports.test!10m", "mailto:b@victim.test", "mailto:\x1b[31m"),
		countedRow("example.org", "x.example.org", 4, "mailto:dmarc@example.org", "mailto:a@reports.test!10m", "mailto:b@victim.test", "mailto:\x1b[31m"),
		countedRow(long, long, 1, "mailto:a@example.net"))
	if err != nil || dropped > 0 {
		t.Fatal(dropped, err)
	}
	return file, dir
}

func TestDMARCReport(t *testing.T) {
	file, dir := dmarcConfig(t)
	out := filepath.Join(dir, "out")
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a.", 110) + "example.net"
	name := func(domain string) string { return aggregate.ID("mx.example.org", domain, counted) }
	want := fmt.Sprintf("%s: 1 messages, out/%s.xml.gz\n  for a@example.net\n", long, name(long)) +
		fmt.Sprintf("example.org: 7 messages, out/mx.example.org!example.org!%d!%d!%s.xml.gz\n", counted.Unix(), counted.Unix()+86399, name("example.org")) +
		"  for dmarc@example.org\n  for a@reports.test (at most 10485760 octets)\n" +
		"  not for b@victim.test: is of another organisation, which does not say that it takes reports\n" +
		"  not for \"mailto:\\x1b[31m\": is no mail address\n"
	for range 2 { // The second time all is written over.
		got, _, err := runCommand(t, file, "dmarc", "report", "--day", "2026-11-21", "--out", out)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Fatalf("%v (-want +got):\n%s", err, d)
		}
	}
	files, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(files) != 2 {
		t.Errorf("%v: %q", err, files)
	}
	for _, f := range files {
		checkReport(t, f)
	}
	if _, _, err := runCommand(t, file, "dmarc", "report", "--day", "2026-11-21", "--out", out, "--plain"); err != nil {
		t.Error(err)
	}
	if plain, err := filepath.Glob(filepath.Join(out, "*.xml")); err != nil || len(plain) != 2 {
		t.Errorf("%v: %q", err, plain)
	}
}

// checkReport holds a compressed report against the schema of the RFC, if xmllint is there.
func checkReport(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || !bytes.Contains(text, []byte("<org_name>example.net</org_name>")) || !bytes.Contains(text, []byte("<source_ip>2001:0db8:0000:0000:0000:0000:0000:0007</source_ip>")) {
		t.Fatalf("%v: %s", err, text)
	}
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Log("xmllint (libxml2-utils) is not installed")
		return
	}
	cmd := exec.CommandContext(t.Context(), xmllint, "--noout", "--nonet", "--schema", "../../authn/dmarc/report/testdata/report.xsd", "-")
	cmd.Stdin = bytes.NewReader(text)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v: %s", file, err, said)
	}
}

// TestDMARCReportLate: what the DNS takes too long to tell of one domain keeps no domain from being reported.
func TestDMARCReportLate(t *testing.T) {
	file, dir := dmarcConfig(t)
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := newReporter(cfg, counted, dir, true)
	if err != nil {
		t.Fatal(err)
	}
	w.lookups = time.Nanosecond
	totals, err := w.store.Totals(t.Context(), counted, counted.Add(oneDay))
	if err != nil || len(totals) != 2 {
		t.Fatal(totals, err)
	}
	var told strings.Builder
	for _, total := range totals {
		if err := w.report(t.Context(), &told, dnstest.Resolver(t, nil, dnstest.Serve(t, dnstest.Silent)), total); err != nil {
			t.Error(err)
		}
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*.xml")); err != nil || len(files) != 2 || strings.Count(told.String(), "gave no answer") != 2 {
		t.Errorf("%v: %q\n%s", err, files, told.String())
	}
}

func TestDMARCList(t *testing.T) {
	file, _ := dmarcConfig(t)
	got, _, err := runCommand(t, file, "dmarc", "list")
	if want := "2026-11-21  example.org"; err != nil || !strings.HasPrefix(got, "DAY ") || !strings.Contains(got, want) || !strings.HasSuffix(strings.TrimSpace(got), "2     7         reject") {
		t.Errorf("%v:\n%s", err, got)
	}
	got, told, err := runCommand(t, file, "dmarc", "report", "--day", "2026-11-20", "--out", t.TempDir())
	if err != nil || got != "" || told != "2026-11-20: nothing was counted\n" {
		t.Errorf("%v, %q, %q", err, got, told)
	}
	for _, args := range [][]string{{"dmarc", "report", "--day", "yesterday"}, {"dmarc", "report", "--day", "2026-11-21", "--out", "/no/such/folder"}, {"dmarc", "list", "x"}} {
		if _, _, err := runCommand(t, file, args...); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
	if _, _, err := runCommand(t, file, "dmarc", "report", "--day", "yesterday"); err == nil || !strings.Contains(err.Error(), "want a day such as 20") {
		t.Errorf("an example of a day: %v", err)
	}
	dead := dnstest.Dead(t)
	if _, _, err := runCommand(t, writeConfig(t, signingConfig(dead, "")), "dmarc", "list"); err == nil || !strings.Contains(err.Error(), "nothing is counted") {
		t.Errorf("no filter: %v", err)
	}
	fresh := strings.Replace(signingConfig(dead, ""), "signing: {}\n", "chain: [[auth: {reports: {database: DIR/dmarc.db, email: dmarc@example.net}}]]\n", 1)
	if _, _, err := runCommand(t, writeConfig(t, fresh), "dmarc", "report"); err == nil || !strings.Contains(err.Error(), "nothing was counted yet") {
		t.Errorf("no database: %v", err)
	}
}
