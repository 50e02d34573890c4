// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	maxOutput = 1 << 20         // Octets of a program's output that are kept.
	waitDelay = 2 * time.Second // For output after the program's end, by processes that left its group.
	maxCPU    = 600             // Seconds of CPU time, in case that mailweir is killed while a program runs.
)

// output is what a program said and how it ended.
type output struct {
	code int
	text []byte // Standard output and standard error, as they came.
	cut  bool   // There was more than maxOutput.
}

// Write keeps what fits and takes the rest too, so that the program can go on to its verdict.
func (o *output) Write(p []byte) (int, error) {
	keep := min(len(p), maxOutput-len(o.text))
	o.text = append(o.text, p[:keep]...)
	o.cut = o.cut || keep < len(p)
	return len(p), nil
}

// run runs a program in folder dir until it ends or ctx does. It is an error if it did not end by itself with an exit code.
// When run returns, nothing of its process group is left.
func run(ctx context.Context, dir, program string, args []string) (output, error) {
	var out output
	var ended atomic.Bool
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = environment(dir)
	cmd.Stdout, cmd.Stderr = &out, &out // The same: one pipe, in the order of writing. Standard input is /dev/null.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if ended.Load() {
			return os.ErrProcessDone
		}
		return killGroup(cmd.Process.Pid)
	}
	cmd.WaitDelay = waitDelay
	if err := cmd.Start(); err != nil {
		return output{}, err
	}
	limit(cmd.Process.Pid)
	awaitEnd(cmd.Process.Pid)
	ended.Store(true)
	_ = killGroup(cmd.Process.Pid) // What it left behind.
	err := cmd.Wait()
	if cause := context.Cause(ctx); cause != nil && err != nil {
		return output{}, cause
	}
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return output{}, err
	}
	if !cmd.ProcessState.Exited() {
		return output{}, fmt.Errorf("program ended by %v", cmd.ProcessState)
	}
	out.code = cmd.ProcessState.ExitCode()
	return out, nil
}

// awaitEnd waits for the end of a process and leaves it to be waited for again: as long as it is not, the number of its group is
// not given to another one.
func awaitEnd(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, syscall.EINTR) {
			return
		}
	}
}

// environment is all that a program finds in its environment: messages are in English, temporary files in our folder.
func environment(dir string) []string {
	return []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "LANG=C", "HOME=" + dir, "TMPDIR=" + dir}
}

func killGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGKILL) }

// limit forbids dumps of memory, which would hold mail, and bounds the CPU time. A program that has ended already has no limits to set.
func limit(pid int) {
	_ = unix.Prlimit(pid, unix.RLIMIT_CORE, &unix.Rlimit{}, nil)
	_ = unix.Prlimit(pid, unix.RLIMIT_CPU, &unix.Rlimit{Cur: maxCPU, Max: maxCPU}, nil)
}
