// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// virus is the EICAR test file, put together here so that no scanner takes the source for it.
const virus = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR` + `-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

const (
	cleanMail    = "From: a@example.org\r\nTo: b@example.net, Carol <c@example.net>\r\nSubject: x\r\n\r\nhello\r\n"
	infectedMail = "From: a@example.org\r\nTo: b@example.net\r\n\r\n" + virus + "\r\n"
)

// write puts files into a folder of the test.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// mailweir runs the program with arguments.
func mailweir(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := rootCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SetArgs(args)
	err = cmd.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

// checkJSON is "mailweir check --json" with one report a message.
func checkJSON(t *testing.T, args ...string) []report {
	t.Helper()
	stdout, stderr, err := mailweir(t, append([]string{"check", "--json"}, args...)...)
	if err != nil {
		t.Fatalf("check %v: %v\n%s", args, err, stderr)
	}
	var reports []report
	for line := range strings.Lines(stdout) {
		var r report
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		reports = append(reports, r)
	}
	return reports
}

func TestCheckJSON(t *testing.T) {
	dir := write(t, map[string]string{"clean.eml": cleanMail, "virus.eml": infectedMail})
	got := checkJSON(t, filepath.Join(dir, "clean.eml"), filepath.Join(dir, "virus.eml"))
	if len(got) != 2 {
		t.Fatalf("got %d reports", len(got))
	}
	clean, infected := got[0], got[1]
	if clean.File != filepath.Join(dir, "clean.eml") || clean.Size != int64(len(cleanMail)) || len(clean.Findings) != 0 {
		t.Errorf("clean: got %+v", clean)
	}
	want := []reportRecipient{
		{Rcpt: "b@example.net", Fate: "deliver", Actions: []string{}, Because: []string{}},
		{Rcpt: "c@example.net", Fate: "deliver", Actions: []string{}, Because: []string{}},
	}
	if diff := cmp.Diff(want, clean.Recipients); diff != "" {
		t.Errorf("recipients (-want +got):\n%s", diff)
	}
	if len(infected.Findings) == 0 || infected.Findings[0].Code != "virus.infected" || infected.Findings[0].Filter != "virus" {
		t.Errorf("infected: got findings %+v", infected.Findings)
	}
	if r := infected.Recipients[0]; r.Fate != "quarantine" || len(r.Actions) != 1 || len(r.Because) == 0 {
		t.Errorf("infected: got recipient %+v", r)
	}
	if len(infected.Filters) != 6 || infected.Filters[0].Name != "virus" || infected.Filters[0].Error != "" {
		t.Errorf("infected: got filters %+v", infected.Filters)
	}
}

func TestCheckEnvelopeFlags(t *testing.T) {
	dir := write(t, map[string]string{"m": cleanMail, "mailweir.yaml": `
listen: [{address: "127.0.0.1:0", next_hop: "127.0.0.1:25"}]
policies:
  - {name: vip, when: {from: ["boss@example.org"], to: ["x@example.net"], client: ["192.0.2.0/24"]}, do: {virus: [reject]}}
  - {name: default, do: {virus: [discard]}}
scanners: {list: {hashes: {}}}
chain: [[virus: {scanners: [list]}]]
`})
	if err := os.WriteFile(filepath.Join(dir, "m"), []byte(infectedMail), 0o600); err != nil {
		t.Fatal(err)
	}
	appendFile(t, filepath.Join(dir, "mailweir.yaml"), fmt.Sprintf("work_dir: %q\nquarantine: {dir: %q}\n", dir, dir))
	got := checkJSON(t, "--config", filepath.Join(dir, "mailweir.yaml"), "--from", "<boss@example.org>", "--rcpt", "x@example.net",
		"--rcpt", "y@example.net", "--client", "192.0.2.1", filepath.Join(dir, "m"))
	var fates []string
	for _, r := range got[0].Recipients {
		fates = append(fates, r.Rcpt+" "+r.Fate)
	}
	if diff := cmp.Diff([]string{"x@example.net reject", "y@example.net discard"}, fates); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func appendFile(t *testing.T, path, text string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(b, text...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestCheckFindsMessages(t *testing.T) {
	mbox := "From a@example.org Mon Jan  1 00:00:00 2024\n" + cleanMail + "\nFrom b@example.org Mon Jan  1 00:00:00 2024\n" + infectedMail + "body\nFrom here on\n"
	dir := write(t, map[string]string{"mbox": mbox, "md/cur/1": cleanMail, "md/new/2": infectedMail, "md/tmp/3": infectedMail, "folder/a/b.eml": cleanMail})
	tests := []struct {
		arg  string
		want map[string]int // Findings by file.
	}{
		{"mbox", map[string]int{"mbox:1": 0, "mbox:2": 0}},
		{"md", map[string]int{"md/cur/1": 0, "md/new/2": 1}},
		{"folder", map[string]int{"folder/a/b.eml": 0}},
	}
	for _, tt := range tests {
		t.Run(tt.arg, func(t *testing.T) {
			got := map[string]int{}
			for _, r := range checkJSON(t, "-j", "3", filepath.Join(dir, tt.arg)) {
				name, err := filepath.Rel(dir, r.File)
				if err != nil {
					t.Fatal(err)
				}
				got[name] = len(r.Findings)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestCheckMboxLine: the line before a message in an mbox is no part of it, neither for the filters nor in what comes out.
func TestCheckMboxLine(t *testing.T) {
	dir := write(t, map[string]string{"mbox": "From a@example.org Mon Jan  1 00:00:00 2024\n" + cleanMail, "clean.eml": cleanMail})
	out := filepath.Join(dir, "out")
	reports := checkJSON(t, "--out", out, filepath.Join(dir, "mbox"), filepath.Join(dir, "clean.eml"))
	if len(reports) != 2 || reports[0].Size != reports[1].Size {
		t.Errorf("got %+v", reports)
	}
	got, err := os.ReadFile(filepath.Join(out, "mbox"))
	if err != nil {
		t.Fatal(err)
	}
	if s := string(got); !strings.HasSuffix(s, "\r\n"+cleanMail) || strings.Contains(s, "2024") {
		t.Errorf("got %q", s)
	}
}

func TestCheckOut(t *testing.T) {
	dir := write(t, map[string]string{"clean.eml": "Mailweir-Result: forged\r\n" + cleanMail, "virus.eml": infectedMail})
	out := filepath.Join(dir, "out")
	checkJSON(t, "--out", out, filepath.Join(dir, "clean.eml"), filepath.Join(dir, "virus.eml"))
	got, err := os.ReadFile(filepath.Join(out, "clean.eml"))
	if err != nil {
		t.Fatal(err)
	}
	if s := string(got); !strings.HasSuffix(s, "\r\n"+cleanMail) || strings.Contains(s, "forged") || !strings.HasPrefix(s, "Received: ") {
		t.Errorf("got %q", s)
	}
	if _, err := os.Stat(filepath.Join(out, "virus.eml")); !os.IsNotExist(err) {
		t.Errorf("a message that nobody gets was written: %v", err)
	}
}

func TestCheckOutSparesWhatIsThere(t *testing.T) {
	dir := write(t, map[string]string{"m.eml": cleanMail, "other/m.eml": cleanMail})
	if _, stderr, err := mailweir(t, "check", "--out", dir, filepath.Join(dir, "m.eml")); err == nil || !strings.Contains(stderr, "is the message itself") {
		t.Errorf("got %v, %q", err, stderr)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "m.eml")); err != nil || string(got) != cleanMail {
		t.Errorf("the message is now %q, %v", got, err)
	}
	out := filepath.Join(dir, "out")
	_, stderr, err := mailweir(t, "check", "--out", out, filepath.Join(dir, "m.eml"), filepath.Join(dir, "other/m.eml"))
	if err == nil || !strings.Contains(stderr, "from another message of that name") {
		t.Errorf("got %v, %q", err, stderr)
	}
	if entries, err := os.ReadDir(out); err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v", entries, err)
	}
}

func TestCheckExplains(t *testing.T) {
	dir := write(t, map[string]string{"virus.eml": infectedMail})
	stdout, _, err := mailweir(t, "check", filepath.Join(dir, "virus.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"found  virus.infected (virus)", "<b@example.net>: quarantine", "because virus.infected: virus: ", "by     virus"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the explanation does not say %q:\n%s", want, stdout)
		}
	}
}

func TestCheckMissingFile(t *testing.T) {
	if _, _, err := mailweir(t, "check", filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("no error")
	}
}

// TestCheckSpecialFiles: what is no regular file is never taken for an empty message, nor waited for.
func TestCheckSpecialFiles(t *testing.T) {
	dir := write(t, map[string]string{"md/a.eml": infectedMail})
	fifo, link := filepath.Join(dir, "fifo"), filepath.Join(dir, "link")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/dev/null", fifo} {
		stdout, stderr, err := mailweir(t, "check", name)
		if want := "mailweir: " + name + ": no regular file; - is standard input\n"; !errors.Is(err, errFault) || stdout != "" || stderr != want {
			t.Errorf("%s: got %v, %q, %q, want %q", name, err, stdout, stderr, want)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "md"), link); err != nil {
		t.Fatal(err)
	}
	if got := checkJSON(t, link); len(got) != 1 || len(got[0].Findings) != 1 {
		t.Errorf("link to a folder: got %+v", got)
	}
}

// TestCheckGoesOn: one file that cannot be read does not keep the others from being looked at.
func TestCheckGoesOn(t *testing.T) {
	reports := 0
	var faults []string
	c := &checker{}
	sources := []source{{name: "gone", path: filepath.Join(t.TempDir(), "gone"), size: -1}}
	for _, s := range sources {
		if err := eachMessage(s.path, func(s source) error {
			reports++
			if _, err := c.check(t.Context(), s); err != nil {
				faults = append(faults, err.Error())
			}
			return nil
		}); err != nil {
			t.Errorf("the walk ends: %v", err)
		}
	}
	if reports != 1 || len(faults) != 1 {
		t.Errorf("got %d sources, faults %q, want one of each", reports, faults)
	}
}

// TestCheckNullReturnPath: a notification has no sender, whoever its From names.
func TestCheckNullReturnPath(t *testing.T) {
	dir := write(t, map[string]string{"m": "Return-Path: <>\r\n" + infectedMail, "mailweir.yaml": `
listen: [{name: in, address: "127.0.0.1:0", next_hop: "127.0.0.1:25"}, {name: other, address: "127.0.0.1:0", next_hop: "127.0.0.1:25"}]
policies:
  - {name: bounces, when: {from: ["<>"], listener: [in]}, do: {virus: [reject]}}
  - {name: other, when: {from: ["<>"], listener: [other]}, do: {virus: [discard]}}
scanners: {list: {hashes: {}}}
chain: [[virus: {scanners: [list]}]]
`})
	dir, m := dir, filepath.Join(dir, "m")
	appendFile(t, filepath.Join(dir, "mailweir.yaml"), fmt.Sprintf("work_dir: %q\nquarantine: {dir: %q}\n", dir, dir))
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "reject"},
		{[]string{"--listener", "other"}, "discard"},
		{[]string{"--from", "a@example.org"}, "quarantine"},
	} {
		got := checkJSON(t, append(tt.args, "--config", filepath.Join(dir, "mailweir.yaml"), m)...)
		if fate := got[0].Recipients[0].Fate; fate != tt.want {
			t.Errorf("%v: got %s, want %s", tt.args, fate, tt.want)
		}
	}
}

func TestCheckBadFlags(t *testing.T) {
	dir := write(t, map[string]string{"m": cleanMail})
	for _, tt := range []struct{ flag, value, want string }{
		{"--client", "mx", `--client "mx": want an IP address`},
		{"--listener", "none", `--listener "none": the config has none of this name`},
	} {
		if _, _, err := mailweir(t, "check", tt.flag, tt.value, filepath.Join(dir, "m")); err == nil || err.Error() != tt.want {
			t.Errorf("%s %s: got %v, want %s", tt.flag, tt.value, err, tt.want)
		}
	}
}

// TestCheckOutSparesOthers: a message is not written over another one that is still to be checked.
func TestCheckOutSparesOthers(t *testing.T) {
	dir := write(t, map[string]string{"a/m.eml": cleanMail, "b/m.eml": infectedMail})
	for _, second := range []string{"b/m.eml", "b"} {
		_, stderr, err := mailweir(t, "check", "-j", "1", "--out", filepath.Join(dir, "b"), filepath.Join(dir, "a/m.eml"), filepath.Join(dir, second))
		if !errors.Is(err, errFault) || !strings.Contains(stderr, "is a message to check") {
			t.Errorf("got %v, %q", err, stderr)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "b/m.eml")); err != nil || string(got) != infectedMail {
			t.Fatalf("the message is now %q, %v", got, err)
		}
	}
}

// TestCheckGuesses: an address that stands in To and Cc is one recipient; the message came when the Received field on top says so.
func TestCheckGuesses(t *testing.T) {
	const late = "rules.date_behind"
	for _, tt := range []struct {
		name, header string
		want         []string // Codes of interest.
	}{
		{"old message", "Received: from a.test by b.test; Tue, 3 Sep 2024 10:00:00 +0200\r\nDate: Tue, 3 Sep 2024 09:59:00 +0200\r\n", nil},
		{"was late", "Received: from a.test by b.test; Tue, 3 Sep 2024 10:00:00 +0200\r\nDate: Thu, 1 Aug 2024 09:59:00 +0200\r\n", []string{late}},
		{"no zone", "Received: from a.test by b.test; Tue, 3 Sep 2024 10:00:00\r\nDate: Tue, 3 Sep 2024 09:59:00 +0200\r\n", nil},
		{"no Received", "Date: Tue, 3 Sep 2024 09:59:00 +0200\r\n", []string{late}},
		{"Received is no help", "Received: from a.test by b.test\r\nDate: Tue, 3 Sep 2024 09:59:00 +0200\r\n", []string{late}},
		{"Received in the future", "Received: from a.test by b.test; Tue, 3 Sep 2999 10:00:00 +0200\r\nDate: Tue, 3 Sep 2024 09:59:00 +0200\r\n", []string{late}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, map[string]string{"m": tt.header + "From: a@example.org\r\nTo: b@example.net\r\nCc: B <b@example.net>\r\n\r\nhello\r\n"})
			got := checkJSON(t, filepath.Join(dir, "m"))[0]
			var codes []string
			for _, f := range got.Findings {
				if f.Code == late {
					codes = append(codes, f.Code)
				}
			}
			if diff := cmp.Diff(tt.want, codes); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if len(got.Recipients) != 1 || got.From != "a@example.org" {
				t.Errorf("from %s to %+v", got.From, got.Recipients)
			}
		})
	}
}

