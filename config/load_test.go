// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// loadGood loads a file of testdata/good, with LISTS replaced by the folder of the lists.
func loadGood(t *testing.T, name string) *Config {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/good", name))
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte("LISTS"), []byte(listsDir(t)))
	data = bytes.ReplaceAll(data, []byte("KEYS"), []byte(keysDir(t)))
	c, err := parse(name, data, testDefaults(t), builtin())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// listsDir is the folder of pattern files, absolute as the config wants it.
func listsDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("testdata/lists")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func dump(t *testing.T, c *Config) string {
	t.Helper()
	var b strings.Builder
	if err := Dump(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestDumpAgain: what Dump writes, Load reads, and it means the same.
func TestDumpAgain(t *testing.T) {
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/good: %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			checkDumpAgain(t, loadGood(t, filepath.Base(file)))
		})
	}
	t.Run("default", func(t *testing.T) {
		c := testDefaults(t)
		l := Listener{Address: Address{"tcp", "127.0.0.1:10024"}, NextHop: Address{"tcp", "127.0.0.1:10025"}}
		l.setDefaults()
		c.Listen = []Listener{l}
		c.complete()
		checkDumpAgain(t, c)
	})
}

func checkDumpAgain(t *testing.T, c *Config) {
	t.Helper()
	first := dump(t, c)
	again, err := parse("dump.yaml", []byte(first), Default(), builtin())
	if err != nil {
		t.Fatalf("%v\n%s", err, first)
	}
	if diff := cmp.Diff(first, dump(t, again)); diff != "" {
		t.Errorf("dump of the dump (-first +second):\n%s", diff)
	}
}

