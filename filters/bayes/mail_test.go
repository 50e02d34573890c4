// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/store"
)

// writer makes mail that looks a little like real mail: what is common is common, what is rare is rare, and each class has words of its own beside those that all have.
type writer struct{ r *rand.Rand }

func newWriter(seed uint64) *writer { return &writer{rand.New(rand.NewPCG(seed, 1))} }

// words are n words of a vocabulary, the first of which are the most frequent.
func (w *writer) words(name string, size, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 && i%12 == 0 {
			b.WriteString(".\r\n")
		} else if i > 0 {
			b.WriteByte(' ')
		}
		k := int(float64(size) * w.r.Float64() * w.r.Float64() * w.r.Float64())
		if w.r.IntN(2) == 0 {
			fmt.Fprintf(&b, "%s%d", name, k)
		} else {
			fmt.Fprintf(&b, "common%d", k)
		}
	}
	return b.String()
}

// shapes is how many of them there are; the first is plain text.
const shapes = 3

// shape is how a program writes a message: both classes use all of them, some more often than others.
func (w *writer) shape(n int, host, from, text, link string) string {
	head := fmt.Sprintf("Received: from %s (%s [198.51.100.%d]) by mx.example.net with ESMTP; Mon, 5 Jan 2026 10:00:00 +0100\r\n", host, host, w.r.IntN(250)) +
		"From: " + from + "\r\nTo: <user" + strconv.Itoa(w.r.IntN(40)) + "@example.net>\r\n"
	id := fmt.Sprintf("<%x.%d@%s>", w.r.Uint32(), w.r.IntN(1e6), host)
	switch n {
	case 0:
		return head + "Message-ID: " + id + "\r\nDate: Mon, 5 Jan 2026 10:00:00 +0100\r\nX-Mailer: Writer 3\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n" + link + "\r\n"
	case 1:
		return head + "Date: Mon, 05 Jan 2026 09:00:00 -0500\r\nMessage-ID: " + id + "\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n<html><body><p>" + text + "</p><a href=\"" + link + "\">more</a></body></html>\r\n"
	}
	return head + "Date: Mon, 5 Jan 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\nMessage-ID: " + id + "\r\nList-Unsubscribe: <" + link + ">\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head><style>p{margin:0}</style></head><body><table><tr><td>" +
		text + "</td></tr></table><p><a href=\"" + link + "\">read</a></p></body></html>\r\n"
}

// subject puts a Subject in front.
func (w *writer) subject(name, text string) string {
	return "Subject: " + strings.ReplaceAll(w.words(name, 200, 5), "\r\n", " ") + "\r\n" + text
}

// ham is one of the site's own messages, or of those that it wants.
func (w *writer) ham() string {
	n := w.r.IntN(60)
	host := fmt.Sprintf("mail%d.example.org", n%20)
	return w.subject("office", w.shape(w.r.IntN(shapes), host, fmt.Sprintf("\"Person %d\" <person%d@%s>", n, n, host), w.words("office", 800, 60+w.r.IntN(150)), fmt.Sprintf("https://%s/page%d", host, w.r.IntN(1e6))))
}

// spam is one message of one of ten campaigns.
func (w *writer) spam() string {
	return w.campaign(w.r.IntN(10), w.words("offer", 500, 60+w.r.IntN(60)))
}

// campaign is a message of a campaign from a host and a domain that were never seen, with that text.
func (w *writer) campaign(c int, text string) string { return w.shaped(w.r.IntN(shapes), c, text) }

// page is one that is surely HTML.
func (w *writer) page(c int, text string) string { return w.shaped(1+w.r.IntN(shapes-1), c, text) }

func (w *writer) shaped(n, c int, text string) string {
	host := fmt.Sprintf("host%d.test", w.r.IntN(1e6))
	return w.subject("offer", w.shape(n, host, fmt.Sprintf("\"Offer %d\" <sales%d@%s>", c, w.r.IntN(1e6), host), text, fmt.Sprintf("http://%s/campaign%d/?id=%d", host, c, w.r.IntN(1e6))))
}

// shown is a message and what people say that it is.
type shown struct {
	text string
	spam bool
}

// show has the site learn messages.
func show(t testing.TB, path string, list ...shown) {
	t.Helper()
	s, err := store.Open(t.Context(), path, store.Options{Bits: 18})
	if err != nil {
		t.Fatal(err)
	}
	x := learn.NewExtractor()
	var items []store.Item
	for _, m := range list {
		msg := filtertest.Message(t, m.text)
		it := store.Item{Spam: m.spam}
		if it.Features, err = x.Features(nil, msg); err != nil {
			t.Fatal(err)
		}
		if it.Digest, err = x.Digest(msg); err != nil {
			t.Fatal(err)
		}
		items = append(items, it)
	}
	if _, err := s.Learn(t.Context(), store.Site, items); err != nil {
		t.Fatal(err)
	}
}

// showBoth has the site learn n of each class, in turn.
func showBoth(t testing.TB, path string, w *writer, n int) {
	var list []shown
	for range n {
		list = append(list, shown{w.spam(), true}, shown{w.ham(), false})
	}
	show(t, path, list...)
}
