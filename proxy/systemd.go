// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// firstSystemdSocket is the descriptor of the first socket: SD_LISTEN_FDS_START of sd_listen_fds(3).
const firstSystemdSocket = 3

// systemdListener takes the socket by that name (FileDescriptorName=) that systemd opened: sd_listen_fds(3). The environment and
// the descriptor are left as they are, so that a later config may ask again.
func systemdListener(name string) (net.Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, fmt.Errorf("systemd handed over no sockets to this process")
	}
	n, err := strconv.ParseUint(os.Getenv("LISTEN_FDS"), 10, 16)
	if err != nil {
		return nil, fmt.Errorf("bad LISTEN_FDS: %w", err)
	}
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	names = names[:min(int(n), len(names))]
	i := slices.Index(names, name)
	if i < 0 {
		return nil, fmt.Errorf("systemd handed over no socket named %q, but %q", name, names)
	}
	fd := firstSystemdSocket + i
	unix.CloseOnExec(fd) // Not for the scanners that we run.
	// An os.File of the descriptor itself would close it when it is collected.
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket %s of systemd: %w", name, err)
	}
	f := os.NewFile(uintptr(own), name)
	defer f.Close()
	return net.FileListener(f)
}
