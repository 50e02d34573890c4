// SPDX-License-Identifier: Apache-2.0

// Package postgrestest starts a PostgreSQL server for tests: Debian's, on a socket in a folder of its own, without a network.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// maxStart is the longest that a program of the server takes.
const maxStart = time.Minute

// Server is one that runs.
type Server struct {
	bin, dir  string
	as        *syscall.SysProcAttr // As whom its programs run; it does not run as root.
	databases atomic.Int32
}

// Start starts a server, which stops when the test ends. Without PostgreSQL's programs the test is skipped.
func Start(t *testing.T) *Server {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		t.Skip("PostgreSQL is not installed (package postgresql)")
	}
	slices.Sort(found)
	dir, err := os.MkdirTemp("", "pg") //nolint:usetesting // names of sockets are short, and its user has to get there
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Server{bin: filepath.Dir(found[len(found)-1]), dir: dir}
	if err := s.leaveRoot(); err != nil {
		t.Skipf("PostgreSQL does not run as root, and there is nobody else: %v", err)
	}
	s.must(t, "initdb", "-D", s.data(), "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	s.Up(t)
	t.Cleanup(func() { s.Down(t) })
	return s
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// leaveRoot gives the folder to the user that Debian's package has made.
func (s *Server) leaveRoot() error {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	s.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return os.Chown(s.dir, int(uid), int(gid))
}

// Up starts the server again after Down.
func (s *Server) Up(t *testing.T) {
	t.Helper()
	s.must(t, "pg_ctl", "-D", s.data(), "-w", "-s", "-l", filepath.Join(s.dir, "log"), "-o", "-c listen_addresses='' -c fsync=off -k "+s.dir, "start")
}

// Down stops the server at once, as if it had died. It may be down already.
func (s *Server) Down(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(s.data(), "postmaster.pid")); err == nil {
		s.must(t, "pg_ctl", "-D", s.data(), "-w", "-s", "-m", "immediate", "stop")
	}
}

// Database makes an empty database and gives its URL.
func (s *Server) Database(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	s.must(t, "createdb", "-h", s.dir, "-U", "tester", name)
	return "postgres://tester@/" + name + "?host=" + url.QueryEscape(s.dir)
}

// must runs a program of PostgreSQL's.
func (s *Server) must(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), maxStart)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = s.dir, s.as
	out, err := os.Create(filepath.Join(s.dir, name+".out")) // A pipe would be held open by the server.
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	err = errors.Join(cmd.Run(), out.Close())
	if err != nil {
		b, _ := os.ReadFile(out.Name())
		t.Fatalf("%s: %v\n%s", name, err, b)
	}
}
