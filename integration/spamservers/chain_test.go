// SPDX-License-Identifier: Apache-2.0

package spamservers

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/rspamd"
	"github.com/mailweir/mailweir/filters/spamd"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// gtube is the test text for spam (https://spamassassin.apache.org/gtube/), in two so that this file is no spam.
const gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

// sent is when all messages were sent.
var sent = sync.OnceValue(func() string { return time.Now().Format(time.RFC1123Z) })

// letter is a message with nothing odd about it.
func letter(subject, body string) string {
	return "Received: from client.example.org (client.example.org [192.0.2.1])\r\n\tby mx.example.net with ESMTP id 4XYZ\r\n\tfor <to@example.net>; " +
		sent() + "\r\nMessage-ID: <" + fmt.Sprintf("%x", len(subject)+len(body)*97) + ".x@example.org>\r\nDate: " + sent() +
		"\r\nFrom: Ann <ann@example.org>\r\nTo: Ben <to@example.net>\r\nSubject: " + subject + "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" + body + "\r\n"
}

// way is a chain of one filter, and the policy behind it.
type way struct {
	chain *filters.Chain
	set   *policy.Set
	reg   *prometheus.Registry
}

// newWay makes one of a kind of filter.
func newWay(t testing.TB, kind filters.Kind, options any) *way {
	t.Helper()
	w := &way{reg: prometheus.NewRegistry()}
	f, err := kind.New(options, filters.Deps{Registerer: w.reg})
	if err != nil {
		t.Fatal(err)
	}
	w.chain, err = filters.NewChain([]filters.Stage{{{Name: kind.Name, Filter: f, Timeout: time.Minute}}}, filters.ChainConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if w.set, err = policy.New(nil, nil); err != nil {
		t.Fatal(err)
	}
	return w
}

// outcome is what became of a message.
type outcome struct {
	findings []filters.Finding
	fate     policy.Fate
	took     time.Duration
}

// send has a message looked at and decided on.
func (w *way) send(t testing.TB, env *mail.Envelope, text string) outcome {
	t.Helper()
	began := time.Now()
	res := w.chain.Run(t.Context(), env, filtertest.Message(t, text), nil)
	if res.Pending != nil {
		t.Error("the filter was left behind")
	}
	return outcome{res.Findings, w.set.Decide(env, env.RcptTo[0], res.Findings).Fate, time.Since(began)}
}

// find is the finding of a code; ok is false if there is none.
func (o outcome) find(code string) (f filters.Finding, ok bool) {
	i := slices.IndexFunc(o.findings, func(f filters.Finding) bool { return f.Code == code })
	if i < 0 {
		return f, false
	}
	return o.findings[i], true
}

// points are those of the server's answer. It is an error if there is none.
func (o outcome) points(t testing.TB, code string) float64 {
	t.Helper()
	f, ok := o.find(code)
	if !ok {
		t.Fatalf("no %s in %v", code, o.findings)
	}
	return f.Score
}

// gauge is the value of a metric with a label server.
func (w *way) gauge(t testing.TB, name, server string) float64 {
	t.Helper()
	all, err := w.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range all {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && strings.Contains(m.String(), server) {
				return m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("there is no %s of %s", name, server)
	return 0
}

// ways are all the ways in which messages get to the servers.
func ways(t testing.TB) map[string]*way {
	t.Helper()
	all := map[string]*way{}
	sa, rs := startSpamd(t), startRspamd(t)
	for name, change := range map[string]func(*spamd.Options){
		"tcp":        nil,
		"unix":       func(o *spamd.Options) { o.Servers = []string{sa.unix()} },
		"compressed": func(o *spamd.Options) { o.Compress = true },
		"report":     func(o *spamd.Options) { o.Command = "report" },
		"check":      func(o *spamd.Options) { o.Command = "check" },
		"both":       func(o *spamd.Options) { o.Servers, o.Choose = []string{sa.tcp(), sa.unix()}, "spread" },
	} {
		all["spamd "+name] = newWay(t, spamd.Kind(), sa.options(change))
	}
	for name, change := range map[string]func(*rspamd.Options){
		"tcp":        nil,
		"unix":       func(o *rspamd.Options) { o.Servers = []string{rs.unix()} },
		"controller": func(o *rspamd.Options) { o.Servers = o.Controllers },
	} {
		all["rspamd "+name] = newWay(t, rspamd.Kind(), rs.options(change))
	}
	return all
}
