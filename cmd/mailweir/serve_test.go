// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// states is the other end of sd_notify.
type states struct {
	t    *testing.T
	conn net.PacketConn
}

func listenStates(t *testing.T) *states {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return &states{t, conn}
}

// wait reads states until one begins with prefix.
func (s *states) wait(prefix string) string {
	s.t.Helper()
	buf := make([]byte, 4096)
	for {
		n, _, err := s.conn.ReadFrom(buf)
		if err != nil {
			s.t.Fatalf("waiting for %s: %v", prefix, err)
		}
		if got := string(buf[:n]); strings.HasPrefix(got, prefix) {
			return got
		}
	}
}

// daemon is a server that runs in the test.
type daemon struct {
	t      *testing.T
	dir    string
	file   string
	states *states
	stop   context.CancelFunc
	ended  chan error
}

// startDaemon serves with a config whose text may name the folder by %[1]s and the next hop by %[2]s.
func startDaemon(t *testing.T, text string) *daemon {
	t.Helper()
	next, err := sink.Start(sink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })
	d := &daemon{t: t, dir: t.TempDir(), states: listenStates(t), ended: make(chan error, 1)}
	d.file = filepath.Join(d.dir, "mailweir.yaml")
	d.write(fmt.Sprintf(text, d.dir, next.Addr()))
	cfg, err := config.Load(d.file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d.stop = cancel
	go func() { d.ended <- serve(ctx, cfg) }()
	d.states.wait("READY=1")
	t.Cleanup(func() {
		cancel()
		if err := <-d.ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return d
}

func (d *daemon) write(text string) {
	d.t.Helper()
	if err := os.WriteFile(d.file, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

const daemonConfig = `
hostname: first.example.org
work_dir: %[1]q
quarantine: {dir: %[1]q}
metrics: {address: "unix:%[1]s/metrics"}
listen: [{name: in, protocol: smtp, address: "unix:%[1]s/in", next_hop: "%[2]s"}]
scanners: {list: {hashes: {}}}
chain: [[virus: {scanners: [list]}]]
`

// banner is the host name that the server greets with.
func (d *daemon) banner() string {
	d.t.Helper()
	c, greeting, err := smtptest.Dial("unix:" + filepath.Join(d.dir, "in"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer c.Close()
	host, _, _ := strings.Cut(greeting.Lines[0], " ")
	return host
}

func (d *daemon) replace(old, with string) {
	d.t.Helper()
	b, err := os.ReadFile(d.file)
	if err != nil {
		d.t.Fatal(err)
	}
	d.write(strings.Replace(string(b), old, with, 1))
}

func TestReload(t *testing.T) {
	d := startDaemon(t, daemonConfig)
	if _, _, err := mailweir(t, "--config", d.file, "health"); err != nil {
		t.Errorf("health: %v", err)
	}
	d.replace("first.example.org", "second.example.org")
	if _, _, err := mailweir(t, "--config", d.file, "reload"); err != nil {
		t.Fatal(err)
	}
	if got := d.states.wait("RELOADING=1"); !strings.Contains(got, "\nMONOTONIC_USEC=") {
		t.Errorf("got the state %q", got)
	}
	d.states.wait("READY=1")
	if got := d.banner(); got != "second.example.org" {
		t.Errorf("after reload: got %s", got)
	}
	d.replace("second.example.org", "third.example.org")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	d.states.wait("RELOADING=1")
	d.states.wait("READY=1")
	if got := d.banner(); got != "third.example.org" {
		t.Errorf("after SIGHUP: got %s", got)
	}
}

func TestReloadKeepsTheConfigInForce(t *testing.T) {
	d := startDaemon(t, daemonConfig)
	d.replace("hostname: first.example.org", "hostnam: second.example.org")
	if _, stderr, err := mailweir(t, "--config", d.file, "reload"); err == nil || !strings.Contains(stderr, `did you mean "hostname"`) {
		t.Errorf("got %v, %q", err, stderr)
	}
	// The command sees the fault itself; a signal does not ask it.
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	d.states.wait("RELOADING=1")
	d.states.wait("READY=1")
	if got := d.banner(); got != "first.example.org" {
		t.Errorf("got %s", got)
	}
	d.replace("hostnam: second.example.org", "hostname: second.example.org")
	d.replace(`"unix:`+d.dir+`/in"`, `"unix:/nonexistent/in"`)
	_, _, err := mailweir(t, "--config", d.file, "reload")
	if err == nil || !strings.Contains(err.Error(), "the config in force stays") {
		t.Errorf("got %v", err)
	}
	if got := d.banner(); got != "first.example.org" {
		t.Errorf("got %s", got)
	}
}

func TestTwoServersInOneFolder(t *testing.T) {
	d := startDaemon(t, daemonConfig)
	cfg, err := config.Load(d.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := serve(t.Context(), cfg); err == nil {
		t.Error("a second server has started on the sockets of the first")
	}
	if got := d.banner(); got != "first.example.org" {
		t.Errorf("the first server: got %s", got)
	}
}

func TestWatchdog(t *testing.T) {
	t.Setenv("WATCHDOG_USEC", "20000")
	d := startDaemon(t, daemonConfig)
	d.states.wait("WATCHDOG=1")
}

func TestNoServer(t *testing.T) {
	d := startDaemon(t, daemonConfig)
	d.stop()
	d.states.wait("STOPPING=1")
	err := <-d.ended
	d.ended <- err
	for command, want := range map[string]string{"reload": "no server runs with this work_dir", "health": ""} {
		if _, _, err := mailweir(t, "--config", d.file, command); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", command, err, want)
		}
	}
}

func TestNoAnswer(t *testing.T) {
	err := noAnswer(&net.OpError{Op: "dial", Net: "unix", Err: syscall.EACCES})
	if got := err.Error(); !strings.HasPrefix(got, "run this as root") {
		t.Errorf("got %s", got)
	}
	resp, err := ask(t.Context(), config.Address{Network: "unix", Addr: "/nonexistent/control"}, http.MethodPost, "/reload")
	if err == nil {
		resp.Body.Close()
	}
	if err == nil || strings.Contains(err.Error(), "http:") {
		t.Errorf("got %v, with a URL that is made up", err)
	}
}

func TestManualPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man")
	if _, _, err := mailweir(t, "man", dir); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "mailweir-quarantine-release.8"))
	if err != nil || !strings.Contains(string(page), ".SH SYNOPSIS") {
		t.Errorf("got %q, %v", page, err)
	}
}

func TestProbe(t *testing.T) {
	d := startDaemon(t, daemonConfig)
	stdout, _, err := mailweir(t, "--config", d.file, "scanners", "probe")
	if err != nil || !strings.HasPrefix(stdout, "list  ") {
		t.Errorf("got %q, %v", stdout, err)
	}
}

// TestMetricsSocketSparesFiles: only a socket that nobody answers on is taken away.
func TestMetricsSocketSparesFiles(t *testing.T) {
	dir := write(t, map[string]string{"notes": "x"})
	cfg := config.Default()
	cfg.Metrics.Address = config.Address{Network: "unix", Addr: filepath.Join(dir, "notes")}
	if _, err := startMonitor(cfg, prometheus.NewRegistry(), logrus.New()); err == nil {
		t.Error("no error")
	}
	if got, err := os.ReadFile(cfg.Metrics.Address.Addr); err != nil || string(got) != "x" {
		t.Errorf("the file is now %q, %v", got, err)
	}
}

// TestHealthExitStatus: a container engine knows 0 and 1 only.
func TestHealthExitStatus(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mailweir.yaml")
	text := fmt.Sprintf(strings.Replace(daemonConfig, "%[2]s", "127.0.0.1:25", 1), dir)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, err := mailweir(t, "health", "--config", file); !errors.Is(err, errFault) || stderr == "" {
		t.Errorf("got %v, %q", err, stderr)
	}
}
