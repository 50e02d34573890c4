// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"fmt"
	"testing"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/mail"
)

func TestSure(t *testing.T) {
	give := func(score float64, codes ...string) (list []filters.Finding) {
		for i, c := range codes {
			f := filters.Finding{Code: c, Class: filters.Spam}
			if i == 0 {
				f.Score = score
			} else if score > 0 {
				f.Score = 0.1
			}
			list = append(list, f)
		}
		return list
	}
	delivered := []filters.Settled{{Fate: "deliver"}}
	for _, c := range []struct {
		name    string
		found   []filters.Finding
		settled []filters.Settled
		want    string
	}{
		{"three kinds", give(9, "rules.subject_offer", "rules.client_dynamic", "auth.spf_fail"), delivered, classSpam},
		{"three of one kind", give(9, "rules.subject_offer", "rules.subject_upper", "rules.subject_money"), delivered, ""},
		{"three sides that the sender has written", give(9, "rules.subject_offer", "rules.page_far_below", "phishing.shortener", "html.script", "rules.custom"), delivered, ""},
		{"two servers that read the same", give(9, "spamd.rule", "rspamd.rule", "rules.subject_offer"), delivered, ""},
		{"listed", give(9, "dnsbl.listed"), delivered, classSpam},
		{"blocked by one of several", []filters.Finding{{Code: "lists.blocked", Class: filters.Listed, Score: 10, For: []int{0}}, {Code: "rules.a_b", Class: filters.Spam, Score: 0.1}, {Code: "phishing.x", Class: filters.Spam, Score: 0.1}}, delivered, ""},
		{"listed, of few points", give(7, "dnsbl.listed"), delivered, ""},
		{"spam from somebody known", give(9, "dnsbl.listed", "known.correspondent"), delivered, ""},
		{"our own opinion", append(give(0), filters.Finding{Code: "bayes.spam", Class: filters.Spam, Score: 8}), delivered, ""},
		{"no answer", append(give(9, "dnsbl.listed"), filters.Finding{Code: "failure.uribl", Class: filters.Failure}), delivered, ""},
		{"put off", give(9, "dnsbl.listed"), []filters.Settled{{Fate: "deliver"}, {Fate: "defer"}}, ""},
		{"known", give(-3, "known.correspondent"), delivered, classHam},
		{"known, and we say spam", append(give(-3, "known.correspondent"), filters.Finding{Code: "bayes.spam", Class: filters.Spam, Score: 1}), delivered, ""},
		{"known, quarantined", give(-3, "known.correspondent"), []filters.Settled{{Fate: "quarantine"}}, ""},
		{"known, with a virus", append(give(-3, "known.correspondent"), filters.Finding{Code: "virus.infected", Class: filters.Virus}), delivered, ""},
		{"no points and not authenticated", nil, delivered, ""},
		{"fewer points than none and not authenticated", give(-5, "rules.custom"), delivered, ""},
	} {
		got, ok := DefaultOptions().sure(filtertest.Message(t, text(1, false)), filters.Outcome{Findings: c.found, Recipients: c.settled})
		if !ok {
			got.class = ""
		}
		if got.class != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got.class, c.want)
		}
	}
}

// autoFilter is a filter that learns by itself, after n messages of each class.
func autoFilter(t *testing.T, n int) (f *filter, w *writer, now *time.Time) {
	t.Helper()
	o := DefaultOptions()
	o.Database, o.Bits, o.AutoLearn = t.TempDir()+"/learned.db", 18, true
	w = newWriter(9)
	showBoth(t, o.Database, w, n)
	clock := time.Unix(1_700_000_000, 0)
	return newFilter(t, o, func() time.Time { return clock }).(*filter), w, &clock
}

func counts(t *testing.T, f *filter) (ham, spam int) {
	t.Helper()
	m, err := f.site.store.Model(t.Context(), store.Site)
	if err != nil {
		t.Fatal(err)
	}
	return m.Counts()
}

var (
	surelySpam = filters.Outcome{Findings: []filters.Finding{{Code: "dnsbl.listed", Class: filters.Spam, Score: 9}}, Recipients: []filters.Settled{{Fate: "quarantine", Spam: true}}}
	surelyHam  = filters.Outcome{Findings: []filters.Finding{{Code: "known.answer", Class: filters.Spam, Score: -5}}, Recipients: []filters.Settled{{Fate: "deliver"}}}
)

