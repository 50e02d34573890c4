// SPDX-License-Identifier: Apache-2.0

// Package spamservers has the filters spamd and rspamd talk to the real SpamAssassin and the real rspamd, which the tests start for themselves: without a network,
// with rules and settings of their own, as a user without rights. A test whose server is not installed is skipped.
package spamservers

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to start, or to come back.
const patience = 60 * time.Second

// process is a server that a test has started.
type process struct {
	cmd    *exec.Cmd
	log    string
	exited chan struct{}
}

// find is the path of a program. The test is skipped if it is not installed.
func find(t testing.TB, program, pkg string) string {
	t.Helper()
	for _, name := range []string{program, filepath.Join("/usr/sbin", program)} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed: apt-get install %s", program, pkg)
	return ""
}

// workDir is an empty folder with a short name, as the path of a socket must be short, which belongs to the user that the servers run as.
func workDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mw")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// userName is the name of the user that servers run as.
func userName(t testing.TB) string {
	t.Helper()
	if os.Getuid() == 0 {
		return "nobody"
	}
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return u.Username
}

// nobody is the user that servers run as if the test runs as root; nil if it does not.
func nobody(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup(userName(t))
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: true}
}

// start runs a server in the foreground, in a process group of its own, until the test ends. All in dir belongs to it.
func start(t testing.TB, dir, program string, args ...string) *process {
	t.Helper()
	who := nobody(t)
	if who != nil {
		own := func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, int(who.Uid), int(who.Gid))
		}
		if err := filepath.WalkDir(dir, own); err != nil {
			t.Fatal(err)
		}
	}
	p := &process{cmd: exec.Command(program, args...), log: filepath.Join(dir, "output"), exited: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = out, out, dir
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: who}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(p.kill)
	return p
}

// kill ends the server and its children at once.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.exited
}

// pause stops the server and its children, or lets them go on.
func (p *process) pause(t testing.TB, on bool) {
	t.Helper()
	sig := syscall.SIGCONT
	if on {
		sig = syscall.SIGSTOP
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, sig); err != nil {
		t.Fatal(err)
	}
}

// said is the last of what the server wrote, for a message.
func (p *process) said() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(text[max(0, len(text)-2000):]))
}

// until waits until ready returns no error, and fails the test if the server ends or is never ready.
func (p *process) until(t testing.TB, ready func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-p.exited:
			t.Fatalf("the server has ended:\n%s", p.said())
		case <-ctx.Done():
			t.Fatalf("not ready: %v\n%s", err, p.said())
		}
	}
}

// freePort is a TCP port of the loopback interface that was free a moment ago.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
