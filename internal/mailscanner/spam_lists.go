// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/dnsbl"
	"github.com/mailweir/mailweir/filters/uribl"
	"github.com/mailweir/mailweir/policy"
)

// Settings that name DNS lists.
const (
	keyLists       = "spamlist"
	keyDomainLists = "spamdomainlist"
)

// zone is a DNS list.
type zone struct {
	place
	text  string // The line of the definitions.
	name  string // As MailScanner has it.
	zone  string
	codes []string // That are a listing; none for all.
}

// dnsLists are the lists that are asked.
type dnsLists struct {
	clients []zone // About the client's address.
	domains []zone // About the domain of the reverse-path.
	least   int    // So many make spam of a message.
	high    bool   // They make high spam of it.
}

// used tells if any list is asked.
func (d *dnsLists) used() bool { return len(d.clients)+len(d.domains) > 0 }

// planLists finds out which lists are asked, and how many it takes.
func (im *importer) planLists() {
	defs, err := im.definitions()
	if err != nil && slices.ContainsFunc(im.views, func(v view) bool { return v.checksSpam() && v.get(keyLists)+v.get(keyDomainLists) != "" }) {
		im.warn("spamlistdefinitions", "%v; the zones of lists are not known", err)
	}
	d := dnsLists{clients: im.zones(keyLists, defs, nil), domains: im.zones(keyDomainLists, defs, ownCodes())}
	v := im.views[len(im.views)-1]
	all := len(d.clients) + len(d.domains)
	d.least = int(max(1, min(v.number("spamliststobespam"), 1000)))
	atHigh := int(max(1, min(v.number("spamliststoreachhighscore"), 1000)))
	switch {
	case all == 0:
		return
	case d.least > all:
		im.warn("spamliststobespam", "there are only %d lists, so that no message is spam by them: they are left out", all)
		return
	case d.least > 1 && len(d.domains) > 0:
		im.warn(keyDomainLists, "lists of domains and of clients cannot be counted together: those of domains are left out")
		if d.domains = nil; d.least > len(d.clients) {
			im.warn("spamliststobespam", "no message can be on so many lists of clients: they are left out, too")
			return
		}
	}
	d.high = atHigh <= d.least
	spam, high := v.spamActions("spamactions", string(policySpam)), v.spamActions("highscoringspamactions", policy.HighSpam)
	if !d.high && atHigh <= all && !slices.Equal(spam, high) {
		im.warn("spamliststoreachhighscore", "left out: what so many lists have was treated by High Scoring Spam Actions; here it is treated by Spam Actions, however many lists "+
			"have it, unless its points make high spam of it")
	}
	if !v.yes("checkspamassassinifonspamlist") {
		im.warn("checkspamassassinifonspamlist", "spamd is asked all the same, unless the message is refused or dropped: its points may make high spam of a message on a list")
	}
	im.dns = d
}

// ownCodes are the codes that MailScanner takes for a listing of a domain.
func ownCodes() []string { return []string{"127.0.0.2-127.0.0.9", "127.1.0.1-127.1.0.9"} }

// definitions are the lists that are defined, by their names in lower case.
func (im *importer) definitions() (map[string]zone, error) {
	defs := map[string]zone{}
	name := im.conf.table["spamlistdefinitions"].def
	if e := im.conf.entries["spamlistdefinitions"]; e != nil {
		name = e.value
	} else if name, _ = im.src.expand(name); im.src.vars["etc-dir"] == "" {
		name = etcDir + "/spam.lists.conf"
	}
	lines, err := im.src.lines(name)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		l.text, _, _ = strings.Cut(l.text, "#")
		f := strings.Fields(l.text)
		if len(f) < 2 {
			continue
		}
		z := zone{place: l.place, text: quote(l.text), name: f[0]}
		domain, code, only := strings.Cut(f[1], "=")
		if z.zone = strings.ToLower(strings.Trim(domain, ".")); only {
			z.codes = []string{code}
		}
		defs[strings.ToLower(f[0])] = z
	}
	return defs, nil
}

