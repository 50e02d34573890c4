// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// asService is set in the environment of the child that plays the service started by systemd.
const asService = "MAILWEIR_TEST_AS_SERVICE"

// TestSystemdSocket starts this test program once more, as systemd would: with two open sockets, and their names in the environment.
func TestSystemdSocket(t *testing.T) {
	if os.Getenv(asService) != "" {
		systemdService(t)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSystemdSocket$", "-test.count=1")
	cmd.Env = append(os.Environ(), asService+"=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=other:in")
	for range 2 {
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		f, err := l.File()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f) // From descriptor 3 on.
		cmd.Env = append(cmd.Env, asService+"_ADDR="+l.Addr().String())
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
}

// systemdService is the child. Its listener takes the second socket, gives it up with one change of the config and takes it again
// with another.
func systemdService(t *testing.T) {
	t.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	r := newRig(t, func(o *Options) { o.Listeners[0].Address = ParseAddress("systemd:in") })
	if got, want := r.server.Addr("smtp").String(), os.Getenv(asService+"_ADDR"); got != want {
		t.Errorf("listens on %s, want %s", got, want)
	}
	r.deliver(t, r.hello("smtp"))
	flags, err := unix.FcntlInt(4, unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("the socket would go to the programs that we run: flags %d, %v", flags, err)
	}
	with, without := r.opts, r.opts
	without.Listeners = r.opts.Listeners[1:]
	if err := r.server.Apply(without); err != nil {
		t.Fatal(err)
	}
	collectGarbage() // The descriptor must not go with it.
	if err := r.server.Apply(with); err != nil {
		t.Fatalf("take the socket again: %v", err)
	}
	r.deliver(t, r.hello("smtp"))
}

// collectGarbage returns when what was garbage at the call has been finalized.
func collectGarbage() {
	for range 2 { // A cleanup may be queued behind that of the round before.
		done := make(chan struct{})
		func() {
			marker := new([16]byte)
			runtime.SetFinalizer(marker, func(*[16]byte) { close(done) })
		}()
		runtime.GC()
		<-done
	}
}

func TestSystemdRefuses(t *testing.T) {
	self := strconv.Itoa(os.Getpid())
	tests := []struct{ name, pid, fds, want string }{
		{"not started by systemd", "", "", "systemd handed over no sockets to this process"},
		{"sockets of the parent", "1", "1", "systemd handed over no sockets to this process"},
		{"bad count", self, "many", "bad LISTEN_FDS"},
		{"negative count", self, "-1", "bad LISTEN_FDS"},
		{"no such name", self, "1", `systemd handed over no socket named "in"`},
		{"more names than sockets", self, "0", `systemd handed over no socket named "in"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("LISTEN_PID", tt.pid)
			t.Setenv("LISTEN_FDS", tt.fds)
			t.Setenv("LISTEN_FDNAMES", "other:in")
			_, err := listen(ParseAddress("systemd:in"))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "%!") {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
