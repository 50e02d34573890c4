// SPDX-License-Identifier: Apache-2.0

package postconf

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// afterQueue looks at the way to a filter behind the queue: content_filter, its transport, the transport's options.
func (k *checker) afterQueue() {
	what, filter := "content_filter", k.value("content_filter")
	want, err := destination(k.ours.Filter)
	if err != nil {
		k.err = fmt.Errorf("address of the filter: %w", err)
		return
	}
	if !isFilter(filter, k.ours.Filter) { // It may be a listener for some entries alone, such as submission.
		if keys := k.handingOver("content_filter", isFilter); len(keys) > 0 {
			what = keys[0] + "/content_filter"
			filter = k.option(keys[0], "content_filter")
		}
	}
	k.test(isFilter(filter, k.ours.Filter), Fail, what, orNone(filter), "mailweir:"+want, "mail does not go through mailweir")
	k.bypasses()
	transport, _, _ := strings.Cut(filter, ":")
	if transport == "" {
		return
	}
	key := transport + "/unix"
	line := k.entry(key)
	program := "lmtp"
	if k.ours.Mode == AfterQueueSMTP {
		program = "smtp"
	}
	k.test(command(line) == program, Fail, key, orNone(command(line)), "an entry of "+program+"(8)", "mail stays in the queue: mailweir does not understand what it is sent")
	if command(line) != program {
		return
	}
	k.transport(key, program)
	k.concurrency(transport, line)
	k.aliases()
}

// transport looks at the options of the way to mailweir. program is also the prefix of its parameters.
func (k *checker) transport(key, program string) {
	option := func(name string, good func(string) bool, level Level, want, why string) {
		v := k.option(key, program+name)
		k.test(good(v), level, key+"/"+program+name, orNone(v), want, why)
	}
	is := func(want string) func(string) bool { return func(v string) bool { return v == want } }
	option("_send_xforward_command", is("yes"), Fail, "yes", "no client address reaches mailweir or the log behind it")
	option("_line_length_limit", is("0"), Fail, "0", "lines over the limit are broken, and DKIM signatures with them")
	option("_fallback_relay", is(""), Fail, "nothing", "while mailweir is away mail goes elsewhere, not filtered")
	least := k.ours.MessageTimeout + k.ours.NextHopTimeout
	long := func(v string) bool { return duration(v) > least }
	option("_data_done_timeout", long, Fail, "more than "+seconds(least), "Postfix gives up while mailweir still works, and sends the message once more")
}

// concurrency compares how much Postfix hands over at a time with what mailweir takes.
func (k *checker) concurrency(transport, line string) {
	n := maxproc(line)
	if n == 0 {
		n = k.number("default_process_limit")
	}
	own := transport + "_destination_concurrency_limit"
	limit := k.number(own)
	if limit == 0 {
		limit = k.number("default_destination_concurrency_limit")
	}
	if limit > 0 {
		n = min(n, limit)
	}
	most := int64(min(k.ours.Messages, k.ours.Connections))
	k.test(n > 0 && n <= most, Warn, transport+" deliveries at a time", fmt.Sprint(n), fmt.Sprintf("at most %d", most),
		"mailweir puts off what is above its limits, and Postfix waits minutes before it tries again")
	recipients := transport + "_destination_recipient_limit"
	v := k.number(recipients)
	k.test(v == 0 || v >= 1000, Warn, recipients, fmt.Sprint(v), "1000", "a message with many recipients is sent, and filtered, in pieces")
}

// aliases looks for addresses that are rewritten twice.
func (k *checker) aliases() {
	v := k.value("receive_override_options")
	k.test(slices.Contains(words(v), "no_address_mappings"), Warn, "receive_override_options", orNone(v), "no_address_mappings",
		"virtual aliases and automatic copies are done before mailweir and once more behind it")
}

