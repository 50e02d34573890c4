// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"encoding/base64"
	"net/netip"
	"strings"

	"github.com/mailweir/mailweir/urls"
)

// linkCount sums up the links of a message.
type linkCount struct {
	web     int             // Links that a reader may follow.
	targets map[string]bool // Different addresses of these.
	orgs    map[string]bool // Different registrable names of these.
	own     int             // Of these, to the author's own domain.
	open    int             // Of these, without encryption.
	mails   int             // mailto links.
}

// links looks at where the message leads.
func (s *session) links() {
	c := linkCount{targets: map[string]bool{}, orgs: map[string]bool{}}
	for i := range s.b.links {
		l := &s.b.links[i]
		if l.url.Scheme == "mailto" {
			c.mails++
		}
		if l.url.Host == "" || !l.url.IsWeb() {
			continue
		}
		s.form(l)
		if !l.button {
			continue
		}
		c.web++
		c.targets[cut(l.url.Raw, 300)] = true
		c.orgs[operator(l.org)] = true
		if operator(l.org) == operator(s.h.author.org) {
			c.own++
		}
		if l.url.Scheme == "http" && l.url.Odd&urls.Bare == 0 {
			c.open++
		}
		s.lead(l)
	}
	s.summary(&c)
}

// form looks at how an address is written.
func (s *session) form(l *link) {
	u := &l.url
	if a, err := netip.ParseAddr(u.Host); err == nil {
		s.when(public(a), "link_address")
	}
	s.when(u.Odd.Has(urls.OddNumber|urls.Encoded|urls.Mapped|urls.Controls|urls.Backslash), "link_disguised")
	s.when(u.Odd.Has(urls.UserInfo), "link_user_info")
	s.when(u.Odd.Has(urls.IDN), "link_not_ascii")
	s.when(u.Odd.Has(urls.Defanged) && l.button && l.text == "", "link_to_be_mended")
	s.when(u.Port != "" && u.Port != "8080" && u.Port != "8443", "link_odd_port")
}

// lead looks at where a link leads.
func (s *session) lead(l *link) {
	u := &l.url
	s.when(u.IsShort(), "link_shortened")
	s.when(freeHosting(u.Host), "link_free_hosting")
	s.when(cheapSuffix(u.Host), "link_cheap_suffix")
	label, _, _ := strings.Cut(l.org, ".")
	s.when(random(label), "link_random_domain")
	s.when(lettersOf(label).digits >= 3 && !u.Odd.Has(urls.Numeric), "link_digits_domain")
	s.when(strings.Count(u.Host, ".") >= 4 && !u.Odd.Has(urls.Numeric), "link_deep_host")
	sub := strings.TrimSuffix(strings.TrimSuffix(u.Host, l.org), ".")
	s.when(len(sub) >= 12 && random(strings.ReplaceAll(sub, "-", "")), "link_random_host")
	path := strings.ToLower(cut(u.Path, 300))
	for _, w := range [...]string{"/wp-", "/.well-known/", "/cgi-bin/", "/components/com_", "/plugins/"} {
		s.when(strings.Contains(path, w), "link_into_cms")
	}
	for _, ext := range [...]string{".php", ".asp", ".exe", ".zip"} {
		s.when(strings.HasSuffix(path, ext), "link_to_program")
	}
	s.when(len(u.Path)+len(u.Query) > 60 && lettersOf(u.Path+u.Query).digits*3 > len(u.Path)+len(u.Query), "link_many_digits")
	s.when(strings.Contains(u.Path, "@") || strings.Contains(u.Query, "@"), "link_at_sign")
	s.personal(l)
	s.shown(l)
	if l.org != s.h.author.org {
		if how, ok := s.judged(u.Host); ok {
			s.note("link_imitates", how)
		}
	}
	if hops := urls.Unwrap(*u); len(hops) > 1 && hops[len(hops)-1].Known {
		t := urls.Target(hops)
		org := urls.Registrable(t.Host)
		s.when(t.Host != "" && org != l.org && operator(org) != operator(s.h.author.org), "link_redirector")
	}
}

