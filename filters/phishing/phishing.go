// SPDX-License-Identifier: Apache-2.0

// Package phishing is the filter that finds what pretends: links that show another address than they lead to, host names made to look like others,
// senders in somebody else's name. It looks at links wherever a reader may follow them, in HTML, text, documents, calendars, nested messages
// and QR codes. It follows no link and looks nothing up.
package phishing

import (
	"context"
	"errors"
	"fmt"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/lookalike"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/reload"
	"github.com/mailweir/mailweir/unpack"
)

// Codes of findings.
const (
	codeMismatch    = "phishing.mismatch"
	codeNumeric     = "phishing.numeric"
	codeUserInfo    = "phishing.userinfo"
	codeObfuscated  = "phishing.obfuscated"
	codeHomograph   = "phishing.homograph"
	codeLookalike   = "phishing.lookalike"
	codeScheme      = "phishing.scheme"
	codeRecipient   = "phishing.recipient"
	codeBadSite     = "phishing.bad_site"
	codeDisplayName = "phishing.display_name"
	codeReplyTo     = "phishing.reply_to"
	codeSenderName  = "phishing.sender_name"
	codeSplitName   = "phishing.split_name"
	codeSubjectName = "phishing.subject_name"
	codeDisguised   = "phishing.disguised"
	codeReplyFree   = "phishing.reply_freemail"
	codeQR          = "phishing.qr"
	codeHosting     = "phishing.free_hosting"
	codeShortener   = "phishing.shortener"
	codeRedirector  = "phishing.redirector"
	codeTooMany     = "phishing.too_many"
)

// Kind is this kind of filter.
func Kind() filters.Kind {
	k := filters.Kind{
		Name:    "phishing",
		Options: func() any { return DefaultOptions() },
		New:     func(options any, d filters.Deps) (filters.Filter, error) { return New(options.(*Options), d) },
	}
	for _, c := range []string{
		codeMismatch, codeNumeric, codeUserInfo, codeObfuscated, codeHomograph, codeLookalike, codeScheme, codeRecipient, codeBadSite, codeDisplayName, codeReplyTo,
	} {
		k.Codes = append(k.Codes, filters.Code{Name: c, Class: filters.Phishing})
	}
	for _, c := range []string{codeSenderName, codeSplitName, codeSubjectName, codeDisguised, codeReplyFree, codeQR, codeHosting, codeShortener, codeRedirector} {
		k.Codes = append(k.Codes, filters.Code{Name: c, Class: filters.Spam})
	}
	k.Codes = append(k.Codes, filters.Code{Name: codeTooMany, Class: filters.Unscannable})
	return k
}

// filter is the phishing filter.
type filter struct {
	options  *Options
	unpacker *unpack.Unpacker
	names    *lookalike.Judge
	people   map[string]bool // By personKey.
	trackers *sites
	freemail *sites
	hosting  *sites
	safe     *reload.Files[sites]
	bad      *reload.Files[sites]
	metrics  *metrics
}

var _ filters.Filter = (*filter)(nil)

// New makes the filter. A list that is missing or broken is an error that names file and line.
func New(o *Options, d filters.Deps) (filters.Filter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	f := &filter{options: o, unpacker: d.Unpacker, people: map[string]bool{}}
	var errs [7]error
	f.names, errs[0] = lookalike.New(o.WellKnown, o.Protect)
	if errs[0] != nil {
		return nil, fmt.Errorf("protect: %w", errs[0])
	}
	for _, name := range o.ProtectPeople {
		f.people[personKey(name)] = true
	}
	log := filters.LogOrNone(d.Log)
	lists := reload.Options{Every: o.CheckEvery, MaxOctets: maxFile, Now: d.Now, Failed: func(err error) {
		log.WithField("err", err).Warn("list of sites not read, the old one stays in use")
	}}
	f.trackers = newSites()
	if o.ShippedSites {
		f.trackers, errs[1] = shippedSites("trackers")
	}
	f.freemail, errs[2] = freemail()
	f.hosting, errs[3] = shippedSites("hosting")
	f.safe, errs[4] = reload.Open(o.SafeSites, lists, readSites)
	f.bad, errs[5] = reload.Open(o.BadSites, lists, readSites)
	f.metrics, errs[6] = newMetrics(d.Registerer)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return f, nil
}

var errNoMessage = errors.New("there is no message")

// Inspect judges who the message says it is from, and every link in it.
func (f *filter) Inspect(ctx context.Context, env *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		return nil, errNoMessage
	}
	s := newSession(f, env, msg)
	err := s.run(ctx)
	f.metrics.links.Add(float64(s.links))
	f.metrics.codes.Add(float64(s.read))
	return s.findings(), err
}