// TestCheckPrintsAlike: recipients who fare alike stand in one line, and a finding about all names none.
func TestCheckPrintsAlike(t *testing.T) {
	var b bytes.Buffer
	r := report{
		File: "m", From: "a@example.net", Score: 7,
		Recipients: []reportRecipient{
			{Rcpt: "a@example.org", Fate: "deliver", Score: 7, Because: []string{"x"}},
			{Rcpt: "b@example.org", Fate: "deliver", Score: 7, Because: []string{"x"}},
			{Rcpt: "c@example.org", Fate: "deliver", Score: 7, Because: []string{"y"}},
			{Rcpt: "d@example.org", Fate: "deliver", Score: 2},
			{Rcpt: "e@example.org", Fate: "reject", Score: 2},
		},
		Findings: []reportFinding{{Code: "p", Class: "spam", For: []int{0, 1, 2, 3, 4}}, {Code: "q", Class: "spam", For: []int{0, 4}}},
	}
	r.print(&b)
	want := "m: 0 octets, score 7, 0.0 ms\n  from   <a@example.net>, client not known (--client names it)\n  found  p (spam)\n  found  q (spam) for <a@example.org>, <e@example.org>\n" +
		"  to     <a@example.org>, <b@example.org>: deliver\n           because x\n  to     <c@example.org>: deliver\n           because y\n" +
		"  to     <d@example.org>: deliver, score 2\n  to     <e@example.org>: reject, score 2\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCheckPrintsForTerminals: names of strangers do not reach the terminal as they are.
func TestCheckPrintsForTerminals(t *testing.T) {
	var b bytes.Buffer
	r := report{
		File: "a\x1b[2J", From: "\x1b[2J@a.test", Client: "\x1b[2J", Recipients: []reportRecipient{{Rcpt: "\x1b[2J@b.test", Because: []string{"\x1b[2J"}}},
		Findings: []reportFinding{{Detail: "\x1b[2J"}}, Defects: []reportDefect{{Detail: "\x1b[2J"}}, Filters: []reportFilter{{Error: "\x1b[2J\n"}},
	}
	r.print(&b)
	if strings.Contains(b.String(), "\x1b") || strings.Count(b.String(), "\n") != 7 {
		t.Errorf("got %q", b.String())
	}
}
