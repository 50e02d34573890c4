// SPDX-License-Identifier: Apache-2.0

package spamservers

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/rspamd"
	"github.com/mailweir/mailweir/filters/spamd"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

func scoreOf(way string) string { return strings.Fields(way)[0] + ".score" }

// TestVerdicts: GTUBE and a letter, by every way to the real servers.
func TestVerdicts(t *testing.T) {
	for name, w := range ways(t) {
		t.Run(name, func(t *testing.T) {
			bad := w.send(t, filtertest.Envelope(), letter("hello", gtube))
			f, _ := bad.find(scoreOf(name))
			if bad.points(t, scoreOf(name)) < 15 || !strings.Contains(f.Detail, "GTUBE") && !strings.HasSuffix(name, "check") {
				t.Errorf("GTUBE: got %v", bad.findings)
			}
			good := w.send(t, filtertest.Envelope(), letter("Minutes of Monday", "Dear Ben,\r\n\r\nplease find below what we agreed on. The next meeting is in May.\r\n\r\nAnn"))
			if p := good.points(t, scoreOf(name)); p > 3 || good.fate != policy.Deliver {
				t.Errorf("letter: got %v, %v", good.fate, good.findings)
			}
		})
	}
}

// TestOddMessages: whatever the message, the real servers answer what we take for an answer.
func TestOddMessages(t *testing.T) {
	odd := map[string]string{
		"empty": "", "one octet": "x", "no end": "Subject: x\r\n\r\nno end", "blank lines": "Subject: x\r\n\r\nx\r\n\r\n\r\n\r\n", "no header": "\r\nbody\r\n",
		"NUL": "Subject: x\x00y\r\n\r\n\x00\x00\xff\xfe\r\n", "lone CR": "Subject: x\r\r\nx: y\r\n\r\na\rb\r\n", "lone LF": "Subject: x\n\na\nb\n",
		"long line": "Subject: x\r\n\r\n" + strings.Repeat("x", 100_000), "a line that ends it": "Subject: x\r\n\r\n.\r\nQUIT\r\n",
		"400 KiB": letter("x", strings.Repeat("all work and no play makes Ben a dull boy\r\n", 10_000)),
	}
	for name, w := range ways(t) {
		for what, text := range odd {
			t.Run(name+" "+what, func(t *testing.T) {
				o := w.send(t, filtertest.Envelope(), text)
				if o.points(t, scoreOf(name)); len(o.findings) > 3 {
					t.Errorf("got %v", o.findings)
				}
			})
		}
	}
}

// TestOddEnvelopes: whatever the envelope, the real servers answer, and do not blame the message for it.
func TestOddEnvelopes(t *testing.T) {
	var many []mail.Path
	for i := range 1200 {
		many = append(many, mail.NewPath(fmt.Sprintf("a-rather-long-local-part-%d@a-rather-long-domain.example.net", i)))
	}
	long := strings.Repeat("x", 900)
	odd := map[string]func(*mail.Envelope){
		"null": func(e *mail.Envelope) { e.MailFrom = mail.NewPath("") },
		"UTF-8": func(e *mail.Envelope) {
			e.MailFrom, e.RcptTo[0] = mail.NewPath("jürgen@bücher.example"), mail.NewPath("用户@例子.example")
		},
		"quoted": func(e *mail.Envelope) {
			e.MailFrom, e.RcptTo[0] = mail.NewPath(`"a b\"<>,"@example.org`), mail.NewPath(`"a@b"@example.net`)
		},
		"no domain":  func(e *mail.Envelope) { e.MailFrom, e.RcptTo[0] = mail.NewPath("root"), mail.NewPath("postmaster") },
		"dots":       func(e *mail.Envelope) { e.MailFrom = mail.NewPath("a..b.@example.org") },
		"bad octets": func(e *mail.Envelope) { e.MailFrom, e.Client.HELO = mail.NewPath("a\xff\xfe@example.org"), "\x80\xff" },
		"line ends": func(e *mail.Envelope) {
			e.MailFrom, e.Client.HELO = mail.NewPath("a\r\nX: y@example.org"), "x\r\n\r\nGET / HTTP/1.1"
		},
		"long": func(e *mail.Envelope) {
			e.MailFrom, e.Client.HELO, e.Client.Name = mail.NewPath(long+"@example.org"), long, long
		},
		"IPv6":          func(e *mail.Envelope) { e.Client.Addr, e.Client.HELO = "2001:db8::1", "[IPv6:2001:db8::1]" },
		"1,200 of them": func(e *mail.Envelope) { e.RcptTo = many },
		"outbound":      func(e *mail.Envelope) { e.Outbound = true },
	}
	for name, w := range ways(t) {
		for what, change := range odd {
			t.Run(name+" "+what, func(t *testing.T) {
				env := filtertest.Envelope()
				change(env)
				o := w.send(t, env, letter("x", "x"))
				o.points(t, scoreOf(name))
				if f, _ := o.find(scoreOf(name)); strings.Contains(f.Detail, "BROKEN_HEADERS") {
					t.Errorf("the server cannot read the envelope: %s", f.Detail)
				}
			})
		}
	}
}

