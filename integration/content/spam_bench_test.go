// SPDX-License-Identifier: Apache-2.0

package content

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/gateway"
	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// spamChains are the filters against spam, each alone and all in the stages that a site would give them, and what all add to the content filters, with which they share the
// unpacked message.
func spamChains(dir, database string) map[string]string {
	one := map[string]string{
		"dnsbl":    "dnsbl: {zones: {bl.example.org: {score: 6}}}",
		"uribl":    "uribl: {zones: {uri.example.org: {score: 4}}}",
		"lists":    "lists: {allow: [{domains: [partner.example.net]}]}",
		"known":    "known: {file: " + dir + "/known}",
		"greylist": "greylist: {file: " + dir + "/greylist}",
		"auth":     "auth",
		"bayes":    "bayes: {database: " + database + "}",
		"rules":    "rules",
	}
	chains := map[string]string{"none": "", "content": "[" + strings.Join(lookers(), ", ") + "]"}
	for name, f := range one {
		chains[name] = "[" + f + "]"
	}
	embedded := fmt.Sprintf("[%s, %s], [%s, %s], [%s, %s], [%s]", one["lists"], one["dnsbl"], one["auth"], one["known"], one["rules"], one["bayes"], one["greylist"])
	chains["embedded"] = embedded
	chains["embedded-uribl"] = embedded + ", [" + one["uribl"] + "]"
	chains["content-embedded-uribl"] = chains["embedded-uribl"] + ", " + chains["content"]
	return chains
}

// BenchmarkSpam has the filters against spam look at the mix of the bench rig, with a name server whose answers are in the cache after the first round, and with a model that has
// learned 600 messages. One operation is one message; p99-ms is the time in which 99 of 100 were looked at.
func BenchmarkSpam(b *testing.B) {
	dir := os.Getenv("MAILWEIR_MIX")
	if dir == "" {
		b.Skip("MAILWEIR_MIX names no folder of messages")
	}
	messages, octets := deck(b, dir)
	chains := spamChains(b.TempDir(), trained(b))
	for _, name := range slices.Sorted(maps.Keys(chains)) {
		b.Run(name, func(b *testing.B) {
			e := spamEngine(b, chains[name])
			for _, text := range messages {
				inspectFrom(b, e, text)
			}
			b.SetBytes(octets / int64(len(messages)))
			b.ReportAllocs()
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				begin := time.Now()
				inspectFrom(b, e, messages[i%len(messages)])
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// spamEngine is an engine with a name server of its own.
func spamEngine(b *testing.B, chain string) *gateway.Engine {
	b.Helper()
	dns := dnstest.Serve(b, dnstest.Zones(b,
		`2.0.0.127.bl.example.org. 300 IN A 127.0.0.2`, `test.uri.example.org. 300 IN A 127.0.0.2`, `2.0.0.127.uri.example.org. 300 IN A 127.0.0.2`,
		`example.org. 300 IN TXT "v=spf1 ip4:192.0.2.1 -all"`, `_dmarc.example.org. 300 IN TXT "v=DMARC1; p=none"`))
	dir := b.TempDir()
	file := filepath.Join(dir, "mailweir.yaml")
	text := fmt.Sprintf("listen: [{address: \"unix:%s/in\", next_hop: \"unix:%s/out\"}]\nwork_dir: %s\nquarantine: {dir: %s}\ndns: {servers: [\"%s\"]}\nchain: [%s]\n",
		dir, dir, dir, dir, dns.Addr, chain)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	cfg, err := config.Load(file)
	if err != nil {
		b.Fatal(err)
	}
	e, err := gateway.NewEngine(cfg, filters.LogOrNone(nil), prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	return e
}

func inspectFrom(b *testing.B, e *gateway.Engine, text []byte) {
	b.Helper()
	env := &mail.Envelope{
		ID: "bench", MailFrom: mail.NewPath("a@example.org"), RcptTo: []mail.Path{mail.NewPath("b@example.net")},
		Client: mail.Client{Addr: "192.0.2.1", Name: "mx.example.org", HELO: "mx.example.org", Source: "REMOTE"}, Received: time.Now(),
	}
	a, err := e.Inspect(b.Context(), env, bytes.NewReader(text), int64(len(text)))
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range a.Result.Timings {
		if t.Err != nil {
			b.Fatalf("%s: %v", t.Filter, t.Err)
		}
	}
	if p := a.Release(); p != nil {
		<-p
	}
}

// trained is a database of what was learned from 600 messages.
func trained(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "learned.db")
	s, err := store.Open(b.Context(), path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	x := learn.NewExtractor()
	var items []store.Item
	for i := range 600 {
		spam := i%2 == 0
		words := "minutes of the meeting"
		if spam {
			words = "cheap pills for you"
		}
		text := fmt.Sprintf("From: n%d <n%d@example.org>\r\nTo: you@example.net\r\nSubject: %s %d\r\n\r\n%s\r\n", i, i, words, i, strings.Repeat(fmt.Sprintf("%s %d ", words, i*7), 30))
		msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			b.Fatal(err)
		}
		f, err := x.Features(nil, msg)
		if err != nil {
			b.Fatal(err)
		}
		d, err := x.Digest(msg)
		if err != nil {
			b.Fatal(err)
		}
		items = append(items, store.Item{Digest: d, Features: f, Spam: spam})
	}
	if _, err := s.Learn(b.Context(), store.Site, items); err != nil {
		b.Fatal(err)
	}
	return path
}
