// SPDX-License-Identifier: Apache-2.0

// Package rig puts mailweir behind a private Postfix, for tests and for the demo: a sink as the last hop, a Postfix with the fragments that
// operators are given, and the built mailweir as a process of its own, without privilege. All of it is on the loopback network and in temporary folders.
package rig

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/sink"
)

// Names of Postfix's listeners, for Postfix.Addr.
const (
	In     = "in"     // Mail that comes in here goes through mailweir.
	Beside = "beside" // Mail that comes in here does not.
)

// Options describe a rig.
type Options struct {
	Mode     postconf.Mode
	Binary   string            // mailweir, built.
	Extra    string            // What mailweir's config has beside listener and folders, as YAML; "" is DefaultExtra.
	Listener string            // More keys of the listener, as YAML in flow style: "bare_newline: pass".
	Main     map[string]string // Parameters of main.cf in addition.
	Master   []string          // Entries of master.cf in addition.
	Sink     sink.Options
	Lifetime time.Duration // After which Postfix ends by itself; 0 is half an hour, below 0 never.
	In       []string      // Options (name=value) of Postfix's listener In, in addition to the fragment's or in place of them.
	Reinject []string      // The same for its re-injection listener.

	NextHopIsSink bool // mailweir hands on to the sink, not to Postfix.
	Loop          bool // Postfix's re-injection listener hands over to mailweir once more. Behind the queue only.
}

// Rig is a running rig.
type Rig struct {
	Sink    *sink.Server
	Postfix *postfixtest.Instance
	Weir    *Weir
}

// Start starts all three, mailweir last. Stop is to be called for it.
func Start(ctx context.Context, o Options) (*Rig, error) {
	r := &Rig{}
	if err := r.start(ctx, o); err != nil {
		return nil, errors.Join(err, r.Stop())
	}
	return r, nil
}

func (r *Rig) start(ctx context.Context, o Options) error {
	var err error
	if r.Sink, err = sink.Start(o.Sink); err != nil {
		return err
	}
	addrs, err := postfixtest.FreeAddrs(5, o.Master...)
	if err != nil {
		return err
	}
	filter, reinject, metrics := addrs[0], addrs[1], addrs[2]
	if r.Postfix, err = startPostfix(ctx, o, r.Sink.Addr(), addrs[3:], filter, reinject); err != nil {
		return err
	}
	if o.NextHopIsSink {
		reinject = r.Sink.Addr()
	}
	r.Weir, err = NewWeir(o.Binary, Place{Mode: o.Mode, Filter: filter, NextHop: reinject, Metrics: metrics, Listener: o.Listener})
	if err != nil {
		return err
	}
	if err := r.Weir.Configure(o.Extra); err != nil {
		return err
	}
	return r.Weir.Start(ctx)
}

// startPostfix starts a Postfix with the fragments of the mode. public are the addresses of its listeners In and Beside.
func startPostfix(ctx context.Context, o Options, nextHop string, public []string, filter, reinject string) (*postfixtest.Instance, error) {
	f, err := postconf.Load(o.Mode, filter, reinject)
	if err != nil {
		return nil, err
	}
	p := postfixtest.Options{
		NextHop:  nextHop,
		Lifetime: o.Lifetime,
		Master:   o.Master,
		// Clients of tests are on the loopback network, which the fragments make no exception for by themselves.
		Main: map[string]string{"smtpd_forbid_bare_newline_exclusions": ""},
		Listeners: []postfixtest.Listener{
			{Name: In, Address: public[0]},
			{Name: Beside, Address: public[1], Options: []string{"content_filter=", "receive_override_options="}},
		},
	}
	for _, s := range f.Main {
		p.Main[s.Name] = s.Value
	}
	maps.Copy(p.Main, o.Main)
	for _, s := range f.Public {
		p.Listeners[0].Options = append(p.Listeners[0].Options, s.Name+"="+s.Value)
	}
	p.Listeners[0].Options = append(p.Listeners[0].Options, o.In...)
	if o.Loop {
		o.Reinject = append(slices.Clone(o.Reinject), "content_filter="+p.Main["content_filter"])
	}
	for _, s := range f.Services {
		entry := s.String()
		if s.Name == reinject && len(o.Reinject) > 0 {
			entry += " -o " + strings.Join(o.Reinject, " -o ") // The last of a name counts.
		}
		p.Master = append(p.Master, entry)
	}
	return postfixtest.Start(ctx, p)
}

// Stop ends what runs and removes the folders.
func (r *Rig) Stop() error {
	var errs []error
	if r.Weir != nil {
		errs = append(errs, r.Weir.Remove())
	}
	if r.Postfix != nil {
		errs = append(errs, r.Postfix.Stop())
	}
	if r.Sink != nil {
		errs = append(errs, r.Sink.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("stop rig: %w", err)
	}
	return nil
}
