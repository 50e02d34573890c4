// SPDX-License-Identifier: Apache-2.0

// Package filters holds the contract of all filters and the chain that runs them. A filter finds facts about one
// message; it never rejects, tags or rewrites. What becomes of the facts is decided by package policy.
// Each filter lives in a folder of its own below this one and is listed in package filters/all.
package filters

import (
	"context"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/resolver"
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/unpack"
)

// Class is the kind of trouble a finding is about. Policy maps classes to actions.
type Class string

// The classes.
const (
	Virus       Class = "virus"       // A scanner or a list knows it as malware.
	Spam        Class = "spam"        // Points towards spam; the policy's thresholds decide.
	Phishing    Class = "phishing"    // Pretends to be what it is not.
	File        Class = "file"        // An attachment that the rules forbid.
	HTML        Class = "html"        // Active or otherwise dangerous HTML.
	Macro       Class = "macro"       // A document that carries a program.
	Encrypted   Class = "encrypted"   // Content that cannot be looked at without a password.
	Ambiguous   Class = "ambiguous"   // Mail clients may read it in two ways.
	Unscannable Class = "unscannable" // Content that a limit, its format or damage kept us from looking at.
	Auth        Class = "auth"        // SPF, DKIM, DMARC or ARC results.
	Listed      Class = "listed"      // The client or a domain is on a list.
	Grey        Class = "grey"        // First attempt of a stranger; policy makes him come again. Counts only from the policy's threshold on.
	Failure     Class = "failure"     // A filter gave no answer. Not knowing is never clean.
)

// Classes lists every class, in the order of the documents.
func Classes() []Class {
	return []Class{Virus, Spam, Phishing, File, HTML, Macro, Encrypted, Ambiguous, Unscannable, Auth, Listed, Grey, Failure}
}

// Finding is one fact about a message, the same for all its recipients unless For says otherwise.
type Finding struct {
	Filter string      // Name of the filter that found it; the chain fills it in.
	Code   string      // Stable and documented: "virus.infected", "dnsbl.listed".
	Class  Class       // What the policy goes by.
	Score  float64     // Spam points; 0 if it is not about spam.
	Part   mail.PartID // The entity it is about; "" if about the whole message.
	Signed mail.PartID // The signed or encrypted entity around Part, in which nothing may be changed; "" if there is none. The chain fills it in.
	File   string      // Name of the file it is about, cleaned, for recipients; "" if it has none.
	Detail string      // For log, record and web page; never for a client. One line.
	Notice string      // What recipients are told of it, from the config; "" for a text by code.
	List   string      // Name of the rule list that it comes from, which policies choose; "" if it holds for all.
	For    []int       // Recipients that it holds for, as rising indices in the envelope's RcptTo; empty if it holds for all, and is told to all. See ForSome.
	Remedy mail.Edit   // What would make it harmless; nil if nothing would.
}

// Filter looks at messages. Inspect may be called by many goroutines at once, and shall end soon after ctx is done.
// It does not keep env or msg after it has returned. A non-nil error means "no answer": the chain makes it a finding of
// class Failure, beside the findings that came with it. A filter may be a Follower and an io.Closer besides.
type Filter interface {
	Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]Finding, error)
}

// Deps is what filters are given to work with.
type Deps struct {
	Log        logrus.FieldLogger
	Registerer prometheus.Registerer // For the filter's own metrics, mailweir_<filter>_...
	Unpacker   *unpack.Unpacker      // Goes down to the leaves of a message, once for all filters.
	Scanners   map[string]scanners.Scanner
	Resolver   *resolver.Resolver // Looks up names, with one cache for all filters; nil if there is no name server to ask.
	Trusted    []netip.Prefix     // Networks of our own.
	Look       bool               // For a command that only looks: nothing is made, written or learned.
	Now        func() time.Time
}

// Code is the name of one kind of fact that a filter finds.
type Code struct {
	Name  string // "filter.what"
	Class Class
}

// Kind is one kind of filter, as the config names it.
type Kind struct {
	Name    string
	Codes   []Code     // Of all its findings, so that the config can name them.
	Spam    bool       // It is about spam and who sent it: the chain leaves it out for outbound mail.
	Options func() any // A pointer to options with their defaults; it may have a Validate() error method.
	New     func(options any, d Deps) (Filter, error)
}
