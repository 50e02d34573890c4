// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/resolver/dnstest"
)

// signingConfig is a config with a folder DIR, the name server and what the section signing has.
func signingConfig(server *dnstest.Server, signing string) string {
	return fmt.Sprintf("listen: [{address: \"127.0.0.1:0\", next_hop: \"127.0.0.1:25\"}]\nhostname: mx.example.org\nwork_dir: DIR\nquarantine: {dir: DIR}\ndns: {servers: [%q]}\nsigning: {%s}\n",
		server.Addr, signing)
}

// record is a line of a zone file as dnstest takes it: without parentheses.
func record(line string) string {
	return strings.NewReplacer("( ", "", " )\n", "", "\n\t", " ").Replace(line)
}

// TestDKIM goes the way of an operator: a key is made, its record published, and checked.
func TestDKIM(t *testing.T) {
	server := dnstest.Serve(t, dnstest.Zones(t))
	file := writeConfig(t, signingConfig(server, `keys: [{domain: example.org, selector: rsa, file: DIR/rsa}, {domain: example.org, selector: ed, file: DIR/ed}], seal: {domain: mx.example.org, selector: arc, file: DIR/rsa}`))
	dir := filepath.Dir(file)
	records := map[string]string{}
	for _, kind := range []string{"rsa", "ed25519"} {
		selector := strings.TrimSuffix(kind, "25519")
		out, _, err := runCommand(t, file, "dkim", "keygen", "--domain", "example.org", "--selector", selector, "--file", filepath.Join(dir, selector), "--kind", kind)
		if err != nil || !strings.HasPrefix(out, selector+"._domainkey.example.org. IN TXT ( \"v=DKIM1; k="+kind) {
			t.Fatalf("keygen: %v\n%s", err, out)
		}
		records[selector] = out
	}
	if _, _, err := runCommand(t, file, "dkim", "keygen", "--domain", "example.org", "--selector", "rsa", "--file", filepath.Join(dir, "rsa")); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a key was written over: %v", err)
	}
	if fi, err := os.Stat(filepath.Join(dir, "rsa")); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
	shown, _, err := runCommand(t, file, "dkim", "record")
	want := records["rsa"] + records["ed"] + strings.Replace(records["rsa"], "rsa._domainkey.example.org", "arc._domainkey.mx.example.org", 1)
	if d := cmp.Diff(want, shown); err != nil || d != "" {
		t.Errorf("record: %v (-want +got):\n%s", err, d)
	}
	if one, _, err := runCommand(t, file, "dkim", "record", "--domain", "example.net", "--selector", "x", "--file", filepath.Join(dir, "ed")); err != nil || !strings.HasPrefix(one, "x._domainkey.example.net. IN TXT") {
		t.Errorf("record of one: %v, %s", err, one)
	}

	out, _, err := runCommand(t, file, "dkim", "check")
	if !errors.Is(err, errFault) || strings.Count(out, ": no key\n  wanted:    v=DKIM1; k=") != 3 {
		t.Errorf("before the records are published: %v\n%s", err, out)
	}
	var zone []string
	for line := range strings.SplitSeq(strings.TrimSuffix(shown, " )\n"), " )\n") {
		zone = append(zone, record(line+" )\n"))
	}
	other := dnstest.Serve(t, dnstest.Zones(t, zone...)) // The first has kept what was not there.
	file = writeConfig(t, strings.ReplaceAll(signingConfig(other, `keys: [{domain: example.org, selector: rsa, file: OLD/rsa}, {domain: example.org, selector: ed, file: OLD/ed}]`), "OLD", dir))
	if out, _, err = runCommand(t, file, "dkim", "check", "--domain", "example.org", "--selector", "ed", "--file", filepath.Join(dir, "ed")); err != nil || out != "ed._domainkey.example.org: ok\n" {
		t.Errorf("one key: %v\n%s", err, out)
	}
	if out, _, err = runCommand(t, file, "dkim", "check", "--domain", "example.org", "--selector", "new", "--file", filepath.Join(dir, "ed")); !errors.Is(err, errFault) || !strings.Contains(out, "new._domainkey.example.org: no key\n") {
		t.Errorf("one key that is not published: %v\n%s", err, out)
	}
	if _, _, err = runCommand(t, file, "dkim", "check", "--domain", "example.org"); err == nil || errors.Is(err, errFault) {
		t.Errorf("a flag is missing: %v", err)
	}
	if out, _, err = runCommand(t, file, "dkim", "check"); err != nil || out != "rsa._domainkey.example.org: ok\ned._domainkey.example.org: ok\n" {
		t.Errorf("published: %v\n%s", err, out)
	}
}

func TestDKIMWithout(t *testing.T) {
	dead := dnstest.Dead(t)
	plain := writeConfig(t, signingConfig(dead, ""))
	for _, args := range [][]string{{"dkim", "record"}, {"dkim", "check"}} {
		if _, _, err := runCommand(t, plain, args...); err == nil || !strings.Contains(err.Error(), "the config names no key") {
			t.Errorf("%v: got %v", args, err)
		}
	}
	for _, args := range [][]string{
		{"dkim", "keygen", "--domain", "example.org"},
		{"dkim", "keygen", "--domain", "x", "--selector", "s", "--file", "x"},
		{"dkim", "keygen", "--domain", "example.org", "--selector", "s", "--file", filepath.Join(t.TempDir(), "x"), "--kind", "dsa"},
		{"dkim", "keygen", "--domain", "example.org", "--selector", "s", "--file", filepath.Join(t.TempDir(), "x"), "--bits", "512"},
		{"dkim", "keygen", "--domain", "example.org", "--selector", "s", "--file", filepath.Join(t.TempDir(), "x"), "--bits", "2048", "--kind", "ed25519"},
	} {
		if _, _, err := runCommand(t, plain, args...); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
	dir := t.TempDir()
	if _, _, err := runCommand(t, plain, "dkim", "keygen", "--domain", "example.org", "--selector", "s", "--file", filepath.Join(dir, "key"), "--kind", "ed25519"); err != nil {
		t.Fatal(err)
	}
	file := writeConfig(t, strings.ReplaceAll(signingConfig(dead, "keys: [{domain: example.org, selector: s, file: KEY/key}]"), "KEY", dir))
	out, _, err := runCommand(t, file, "dkim", "check")
	if !errors.Is(err, errFault) || !strings.HasPrefix(out, "s._domainkey.example.org: key could not be looked up") {
		t.Errorf("a dead server: %v\n%s", err, out)
	}
}
