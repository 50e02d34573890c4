// SPDX-License-Identifier: Apache-2.0

package postfixtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	stopGrace = 10 * time.Second // For master(8) to end after SIGTERM.
	killGrace = 5 * time.Second  // For its processes to vanish after SIGKILL.
)

// Stop ends the instance and removes its folder. Only the process that the instance's own master.pid names is signalled, and
// only if its command line names our folder; then what is left of its process group.
func (i *Instance) Stop() error {
	err := i.stop()
	return errors.Join(err, os.RemoveAll(i.dir))
}

func (i *Instance) stop() error {
	pid, err := i.pid()
	if err != nil || pid == 0 {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop postfix, pid %d: %w", pid, err)
	}
	// master(8) leads a process group that is all its own, and tells it to end; deliveries may take longer than we like.
	if !waitGone(pid, stopGrace) {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
	if !waitGone(pid, killGrace) {
		return fmt.Errorf("stop postfix: processes of group %d do not end", pid)
	}
	return nil
}

// pid is the process of our master(8), 0 if it does not run.
func (i *Instance) pid() (int, error) {
	b, err := os.ReadFile(filepath.Join(i.dir, "spool", "pid", "master.pid"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid <= 1 {
		return 0, fmt.Errorf("master.pid says %q", b)
	}
	// The pid may have been given to another process since.
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !bytes.Contains(cmdline, []byte(i.ConfigDir()+"\x00")) {
		return 0, nil //nolint:nilerr // No such process, or another one: ours does not run.
	}
	return pid, nil
}

// waitGone waits until no process of that group runs.
func waitGone(group int, limit time.Duration) bool {
	end := time.Now().Add(limit)
	for groupRuns(group) {
		if time.Now().After(end) {
			return false
		}
		time.Sleep(5 * time.Millisecond)
	}
	return true
}

// groupRuns looks in /proc rather than asking kill(2), to which a zombie that nobody waits for (process 1 of a container may not) is alive.
func groupRuns(group int) bool {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return false
	}
	for _, file := range stats {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // Ended in between.
		}
		// proc(5): pid (name) state ppid pgrp; the name may hold anything, parentheses too.
		f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		if len(f) > 2 && f[2] == strconv.Itoa(group) && f[0] != "Z" && f[0] != "X" {
			return true
		}
	}
	return false
}
