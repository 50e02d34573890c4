// SPDX-License-Identifier: Apache-2.0

// Package spam runs the filters against spam behind a real, private Postfix, with name servers, lists, scanners and databases that work, are dead, are slow
// and lie. Everything is looked at from outside: what the client was told, what came out, what the servers were asked, what the metrics and the log say.
package spam

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
)

// limit is how long one test may wait, over all.
const limit = 90 * time.Second

// program is mailweir, built once for all tests.
var program rigtest.Program

func TestMain(m *testing.M) { program.Main(m) }

// need gives the time the test has, or skips it with what is missing.
func need(t *testing.T) context.Context {
	t.Helper()
	return rigtest.Need(t, limit)
}

// start starts a rig whose Postfix believes what XCLIENT says of the client, and is the MX of example.net. It ends with the test. If the test fails, the
// logs are shown. master are entries of master.cf in addition.
func start(ctx context.Context, t *testing.T, way postconf.Mode, extra string, master ...string) *rig.Rig {
	t.Helper()
	return program.Start(ctx, t, rig.Options{
		Mode: way, Extra: extra, Master: master,
		In: []string{"smtpd_authorized_xclient_hosts=127.0.0.0/8", "smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination"},
		// One client of the tests has an IPv6 address; Postfix listens on IPv4 all the same.
		Main: map[string]string{"inet_protocols": "all", "relay_domains": "example.net"},
	})
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
