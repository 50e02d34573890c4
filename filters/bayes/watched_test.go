// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"os"
	"strings"
	"testing"
	"time"

	logtest "github.com/sirupsen/logrus/hooks/test"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
)

// A database that cannot be read is looked for every few seconds, for the site and for each user. The log says it once and then every ten minutes, not with every look, and says when it is over.
func TestUnreadableIsSaidOnce(t *testing.T) {
	o := options(t)
	o.Users = true
	now := time.Unix(1_700_000_000, 0)
	log, hook := logtest.NewNullLogger()
	f, err := New(o, filters.Deps{Now: func() time.Time { return now }, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	look := func(n int) string {
		for range n {
			now = now.Add(o.ReadEvery)
			for _, user := range []string{"a@example.net", "b@example.net", "c@example.net"} {
				env := filtertest.Envelope()
				env.RcptTo = []mail.Path{mail.NewPath(user)}
				inspect(t, f, env, text(1000, true))
			}
		}
		var said []string
		for _, e := range hook.AllEntries() {
			if strings.HasPrefix(e.Message, "learned data") {
				said = append(said, e.Message)
			}
		}
		hook.Reset()
		return strings.Join(said, "|")
	}
	const bad, good = "learned data cannot be read; what was read before is used", "learned data can be read again"
	away := o.Database + ".away"
	for range 2 {
		if got := look(3); got != "" {
			t.Errorf("while all is well: got %q", got)
		}
		if err := os.Rename(o.Database, away); err != nil {
			t.Fatal(err)
		}
		perTell := int(tellEvery / o.ReadEvery)
		if got := look(perTell); got != bad {
			t.Errorf("in the first minutes: got %q, want %q", got, bad)
		}
		if got := look(perTell); got != bad {
			t.Errorf("later: got %q, want %q", got, bad)
		}
		if err := os.Rename(away, o.Database); err != nil {
			t.Fatal(err)
		}
		if got := look(3); got != good {
			t.Errorf("when it is back: got %q, want %q", got, good)
		}
	}
}
