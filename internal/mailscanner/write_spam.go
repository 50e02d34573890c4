// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters/lists"
	"github.com/mailweir/mailweir/filters/spamd"
)

// writeSpamFilters writes the filters about spam and who sent it. spamd is nil if it is not asked.
func (im *importer) writeSpamFilters(w *writer, o *spamd.Options) {
	w.comment(1, "Filters about spam that MailScanner had nothing like: auth (SPF, DKIM, DMARC), known (whom your users write to), bayes (mailweir learn),")
	w.comment(1, "rules, greylist, rspamd. Their points add up with those of spamd, so try them on yesterday's mail first: mailweir check")
	w.comment(1, "Mail from networks.trusted and from the host itself is our own: no filter about spam looks at it. MailScanner looked at all mail.")
	im.writeTrusted(w)
	head := "- - "
	if im.dns.used() {
		w.comment(1, "DNS lists have to be asked through a name server of your own: dns: {servers: [127.0.0.1]}. See docs/howto/dns-lists.md")
	}
	if len(im.senders.allow)+len(im.senders.block) > 0 {
		w.line(1, "%slists:", head)
		im.writeSenders(w)
		head = "  - "
	}
	if len(im.dns.clients) > 0 {
		w.line(1, "%sdnsbl:%s", head, im.origin(keyLists))
		im.writeZones(w, im.dns.clients, "")
		head = "  - "
	}
	if len(im.dns.domains) > 0 {
		w.line(1, "%suribl:%s", head, im.origin(keyDomainLists))
		w.comment(5, "The domain of the reverse-path; those of HELO and of the client's name are asked about, too, which MailScanner did not.")
		im.writeZones(w, im.dns.domains, "ask: [hosts], of: [envelope], ")
	}
	if o != nil {
		im.writeSpamd(w, o)
	}
}

// maxTrusted is how many networks are shown.
const maxTrusted = 20

// writeTrusted tells which networks may be the site's own.
func (im *importer) writeTrusted(w *writer) {
	var own []string
	for _, n := range im.senders.trusted {
		if (n.Addr().IsPrivate() || n.Addr().IsLoopback()) && len(own) < maxTrusted && !isLoopback(n) {
			own = append(own, n.String())
		}
	}
	if len(own) > 0 {
		w.comment(1, "Is Definitely Not Spam has these private networks. If they are your own: networks: {trusted: %s}", flow(append([]string{"127.0.0.0/8"}, own...)))
	}
}

func isLoopback(n netip.Prefix) bool { return n.Addr().IsLoopback() }

func (im *importer) writeSenders(w *writer) {
	if len(im.senders.allow) > 0 {
		w.line(5, "allow_score: -100 # Whatever else is found about spam; viruses and files are judged all the same.")
		w.line(5, "allow:")
		w.comment(6, "Each counts if SPF or DKIM vouches for the name. unverified: true would have whoever writes the name welcome, as MailScanner did.")
		writeEntries(w, im.senders.allow)
	}
	if len(im.senders.block) > 0 {
		w.line(5, "block_score: 0 # What becomes of it is said by the policies: lists.blocked.")
		w.line(5, "block:")
		writeEntries(w, im.senders.block)
	}
}

func writeEntries(w *writer, list []sender) {
	for _, s := range list {
		w.comment(6, "%s", quote(s.from))
		mark := "- "
		for _, l := range entryLists(s.Entry) {
			if text := flow(l.list); len(text) <= maxFlow {
				w.line(6, "%s%s: %s", mark, l.key, text)
			} else {
				w.line(6, "%s%s:", mark, l.key)
				for _, p := range l.list {
					w.line(8, "- %s", scalar(p))
				}
			}
			mark = "  "
		}
	}
}

// keyList is a key with its list.
type keyList struct {
	key  string
	list []string
}

// entryLists are the lists of an entry that are not empty.
func entryLists(e lists.Entry) []keyList {
	all := []keyList{{"senders", e.Senders}, {"hosts", e.Hosts}, {"to", e.To}}
	return slices.DeleteFunc(all, func(l keyList) bool { return len(l.list) == 0 })
}

// writeZones writes the lists. One that settles it needs no points; where several have to agree each has a trace of one, so that it counts.
func (im *importer) writeZones(w *writer, zones []zone, options string) {
	w.line(5, "timeout: %v%s", im.listTimeout(), im.origin("spamlisttimeout"))
	score, points := "conclusive: true", "0"
	if im.dns.least > 1 {
		w.line(5, "threshold: %d%s", im.dns.least, im.origin("spamliststobespam"))
		score, points = "score: 0.001", "0.001"
	}
	w.line(5, "zones:")
	for _, z := range zones {
		w.comment(6, "%s", z)
		entry := options + score
		if len(z.codes) > 0 {
			var codes []string
			for _, c := range z.codes {
				codes = append(codes, scalar(c)+": "+points)
			}
			text := "codes: {" + strings.Join(codes, ", ") + "}"
			if entry = options + text; im.dns.least == 1 {
				entry = options + score + ", " + text
			}
		}
		w.line(6, "%s: {%s}", scalar(z.zone), entry)
	}
}

// writeSpamd writes the filter spamd.
func (im *importer) writeSpamd(w *writer, o *spamd.Options) {
	w.line(1, "- - spamd:%s", im.origin(keySpamAssassin))
	w.comment(5, "Debian's package spamd listens here. It has to run, with as many children as it is given messages at once (in_flight).")
	w.line(5, "servers: %s", flow(o.Servers))
	w.line(5, "timeout: %v%s", o.Timeout, im.origin("spamassassintimeout"))
	w.line(5, "failures: %d%s", o.Failures, im.origin("maxspamassassintimeouts"))
	key := "maxspamchecksize"
	if o.Large == "truncate" {
		key = "maxspamassassinsize"
	}
	w.line(5, "max_size: %s%s", o.MaxSize, im.origin(key))
	w.line(5, "large: %s", o.Large)
	w.line(5, "max_points: %s", points(o.MaxPoints))
	w.line(5, "ham_points: 0 # What SpamAssassin takes off does not make good what others find, as before.")
	if len(o.Rules) > 0 {
		w.line(5, "rules:%s", im.origin("spamassassinruleactions"))
		for _, name := range slices.Sorted(maps.Keys(o.Rules)) {
			w.line(6, "%s: %s", scalar(name), points(o.Rules[name]))
		}
	}
}
