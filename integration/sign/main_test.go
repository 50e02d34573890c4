// SPDX-License-Identifier: Apache-2.0

// Package sign runs mailweir with keys behind a real, private Postfix: what leaves has to verify for whoever gets it, by the judgement of dkimpy, which is not ours, and of
// our own verifier.
package sign

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/rig"
)

// limit is how long one test may wait, over all.
const limit = 2 * time.Minute

// nobody is whom mailweir runs as where the rig is root's.
const nobody = 65534

// built is mailweir, built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "mailweir-built-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "mailweir")
	cmd := exec.Command("go", "build", "-o", binary, "../../cmd/mailweir")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build mailweir: %w\n%s", err, out)
	}
	return binary, os.Chmod(dir, 0o755) // It runs as another user.
})

func TestMain(m *testing.M) {
	status := m.Run()
	if binary, err := built(); err == nil {
		_ = os.RemoveAll(filepath.Dir(binary))
	}
	os.Exit(status)
}

// need gives the time the test has, or skips it with what is missing.
func need(t *testing.T) context.Context {
	t.Helper()
	if why := postfixtest.Missing(); why != "" {
		t.Skip(why)
	}
	if _, err := python(t.Context()); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

// eachWay runs a test for each way of filtering.
func eachWay(t *testing.T, test func(t *testing.T, way postconf.Mode)) {
	t.Helper()
	for _, way := range postconf.Modes() {
		t.Run(string(way), func(t *testing.T) { test(t, way) })
	}
}

// start starts a rig whose Postfix believes what XCLIENT says of the client, and relays for everybody. It ends with the test. If the test fails, the
// logs are shown.
func start(ctx context.Context, t *testing.T, way postconf.Mode, extra string) *rig.Rig {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	r, err := rig.Start(ctx, rig.Options{
		Mode: way, Binary: binary, Extra: extra,
		In:   []string{"smtpd_authorized_xclient_hosts=127.0.0.0/8", "smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination"},
		Main: map[string]string{"relay_domains": "example.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := r.Postfix.Log()
			t.Logf("mailweir's log:\n%s\nPostfix's log:\n%s", tail(r.Weir.Log()), tail(log))
		}
		if strings.Contains(r.Weir.Log(), "panic") {
			t.Errorf("mailweir's log has a panic:\n%s", tail(r.Weir.Log()))
		}
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// tail is the end of a log.
func tail(log string) string {
	const most = 4000
	if len(log) > most {
		return "..." + log[len(log)-most:]
	}
	return log
}

// command runs mailweir without a config.
func command(ctx context.Context, t *testing.T, args ...string) string {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(ctx, binary, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v: %s", args, err, out)
	}
	return string(out)
}

// folder makes a folder of the user that mailweir runs as.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mailweir-sign-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	own(t, dir)
	return dir
}

// own gives a file or folder to the user that mailweir runs as.
func own(t *testing.T, name string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	if err := os.Chown(name, nobody, nobody); err != nil {
		t.Fatal(err)
	}
}