func TestAutoLearn(t *testing.T) {
	f, w, now := autoFilter(t, 60)
	follow := func(text string, o filters.Outcome) {
		f.Follow(t.Context(), filtertest.Envelope(), filtertest.Message(t, text), o)
	}
	follow(w.ham(), surelyHam)
	follow("Subject: x\r\n\r\nshort\r\n", surelySpam)
	if ham, spam := counts(t, f); ham != 60 || spam != 60 {
		t.Errorf("at once: got %d, %d", ham, spam)
	}
	*now = now.Add(autoHold)
	follow(w.ham(), filters.Outcome{})
	if ham, spam := counts(t, f); ham != 61 || spam != 60 {
		t.Errorf("after the time it is held: got %d, %d", ham, spam)
	}
	follow(w.campaign(1, w.words("offer", 500, 80)), surelySpam)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if ham, spam := counts(t, f); ham != 61 || spam != 61 {
		t.Errorf("after the end: got %d, %d", ham, spam)
	}
}

func TestAutoLearnBeginsLate(t *testing.T) {
	f, w, _ := autoFilter(t, autoBegin-10)
	f.Follow(t.Context(), nil, filtertest.Message(t, w.ham()), surelyHam)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if ham, _ := counts(t, f); ham != autoBegin-10 {
		t.Errorf("got %d ham", ham)
	}
}

// An attacker whose mail has few points teaches the filter that his words are ham: most of a message is what the site writes itself.
// docs/reference/evasions.md, number 166.
func TestLowScoreTraining(t *testing.T) {
	f, w, now := autoFilter(t, 200)
	payload := func() string { return w.campaign(3, w.words("payload", 60, 100)) }
	if got := caught(t, f, many(20, payload)); got < 1 {
		t.Fatalf("at first: %v is caught", got)
	}
	tried := 0
	send := func(domain, net int) {
		text := w.campaign(3, w.words("payload", 60, 25)+"<p>"+w.words("office", 800, 400)+"</p>")
		env := filtertest.Envelope()
		env.Client = mail.Client{Addr: fmt.Sprintf("203.0.%d.%d", net, domain%250)}
		o := surelyHam
		own := inspect(t, f, env, text)
		if own.Score <= 0 {
			tried++
		}
		o.Findings = append([]filters.Finding{own}, o.Findings...)
		f.Follow(t.Context(), env, filtertest.Message(t, text), o)
	}
	for i := range 60 { // From one network, each time from another domain.
		send(i, 113)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if ham, _ := counts(t, f); ham > 200+f.options.AutoPerSender {
		t.Errorf("from one network: %d were learned", ham-200)
	}
	for day := range 3 {
		*now = now.Add(24 * time.Hour)
		for i := range 25 { // From as many networks as there are.
			send(i, i)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if ham, _ := counts(t, f); ham > 200+f.options.AutoPerSender+autoAtLeast*(day+1) {
			t.Errorf("day %d: %d were learned", day, ham-200)
		}
	}
	ham, _ := counts(t, f)
	*now = now.Add(time.Hour)
	own, others := caught(t, f, many(50, payload)), caught(t, f, many(50, w.spam))
	t.Logf("%d of 135 messages had no points of ours, %d were learned; then %.2f of the attacker's spam is caught, %.2f of all other", tried, ham-200, own, others)
	if others < 0.95 || own < 0.5 {
		t.Errorf("%.2f of the attacker's spam is caught, %.2f of all other", own, others)
	}
}

func TestAutoOff(t *testing.T) {
	f := newFilter(t, options(t), nil).(*filter)
	f.Follow(t.Context(), nil, filtertest.Message(t, text(1, true)), surelySpam)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if ham, spam := counts(t, f); ham+spam != 0 {
		t.Errorf("got %d, %d", ham, spam)
	}
}

// Of one domain, of one network and of all, no more than the options say is learned in a day.
func TestAutoLimits(t *testing.T) {
	f, w, now := autoFilter(t, 60)
	send := func(n int, client string) (learned int) {
		before, _ := counts(t, f)
		for i := range n {
			env := filtertest.Envelope()
			env.Client = mail.Client{Addr: fmt.Sprintf(client, i)}
			text := w.subject("office", w.shape(0, "mail1.example.org", fmt.Sprintf("<a@d%d.test>", i), w.words("office", 800, 100), "https://mail1.example.org/"))
			f.Follow(t.Context(), env, filtertest.Message(t, text), surelyHam)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		after, _ := counts(t, f)
		return after - before
	}
	for _, c := range []struct {
		name, client string
		want         int
	}{
		{"one network", "192.0.2.%d", f.options.AutoPerSender},
		{"one network, IPv6", "2001:db8:1:%d::1", f.options.AutoPerSender},
		{"many networks", "203.0.%d.1", autoAtLeast},
	} {
		*now = now.Add(24 * time.Hour)
		if got := send(15, c.client); got != c.want {
			t.Errorf("%s: %d were learned, want %d", c.name, got, c.want)
		}
		if got := send(5, c.client); c.want == autoAtLeast && got != 0 {
			t.Errorf("%s: %d more were learned on the same day", c.name, got)
		}
	}
}