// zones are the lists that a setting names for any mail, each once.
func (im *importer) zones(key string, defs map[string]zone, codes []string) []zone {
	var list []zone
	for _, v := range slices.Backward(im.views) {
		if !v.checksSpam() {
			continue
		}
		for _, name := range listNames(v.get(key)) {
			z, ok := defs[strings.ToLower(name)]
			if !ok {
				im.warn(key, "%s is left out: it is not among the definitions of lists", quote(name))
				continue
			}
			if z.codes == nil {
				z.codes = codes
			}
			i := slices.IndexFunc(list, func(o zone) bool { return o.zone == z.zone })
			switch {
			case !im.fits(key, z):
			case i >= 0:
				list[i].merge(z)
			default:
				list = append(list, z)
			}
		}
	}
	if len(list) > maxZones {
		im.warn(key, "has more than %d lists; the others are left out", maxZones)
		list = list[:maxZones]
	}
	for _, v := range im.views {
		names := listNames(strings.ToLower(v.get(key)))
		missing := func(z zone) bool {
			return !slices.ContainsFunc(names, func(n string) bool { return defs[n].zone == z.zone })
		}
		if len(names) > 0 && v.checksSpam() && slices.ContainsFunc(list, missing) {
			im.warn(key, "not all mail has the same lists; here all lists are asked about mail that had any")
		}
	}
	return list
}

// maxZones is how many lists the filters take.
const maxZones = 50

// maxCodes is how many codes of one list are told apart.
const maxCodes = 200

// merge adds the codes of another definition of the same list.
func (z *zone) merge(o zone) {
	if z.codes == nil || o.codes == nil {
		z.codes = nil
		return
	}
	for _, c := range o.codes {
		if !slices.Contains(z.codes, c) && len(z.codes) < maxCodes {
			z.codes = append(slices.Clip(z.codes), c)
		}
	}
}

// listNames takes the value of a setting with lists apart.
func listNames(value string) []string { return strings.Fields(strings.ReplaceAll(value, ",", "")) }

// fits tells if the filter takes the list.
func (im *importer) fits(key string, z zone) bool {
	codes := map[string]float64{}
	for _, c := range z.codes {
		codes[c] = 1
	}
	var err error
	if key == keyLists {
		o := dnsbl.DefaultOptions()
		o.Zones = map[string]dnsbl.Zone{z.zone: {Conclusive: true, Codes: codes}}
		err = o.Validate()
	} else {
		o := uribl.DefaultOptions()
		o.Zones = map[string]uribl.Zone{z.zone: {Ask: []string{"hosts"}, Of: []string{"envelope"}, Conclusive: true, Codes: codes}}
		err = o.Validate()
	}
	if err != nil {
		im.notes.warning(z.place, z.text, "left out: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return err == nil
}

// maxListTimeout keeps the time for all lists below that of a filter.
const maxListTimeout = 15 * time.Second

// listTimeout is how long a list is waited for.
func (im *importer) listTimeout() time.Duration {
	n := im.views[len(im.views)-1].number("spamlisttimeout")
	t := time.Duration(min(n, 1000) * float64(time.Second)).Round(100 * time.Millisecond)
	if t < 100*time.Millisecond || t > maxListTimeout {
		im.note("spamlisttimeout", "a list is waited for %v at most; all are asked at once", maxListTimeout)
		return maxListTimeout
	}
	return t
}

// policySpam is the class of spam.
const policySpam = filters.Spam

// dnsActions says what becomes of mail from those that DNS lists have.
func (v view) dnsActions(do map[string]actions, spam, high actions) {
	d := &v.im.dns
	list := listed(spam, string(policySpam))
	if d.high {
		list = listed(high, policy.HighSpam)
	}
	clients, domains := list, list
	if !v.asksLists() || len(listNames(v.get(keyLists))) == 0 {
		clients = deliver()
	}
	if !v.asksLists() || len(listNames(v.get(keyDomainLists))) == 0 {
		domains = deliver()
	}
	if len(d.clients) > 0 && d.least > 1 {
		do["dnsbl.threshold"] = clients
	} else if len(d.clients) > 0 {
		do["dnsbl.conclusive"] = clients
	}
	if len(d.domains) > 0 {
		do["uribl.conclusive"] = domains
	}
}

// listed are the actions for spam in words that do the same for a finding of the class listed: shelves and tags are named, which for the classes of
// spam goes by itself.
func listed(list actions, class string) actions {
	var out actions
	for _, a := range list {
		switch {
		case (a.Name == "store" || a.Name == "quarantine") && a.Arg == "":
			a.Arg = class
		case a.Name == "tag" && a.Arg == "":
			a.Arg = "[SPAM]"
		}
		kept := policy.Action{Name: "quarantine", Arg: a.Arg}
		if a.Name == "store" && slices.Contains(out, kept) {
			continue
		}
		if a.Name == "quarantine" {
			out = slices.DeleteFunc(out, func(b policy.Action) bool { return b == policy.Action{Name: "store", Arg: a.Arg} })
		}
		out = out.add(a)
	}
	return out
}

// String is the list for a comment.
func (z zone) String() string { return fmt.Sprintf("%s: %s", z.place, z.text) }
