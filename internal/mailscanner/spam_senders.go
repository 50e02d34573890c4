// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters/lists"
	"github.com/mailweir/mailweir/policy"
)

// Settings that say who is welcome and who is not.
const (
	keyWelcome = "isdefinitelynotspam"
	keyBlocked = "isdefinitelyspam"
)

// byName is the value of Is Definitely Not Spam for mail that a rule is about by nothing but the name of a sender, which anybody can write.
const byName = "sender"

// maxSenders is how many entries the filter lists may have of each kind. The filter takes no more.
const maxSenders = 10_000

// sender is an entry of the filter lists, and the line that it comes from.
type sender struct {
	lists.Entry
	from string
}

// maxCompared is how often a rule is compared with an exception.
const maxCompared = 10_000

// senders are the entries of the filter lists.
type senders struct {
	allow, block []sender
	trusted      []netip.Prefix // Clients that were welcome whatever they sent.
}

// readSenders makes entries of the two rulesets. What a policy can say by itself stays a rule: welcome clients and recipients, and exceptions.
func (im *importer) readSenders() {
	im.readWelcome()
	im.readBlocked()
}

// planSenders tells what the entries mean, or drops them if no mail is checked for spam.
func (im *importer) planSenders() {
	if !slices.ContainsFunc(im.views, view.checksSpam) {
		im.senders = senders{}
		return
	}
	if len(im.senders.allow) > 0 {
		im.warn(keyWelcome, "anybody can write a sender's name, so it now counts only if SPF or DKIM vouches for it: then 100 points are taken off. Without proof only the DNS "+
			"lists and the block list do not count; the rest of the message does. unverified: true in an entry of the filter lists makes it count as it did")
		im.note(keyWelcome, "senders are looked for in From, too; MailScanner went by the reverse-path alone")
	}
	if len(im.senders.block) > 0 {
		im.note(keyBlocked, "senders are looked for in From, too; MailScanner went by the reverse-path alone. spamd is asked all the same, unless the message is refused or "+
			"dropped: its points may make high spam of it")
	}
}

// mailWatch says where the lists of senders go that MailWatch keeps in its database and serves by functions.
func (s *setting) mailWatch() string {
	switch s.key {
	case keyWelcome:
		return ". Senders in MailWatch's table whitelist go into the filter lists, under allow"
	case keyBlocked:
		return ". Senders in MailWatch's table blacklist go into the filter lists, under block"
	}
	return ""
}

// readWelcome takes those rules apart that go by the sender's name: they need proof. Between two exceptions the others come first, so that few policies will
// do for all.
func (im *importer) readWelcome() {
	rs := im.rulesets[keyWelcome]
	if rs == nil {
		return
	}
	var rules, sure, named []rule
	var exceptions []cond
	compared := 0
	for _, r := range rs.rules {
		if !strings.EqualFold(r.value, "yes") {
			rules, exceptions = append(slices.Concat(rules, sure, named), r), append(exceptions, r.conds...)
			sure, named = nil, nil
			continue
		}
		for _, c := range r.conds {
			part := r
			part.conds = []cond{c}
			if c.from == nil || c.client != nil {
				sure = append(sure, part)
				im.trust(c)
				continue
			}
			part.value = byName
			named = append(named, part)
			im.senders.allow = im.entry(im.senders.allow, part, c)
			if compared += len(exceptions); compared > maxCompared || slices.ContainsFunc(exceptions, c.meets) {
				im.notes.warning(r.place, r.text, "a rule before it may make an exception; the filter lists has none, so who is in both and proves his name is welcome")
			}
		}
	}
	rs.rules = slices.Concat(rules, sure, named)
}

// trust notes clients that were welcome, whatever else.
func (im *importer) trust(c cond) {
	if c.from == nil && c.to == nil {
		im.senders.trusted = append(im.senders.trusted, c.client...)
	}
}

// readBlocked makes entries of all rules that say yes. Of the rules those stay that are exceptions, or may hide one.
func (im *importer) readBlocked() {
	rs := im.rulesets[keyBlocked]
	if rs == nil {
		if e := im.conf.entries[keyBlocked]; e != nil && strings.EqualFold(e.value, "yes") {
			im.senders.block = []sender{{lists.Entry{Senders: []string{"*"}}, e.place.String() + ": " + e.String()}}
		}
		return
	}
	needed := 0 // Rules up to the last exception. What is behind it says what the filter does by itself.
	for i, r := range rs.rules {
		if !strings.EqualFold(r.value, "yes") {
			needed = i + 1
			continue
		}
		for _, c := range r.conds {
			im.senders.block = im.entry(im.senders.block, r, c)
		}
	}
	if rs.def != nil && strings.EqualFold(rs.def.value, "yes") {
		im.senders.block = im.entry(im.senders.block, *rs.def, cond{})
	}
	rs.rules = rs.rules[:needed]
}