// TestManyLinks: a message cannot name so much that rspamd's answer, which repeats it, is too long for us.
func TestManyLinks(t *testing.T) {
	rs := startRspamd(t)
	host := strings.Repeat(strings.Repeat("a", 60)+".", 3)
	var b strings.Builder
	for i := range 11_000 {
		fmt.Fprintf(&b, "http://%s%s%d.example.com/ b%d@%sexample.net\r\n", host, strings.Repeat("a", 40), i, i, host)
	}
	o := newWay(t, rspamd.Kind(), rs.options(nil)).send(t, filtertest.Envelope(), letter("x", b.String()))
	o.points(t, "rspamd.score")
}

// TestTruncated: SpamAssassin is given the beginning of a message that is too large for it.
func TestTruncated(t *testing.T) {
	sa := startSpamd(t)
	large := letter("weirword", strings.Repeat("all work and no play makes Ben a dull boy\r\n", 2_000))
	cut := newWay(t, spamd.Kind(), sa.options(func(o *spamd.Options) { o.MaxSize, o.Large = 5000, "truncate" })).send(t, filtertest.Envelope(), large)
	f, _ := cut.find("spamd.score")
	if _, said := cut.find("spamd.size"); !said || !strings.Contains(f.Detail, "MAILWEIR_WORD") {
		t.Errorf("got %v", cut.findings)
	}
}

// TestReversePath: SpamAssassin goes by the envelope, whatever the message says.
func TestReversePath(t *testing.T) {
	sa := startSpamd(t)
	w := newWay(t, spamd.Kind(), sa.options(nil))
	for _, tt := range []struct {
		from, text string
		want       bool
	}{
		{"bounce@weird.example.org", letter("x", "x"), true},
		{"bounce@example.org", letter("x", "x"), false},
		{"bounce@example.org", "Return-Path: <bounce@weird.example.org>\r\n" + letter("x", "x"), false},
		{"bounce@weird.example.org", "Return-Path: <bounce@example.org>\r\n" + letter("x", "x"), true},
	} {
		env := filtertest.Envelope()
		env.MailFrom = mail.NewPath(tt.from)
		if f, _ := w.send(t, env, tt.text).find("spamd.score"); strings.Contains(f.Detail, "MAILWEIR_FROM") != tt.want {
			t.Errorf("from %s, message %.30q: got %q", tt.from, tt.text, f.Detail)
		}
	}
}

// TestUser: the settings of the recipient hold, for messages to one.
func TestUser(t *testing.T) {
	sa := startSpamd(t)
	w := newWay(t, spamd.Kind(), sa.options(func(o *spamd.Options) { o.User = "recipient" }))
	env := filtertest.Envelope()
	for _, tt := range []struct {
		to   []string
		want string
	}{
		{[]string{"ann@example.org"}, " of 9 by "}, {[]string{"ben@example.org"}, " of 5 by "}, {[]string{"ann@example.org", "ben@example.org"}, " of 5 by "},
	} {
		env.RcptTo = nil
		for _, to := range tt.to {
			env.RcptTo = append(env.RcptTo, mail.NewPath(to))
		}
		if f, _ := w.send(t, env, letter("weirword", "x")).find("spamd.score"); !strings.Contains(f.Detail, tt.want) {
			t.Errorf("to %v: got %q, want %q", tt.to, f.Detail, tt.want)
		}
	}
}

