// SPDX-License-Identifier: Apache-2.0

// Package sign runs mailweir with keys behind a real, private Postfix: what leaves has to verify for whoever gets it, by the judgement of dkimpy, which is not ours, and of
// our own verifier.
package sign

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
)

// limit is how long one test may wait, over all.
const limit = 2 * time.Minute

// nobody is whom mailweir runs as where the rig is root's.
const nobody = 65534

// program is mailweir, built once for all tests.
var program rigtest.Program

func TestMain(m *testing.M) { program.Main(m) }

// need gives the time the test has, or skips it with what is missing.
func need(t *testing.T) context.Context {
	t.Helper()
	if _, err := python(t.Context()); err != nil {
		t.Skip(err)
	}
	return rigtest.Need(t, limit)
}

// start starts a rig whose Postfix believes what XCLIENT says of the client, and relays for everybody. It ends with the test. If the test fails, the
// logs are shown.
func start(ctx context.Context, t *testing.T, way postconf.Mode, extra string) *rig.Rig {
	t.Helper()
	return program.Start(ctx, t, rig.Options{
		Mode: way, Extra: extra,
		In:   []string{"smtpd_authorized_xclient_hosts=127.0.0.0/8", "smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination"},
		Main: map[string]string{"relay_domains": "example.com"},
	})
}

// command runs mailweir without a config.
func command(ctx context.Context, t *testing.T, args ...string) string {
	t.Helper()
	binary := program.Path(t)
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