// judged tells in which way a host imitates a well-known name, if it does. It is found out once for each host.
func (s *session) judged(host string) (how string, ok bool) {
	if s.b.judged == nil {
		s.b.judged = map[string]string{}
	}
	how, known := s.b.judged[host]
	if !known {
		if v, imitates := s.t.judge.Host(host); imitates {
			how = string(v.How)
		}
		s.b.judged[host] = how
	}
	return how, how != ""
}

// personal tells if a link carries the recipient's address, so that the page behind it can greet him.
func (s *session) personal(l *link) {
	for i := range s.h.to[:min(len(s.h.to), 3)] {
		a := s.h.to[i].address
		if len(a) < 6 || s.h.to[i].org == l.org {
			continue
		}
		raw := strings.ToLower(cut(l.url.Raw, 2000))
		inFragment := l.url.Fragment != "" && strings.Contains(strings.ToLower(l.url.Fragment), a)
		s.when(inFragment, "link_recipient_in_fragment")
		s.when(strings.Contains(raw, a) || strings.Contains(raw, strings.Replace(a, "@", "%40", 1)), "link_recipient")
		code := strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(a)), "=")
		s.when(strings.Contains(l.url.Raw, code[:len(code)-1]), "link_recipient_encoded")
	}
}

// shown tells if a link shows the name of another site than it leads to.
func (s *session) shown(l *link) {
	text := strings.TrimSpace(l.text)
	if text == "" {
		s.note("link_without_text", "")
		return
	}
	if !strings.Contains(text, ".") || len(text) > 200 || strings.ContainsAny(text, "@") {
		return
	}
	found := urls.Text(text, 1)
	if len(found) == 0 || found[0].URL.Host == "" || found[0].Start > 0 {
		return
	}
	d := urls.DomainOf(found[0].URL.Host)
	s.when(d.Known && operator(d.Registrable) != operator(l.org), "link_shows_other")
}

// summary looks at all links together.
func (s *session) summary(c *linkCount) {
	h := &s.h
	s.when(c.web == 0 && c.mails > 0, "link_mail_only")
	s.when(c.mails > 0 && s.mailtoFree(), "link_mail_freemail")
	if c.web == 0 {
		s.when(len(s.b.links) == 0, "no_link")
		return
	}
	s.when(c.own == 0 && h.author.org != "" && !h.list, "link_none_to_author")
	s.when(c.web >= 3 && len(c.targets) == 1, "link_always_the_same")
	s.when(c.web >= 2 && len(c.targets) == 1 && c.own == 0, "link_one_target")
	s.when(len(c.targets) == 1 && s.b.seen() < 4*littleText, "link_one_little_text")
	s.when(c.open > 0, "link_unencrypted")
	s.counted(len(c.orgs) > 10, "link_many_domains", len(c.orgs))
	s.when(s.b.inHTML > 0 && !s.unsubscribes(), "html_no_unsubscribe")
}

// unsubscribes tells if the message tells how to leave a list. A text does so at its end.
func (s *session) unsubscribes() bool {
	if s.h.count["list-unsubscribe"] > 0 {
		return true
	}
	text := s.b.folded[max(0, len(s.b.folded)-maxLooks):]
	for _, w := range [...]string{"unsub", "abmeld", "optout", "opt-out", "desabon", "desinscri", "baja", "descadastr", "disiscri", "afmeld", "preferences"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// mailtoFree tells if a link writes to a free mailbox that is not the author's.
func (s *session) mailtoFree() bool {
	for i := range s.b.links {
		u := &s.b.links[i].url
		if u.Scheme != "mailto" {
			continue
		}
		address, _, _ := strings.Cut(u.Path, "?")
		_, domain := cutLast(address, '@')
		if freemail(strings.ToLower(domain)) && !strings.EqualFold(address, s.h.author.address) {
			return true
		}
	}
	return false
}