// TestEveryKey: the good example has every key that there is, beside the options of scanners and filters.
func TestEveryKey(t *testing.T) {
	data, err := os.ReadFile("testdata/good/every-key.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	wantEveryKey(t, doc.Content[0], "", reflect.TypeFor[Config]())
}

func wantEveryKey(t *testing.T, n *yaml.Node, path string, typ reflect.Type) {
	t.Helper()
	if typ.Kind() == reflect.Slice && !isSpecial(typ) && n.Kind == yaml.SequenceNode {
		wantEveryKey(t, n.Content[0], path+"[0]", typ.Elem())
		return
	}
	if typ.Kind() != reflect.Struct || isSpecial(typ) {
		return
	}
	for _, f := range fieldsOf(typ) {
		i := slices.IndexFunc(n.Content, func(k *yaml.Node) bool { return k.Value == f.key })
		if i < 0 {
			t.Errorf("%s is not in the example", join(path, f.key))
			continue
		}
		wantEveryKey(t, n.Content[i+1], join(path, f.key), f.typ)
	}
}

func TestLoadValues(t *testing.T) {
	c := loadGood(t, "every-key.yaml")
	if got, want := c.Listen[1].Address, (Address{"unix", "/run/mailweir/before"}); got != want {
		t.Errorf("address %v, want %v", got, want)
	}
	if got, want := c.Listen[0].AllowClients[1].String(), "::1/128"; got != want {
		t.Errorf("allow_clients[1] %s, want %s", got, want)
	}
	if got, want := c.Quarantine.Keep, 14*24*time.Hour; got != want {
		t.Errorf("quarantine.keep %v, want %v", got, want)
	}
	limits := mail.Limits{
		Depth: 10, Parts: 5000, HeaderOctets: 1 << 20, Params: 100, Octets: 512 << 20, Ratio: 500, Entries: 5000,
		Time: 90 * time.Second,
	}
	if diff := cmp.Diff(limits, c.MailLimits()); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	f := c.Chain[0][0]
	if f.Name != "virus" || f.Timeout != 20*time.Second || f.Pos.String() != "every-key.yaml:60" {
		t.Errorf("filter %q, timeout %v, at %v", f.Name, f.Timeout, f.Pos)
	}
	if s := c.Scanners["list"]; s.Name != "list" || s.Kind != "hashes" || s.Pos.Line != 56 {
		t.Errorf("scanner %q of kind %q at %v", s.Name, s.Kind, s.Pos)
	}
	want := []policy.Pattern{"alice@example.org", "@example.net", ".example.com", "@etu.example.org"}
	if diff := cmp.Diff(want, c.Rules[0].When.To.loaded); diff != "" {
		t.Errorf("patterns (-want +got):\n%s", diff)
	}
	if len(c.Warnings) != 0 {
		t.Errorf("warnings %q, want none", c.Warnings)
	}
}

// TestDefaultsComeThrough: what a file leaves out is as in Default, in list items too.
func TestDefaultsComeThrough(t *testing.T) {
	c := loadGood(t, "alias.yaml")
	d := Default()
	if c.Timeouts != d.Timeouts || c.Limits != d.Limits || c.Log != d.Log {
		t.Errorf("got %+v %+v %+v", c.Timeouts, c.Limits, c.Log)
	}
	if l := c.Listen[1]; l.Protocol != LMTP || l.Mode != AfterQueue || l.MaxConnections != 200 || len(l.AllowClients) != 1 {
		t.Errorf("listener %+v", l)
	}
	if l := loadGood(t, "smallest.yaml").Listen[0]; l.Name != "127.0.0.1:10024" || len(l.AllowClients) != 2 {
		t.Errorf("listener %+v", l)
	}
	if c.Spool.Dir != c.WorkDir {
		t.Errorf("spool.dir %q, want work_dir %q", c.Spool.Dir, c.WorkDir)
	}
}

func TestWarnings(t *testing.T) {
	const scan = "scanners: {a: {hashes: {}}}\nchain: [[virus: {scanners: [a]}]]\n"
	for _, tc := range []struct{ name, add, want string }{
		{"no filter", "", "w.yaml:1: chain: no filter; all mail passes without a look"},
		{
			"scanner that no filter uses",
			"scanners:\n  a: {hashes: {}}\n  b: {hashes: {}}\nchain:\n  - [virus: {scanners: [a]}]\n",
			"w.yaml:5: scanners.b: no filter uses this scanner",
		},
		{
			"conclusive list without points",
			"chain:\n  - [dnsbl: {zones: {bl.test: {conclusive: true}}}]\n",
			"w.yaml:4: chain[0][0].dnsbl: dnsbl.conclusive has no points and no effect: no policy has a rule for it or for listed",
		},
		{
			"list without a pattern",
			scan + "policies:\n  - name: nobody\n    when:\n      to: [\"file:" + listsDir(t) + "/empty\"]\n",
			"w.yaml:8: policies[0].when.to: no pattern in its files; the policy is for nobody",
		},
		{
			"nowhere to keep what one of many is refused",
			"  - {name: b, address: 127.0.0.1:10026, protocol: smtp, mode: before-queue, next_hop: 127.0.0.1:10025}\nquarantine: {dir: \"\"}\n" + scan + "policies:\n" +
				"  - {name: p, when: {listener: [b], to: [b.test]}, do: {virus: [reject]}}\n" +
				"  - {name: default, do: {virus: [tag], high_spam: [tag], file: [tag], macro: [tag], html: [tag], phishing: [tag], file.rename: [tag], unscannable: [defer]}}\n",
			"w.yaml:3: listen[1].protocol: smtp has one reply for all recipients: where some are refused the message is kept for them, " +
				"and without quarantine.dir it is put off for all",
		},
		{
			"refused after the queue", scan + "policies:\n  - name: default\n    do:\n      virus: [quarantine]\n      lists.blocked: [store, reject]\n",
			"w.yaml:9: policies[0].do.\"lists.blocked\"[1]: " + refusedLate(0),
		},
		{
			"refused after the queue by what the default says",
			"  - {name: b, address: 127.0.0.1:10026, protocol: smtp, mode: before-queue, next_hop: 127.0.0.1:10025}\n" + scan +
				"policies:\n  - {name: p, when: {to: [b.test]}, do: {virus: [discard]}}\n  - {name: default, do: {virus: [reject], auth: [reject]}}\n",
			"w.yaml:8: policies[1].do.auth[0]: " + refusedLate(0),
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := "listen:\n  - {address: 127.0.0.1:10024, next_hop: 127.0.0.1:10025}\n" + tc.add
			c, err := parse("w.yaml", []byte(text), testDefaults(t), builtin())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tc.want}, c.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func refusedLate(listener int) string {
	return fmt.Sprintf("reject is after the queue at listen[%d]: Postfix has taken the message, and sends a notification to a sender who is often forged; "+
		"quarantine and discard do not, nor does reject before the queue", listener)
}

// TestRefusedInTime: where reject reaches a client, or our own people, nothing is told.
func TestRefusedInTime(t *testing.T) {
	const (
		after  = "  - {name: a, address: 127.0.0.1:10024, next_hop: 127.0.0.1:10025}\n"
		before = "  - {name: b, address: 127.0.0.1:10026, protocol: smtp, mode: before-queue, next_hop: 127.0.0.1:10025}\n"
		ours   = "  - {name: o, address: 127.0.0.1:10028, next_hop: 127.0.0.1:10025, outbound: true}\n"
		reject = "  - {name: default, do: {virus: [reject]}}\n"
	)
	for _, tc := range []struct{ name, listen, policies string }{
		{"before the queue", before, reject},
		{"from our own people", ours, reject},
		{"of outgoing mail", after, "  - {name: p, when: {direction: outbound}, do: {virus: [reject]}}\n"},
		{"at another listener", after + before, "  - {name: p, when: {listener: [b]}, do: {virus: [reject]}}\n"},
		{"overruled for all mail of the listener", after + before, "  - {name: p, when: {listener: [a]}, do: {virus: [quarantine]}}\n" + reject},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := "listen:\n" + tc.listen + "scanners: {a: {hashes: {}}}\nchain: [[virus: {scanners: [a]}]]\npolicies:\n" + tc.policies
			c, err := parse("w.yaml", []byte(text), testDefaults(t), builtin())
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Warnings) != 0 {
				t.Errorf("warnings: %q", c.Warnings)
			}
		})
	}
}

func TestLoadFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mailweir.yaml")
	_, err := Load(file)
	if want := file + ": no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("missing file: got %v, want %s", err, want)
	}
	large := strings.Repeat("# comment\n", maxFileOctets/10+1)
	if err := os.WriteFile(file, []byte(large), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Load(file)
	var f Fault
	if !errors.As(err, &f) || f.Text != "larger than 1048576 octets" {
		t.Errorf("large file: got %v", err)
	}
}

// TestFaultsAreBounded: a file with a thousand faults does not fill the log.
func TestFaultsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("listen:\n  - {address: 127.0.0.1:10024, next_hop: 127.0.0.1:10025}\nnetworks:\n  trusted:\n")
	for range 1000 {
		b.WriteString("    - nowhere\n")
	}
	_, err := parse("f.yaml", []byte(b.String()), testDefaults(t), builtin())
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != maxFaults+1 {
		t.Fatalf("got %d faults, want %d", len(faults), maxFaults+1)
	}
	if got, want := faults[maxFaults].Error(), "f.yaml: and 900 more"; got != want {
		t.Errorf("last fault %q, want %q", got, want)
	}
}

func TestEmbedded(t *testing.T) {
	c := Embedded()
	if len(c.Chain) != 1 || c.Chain[0][0].Name != "virus" || c.Scanners["list"].Kind != "hashes" || len(c.Warnings) != 0 {
		t.Errorf("chain %v, scanners %v, warnings %q", c.Chain, c.Scanners, c.Warnings)
	}
}

// TestDeployed: the files to begin with load, but for their folders, which this host need not have.
func TestDeployed(t *testing.T) {
	for _, file := range []string{"../deploy/systemd/mailweir.yaml", "../deploy/mailweir.yaml"} {
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, dir := range []string{"/var/lib/mailweir/work", "/var/lib/mailweir/quarantine"} {
				data = bytes.ReplaceAll(data, []byte(dir), []byte(t.TempDir()))
			}
			c, err := parse("mailweir.yaml", data, testDefaults(t), builtin())
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Warnings) != 0 {
				t.Errorf("warnings: %q", c.Warnings)
			}
		})
	}
}

// TestPatternFileFIFO: who names a pipe for a list of patterns is told, and does not wait for a writer.
func TestPatternFileFIFO(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	_, faults := readPatterns(file)
	if len(faults) != 1 || faults[0].Error() != file+": want a regular file" {
		t.Errorf("got %v", faults)
	}
}
