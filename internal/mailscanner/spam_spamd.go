// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/filters/spamd"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// keySpamAssassin is the setting that switches SpamAssassin on.
const keySpamAssassin = "usespamassassin"

// spamdAddress is where spamd listens if nothing else was said.
const spamdAddress = "127.0.0.1:783"

// maxSpamdTime keeps the time for spamd below that of a filter, which is a minute.
const maxSpamdTime = 55 * time.Second

// maxSpamdRules is how many rules the filter spamd takes.
const maxSpamdRules = 50

// asksSpamd tells if SpamAssassin looks at the mail of the view.
func (v view) asksSpamd() bool {
	return v.checksSpam() && v.yes(keySpamAssassin)
}

// planSpamd makes the options of the filter spamd; nil if no mail is looked at.
func (im *importer) planSpamd(specs []*spec) (*spamd.Options, error) {
	if !slices.ContainsFunc(im.views, view.asksSpamd) {
		return nil, nil
	}
	im.warn(keySpamAssassin, "MailScanner called SpamAssassin within itself; mailweir asks its daemon, spamd, which has to run: until it does, "+
		"nothing is spam by its points (spamd.no_answer)")
	im.noteGiven("spamassassinprefsfile", "spamd does not read it: move its lines to the local.cf of SpamAssassin")
	o := spamd.DefaultOptions()
	o.Servers = []string{spamdAddress}
	o.HamPoints = 0
	for _, s := range specs {
		o.MaxPoints = max(o.MaxPoints, min(s.out.high, 1000))
	}
	o.Timeout = im.spamdTimeout()
	v := im.views[len(im.views)-1]
	if n := int(min(v.number("maxspamassassintimeouts"), 1000)); n > 0 {
		o.Failures = n
		im.noteGiven("maxspamassassintimeouts", "are those in a row; then spamd is left alone for seconds to minutes, and tried again. "+
			"MailScanner did without until it was started anew")
	} else {
		im.note("maxspamassassintimeouts", "spamd is left alone for a while after %d failures in a row", o.Failures)
	}
	im.spamdSize(o)
	im.ruleActions(o, specs[len(specs)-1])
	return o, o.Validate()
}

func (im *importer) spamdTimeout() time.Duration {
	n := im.views[len(im.views)-1].number("spamassassintimeout")
	t := time.Duration(min(n, 1000) * float64(time.Second)).Round(time.Second)
	if t < time.Second || t > maxSpamdTime {
		im.noteGiven("spamassassintimeout", "spamd is waited for %v at most, so that it ends before the filter has to (timeouts.filter)", maxSpamdTime)
		return maxSpamdTime
	}
	return t
}

// spamdSize says what spamd is given of large messages.
func (im *importer) spamdSize(o *spamd.Options) {
	v := im.views[len(im.views)-1]
	const most = 256 << 20 // As much as the filter takes.
	size := func(key string) mail.Size { return mail.Size(max(1<<10, min(v.number(key), most))) }
	checked, given := size("maxspamchecksize"), size("maxspamassassinsize")
	o.MaxSize = checked
	if given < checked {
		o.MaxSize, o.Large = given, "truncate"
		im.warn("maxspamchecksize", "spamd is given the first %v octets of each larger message, whatever its size: those over this limit MailScanner did not check", given)
	}
	if im.dns.used() || len(im.senders.block) > 0 {
		im.note("maxspamchecksize", "is for spamd alone: DNS lists and lists of senders count for messages of any size")
	}
}

var ruleAction = regexp.MustCompile(`^(\S+?)\s*=>\s*(.*)$`)

// ruleActions makes points of actions for single rules, where these keep the message from being delivered as those for high spam do.
func (im *importer) ruleActions(o *spamd.Options, def *spec) {
	const key = "spamassassinruleactions"
	did := map[string][]string{}
	last := ""
	for item := range strings.SplitSeq(im.views[len(im.views)-1].get(key), ",") {
		action := strings.TrimSpace(item)
		if m := ruleAction.FindStringSubmatch(action); m != nil {
			last, action = m[1], strings.TrimSpace(m[2])
		}
		if last != "" && action != "" {
			did[last] = append(did[last], strings.ToLower(action))
		}
	}
	high := def.out.do[policy.HighSpam]
	for _, name := range slices.Sorted(maps.Keys(did)) {
		rule := quote(name)
		switch {
		case strings.HasPrefix(strings.ToLower(name), "spamscore"):
			im.warn(key, "%s: left out: points lead to actions by tag_at and high_at alone", rule)
		case !gone(did[name]):
			im.warn(key, "%s: left out: a rule of SpamAssassin has no actions of its own; it can have points (rules, in the filter spamd)", rule)
		case high.fate() < policy.Quarantine || slices.Contains(did[name], "store") && high.fate() != policy.Quarantine:
			im.warn(key, "%s: left out: high spam is treated otherwise than it; a rule of SpamAssassin has no actions of its own", rule)
		case len(o.Rules) >= maxSpamdRules:
			im.warn(key, "%s: left out: no more than %d rules can have points", rule, maxSpamdRules)
		default:
			im.ruleScore(o, name, min(def.out.high, 1000))
		}
	}
}

// gone tells if the actions keep a message from being delivered.
func gone(list []string) bool {
	for _, a := range list {
		switch a {
		case "delete", "not-deliver", "no-deliver", "not deliver", "no deliver":
			return true
		}
	}
	return false
}

// ruleScore gives a rule as many points as make high spam of a message.
func (im *importer) ruleScore(o *spamd.Options, name string, score float64) {
	const key = "spamassassinruleactions"
	try := *o
	try.Rules = map[string]float64{name: score}
	if err := try.Validate(); err != nil || printable(name) != name {
		im.warn(key, "%s: left out: that is not the name of a rule", quote(name))
		return
	}
	if o.Rules == nil {
		o.Rules = map[string]float64{}
	}
	o.Rules[name] = score
	im.warn(key, "%s: has the points of high spam, so that High Scoring Spam Actions hold; for mail with a higher threshold it may not be enough", name)
}
