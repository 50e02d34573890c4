// SPDX-License-Identifier: Apache-2.0

package postconf

import (
	"net"
	"slices"
	"strings"
)

// isFilter tells if a content_filter of Postfix leads to an address of mailweir's.
func isFilter(filter, address string) bool {
	_, hop, _ := strings.Cut(filter, ":")
	want, err := destination(address)
	return err == nil && hop != "" && (hop == want || hop == address)
}

// isProxy tells if an smtpd_proxy_filter of Postfix leads to an address of mailweir's.
func isProxy(filter, address string) bool {
	return filter != "" && strings.TrimPrefix(filter, "inet:") == address
}

// toOther tells if a filter leads to another listener of mailweir's than the one that is looked at.
func (k *checker) toOther(filter string, same func(filter, address string) bool) bool {
	return slices.ContainsFunc(k.ours.Others, func(address string) bool { return same(filter, address) })
}

// inlet is an entry that mail comes in by.
type inlet struct {
	key   string // name/type.
	local bool   // Only the host itself can reach it.
}

// inlets are the entries that mail comes in by, but the way back, which is looked at by itself.
func (k *checker) inlets() []inlet {
	if k.err != nil {
		return nil
	}
	entries, err := k.conf.Entries(k.ctx)
	if k.err = err; err != nil {
		return nil
	}
	_, back, _ := net.SplitHostPort(k.ours.Reinject)
	var found []inlet
	for _, line := range entries {
		f := strings.Fields(line)
		program := command(line)
		if program != "smtpd" && program != "pickup" && program != "qmqpd" || f[0][strings.LastIndexByte(f[0], ':')+1:] == back {
			continue
		}
		host, _, err := net.SplitHostPort(f[0])
		local := program == "pickup" || err == nil && (host == "localhost" || isLoopback(net.JoinHostPort(host, "0")))
		found = append(found, inlet{f[0] + "/" + f[1], local})
	}
	return found
}

// handingOver are the entries whose own option, content_filter or smtpd_proxy_filter, leads to the listener that is looked at.
func (k *checker) handingOver(option string, same func(filter, address string) bool) []string {
	var keys []string
	for _, in := range k.inlets() {
		if v, ok := k.own(in.key, option); ok && same(v, k.ours.Filter) {
			keys = append(keys, in.key)
		}
	}
	return keys
}

// own is the value that an entry itself gives a parameter; ok is false if it gives none.
func (k *checker) own(entry, name string) (value string, ok bool) {
	if k.err != nil {
		return "", false
	}
	value, ok, k.err = k.conf.Option(k.ctx, entry+"/"+name)
	return value, ok
}

// bypasses looks for entries that mail comes in by with a content_filter of their own that leads past mailweir. An entry on a loopback address may be
// the way back from another filter.
func (k *checker) bypasses() {
	for _, in := range k.inlets() {
		v, ok := k.own(in.key, "content_filter")
		if !ok || isFilter(v, k.ours.Filter) || k.toOther(v, isFilter) {
			continue
		}
		if proxy, _ := k.own(in.key, "smtpd_proxy_filter"); k.toOther(proxy, isProxy) {
			continue
		}
		level := Fail
		if in.local {
			level = Warn
		}
		k.add(level, in.key+"/content_filter", orNone(v), "a listener of mailweir", "mail that comes in there does not go through mailweir")
	}
}

// beforeQueueKeys are the entries that have to hand over to the listener: those that were named, or the public one. If mail of that goes to another listener of
// mailweir's, it is those that name this one.
func (k *checker) beforeQueueKeys() []string {
	keys := k.ours.Services
	if keys != nil || k.err != nil {
		return keys
	}
	if keys, k.err = k.conf.publicKeys(k.ctx); k.err != nil {
		return nil
	}
	elsewhere := func(key string) bool {
		return k.toOther(k.option(key, "smtpd_proxy_filter"), isProxy) || k.toOther(k.option(key, "content_filter"), isFilter)
	}
	if !slices.ContainsFunc(keys, elsewhere) {
		return keys
	}
	keys = k.handingOver("smtpd_proxy_filter", isProxy)
	if len(keys) == 0 && k.err == nil {
		k.add(Fail, "master.cf", "no entry", "one with smtpd_proxy_filter="+k.ours.Filter, "no mail goes to this listener")
	}
	return keys
}
