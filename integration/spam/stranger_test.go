// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
)

// everything is a chain of all filters against spam that need no other program, with what they keep in one folder.
const everything = `%schain:
  - - dnsbl: {zones: {bl.example.org: {codes: {127.0.0.2: 3, 127.0.0.9: 12}}}}
    - uribl: {zones: {uri.example.org: {score: 1}}}
    - auth
    - rules
    - lists: {block: [{senders: [eve@example.org]}]}
    - bayes: {database: %[2]s/learned.db, bits: 16}
  - [known: {file: %[2]s/known}]
  - [greylist: {file: %[2]s/greylist, delay: 1s}]
policies: [{name: default, spam: {grey_at: %[3]d}}]
`

// files are what is in a folder, with what is in them.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// "mailweir check" tells what would become of a message, and nothing comes of it: no file is made, none is changed, and nobody is known afterwards. It may be run
// before the server was ever started, by root.
func TestCheckLeavesNoTrace(t *testing.T) {
	ctx := need(t)
	dir, message := folder(t), filepath.Join(t.TempDir(), "message.eml")
	if err := os.WriteFile(message, []byte(plain), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(ctx, t, postconf.AfterQueueLMTP, "")
	check := func(client string) string {
		return run(ctx, t, r, "check", "--client", client, "--from", "carl@example.org", "--rcpt", "ben@example.net", message)
	}
	extra := fmt.Sprintf(everything, names(inBetween(t).Addr), dir, 2)
	if err := r.Weir.Configure(extra); err != nil {
		t.Fatal(err)
	}
	run(ctx, t, r, "config", "check")
	if got := files(t, dir); len(got) > 0 {
		t.Errorf("config check has made %q", slices.Sorted(maps.Keys(got)))
	}
	if out := check(bad); !strings.Contains(out, "greylist.wait") || !strings.Contains(out, "dnsbl.listed") {
		t.Errorf("check does not tell what would become of it:\n%s", out)
	}
	if got := files(t, dir); len(got) > 0 {
		t.Errorf("check has made %q", slices.Sorted(maps.Keys(got)))
	}
	configure(ctx, t, r, extra)
	deliver(ctx, t, r, letter{client: stranger})
	wait(ctx, t, r, postconf.AfterQueueLMTP, letter{client: bad, from: "<bob@example.org>"})
	again(ctx, t, r, postconf.AfterQueueLMTP, letter{})
	before := files(t, dir)
	for range 3 {
		if out := check(bad); !strings.Contains(out, "greylist.wait") {
			t.Errorf("after a check it need not wait any more:\n%s", out)
		}
		check(home)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(files(t, dir)))); diff != "" {
		t.Errorf("check has made files, or removed some (-before +after):\n%s", diff)
	}
	for name, text := range files(t, dir) {
		if !strings.HasSuffix(name, "-shm") && text != before[name] { // SQLite's shared memory is no data.
			t.Errorf("check has changed %s", name)
		}
	}
}

// run runs a command of mailweir that has to succeed, and gives what it wrote.
func run(ctx context.Context, t *testing.T, r *rig.Rig, args ...string) string {
	t.Helper()
	out, err := r.Weir.Run(ctx, args...)
	if err != nil {
		t.Fatalf("%s: %v: %s", args[0], err, out)
	}
	return out
}

// The config is taken up anew again and again while mail flows: all comes out once, nothing fails, and nothing is left behind of the old ones.
func TestReloadUnderLoad(t *testing.T) {
	ctx := need(t)
	r := start(ctx, t, postconf.AfterQueueLMTP, "")
	dir, s := folder(t), inBetween(t)
	extra := func(n int) string {
		// Every other time the section dns changes, too, and with it the resolver.
		return strings.Replace(fmt.Sprintf(everything, names(s.Addr), dir, 50+n), "timeout: 300ms", fmt.Sprintf("timeout: %dms", 1000-n/2), 1)
	}
	configure(ctx, t, r, extra(0))
	deliver(ctx, t, r, letter{client: stranger})
	r.Sink.Reset()
	since, before := len(r.Weir.Log()), metrics(ctx, t, r)
	const workers, each, reloads = 3, 30, 20
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				postOK(t, r, letter{client: fmt.Sprintf("192.0.2.%d", 1+i), to: fmt.Sprintf("<b%d-%d@example.net>", w, i)})
			}
		})
	}
	for n := range reloads {
		configure(ctx, t, r, extra(1+n))
	}
	wg.Wait()
	drained(ctx, t, r)
	kept(t, r, workers)
	want := map[string]int{}
	for w := range workers {
		for i := range each {
			if i+1 != 7 { // 192.0.2.7 is high spam.
				want[fmt.Sprintf("b%d-%d@example.net", w, i)] = 1
			}
		}
	}
	if diff := cmp.Diff(want, outcomes(r)); diff != "" {
		t.Errorf("messages for each (-want +got):\n%s", diff)
	}
	silentAbout(t, r, since, "level=error", "failure.", "no_answer", "temperror", "fate=defer")
	after := metrics(ctx, t, r)
	if n := after[`mailweir_config_reloads_total{result="done"}`] - before[`mailweir_config_reloads_total{result="done"}`]; n != reloads {
		t.Errorf("%v reloads were counted, want %d", n, reloads)
	}
	leaks(ctx, t, r, before)
}

