// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"golang.org/x/sys/unix"
)

// A spool on a full disk: the message is put off, nothing of it goes on and nothing is left, and there is room for the next.
func TestSpoolOnFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("needs to mount a small tmpfs, as root: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil { // Fails if a file is still open.
			t.Errorf("unmount: %v", err)
		}
	})
	r := newRig(t, func(o *Options) { o.Spooler.Dir, o.Spooler.Memory = dir, 1000 })
	c := r.hello("smtp")
	for range 2 {
		r.sink.Reset()
		r.envelope(c)
		got := r.send(c, strings.Repeat("x", 1<<20)+"\r\n.\r\n").String()
		if !strings.HasPrefix(got, "452 4.3.1 Error: insufficient system storage, id=") {
			t.Errorf("got %q", got)
		}
		if n := len(r.sink.Messages()) + len(r.sink.Faults()); n != 0 {
			t.Errorf("the next hop has %d messages, and says %q", len(r.sink.Messages()), r.sink.Faults())
		}
		checkEmpty(t, dir)
		r.envelope(c)
		if got := r.send(c, strings.Repeat("x", 30_000)+"\r\n.\r\n"); got.Code != 250 {
			t.Errorf("a message that has room: got %v", got)
		}
	}
	if n := testutil.ToFloat64(r.server.metrics.refused.WithLabelValues("smtp", "storage")); n != 2 {
		t.Errorf("the metrics tell of %v messages that could not be held", n)
	}
}

// checkEmpty looks for files, and for room that files without a name take.
func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left in the spool: %v, %v", left, err)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil || fs.Bfree != fs.Blocks {
		t.Errorf("%d of %d blocks of the spool are free, %v", fs.Bfree, fs.Blocks, err)
	}
}