// TestEnvelope: rspamd sees the facts of the envelope, and settings hold.
func TestEnvelope(t *testing.T) {
	rs := startRspamd(t)
	symbols := map[string]float64{}
	for _, what := range []string{"IP", "HELO", "HOSTNAME", "FROM", "RCPT", "USER", "MTA", "TAG"} {
		symbols["WEIR_"+what] = 0.01
	}
	plain := newWay(t, rspamd.Kind(), rs.options(func(o *rspamd.Options) { o.Rules = symbols }))
	env := &mail.Envelope{
		ID: "x", MailFrom: mail.NewPath("bounce@example.org"), RcptTo: []mail.Path{mail.NewPath("first@example.net"), mail.NewPath("second@example.net")},
		Client: mail.Client{Addr: "192.0.2.1", Name: "client.example.org", HELO: "helo.example.org", Ident: "4XYZ"},
	}
	found := func(o outcome) (names []string) {
		for _, f := range o.findings {
			if f.Code == "rspamd.rule" {
				names = append(names, strings.TrimPrefix(f.Detail, "WEIR_"))
			}
		}
		return names
	}
	if got := found(plain.send(t, env, letter("x", "x"))); !sameWords(got, "FROM HELO HOSTNAME IP RCPT") {
		t.Errorf("got %v", got)
	}
	named := newWay(t, rspamd.Kind(), rs.options(func(o *rspamd.Options) { o.Rules, o.MTAName = symbols, "mx.example.net" }))
	tagged := *env
	tagged.Listener = "incoming"
	if got := found(named.send(t, &tagged, letter("x", "x"))); !sameWords(got, "FROM HELO HOSTNAME IP RCPT MTA TAG") {
		t.Errorf("with names of ours: got %v", got)
	}
	other := *env
	other.Client, other.MailFrom, other.RcptTo = mail.Client{Addr: "192.0.2.2"}, mail.NewPath(""), other.RcptTo[:1]
	if got := found(plain.send(t, &other, letter("x", "x"))); len(got) > 0 {
		t.Errorf("another envelope: got %v", got)
	}
	other.Outbound, other.MailFrom = true, mail.NewPath("ann@example.org")
	if got := found(plain.send(t, &other, letter("x", "x"))); !sameWords(got, "USER") {
		t.Errorf("outbound: got %v", got)
	}
	strict := newWay(t, rspamd.Kind(), rs.options(func(o *rspamd.Options) { o.Settings = "strict" }))
	if f, _ := strict.send(t, env, letter("x", "x")).find("rspamd.score"); !strings.Contains(f.Detail, " of 5 by ") {
		t.Errorf("settings: got %q", f.Detail)
	}
	bad := plain.send(t, env, letter("x", gtube))
	if f, ok := bad.find("rspamd.reject"); !ok || f.Class != filters.Spam || f.Score != 0 {
		t.Errorf("GTUBE: got %v", bad.findings)
	}
}

func sameWords(got []string, want string) bool {
	seen := map[string]bool{}
	for _, w := range got {
		seen[w] = true
	}
	all := strings.Fields(want)
	for _, w := range all {
		if !seen[w] {
			return false
		}
	}
	return len(got) == len(all)
}

// lesson is a message as people learn them.
func lesson(n int, spam bool) string {
	if spam {
		return letter(fmt.Sprintf("Cheap watches %d", n), fmt.Sprintf("Buy replica watches and pills now, number %d, discount offer, click here today, limited stock of luxury watches", n))
	}
	return letter(fmt.Sprintf("Meeting notes %d", n), fmt.Sprintf("The committee met on Monday, item %d, and agreed on the budget for the library building and the new heating", n))
}

// TestLearning: what is learned changes what both servers say of a message of the kind.
func TestLearning(t *testing.T) {
	t.Run("spamd", func(t *testing.T) {
		sa := startSpamd(t)
		l := sa.learner(t, nil)
		w := newWay(t, spamd.Kind(), sa.options(nil))
		learning(t, w, "spamd.score", l)
		for _, want := range []bool{true, false} {
			if forgot, err := l.Forget(t.Context(), strings.NewReader(lesson(1, true)), int64(len(lesson(1, true)))); forgot != want || err != nil {
				t.Errorf("forget: got %v, %v, want %v", forgot, err, want)
			}
		}
	})
	t.Run("rspamd", func(t *testing.T) {
		rs := startRspamd(t)
		learning(t, newWay(t, rspamd.Kind(), rs.options(nil)), "rspamd.score", rs.learner(t, nil))
		wrong := rs.learner(t, func(o *rspamd.Options) { o.Password = "wrong" })
		if _, err := wrong.Learn(t.Context(), strings.NewReader("x"), 1, true); err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("wrong password: got %v", err)
		}
	})
}

// learner is what both filters export.
type learner interface {
	Learn(ctx context.Context, message io.ReaderAt, size int64, spam bool) (bool, error)
}

func learning(t *testing.T, w *way, code string, l learner) {
	t.Helper()
	before := [2]float64{w.send(t, filtertest.Envelope(), lesson(99, true)).points(t, code), w.send(t, filtertest.Envelope(), lesson(99, false)).points(t, code)}
	for n := range 8 {
		for _, spam := range []bool{true, false} {
			text := lesson(n, spam)
			if learned, err := l.Learn(t.Context(), strings.NewReader(text), int64(len(text)), spam); !learned || err != nil {
				t.Fatalf("lesson %d: got %v, %v", n, learned, err)
			}
		}
	}
	after := [2]float64{w.send(t, filtertest.Envelope(), lesson(99, true)).points(t, code), w.send(t, filtertest.Envelope(), lesson(99, false)).points(t, code)}
	t.Logf("spam and ham before %v, after %v", before, after)
	if after[0] < before[0]+2 || after[1] > before[1]-1 {
		t.Errorf("spam and ham before %v, after %v: want more, and less", before, after)
	}
}