// leaks wants no more goroutines and files than before, but for a few.
func leaks(ctx context.Context, t *testing.T, r *rig.Rig, before map[string]float64) {
	t.Helper()
	for _, name := range []string{"go_goroutines", "process_open_fds"} {
		if _, ok := before[name]; !ok {
			t.Errorf("there is no %s", name)
		}
		eventually(ctx, t, func() error {
			if n := metric(ctx, t, r, name); n > before[name]+10 {
				return fmt.Errorf("%s: %v, before it was %v", name, n, before[name])
			}
			return nil
		})
	}
}

// Faults of the config are told with the line and what was expected, all at once.
func TestConfigFaults(t *testing.T) {
	need(t)
	const dns = "dns: {servers: [127.0.0.1]}\n"
	for _, c := range []struct{ name, extra, want string }{
		{"filter twice", dns + "chain:\n  - [dnsbl: {zones: {a.example.org: {score: 1}}}]\n  - [dnsbl: {zones: {b.example.org: {score: 1}}}]\n", `filter "dnsbl" is in the chain already, at chain[0][0]`},
		{"no zones", dns + "chain: [[dnsbl]]\n", "zones"},
		{"no such filter", "chain: [[dnsbls]]\n", "dnsbl"},
		{"no such key", dns + "chain: [[dnsbl: {zone: {}}]]\n", "zones"},
		{"no such key of a zone", dns + "chain: [[dnsbl: {zones: {a.example.org: {scor: 1}}}]]\n", "score"},
		{"name server by name", "dns: {servers: [ns.example.org]}\n", "want the address of a name server"},
		{"timeouts upside down", "dns: {servers: [127.0.0.1], timeout: 3s, lookup_timeout: 1s}\n", "lookup_timeout"},
		{"require more than there are", dns + "chain: [[dnsbl: {require: 2, zones: {a.example.org: {score: 1}}}]]\n", "require"},
		{"no database", "chain: [[bayes]]\n", "database"},
		{"relative database", "chain: [[bayes: {database: learned.db}]]\n", "absolute"},
		{"no file", "chain: [[greylist]]\n", "file"},
		{"code of no filter", dns + "policies: [{name: default, do: {auth.dmarc_rejct: [reject]}}]\n", "auth.dmarc_reject"},
		{"no server", "chain: [[spamd]]\n", "servers"},
		{"thresholds upside down", "policies: [{name: default, spam: {tag_at: 10, high_at: 5}}]\n", "high_at"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := weir(t, c.extra)
			out, err := w.Run(t.Context(), "config", "check")
			if err == nil || !strings.Contains(out, c.want) || !strings.Contains(out, "mailweir.yaml:") {
				t.Errorf("got %v: %s\nwant a fault with its line that says %q", err, out, c.want)
			}
		})
	}
}

// weir is a mailweir with a config, that does not run.
func weir(t *testing.T, extra string) *rig.Weir {
	t.Helper()
	binary := program.Path(t)
	w, err := rig.NewWeir(binary, rig.Place{Mode: postconf.AfterQueueLMTP, Filter: "127.0.0.2:10024", NextHop: "127.0.0.2:10025", Metrics: "127.0.0.2:9125"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Remove(); err != nil {
			t.Error(err)
		}
	})
	if err := w.Configure(extra); err != nil {
		t.Fatal(err)
	}
	return w
}
