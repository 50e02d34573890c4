// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/urls"
)

// Limits of learning without being shown. The rest are options.
const (
	autoBegin   = 50               // Messages of each class that people have to have shown first.
	autoWords   = 20               // Different words that a message has at the least: of less there is nothing to be learned.
	autoAtLeast = 5                // Messages of a class on one day, where the share of what was learned is less.
	autoSenders = 10_000           // Senders that are counted on one day. When they are reached, nothing more is learned on it.
	autoWaiting = 200              // Messages that wait to be written.
	autoDoubt   = 1.0              // Log-odds of one side for spam that keep a message from being learned as ham, and those against that keep it from being learned as spam.
	autoStrange = 2                // Strangers' ham is at most the share of a day divided by this.
	autoBatch   = 20               // So many are written together.
	autoHold    = time.Minute      // The longest that one waits for others, if more mail comes.
	autoWrite   = 30 * time.Second // What writing may take.
)

// strangers is where messages of strangers are counted.
const strangers = "strangers"

var _ filters.Follower = (*filter)(nil)

// auto learns from what other filters are sure of. What the filter itself thinks is no reason to learn: it would only confirm itself.
type auto struct {
	options   *Options
	extractor *learn.Extractor
	store     *store.Store
	log       logrus.FieldLogger
	metrics   *metrics
	now       func() time.Time

	mu      sync.Mutex
	day     int64          // Days since 1970 that the counts are of.
	senders map[string]int // Messages learned of each sender, of each class under "ham" and "spam", and of strangers.
	waiting []store.Item
	since   time.Time // When the first of them came.
	writing bool
}

// Follow learns from a message of which the other filters are sure, if the options say so.
func (f *filter) Follow(ctx context.Context, env *mail.Envelope, msg *mail.Message, o filters.Outcome) {
	if f.auto == nil || msg == nil {
		return
	}
	if l, ok := f.options.sure(msg, o); ok && f.enough() {
		f.auto.take(env, msg, l, f.site)
	}
	_ = f.auto.write(ctx, false) // It is in the log.
}

// Close waits for who reads, and writes down what waits.
func (f *filter) Close() error {
	f.readers.end()
	if f.auto == nil {
		return nil
	}
	return f.auto.write(context.Background(), true)
}

// enough tells if people have shown enough already.
func (f *filter) enough() bool {
	ham, spam := f.site.counts()
	return ham >= autoBegin && spam >= autoBegin
}

// take puts a message to those that are learned, if no limit keeps it from that.
func (a *auto) take(env *mail.Envelope, msg *mail.Message, l lesson, site *watched) {
	item := store.Item{Spam: l.class == classSpam, IfNew: true}
	var err error
	if item.Features, err = a.extractor.Features(env, msg); err == nil {
		item.Digest, err = a.extractor.Digest(msg)
	}
	if err != nil {
		a.log.WithError(err).Warn("message is not learned")
		return
	}
	if len(item.Features.Views[learn.Text]) < autoWords {
		a.refuse("short")
		return
	}
	m, _ := site.current()
	learned, spam := m.Counts()
	if item.Spam {
		learned = spam
	}
	if doubtful(m.Score(item.Features, 0), item.Spam) {
		a.refuse("doubt")
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if reason := a.limited(sendersOf(env, msg), l, learned); reason != "" {
		a.refuse(reason)
		return
	}
	if len(a.waiting) == 0 {
		a.since = a.now()
	}
	a.waiting = append(a.waiting, item)
}

// doubtful tells if a side of a message speaks for the other class. Then it is not learned: who is trusted may be a thief of an account, and puts the words that he wants to be ham among
// those that are; and who wants the site's ham to be taken for spam puts its words, or names of those who write to it, into mail that is surely spam.
func doubtful(v learn.Verdict, spam bool) bool {
	return slices.ContainsFunc(v.Learners, func(o learn.Opinion) bool {
		if spam {
			return o.LogOdds < -autoDoubt
		}
		return o.LogOdds > autoDoubt
	})
}

func (a *auto) refuse(reason string) { a.metrics.refused.WithLabelValues(reason).Inc() }

// limited tells what limit is reached, "" if none is. If none is, the message counts. The caller holds mu.
func (a *auto) limited(senders []string, l lesson, learned int) string {
	if day := a.now().Unix() / 86400; day != a.day || a.senders == nil {
		a.day, a.senders = day, map[string]int{}
	}
	share := max(autoAtLeast, int(a.options.AutoShare/100*float64(learned)))
	if a.senders[l.class] >= share || l.stranger && a.senders[strangers] >= share/autoStrange {
		return "share"
	}
	for _, s := range senders {
		if a.senders[l.class+" "+s] >= a.options.AutoPerSender {
			return "sender"
		}
	}
	if len(a.waiting) >= autoWaiting || len(a.senders) > autoSenders {
		return "full"
	}
	a.senders[l.class]++
	if l.stranger {
		a.senders[strangers]++
	}
	for _, s := range senders {
		a.senders[l.class+" "+s]++
	}
	return ""
}

// write writes what waits, if it is due or now is true. Only one does at a time; the others go on.
func (a *auto) write(ctx context.Context, now bool) error {
	a.mu.Lock()
	due := now || len(a.waiting) >= autoBatch || a.now().Sub(a.since) >= autoHold
	if a.writing || len(a.waiting) == 0 || !due {
		a.mu.Unlock()
		return nil
	}
	items := a.waiting
	a.waiting, a.writing = nil, true
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		a.writing = false
		a.mu.Unlock()
	}()
	ctx, cancel := context.WithTimeout(ctx, autoWrite)
	defer cancel()
	if _, err := a.store.Learn(ctx, store.Site, items); err != nil {
		a.metrics.refused.WithLabelValues("failed").Add(float64(len(items)))
		a.log.WithError(err).Warn("messages are not learned")
		return err
	}
	for _, it := range items {
		class := classHam
		if it.Spam {
			class = classSpam
		}
		a.metrics.auto.WithLabelValues(class).Inc()
	}
	return nil
}

// sendersOf are the sides of a message that one sender cannot change from one message to the next, or pays for: the organisation of From, and the network of the client.
func sendersOf(env *mail.Envelope, msg *mail.Message) []string {
	domain := authorDomain(msg)
	if org := urls.Registrable(domain); org != "" {
		domain = org
	}
	list := []string{"from " + domain}
	if env == nil {
		return list
	}
	ip, bits := env.Client.IP(), 24
	if ip.Is6() && !ip.Is4In6() {
		bits = 48
	}
	if net, err := ip.Unmap().Prefix(bits); err == nil {
		list = append(list, "net "+net.String())
	}
	return list
}

// authorDomain is the domain of From, in lower case.
func authorDomain(msg *mail.Message) string {
	v := msg.Header().Get("From")
	if i := strings.LastIndexByte(v, '<'); i >= 0 {
		v, _, _ = strings.Cut(v[i+1:], ">")
	}
	return strings.ToLower(strings.Trim(v[strings.LastIndexByte(v, '@')+1:], " \t>"))
}
