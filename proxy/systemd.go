// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// systemdListener takes the socket by that name (FileDescriptorName=) that systemd opened: sd_listen_fds(3). The environment is
// left as it is, so that a reload may ask again; the descriptor itself is not closed with the listener.
func systemdListener(name string) (net.Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, fmt.Errorf("systemd handed over no sockets to this process")
	}
	n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || n < 0 {
		return nil, fmt.Errorf("bad LISTEN_FDS: %w", err)
	}
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	const first = 3 // SD_LISTEN_FDS_START
	for i := range min(n, len(names)) {
		if names[i] != name {
			continue
		}
		// FileListener duplicates the descriptor; the file is left open on purpose.
		return net.FileListener(os.NewFile(uintptr(first+i), name))
	}
	return nil, fmt.Errorf("systemd handed over no socket named %q, but %q", name, names)
}
