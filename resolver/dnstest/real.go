// SPDX-License-Identifier: Apache-2.0

package dnstest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// patience is how long a real server may take to start.
const patience = 20 * time.Second

// RBLDNSD starts Debian's rbldnsd with zones, each "name:type" with the lines of its file. The test is skipped if it is not installed.
func RBLDNSD(t testing.TB, zones map[string]string) *Server {
	t.Helper()
	program := find(t, "rbldnsd")
	dir := t.TempDir()
	// It gives up its rights, and reads its files after that.
	for d := dir; len(d) > len(os.TempDir()); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := Dead(t)
	args := []string{"-n", "-q", "-w", dir, "-b", fmt.Sprintf("%s/%d", s.Addr.Addr(), s.Addr.Port())}
	probe := ""
	for spec, text := range zones {
		name, kind, _ := strings.Cut(spec, ":")
		file := name + "." + kind
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, spec+":"+file)
		probe = name
	}
	start(t, s, probe, program, args...)
	return s
}

// Unbound starts Debian's unbound, which gets the stub zones from the servers, has the records as local data, and knows nothing else. The
// test is skipped if it is not installed.
func Unbound(t testing.TB, stubs map[string]*Server, records ...string) *Server {
	t.Helper()
	program := find(t, "unbound")
	s := Dead(t)
	dir := t.TempDir()
	var conf strings.Builder
	fmt.Fprintf(&conf, "server:\n interface: %s\n port: %d\n do-daemonize: no\n username: \"\"\n chroot: \"\"\n directory: %q\n pidfile: %q\n",
		s.Addr.Addr(), s.Addr.Port(), dir, filepath.Join(dir, "pid"))
	conf.WriteString(" use-syslog: no\n logfile: \"\"\n do-not-query-localhost: no\n module-config: iterator\n num-threads: 1\n local-zone: \".\" static\n")
	for zone := range stubs {
		fmt.Fprintf(&conf, " local-zone: %q transparent\n", zone+".")
	}
	for _, r := range records {
		fmt.Fprintf(&conf, " local-data: '%s'\n", r)
	}
	conf.WriteString("remote-control:\n control-enable: no\n")
	for zone, at := range stubs {
		fmt.Fprintf(&conf, "stub-zone:\n name: %q\n stub-addr: %s@%d\n", zone, at.Addr.Addr(), at.Addr.Port())
	}
	file := filepath.Join(dir, "unbound.conf")
	if err := os.WriteFile(file, []byte(conf.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, s, "test", program, "-d", "-c", file)
	return s
}

func find(t testing.TB, name string) string {
	t.Helper()
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin") {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// start runs a server until the test ends, and waits until it answers a question about a name.
func start(t testing.TB, s *Server, probe, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	client := dns.Client{Timeout: 200 * time.Millisecond}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case <-ended:
			t.Fatalf("%s %s ends: %s", program, strings.Join(args, " "), out.String())
		default:
		}
		m := new(dns.Msg).SetQuestion(dns.Fqdn(probe), dns.TypeSOA)
		if _, _, err := client.Exchange(m, s.Addr.String()); err == nil {
			return
		}
	}
	t.Fatalf("%s does not answer", program)
}
