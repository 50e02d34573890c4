// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// friends is a chain in which a link that is listed makes spam of a message, unless its author is known.
const friends = `%schain:
  - [auth, uribl: {zones: {uri.example.org: {score: 6}}}]
  - [known: {file: %s}]
`

// correspondents is what the DNS has of two domains that may send from the host sender, and of a bad shop.
func correspondents(t *testing.T) *dnstest.Server {
	t.Helper()
	return dnstest.Serve(t, dnstest.Zones(t,
		"example.info.uri.example.org. 60 IN A 127.0.0.2", `_dmarc.friend.example.com. 60 IN TXT "v=DMARC1; p=none"`,
		fmt.Sprintf(`friend.example.com. 60 IN TXT "v=spf1 ip4:%s -all"`, sender), fmt.Sprintf(`other.example.com. 60 IN TXT "v=spf1 ip4:%s -all"`, sender)))
}

// question is what a user writes to a friend; answer is what comes back, by whoever says he is that author.
var question = letter{
	client: home, from: "<ben@example.net>", to: "<ann@friend.example.com>",
	text: "From: Ben <ben@example.net>\r\nTo: ann@friend.example.com\r\nSubject: test\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n" +
		"Message-ID: <q1@example.net>\r\n\r\nWhere shall I buy it?\r\n",
}

func answer(client, author string) letter {
	return letter{
		client: client, from: "<" + author + ">", to: "<ben@example.net>",
		text: "From: <" + author + ">\r\nTo: ben@example.net\r\nSubject: test\r\nDate: Sun, 22 Nov 2026 11:00:00 +0000\r\nMessage-ID: <a1@friend.example.com>\r\n" +
			"In-Reply-To: <q1@example.net>\r\n\r\nAt http://www.shop.example.info/now\r\n",
	}
}

// An answer from whom a user has written to passes; the same text from anybody else is tagged, the more so if he takes the friend's name.
func TestAnswerFromCorrespondentPasses(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, way, fmt.Sprintf(friends, names(correspondents(t).Addr), filepath.Join(folder(t), "known")))
		before := deliver(ctx, t, r, answer(sender, "ann@friend.example.com"))
		found(t, before, "known.first_contact")
		tagged(t, before, true)

		deliver(ctx, t, r, question)
		learned(ctx, t, r, 1)
		answers(ctx, t, r)
		// What was learned is not forgotten when the program ends.
		if err := r.Weir.Stop(); err != nil {
			t.Fatal(err)
		}
		if err := r.Weir.Start(ctx); err != nil {
			t.Fatal(err)
		}
		answers(ctx, t, r)
	})
}

// learned waits until so many correspondents were learned, which happens when the reply was given.
func learned(ctx context.Context, t *testing.T, r *rig.Rig, n float64) {
	t.Helper()
	eventually(ctx, t, func() error {
		if got := metric(ctx, t, r, `mailweir_known_learned_total{result="new"}`); got != n {
			return fmt.Errorf("%v correspondents were learned, want %v", got, n)
		}
		return nil
	})
}

// answers sends what a friend, a stranger and somebody with the friend's name answer.
func answers(ctx context.Context, t *testing.T, r *rig.Rig) {
	t.Helper()
	m := deliver(ctx, t, r, answer(sender, "ann@friend.example.com"))
	found(t, m, "known.answer", "uribl.listed", "-known.first_contact")
	tagged(t, m, false)
	if got := result(t, m); !strings.Contains(got, "; score=1;") {
		t.Errorf("got %s, want a score of 1", got)
	}
	m = deliver(ctx, t, r, answer(sender, "eve@other.example.com"))
	found(t, m, "-known.answer", "-known.correspondent")
	l := answer(sender, "eve@other.example.com")
	l.text = strings.Replace(l.text, "In-Reply-To: <q1@example.net>\r\n", "", 1)
	m = deliver(ctx, t, r, l)
	found(t, m, "known.first_contact", "uribl.listed")
	tagged(t, m, true)
	m = deliver(ctx, t, r, answer(stranger, "ann@friend.example.com"))
	found(t, m, "known.unproven", "auth.spf_fail", "-known.answer", "-known.correspondent")
	tagged(t, m, true)
}