// beforeQueue looks at the public listeners.
func (k *checker) beforeQueue() {
	for _, key := range k.beforeQueueKeys() {
		filter := k.option(key, "smtpd_proxy_filter")
		k.test(isProxy(filter, k.ours.Filter), Fail, key+"/smtpd_proxy_filter", orNone(filter), k.ours.Filter,
			"mail does not go through mailweir")
		options := k.option(key, "smtpd_proxy_options")
		k.test(slices.Contains(words(options), "speed_adjust"), Warn, key+"/smtpd_proxy_options", orNone(options), "speed_adjust",
			"a slow client holds a connection to mailweir for as long as it likes")
		timeout := k.option(key, "smtpd_proxy_timeout")
		k.test(duration(timeout) > k.ours.MessageTimeout, Fail, key+"/smtpd_proxy_timeout", timeout, "more than "+seconds(k.ours.MessageTimeout),
			"Postfix gives up while mailweir still works")
		n := maxproc(k.entry(key))
		if n == 0 {
			n = k.number("default_process_limit")
		}
		most := int64(min(k.ours.Messages, k.ours.Connections))
		k.test(n > 0 && n <= most, Warn, key+" processes", fmt.Sprint(n), fmt.Sprintf("at most %d", most),
			"mailweir puts off what is above its limits")
	}
}

// reinjection looks at the listener that takes the mail back.
func (k *checker) reinjection() {
	key := k.ours.Reinject + "/inet"
	line := k.entry(key)
	if line == "" && isLoopback(k.ours.Reinject) { // The same port may be named in other ways.
		_, port, _ := net.SplitHostPort(k.ours.Reinject)
		for _, other := range []string{"localhost:" + port, "127.0.0.1:" + port, port} {
			if line = k.entry(other + "/inet"); line != "" {
				key = other + "/inet"
				break
			}
		}
	}
	k.test(command(line) == "smtpd", Fail, key, orNone(command(line)), "an entry of smtpd(8)", "mailweir cannot hand mail back, and puts all of it off")
	if command(line) != "smtpd" {
		return
	}
	name := strings.Fields(line)[0]
	host, _, err := net.SplitHostPort(name)
	k.test(err == nil && (host == "localhost" || isLoopback(net.JoinHostPort(host, "0"))), Fail, key+" listens on", name, "a loopback address", "whoever reaches this port relays mail past mailweir")
	k.reinjectionOptions(key)
}

func (k *checker) reinjectionOptions(key string) {
	empty := func(name, why string) {
		v := k.option(key, name)
		k.test(v == "", Fail, key+"/"+name, orNone(v), "nothing", why)
	}
	empty("content_filter", "mail goes round and round until mailweir refuses it")
	empty("smtpd_proxy_filter", "mail goes round and round until mailweir refuses it")
	v := k.option(key, "smtpd_authorized_xforward_hosts")
	k.test(containsLoopback(v), Fail, key+"/smtpd_authorized_xforward_hosts", orNone(v), "127.0.0.0/8", "Postfix refuses what mailweir tells of the client, and with it the mail")
	v = k.option(key, "mynetworks")
	k.test(containsLoopback(v), Fail, key+"/mynetworks", orNone(v), "127.0.0.0/8", "mailweir may not relay: Postfix refuses all mail for others")
	v = k.option(key, "receive_override_options")
	if slices.Contains(words(v), "no_address_mappings") {
		k.add(Fail, key+"/receive_override_options", v, "no no_address_mappings", "virtual aliases are never done")
	} else {
		k.test(slices.Contains(words(v), "no_milters") || k.option(key, "smtpd_milters") == "", Warn, key+"/receive_override_options", orNone(v), "no_milters",
			"milters see each message twice")
	}
	v = k.option(key, "smtpd_forbid_bare_newline")
	exempt := k.option(key, "smtpd_forbid_bare_newline_exclusions")
	k.test(v == "normalize" && exempt == "", Warn, key+"/smtpd_forbid_bare_newline", v+", exclusions "+orNone(exempt), "normalize, without exclusions",
		"if a bare LF ever gets that far it can end a message")
}

// maxproc is the process limit of an entry, 0 if it is the default or has no bound.
func maxproc(line string) int64 {
	f := strings.Fields(line)
	if len(f) < masterFields {
		return 0
	}
	return number(f[masterFields-2])
}

func isLoopback(hostPort string) bool {
	a, err := netip.ParseAddrPort(hostPort)
	return err == nil && a.Addr().IsLoopback()
}

// containsLoopback tells if a list of networks, as Postfix writes it, has 127.0.0.1.
func containsLoopback(list string) bool {
	for _, w := range words(list) {
		w = strings.NewReplacer("[", "", "]", "").Replace(w)
		if n, err := netip.ParsePrefix(w); err == nil && n.Contains(netip.AddrFrom4([4]byte{127, 0, 0, 1})) || w == "127.0.0.1" {
			return true
		}
	}
	return false
}

func orNone(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return s
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.0fs", d.Seconds()) }