// entry adds an entry for one condition of a rule, without patterns that the filter does not take.
func (im *importer) entry(list []sender, r rule, c cond) []sender {
	from := texts(c.from)
	if r.named() && slices.Contains(from, "<>") {
		im.notes.warning(r.place, r.text, "nothing can vouch for the null reverse-path: notifications are judged as other mail is, but for the DNS lists")
		from = slices.DeleteFunc(from, func(p string) bool { return p == "<>" })
	}
	e := lists.Entry{Senders: im.fit(r, from), To: im.fit(r, texts(c.to))}
	for _, n := range c.client {
		e.Hosts = append(e.Hosts, n.String())
	}
	switch {
	case c.from != nil && len(e.Senders) == 0, c.to != nil && len(e.To) == 0:
		return list
	case len(list) >= maxSenders:
		im.notes.warning(r.place, r.text, "left out: the filter lists takes %d entries", maxSenders)
		return list
	case len(e.Senders)+len(e.Hosts) == 0:
		e.Senders = []string{"*"}
	}
	return append(list, sender{e, r.place.String() + ": " + r.text})
}

// named tells if the rule welcomes a sender by nothing but a name.
func (r *rule) named() bool { return r.value == byName }

// fit are the patterns that the filter takes.
func (im *importer) fit(r rule, patterns []string) []string {
	return slices.DeleteFunc(patterns, func(p string) bool {
		o := lists.DefaultOptions()
		o.Block = []lists.Entry{{Senders: []string{p}, To: []string{p}}}
		if p == "<>" {
			o.Block[0].To = nil
		}
		err := o.Validate()
		if err != nil {
			im.notes.warning(r.place, r.text, "%s is left out: the filter lists does not take it", printable(p))
		}
		return err != nil
	})
}

// blockedSenders says what becomes of mail from those who are on the block list.
func (v view) blockedSenders(do map[string]actions, spam, high actions) {
	if len(v.im.senders.block) == 0 {
		return
	}
	list := listed(spam, string(policySpam))
	if v.yes("definitespamishighscoring") {
		list = listed(high, policy.HighSpam)
	}
	if exception := v.values[keyBlocked]; len(exception) > 0 && strings.EqualFold(exception[0], "no") || !v.asksLists() {
		list = deliver()
	}
	do["lists.blocked"] = list
}

// asksLists tells if DNS lists and the block list count: not for those who are welcome, with proof or without.
func (v view) asksLists() bool { return v.checksSpam() && v.word(keyWelcome) == "no" }

// checksSpam tells if the mail of the view is checked for spam at all.
func (v view) checksSpam() bool { return v.yes("spamchecks") && v.word("scanmessages") == "yes" }

// hostRule makes an entry of a rule about a client's name, which a policy cannot name, but the filter lists can. It is false for all other rules.
func (im *importer) hostRule(rs *ruleset, l line, tests [][2]string, value string) bool {
	name, ok := strings.CutPrefix(strings.ToLower(tests[0][1]), "host:")
	list := &im.senders.allow
	if rs.setting.key == keyBlocked {
		list = &im.senders.block
	} else if rs.setting.key != keyWelcome {
		return false
	}
	if !ok || len(tests) > 1 || !strings.EqualFold(value, "yes") || !strings.Contains(strings.ToLower(tests[0][0]), "from") || len(*list) >= maxSenders {
		return false
	}
	if below, ok := strings.CutPrefix(name, "*."); ok && !strings.Contains(below, "*") {
		name = "." + below
	}
	e := lists.Entry{Hosts: []string{name}}
	o := lists.DefaultOptions()
	if o.Block = []lists.Entry{e}; name == "" || strings.HasPrefix(name, "file:") || strings.ContainsAny(name, "/_") || o.Validate() != nil {
		return false
	}
	if *list = append(*list, sender{e, l.place.String() + ": " + l.text}); rs.setting.key == keyWelcome {
		im.notes.warning(l.place, l.text, "carried over, but DNS lists count for it all the same: policies do not go by the names of clients")
	}
	return true
}
