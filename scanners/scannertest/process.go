// SPDX-License-Identifier: Apache-2.0

package scannertest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// process is a server of a real product, started for one test.
type process struct {
	cmd    *exec.Cmd
	log    string
	exited chan struct{}
}

// find is the path of a program. The test is skipped if it is not installed.
func find(t testing.TB, program, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil { // Not every PATH has the folder for servers.
		path, err = exec.LookPath(filepath.Join("/usr/sbin", program))
	}
	if err != nil {
		t.Skipf("%s is not installed: apt-get install %s", program, pkg)
	}
	return path
}

// workDir is an empty folder with a short name, as the path of a socket must be short.
func workDir(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// start runs a server in the foreground, in a process group of its own, until the test ends.
func start(t testing.TB, dir, program string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(program, args...), log: filepath.Join(dir, "output"), exited: make(chan struct{})}
	out, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(p.stop)
	return p
}

// stop asks the server to end, and after a while ends it and its children.
func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(5 * time.Second):
	}
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.exited
}

// answers waits until the server accepts connections at address. It tells if it does.
func (p *process) answers(t testing.TB, network, address string) bool {
	t.Helper()
	ready := time.NewTicker(20 * time.Millisecond)
	defer ready.Stop()
	timeout := time.After(patience)
	for {
		if c, err := net.Dial(network, address); err == nil {
			c.Close()
			return true
		}
		select {
		case <-ready.C:
		case <-p.exited:
			return false
		case <-timeout:
			return false
		}
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

// freePort is a TCP port of the loopback interface that was free a moment ago.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
