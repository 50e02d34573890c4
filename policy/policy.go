// SPDX-License-Identifier: Apache-2.0

// Package policy turns findings into one Disposition per recipient. It is pure: no network, no files, no clock; the same
// envelope and the same findings always give the same dispositions. It neither finds facts (package filters) nor acts on
// its decisions (package gateway). Package config builds the policies from the operator's file.
package policy

import (
	"net/netip"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/notices"
)

// Fate is what happens to the message itself for one recipient.
type Fate int

// The fates in rising order: of all that are asked for, the strongest wins.
const (
	Deliver    Fate = iota // Hand it to the next hop, with the edits of the disposition.
	Defer                  // Answer with a transient code; Postfix keeps it and comes again.
	Quarantine             // Keep it on the shelves of the disposition.
	Reject                 // Answer with a permanent code.
	Discard                // Say yes and drop it.
)

// String is the action word of the fate.
func (f Fate) String() string {
	switch f {
	case Deliver:
		return "deliver"
	case Defer:
		return "defer"
	case Quarantine:
		return "quarantine"
	case Reject:
		return "reject"
	case Discard:
		return "discard"
	}
	return "unknown"
}

// Action is one thing to do about a class of findings.
type Action struct {
	Name string // One of Actions.
	Arg  string // What the action is to be done with; "" if it takes or was given nothing.
}

// String is the action as the config writes it.
func (a Action) String() string {
	if a.Arg == "" {
		return a.Name
	}
	return a.Name + ": " + a.Arg
}

// Policy says who it is for and what is to be done for them. What it leaves out comes from the policy named default, and
// what that leaves out is built in.
type Policy struct {
	Name      string // Letters, digits, dot, hyphen, underscore; at most 64.
	When      When
	Spam      Thresholds
	Do        map[string][]Action // By key: a class, HighSpam, or the code of a finding, which goes before its class.
	FileRules string              // Name of the rule list that findings about files are taken from; "" for that of the default.
	Signed    Signed              // What disarm, replace and strip-html do in what is signed; "" for that of the default.
	Language  string              // Of texts for recipients, as notices.Languages has it; "" for that of the default.
	Where     map[string]string   // "file:line" of "" (the policy), "when", "spam", "do", "do.virus", ... as far as known.
}

// Signed is what is done where a part inside multipart/signed or multipart/encrypted is to be changed: a change would break the
// signature, so it is never done there.
type Signed string

// The ways.
const (
	SignedWrap    Signed = "wrap"    // The whole message becomes an attachment of a text that warns of it.
	SignedReplace Signed = "replace" // What is signed is replaced, with the signature.
)

// DefaultFileRules is the rule list of a policy that names none.
const DefaultFileRules = "default"

// DefaultName is the name of the policy that completes all others and matches all recipients.
const DefaultName = "default"

// HighSpam is the key for messages whose score reaches Thresholds.HighAt. They are not treated as spam besides.
const HighSpam = "high_spam"

// Keys are the keys of Policy.Do that every policy has: every class, and HighSpam behind spam.
func Keys() []string {
	var keys []string
	for _, c := range filters.Classes() {
		keys = append(keys, string(c))
		if c == filters.Spam {
			keys = append(keys, HighSpam)
		}
	}
	return keys
}

// When says which messages and recipients a policy is for. All conditions given have to hold; one holds if one of its
// values does. The zero When is for all. A list that is nil is no condition; one that is empty, as from an empty file,
// matches nothing.
type When struct {
	From      []Pattern      // Reverse-path.
	To        []Pattern      // Forward-path.
	Client    []netip.Prefix // Address of the remote client; an unknown address is in no prefix.
	Listener  []string       // Name of the listener that the message came in by.
	Direction Direction
}

// Direction is the way that a message goes. It is Outbound if the envelope says so, because it came in by a listener for that, if the
// client is in one of the trusted networks, or if XFORWARD says SOURCE=LOCAL: Postfix says so of mail from its own host, and of clients in local_header_rewrite_clients.
// Everything else, an unknown client too, is Inbound.
type Direction string

// The directions. The zero Direction in a When stands for both.
const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
)

// Thresholds are spam points. The score of a message is the sum of its findings' scores, in thousandths of a point.
// 0 means that the value comes from the default; +Inf is never reached.
type Thresholds struct {
	GreyAt float64 // From here on findings of class grey count; may be below 0.
	TagAt  float64 // From here on the message is spam.
	HighAt float64 // From here on it is high spam; not below TagAt.
}

// where finds the place of a key such as "do.virus.0", or else the place of the nearest thing around it.
func (p *Policy) where(key string) string {
	for key != "" {
		if w, ok := p.Where[key]; ok {
			return w
		}
		key = parentKey(key)
	}
	return p.Where[""]
}

// BuiltIn is the default policy of a config that says nothing. Not knowing is never clean: failures are deferred, and what
// could not be looked at is kept.
func BuiltIn() Policy {
	do := func(names ...string) []Action {
		var list []Action
		for _, n := range names {
			list = append(list, Action{Name: n})
		}
		return list
	}
	return Policy{
		Name:      DefaultName,
		FileRules: DefaultFileRules,
		Signed:    SignedWrap,
		Language:  notices.English,
		Spam:      Thresholds{GreyAt: 2, TagAt: 5, HighAt: 10},
		Do: map[string][]Action{
			string(filters.Virus):       do("quarantine"),
			string(filters.Spam):        do("tag", "deliver"),
			HighSpam:                    do("quarantine"),
			string(filters.Phishing):    do("disarm", "tag"),
			string(filters.File):        do("replace", "store"),
			string(filters.HTML):        do("disarm"),
			string(filters.Macro):       do("disarm", "store"),
			string(filters.Encrypted):   do("tag"),
			string(filters.Ambiguous):   do("tag"),
			string(filters.Unscannable): do("quarantine"),
			string(filters.Auth):        do("deliver"), // Counts by its points.
			string(filters.Listed):      do("deliver"), // Counts by its points.
			string(filters.Grey):        do("defer"),   // From GreyAt on.
			string(filters.Failure):     do("defer"),
			"auth.dmarc_temperror":      do("defer"), // Not knowing is not clean where the owner asks for more.
			"file.rename":               do("disarm"),
			"phishing.display_name":     do("tag"), // What the sender calls himself cannot be disarmed.
			"phishing.reply_to":         do("tag"),
		},
	}
}
