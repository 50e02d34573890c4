// SPDX-License-Identifier: Apache-2.0

package postfixtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// services are the entries of master.cf that every Postfix has; none in a chroot jail.
const services = `pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

// parameters are those of main.cf that make an instance private, quick to try again, and unwilling to change what it relays.
func (i *Instance) parameters(daemons string, o Options) (map[string]string, error) {
	host, port, err := net.SplitHostPort(o.NextHop)
	if err != nil {
		return nil, fmt.Errorf("next hop: %w", err)
	}
	p := map[string]string{
		"compatibility_level":          "3.6",
		"queue_directory":              filepath.Join(i.dir, "spool"),
		"data_directory":               filepath.Join(i.dir, "data"),
		"daemon_directory":             daemons,
		"maillog_file":                 i.LogFile(),
		"maillog_file_prefixes":        i.dir,
		"mail_owner":                   "postfix",
		"multi_instance_enable":        "no",
		"notify_classes":               "", // Or a postmaster gets mail about each fault of a session.
		"multi_instance_directories":   "",
		"myhostname":                   "mx.example.test",
		"mydestination":                "",
		"inet_protocols":               "ipv4",
		"inet_interfaces":              "127.0.0.1", // Listeners name their address; this is for what goes out.
		"mynetworks":                   "127.0.0.0/8",
		"alias_maps":                   "",
		"alias_database":               "",
		"local_recipient_maps":         "",
		"local_header_rewrite_clients": "", // Or Postfix completes header sections.
		"relayhost":                    "[" + host + "]:" + port,
		"smtp_dns_support_level":       "disabled",
		"smtp_host_lookup":             "native",
		"smtp_line_length_limit":       "0", // Or Postfix breaks lines.
		"smtpd_relay_restrictions":     "permit_mynetworks, reject",
		"smtpd_recipient_restrictions": "",
		"smtputf8_enable":              "yes",
		"message_size_limit":           "157286400",
		"mailbox_size_limit":           "0",
		"in_flow_delay":                "0",
		"queue_run_delay":              "1s",
		"minimal_backoff_time":         "1s",
		"maximal_backoff_time":         "2s",
		"transport_retry_time":         "1s",
	}
	maps.Copy(p, o.Main)
	return p, nil
}

// configure writes main.cf and master.cf.
func (i *Instance) configure(ctx context.Context, o Options) error {
	daemons, err := run(ctx, "postconf", "-dh", "daemon_directory")
	if err != nil {
		return err
	}
	daemons = strings.TrimSpace(daemons)
	i.master = filepath.Join(daemons, "master")
	parameters, err := i.parameters(daemons, o)
	if err != nil {
		return err
	}
	var main strings.Builder
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		fmt.Fprintf(&main, "%s = %s\n", name, parameters[name])
	}
	master, err := i.masterCF(o)
	if err != nil {
		return err
	}
	return errors.Join(i.write("main.cf", main.String()), i.write("master.cf", master))
}

// write writes a configuration file and makes it look older than it is: Postfix waits until what it reads was last changed two seconds ago.
func (i *Instance) write(name, content string) error {
	path := filepath.Join(i.ConfigDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		return err
	}
	past := time.Now().Add(-time.Minute)
	return os.Chtimes(path, past, past)
}

func (i *Instance) masterCF(o Options) (string, error) {
	free, err := FreeAddrs(len(o.Listeners), o.used()...)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for n, l := range o.Listeners {
		if l.Address == "" {
			l.Address = free[n]
		}
		if err := canListen(l.Address); err != nil {
			return "", err
		}
		i.listeners[l.Name] = l.Address
		fmt.Fprintf(&b, "%s inet n - n - - smtpd\n", l.Address)
		for _, option := range l.Options {
			fmt.Fprintf(&b, "  -o %s\n", option)
		}
	}
	b.WriteString(services)
	for _, entry := range o.Master {
		b.WriteString(strings.TrimRight(entry, "\n") + "\n")
	}
	return b.String(), nil
}

// used is what may name addresses that others are to listen on.
func (o Options) used() []string {
	list := slices.Concat(o.Master, slices.Collect(maps.Values(o.Main)), []string{o.NextHop})
	for _, l := range o.Listeners {
		list = append(list, l.Address)
	}
	return list
}

// canListen finds out what master(8) could tell nobody, as its log does not run yet.
func canListen(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return l.Close()
}

func chownPostfix(path string) error {
	u, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return fmt.Errorf("uid of postfix: %w", err)
	}
	return os.Chown(path, uid, -1)
}
