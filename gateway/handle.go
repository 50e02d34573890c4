// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
)

// handler is what the proxy calls with every mail object, for as long as gen is in force.
func (g *Gateway) handler(gen *generation) proxy.Handler {
	return func(ctx context.Context, tx *proxy.Transaction) []proxy.Reply {
		begin := time.Now()
		env := tx.Envelope
		g.uses.enter(gen)
		defer func() { g.uses.leaveAfter(gen, tx.Pending) }()
		d := &delivery{
			cfg: gen.cfg, engine: gen.engine, store: gen.store, journal: gen.journal, metrics: g.metrics, follows: &g.follows, tx: tx, env: env,
			log: g.log.WithFields(logrus.Fields{"id": env.ID, "queue_id": env.Client.Ident}),
		}
		d.replies = d.handle(ctx)
		took := time.Since(begin)
		g.metrics.count(d, took)
		d.logLine(took)
		return d.replies
	}
}

// handle looks at the mail object and does what is decided about it.
func (d *delivery) handle(ctx context.Context) []proxy.Reply {
	n := len(d.env.RcptTo)
	d.fates, d.replies = make([]policy.Fate, n), make([]proxy.Reply, n)
	account, err := d.engine.Inspect(ctx, d.env, d.tx.Content, d.tx.Content.Size())
	if err != nil {
		d.log.WithError(err).Error("message could not be read")
		return d.all(policy.Defer, d.deferred())
	}
	d.account = account
	defer func() { d.tx.Pending = d.follow() }()
	if n := hops(account.Message.Header(), d.cfg.Hostname); n > d.cfg.MaxHops {
		d.log.WithField("hops", n).Warn("mail loop")
		return d.all(policy.Reject, d.text(554, "5.4.6", "Error: mail loops back to this host"))
	}
	return d.run(ctx)
}

// follow has the filters learn what became of the message, while the reply is on its way, and gives back what was unpacked. The channel, if there is
// one, is closed when that is done.
func (d *delivery) follow() <-chan struct{} {
	if !d.engine.chain.Follows(d.account.Result) {
		return d.account.Release()
	}
	settled := d.settled()
	done := make(chan struct{})
	d.follows.Add(1)
	go func() {
		defer close(done)
		d.engine.Follow(context.Background(), d.account, settled)
		d.follows.Done()
		if pending := d.account.Release(); pending != nil {
			<-pending
		}
	}()
	return done
}

// settled tells what became of the message for each recipient.
func (d *delivery) settled() []filters.Settled {
	list := make([]filters.Settled, len(d.account.Dispositions))
	for i, disp := range d.account.Dispositions {
		spam := slices.ContainsFunc(disp.Because, func(r policy.Reason) bool { return r.Code == policy.ScoreCode })
		list[i] = filters.Settled{Fate: d.fate(i).String(), Spam: spam, Policy: disp.Policy}
	}
	return list
}

// fate is what became of the message for a recipient: who gets a temporary reply is put off, and who gets a permanent one is refused, whatever was decided.
// Where there is no reply, because of a panic, the client comes again. For whom all was done at an earlier attempt, it is what was decided; who was to be refused
// then, and was not put off, is one for whom the message was kept: see settle; and who is to be put off now was not then.
func (d *delivery) fate(i int) policy.Fate {
	if i < len(d.before) && d.before[i].done {
		switch f := d.account.Dispositions[i].Fate; f {
		case policy.Reject:
			return policy.Quarantine
		case policy.Defer:
			return policy.Deliver
		default:
			return f
		}
	}
	switch r := d.replies[i]; {
	case r.Temporary(), r.Code == 0:
		return policy.Defer
	case r.Permanent():
		return policy.Reject
	}
	return d.fates[i]
}

// all is one fate and one reply for every recipient.
func (d *delivery) all(f policy.Fate, r proxy.Reply) []proxy.Reply {
	for i := range d.fates {
		d.fates[i] = f
	}
	return d.every(r)
}

// logLine writes the one line that every message gets.
func (d *delivery) logLine(took time.Duration) {
	fields := logrus.Fields{
		"listener": d.tx.Listener.Name,
		"client":   d.env.Client.Addr,
		"from":     d.env.MailFrom.Address,
		"nrcpt":    len(d.env.RcptTo),
		"to":       d.env.RcptTo[0].Address,
		"size":     d.tx.Content.Size(),
		"fate":     d.fateWords(),
		"reply":    worst(d.replies).String(),
		"dur":      took.Round(10 * time.Microsecond).String(),
	}
	if d.account != nil {
		fields["code"] = strings.Join(codes(d.account.Result.Findings), ",")
		if why := failures(d.account.Result.Findings); why != "" {
			fields["err"] = why
		}
		if len(d.account.Dispositions) > 0 {
			fields["score"] = d.account.Dispositions[0].Score
			fields["points"] = points(policy.Held(d.env, d.account.Result.Findings, 0))
			fields["policy"] = d.account.Dispositions[0].Policy
		}
	}
	d.log.WithFields(fields).Info("message")
	if d.account != nil {
		logFilters(d.log, &d.account.Result)
	}
}

// fateWords names the fates of the recipients, each once.
func (d *delivery) fateWords() string {
	var words []string
	seen := map[policy.Fate]bool{}
	for i := range d.fates {
		if f := d.fate(i); !seen[f] {
			seen[f] = true
			words = append(words, f.String())
		}
	}
	return strings.Join(words, ",")
}

// maxPoints bounds the account of points in the log line.
const maxPoints = 30

// points is the account of a score in the log, which is the first recipient's, by the findings that hold for him: what counts most first, with the sums of
// findings of one code.
func points(findings []filters.Finding) string {
	sums := map[string]float64{}
	for _, f := range findings {
		if f.Score != 0 && !math.IsNaN(f.Score) {
			sums[f.Code] += f.Score
		}
	}
	list := slices.SortedFunc(maps.Keys(sums), func(a, b string) int {
		return cmp.Or(cmp.Compare(math.Abs(sums[b]), math.Abs(sums[a])), cmp.Compare(a, b))
	})
	for i, code := range list {
		list[i] = code + "=" + strconv.FormatFloat(sums[code], 'f', -1, 64)
	}
	if len(list) > maxPoints {
		list = append(list[:maxPoints], "...")
	}
	return strings.Join(list, ",")
}

// codes are the codes of the findings, each once, for the log.
func codes(findings []filters.Finding) []string {
	var list []string
	seen := map[string]bool{}
	for _, f := range findings {
		if !seen[f.Code] {
			seen[f.Code] = true
			list = append(list, f.Code)
		}
	}
	return list
}
