// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
)

// A Postfix that knows nothing of mailweir: apply, check, a message through, remove, and all is as it was.
func TestApplyCheckRemove(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		p, next := untouched(ctx, t)
		before := effective(ctx, t, p.ConfigDir())
		w := bareWeir(ctx, t, way)
		command := func(args ...string) (string, error) {
			all := []string{"postfix", "--config-dir", p.ConfigDir(), "--service", p.Addr("in") + "/inet"}
			return w.Run(ctx, append(all, args...)...)
		}
		reload := func() {
			if err := p.Reload(ctx); err != nil {
				t.Fatal(err)
			}
		}

		if out, err := command("check"); err == nil || !strings.Contains(out, "fail") {
			t.Errorf("check before apply: got %v, want it to fail:\n%s", err, out)
		}
		if out, err := command("apply"); err == nil || !cmp.Equal(before, effective(ctx, t, p.ConfigDir())) {
			t.Errorf("apply without --yes: got %v, want nothing changed:\n%s", err, out)
		}
		if out, err := command("apply", "--yes"); err != nil {
			t.Fatalf("apply: %v:\n%s", err, out)
		}
		if out, err := command("apply"); err != nil || !strings.Contains(out, "Nothing to change") {
			t.Errorf("second apply: %v:\n%s", err, out)
		}
		if out, err := command("check"); err != nil {
			t.Errorf("check: %v:\n%s", err, out)
		}
		printed, err := command("print")
		if err != nil || !strings.Contains(printed, "postconf -c "+p.ConfigDir()+" -M '"+w.NextHop()+"/inet=") {
			t.Errorf("print: %v:\n%s", err, printed)
		}

		reload()
		passes(ctx, t, p, next, true)
		if out, err := command("remove", "--yes"); err != nil {
			t.Fatalf("remove: %v:\n%s", err, out)
		}
		if diff := cmp.Diff(before, effective(ctx, t, p.ConfigDir())); diff != "" {
			t.Errorf("after remove (-before +after):\n%s", diff)
		}
		reload()
		passes(ctx, t, p, next, false)
	})
}

// The commands that print gives do what apply does.
func TestPrintedCommands(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		var found [2]string
		for i, how := range []string{"print", "apply"} {
			p, err := postfixtest.Start(ctx, postfixtest.Options{
				NextHop: "127.0.0.1:9", Listeners: []postfixtest.Listener{{Name: "in"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = p.Stop() })
			args := []string{"postfix", how, "--config-dir", p.ConfigDir(), "--service", p.Addr("in") + "/inet", "--mode", string(way)}
			if how == "apply" {
				args = append(args, "--yes")
			}
			binary := program.Path(t)
			cmd := exec.CommandContext(ctx, binary, args...)
			var told strings.Builder // What is no command.
			cmd.Stderr = &told
			out, err := cmd.Output()
			if err == nil && how == "print" {
				_, err = exec.CommandContext(ctx, "sh", "-ec", string(out)).CombinedOutput()
			}
			if err != nil {
				t.Errorf("%s: %v\n%s%s", how, err, told.String(), out)
			}
			found[i] = strings.NewReplacer(p.Dir(), "DIR", p.Addr("in"), "IN").Replace(effective(ctx, t, p.ConfigDir()))
		}
		if diff := cmp.Diff(found[0], found[1]); diff != "" {
			t.Errorf("configuration (-print +apply):\n%s", diff)
		}
	})
}

// bareWeir is a mailweir without a rig.
func bareWeir(ctx context.Context, t *testing.T, way postconf.Mode) *rig.Weir {
	t.Helper()
	binary := program.Path(t)
	addrs, err := postfixtest.FreeAddrs(3)
	if err != nil {
		t.Fatal(err)
	}
	w, err := rig.NewWeir(binary, rig.Place{Mode: way, Filter: addrs[0], NextHop: addrs[1], Metrics: addrs[2]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Remove(); err != nil {
			t.Error(err)
		}
	})
	if err := w.Configure(""); err != nil {
		t.Fatal(err)
	}
	if err := w.Start(ctx); err != nil {
		t.Fatal(err)
	}
	return w
}

// untouched is a Postfix that knows nothing of mailweir, and where its mail goes. It ends with the test.
func untouched(ctx context.Context, t *testing.T) (*postfixtest.Instance, *sink.Server) {
	t.Helper()
	next, err := sink.Start(sink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })
	p, err := postfixtest.Start(ctx, postfixtest.Options{NextHop: next.Addr(), Listeners: []postfixtest.Listener{{Name: "in"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p, next
}

// effective is all that a configuration says, in the words of postconf(1).
func effective(ctx context.Context, t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	for _, what := range []string{"-n", "-M", "-P"} {
		out, err := exec.CommandContext(ctx, "postconf", "-c", dir, what).Output()
		if err != nil {
			t.Fatal(err)
		}
		all.Write(out)
	}
	return all.String()
}
