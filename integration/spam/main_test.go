// SPDX-License-Identifier: Apache-2.0

// Package spam runs the filters against spam behind a real, private Postfix, with name servers, lists, scanners and databases that work, are dead, are slow
// and lie. Everything is looked at from outside: what the client was told, what came out, what the servers were asked, what the metrics and the log say.
package spam

import (
	"context"
	"errors"
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
const limit = 90 * time.Second

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

// start starts a rig whose Postfix believes what XCLIENT says of the client, and is the MX of example.net. It ends with the test. If the test fails, the
// logs are shown. master are entries of master.cf in addition.
func start(ctx context.Context, t *testing.T, way postconf.Mode, extra string, master ...string) *rig.Rig {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	r, err := rig.Start(ctx, rig.Options{
		Mode: way, Binary: binary, Extra: extra, Master: master,
		In: []string{"smtpd_authorized_xclient_hosts=127.0.0.0/8", "smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination"},
		// One client of the tests has an IPv6 address; Postfix listens on IPv4 all the same.
		Main: map[string]string{"inet_protocols": "all", "relay_domains": "example.net"},
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

// configure puts another config in force.
func configure(ctx context.Context, t *testing.T, r *rig.Rig, extra string) {
	t.Helper()
	if err := r.Weir.Configure(extra); err != nil {
		t.Fatal(err)
	}
	if out, err := r.Weir.Run(ctx, "reload"); err != nil {
		t.Fatalf("reload: %v: %s", err, out)
	}
}

// tail is the end of a log, and what it warns of before that.
func tail(log string) string {
	const most = 6000
	if len(log) <= most {
		return log
	}
	warned, end := "", log[len(log)-most:]
	for line := range strings.Lines(log[:len(log)-most]) {
		if strings.Contains(line, "level=warning") || strings.Contains(line, "level=error") {
			warned += line
		}
	}
	return warned[:min(len(warned), most)] + "..." + end
}

// nobody is whom mailweir runs as in the rig, where the tests are root's.
const nobody = 65534

// folder makes a folder that is mailweir's own, as /var/lib/mailweir is.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mailweir-spam-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	return dir
}
