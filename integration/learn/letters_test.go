// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// letter is a message of one kind, the nth. The kinds have words, hosts and shapes in common, but not all of them; some letters say little.
func letter(spam bool, n int) string {
	r := rand.New(rand.NewPCG(uint64(n)*2, map[bool]uint64{true: 1, false: 2}[spam]))
	l := &writer{r: r, spam: spam, n: n}
	host, ip := l.host(), fmt.Sprintf("198.51.100.%d", 1+r.IntN(40))
	if spam {
		ip = fmt.Sprintf("203.0.113.%d", 1+r.IntN(250))
	}
	day := fmt.Sprintf("%02d Nov 2024 %02d:%02d:%02d +0000", 1+n%28, n%24, n%60, n*7%60)
	head := fmt.Sprintf("Received: from %s (%s [%s])\r\n\tby mx.example.org (Postfix) with ESMTP id %08X%02d\r\n\tfor <user%d@example.org>; Mon, %s\r\n", host, host, ip, r.Uint32(), n%100, n%9, day)
	head += fmt.Sprintf("From: \"%s %s\" <%s@%s>\r\nTo: user%d@example.org\r\nSubject: %s\r\nDate: Mon, %s\r\nMessage-ID: <%d.%x@%s>\r\nMIME-Version: 1.0\r\n",
		l.word(), l.word(), l.word(), host, n%9, l.sentence(4), day, n, r.Uint32(), host)
	if r.IntN(3) == 0 {
		head += "X-Mailer: " + map[bool]string{true: "Bulk Sender 2.1", false: "Evolution 3.46"}[spam] + "\r\n"
	}
	return head + l.content()
}

// writer writes one letter.
type writer struct {
	r    *rand.Rand
	spam bool
	n    int
}

func (l *writer) host() string {
	if l.spam {
		return fmt.Sprintf("mail%d.offers%d.example.com", l.r.IntN(30), l.r.IntN(12))
	}
	return fmt.Sprintf("smtp%d.partner%d.example.net", l.r.IntN(5), l.r.IntN(8))
}

// word is one that all letters have, or one of the kind, or a rare one.
func (l *writer) word() string {
	all := strings.Fields("the and for with this from have your please week today group number list about order letter name team next")
	own := strings.Fields("meeting agenda draft review invoice minutes Thursday lecture seminar students deadline attached colleagues library exam grades room schedule project report")
	if l.spam {
		own = strings.Fields("viagra winner lottery FREE discount pills cheap replica watches refinance mortgage casino bonus guarantee unsubscribe miracle weight-loss investment $1,000,000 Prize")
	}
	switch n := l.r.IntN(20); {
	case n < 10:
		return all[l.r.IntN(len(all))]
	case n < 16:
		return own[l.r.IntN(len(own))]
	case n < 18:
		return fmt.Sprintf("word%d", l.r.IntN(3000))
	}
	return strings.Fields("größer naïve résumé Überweisung antidisestablishmentarianism")[l.r.IntN(5)]
}

func (l *writer) sentence(words int) string {
	list := make([]string, words)
	for i := range list {
		list[i] = l.word()
	}
	s := strings.Join(list, " ")
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

func (l *writer) text() string {
	var b strings.Builder
	for range 1 + l.r.IntN(4) {
		for range 1 + l.r.IntN(4) {
			b.WriteString(l.sentence(4+l.r.IntN(12)) + ".\r\n")
		}
		b.WriteString("\r\n")
	}
	fmt.Fprintf(&b, "See http://www.%s/%s?id=%d or write to %s@%s.\r\n", l.host(), l.word(), l.r.IntN(50), l.word(), l.host())
	return b.String()
}

// content is the rest of the header section, and the body: plain, in base64, or with HTML beside it.
func (l *writer) content() string {
	const utf8 = "Content-Type: text/plain; charset=utf-8\r\n"
	switch l.r.IntN(4) {
	case 0:
		return utf8 + "Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(l.text())) + "\r\n"
	case 1:
		html := "<html><body><p>" + strings.ReplaceAll(l.text(), "\r\n\r\n", "</p>\r\n<p>") + "</p><a href=\"http://" + l.host() + "/go\">" + l.sentence(3) + "</a></body></html>\r\n"
		var b strings.Builder
		w := quotedprintable.NewWriter(&b)
		_, _ = w.Write([]byte(html))
		_ = w.Close()
		return "Content-Type: multipart/alternative; boundary=\"=_b1\"\r\n\r\n--=_b1\r\n" + utf8 + "Content-Transfer-Encoding: 8bit\r\n\r\n" + l.text() +
			"--=_b1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + b.String() + "\r\n--=_b1--\r\n"
	}
	return utf8 + "Content-Transfer-Encoding: 8bit\r\n\r\n" + l.text()
}

// write writes letters from one number up to another into an mbox, and gives its path.
func write(t *testing.T, spam bool, from, to int) string {
	t.Helper()
	var b strings.Builder
	for n := from; n < to; n++ {
		text := strings.ReplaceAll(strings.ReplaceAll(letter(spam, n), "\r\n", "\n"), "\nFrom ", "\n>From ")
		b.WriteString("From sender@example.org Mon Nov 18 00:00:00 2024\n" + text + "\n")
	}
	path := filepath.Join(t.TempDir(), fmt.Sprintf("box-%v-%d", spam, from))
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
