// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/bayes"
	"github.com/mailweir/mailweir/mail"
)

// TestWhileServerLearns: two processes learn, one of them is killed again and again, while a server learns by itself from the same messages and others. In the end each message was learned
// once, and everybody comes to the same model.
func TestWhileServerLearns(t *testing.T) {
	const each, auto = 3 * batch, 300
	database := small(t, filepath.Join(t.TempDir(), "learned.db"))
	run(t, database, "mixed", "--ham", write(t, false, 0, 60), "--spam", write(t, true, 0, 60))
	ham, spam := write(t, false, 0, each), write(t, true, 0, each)
	log, hook := logtest.NewNullLogger()
	o := bayes.DefaultOptions()
	o.Database, o.AutoLearn, o.AutoShare, o.AutoPerSender = database, true, 50, 1_000_000
	f, err := bayes.New(o, filters.Deps{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := range auto {
			follow(t, f, n) // Those that the others learn, too.
			follow(t, f, 2*each+n)
		}
	})
	wg.Go(func() { run(t, database, "ham", ham) })
	for at := batch; at < each; at += batch {
		killAt(t, database, spam, at)
	}
	wg.Wait()
	run(t, database, "spam", spam)
	run(t, database, "ham", ham)
	if err := f.(io.Closer).Close(); err != nil {
		t.Fatal(err)
	}
	for _, e := range hook.AllEntries() {
		if e.Level <= logrus.WarnLevel {
			t.Errorf("the server says: %s: %v", e.Message, e.Data)
		}
	}
	gotHam, gotSpam := learned(t, database)
	known := binary.LittleEndian.Uint32(exported(t, database)[len("mailweir learned 1\n"):])
	t.Logf("%d ham, %d spam; %d messages are known", gotHam, gotSpam, known)
	if gotHam != each || gotSpam < each || gotSpam > each+auto || int(known) != gotHam+gotSpam {
		t.Errorf("%d ham and %d spam were learned, %d messages are known", gotHam, gotSpam, known)
	}
	if gotSpam == each {
		t.Error("the server has learned nothing by itself")
	}
}

// follow has the server learn a letter that is spam for sure.
func follow(t *testing.T, f filters.Filter, n int) {
	text := letter(true, n)
	if strings.Contains(text, "\nFrom ") {
		return // In an mbox it has another octet in front of that.
	}
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Error(err)
		return
	}
	env := &mail.Envelope{Client: mail.Client{Addr: fmt.Sprintf("203.0.%d.%d", n/250, n%250)}}
	if _, err := f.Inspect(t.Context(), env, msg); err != nil {
		t.Error(err)
	}
	f.(filters.Follower).Follow(t.Context(), env, msg, filters.Outcome{
		Findings: []filters.Finding{{Code: "dnsbl.listed", Class: filters.Spam, Score: 9}}, Recipients: []filters.Settled{{Fate: "quarantine", Spam: true}},
	})
}
