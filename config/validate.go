// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"
	"time"
)

// What Postfix waits for the reply to the end of data, less a second for the reply's way.
const (
	maxBeforeQueue = 99 * time.Second  // smtpd_proxy_timeout is 100s.
	maxAfterQueue  = 599 * time.Second // smtp_data_done_timeout and lmtp_data_done_timeout are 600s.
)

// validate holds values against one another and against the host. What the decoder has found wrong it leaves alone.
func (d *decoder) validate(c *Config) {
	if !isHost(c.Hostname) || c.Hostname == "" {
		d.missing("hostname", fmt.Sprintf("want a host name, have %q", c.Hostname))
	}
	d.validateListeners(c)
	if c.Metrics.Address.Network == "systemd" {
		d.faultAt("metrics.address", "want host:port or unix:/path, have %q", c.Metrics.Address)
	}
	d.validateFolders(c)
	d.validateTimeouts(c)
	d.validateSizes(c)
	d.validateDNS(c)
	d.validateChain(c)
	d.validateSigning(c)
	d.buildPolicies(c)
	d.validatePolicies(c)
}

func (d *decoder) validateListeners(c *Config) {
	if _, given := d.lines["listen"]; given && len(c.Listen) == 0 {
		d.missing("listen", "want at least one listener")
	}
	for i := range c.Listen {
		l, path := &c.Listen[i], fmt.Sprintf("listen[%d]", i)
		l.Pos = d.pos(path)
		d.validateListener(l, path)
		for j, other := range c.Listen[:i] {
			if l.Address.clashes(other.Address) {
				d.faultAt(path+".address", "%s clashes with %s of listen[%d]", l.Address, other.Address, j)
			}
			if l.Name == other.Name && l.Address != other.Address {
				d.faultAt(path+".name", "%q is the name of listen[%d] too", l.Name, j)
			}
		}
		for j, other := range c.Listen {
			if l.NextHop.clashes(other.Address) {
				d.faultAt(path+".next_hop", "%s is our own listen[%d], mail would go in circles", l.NextHop, j)
			}
		}
		if c.Metrics.Address.clashes(l.Address) && c.Metrics.Address.Network != "systemd" {
			d.faultAt("metrics.address", "%s clashes with %s of listen[%d]", c.Metrics.Address, l.Address, i)
		}
	}
}

func (d *decoder) validateListener(l *Listener, path string) {
	if len(l.Name) > maxUnixPath+len("unix:") || strings.ContainsFunc(l.Name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		d.missing(path+".name", "want printable ASCII characters without a blank, at most 112")
	}
	if _, given := d.lines[path+".address"]; given && l.Address.IsZero() {
		d.missing(path+".address", "want host:port, unix:/path or systemd:NAME")
	}
	if _, given := d.lines[path+".next_hop"]; given && !l.NextHop.canDial() {
		d.missing(path+".next_hop", "want host:port or unix:/path to connect to")
	}
	if len(l.AllowClients) == 0 && l.Address.Network == "tcp" {
		d.faultAt(path+".allow_clients", "empty, nobody could connect")
	}
	if l.Mode == BeforeQueue && l.Protocol == LMTP {
		d.faultAt(path+".protocol", "Postfix speaks smtp before the queue, not lmtp")
	}
	for _, p := range l.AllowClients {
		if p.Bits() == 0 {
			d.faultAt(path+".allow_clients", "%v lets everybody relay mail and forge client addresses", p)
		}
	}
}

// missing reports a value that cannot be used, unless the decoder has reported it already.
func (d *decoder) missing(path, text string) {
	if !d.isFaulty(path) {
		d.faultAt(path, "%s", text)
	}
}

func (d *decoder) validateFolders(c *Config) {
	d.folder("work_dir", c.WorkDir)
	if c.Spool.Dir != c.WorkDir {
		d.folder("spool.dir", c.Spool.Dir)
	}
}

func (d *decoder) folder(path, dir string) {
	if err := checkPath(dir, true); err != nil {
		d.missing(path, fmt.Sprintf("%v, have %q", err, dir))
	}
}

func (d *decoder) validateTimeouts(c *Config) {
	t := c.Timeouts
	for i, l := range c.Listen {
		limit, name := maxAfterQueue, "lmtp_data_done_timeout"
		switch {
		case l.Mode == BeforeQueue:
			limit, name = maxBeforeQueue, "smtpd_proxy_timeout"
		case l.Protocol == SMTP:
			name = "smtp_data_done_timeout"
		}
		if t.Message > limit {
			d.faultAt("timeouts.message", "%s is too long for the %s listen[%d]: Postfix gives up after %s (%s)",
				formatDuration(t.Message), l.Mode, i, formatDuration(limit+time.Second), name)
			break
		}
	}
	if t.Filter > t.Message {
		d.faultAt("timeouts.filter", "%s is longer than the %s of timeouts.message", formatDuration(t.Filter), formatDuration(t.Message))
	}
	for i, stage := range c.Chain {
		for j, f := range stage {
			if f.Timeout > t.Message && f.Timeout != t.Filter {
				d.faultAt(fmt.Sprintf("chain[%d][%d].%s.timeout", i, j, f.Name), "%s is longer than the %s of timeouts.message",
					formatDuration(f.Timeout), formatDuration(t.Message))
			}
		}
	}
}

func (d *decoder) validateSizes(c *Config) {
	if c.Spool.Memory > c.Spool.MemoryTotal {
		d.faultAt("spool.memory", "%v is more than the %v of spool.memory_total", c.Spool.Memory, c.Spool.MemoryTotal)
	}
	if c.MessageSize > c.Limits.InFlight {
		d.faultAt("message_size", "%v is more than the %v of limits.octets", c.MessageSize, c.Limits.InFlight)
	}
	if c.Limits.ConnectionsPerClient > c.Limits.Connections {
		d.faultAt("limits.connections_per_client", "%d is more than the %d of limits.connections", c.Limits.ConnectionsPerClient, c.Limits.Connections)
	}
}
