// SPDX-License-Identifier: Apache-2.0

package lookalike

import (
	"strings"
	"unicode"

	"github.com/mailweir/mailweir/urls"
)

// Host judges a host name in canonical form (package urls). ok is false if it looks like itself only.
func (j *Judge) Host(host string) (v Verdict, ok bool) {
	if len(host) > maxName {
		host = host[len(host)-maxName:]
	}
	d := urls.DomainOf(host)
	if d.Suffix == "" || j.WellKnown(d.Registrable) {
		return Verdict{}, false
	}
	if strings.Contains(host, "xn--") {
		if v, ok := j.unicode(host); ok {
			return v, true
		}
	}
	label := strings.TrimSuffix(d.Registrable, "."+d.Suffix)
	if label != d.Registrable {
		if v, ok := j.label(label, d.Suffix); ok {
			return v, true
		}
	}
	return j.inside(host, d.Registrable)
}

// unicode judges the labels that are not US-ASCII.
func (j *Judge) unicode(host string) (Verdict, bool) {
	for l := range strings.SplitSeq(host, ".") {
		u := urls.Unicode(l)
		if u == l {
			continue
		}
		if i, ok := j.skeletons[Skeleton(u)]; ok && j.entries[i].word != l {
			return Verdict{Letters, j.entries[i].domains[0], u}, true
		}
		if strings.ContainsFunc(u, isSign) {
			return Verdict{How: Signs, Label: u}, true
		}
		if Mixed(u) {
			return Verdict{How: Scripts, Label: u}, true
		}
		for part := range strings.SplitSeq(u, "-") {
			if i, ok := j.skeletons[Skeleton(part)]; ok && !j.entries[i].common && !isASCII(part) {
				return Verdict{Letters, j.entries[i].domains[0], u}, true
			}
		}
	}
	return Verdict{}, false
}

// isSign tells if a character looks like one that ends the host of an address, or cannot be seen there: nobody names a site with it.
func isSign(r rune) bool {
	switch r {
	case '\u2044', '\u2215', '\u29f8', '\u2571', '\u27cb', '\u2afb', '\u2afd', '\u1735', // /
		'\u2024', '\u0701', '\u0702', // .
		'\u02d0', '\ua789', '\u2236', '\u0589', '\u05c3', '\u0703', '\u0704': // :
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Zs, unicode.Zl, unicode.Zp) && r != '\u200c' && r != '\u200d'
}

// label judges the label in front of a public suffix.
func (j *Judge) label(label, suffix string) (Verdict, bool) {
	if i, ok := j.words[label]; ok {
		e := &j.entries[i]
		if j.protected[e.domains[0]] || !e.common && !isClassical(suffix) {
			return Verdict{Suffix, e.domains[0], label + "." + suffix}, true
		}
		return Verdict{}, false
	}
	if j.own[label] {
		return Verdict{}, false
	}
	if i, ok := j.skeletons[Skeleton(label)]; ok && isASCII(label) {
		return Verdict{Digits, j.entries[i].domains[0], label}, true
	}
	if v, ok := j.affixed(label, false); ok {
		return v, true
	}
	return j.typo(label)
}

// isClassical tells if a name of the list is taken to be the owner's below the suffix: a country's, or one of the first generic ones. Those of
// the new ones, and countries' that give names away, are taken by anybody.
func isClassical(suffix string) bool {
	switch suffix {
	case "com", "net", "org", "info", "biz", "eu", "edu", "gov", "int", "mil", "jobs", "mobi", "asia":
		return true
	case "tk", "ml", "ga", "cf", "gq", "cc", "pw":
		return false
	}
	if i := strings.LastIndexByte(suffix, '.'); i >= 0 {
		return len(suffix)-i == 3 && i <= 3 // co.uk, com.br; not a private suffix.
	}
	return len(suffix) == 2
}

// affixed finds a name of the list between hyphens, or joined to a word that lures. With lure set there has to be such a word.
func (j *Judge) affixed(label string, lure bool) (Verdict, bool) {
	if j.own[label] {
		return Verdict{}, false
	}
	if strings.IndexByte(label, '-') >= 0 {
		found, lured := -1, false
		for part := range strings.SplitSeq(label, "-") {
			i, ok := j.words[part]
			if !ok && len(part) >= minWord {
				i, ok = j.skeletons[Skeleton(part)]
			}
			if ok && found < 0 && (!j.entries[i].common || j.entries[i].plain || len(part) < minWord) {
				found = i
				continue
			}
			lured = lured || isLure(part)
		}
		if found >= 0 && (lured || !lure && !j.entries[found].common) {
			return Verdict{Affix, j.entries[found].domains[0], label}, true
		}
	}
	joined := strings.ReplaceAll(label, "-", "")
	for i := minWord; i < len(joined); i++ {
		if w, ok := j.words[joined[:i]]; ok && !j.entries[w].common && (isLure(joined[i:]) || j.entries[w].endsIn(joined[i:])) {
			return Verdict{Affix, j.entries[w].domains[0], label}, true
		}
		if w, ok := j.words[joined[len(joined)-i:]]; ok && !j.entries[w].common && isLure(joined[:len(joined)-i]) {
			return Verdict{Affix, j.entries[w].domains[0], label}, true
		}
	}
	return Verdict{}, false
}

// endsIn tells if s is the suffix of the name's main domain without its full stops, as in "paypalcom".
func (e *entry) endsIn(s string) bool {
	_, suffix, _ := strings.Cut(e.domains[0], ".")
	return s == strings.ReplaceAll(suffix, ".", "")
}

// isLure tells if a word is one that is joined to names to make them look official.
func isLure(s string) bool {
	switch strings.TrimRight(s, "0123456789") {
	case "secure", "security", "login", "signin", "logon", "verify", "verification", "account", "accounts", "support", "update", "updates",
		"service", "services", "billing", "help", "helpdesk", "online", "bank", "banking", "mail", "email", "id", "auth", "alert", "alerts",
		"team", "center", "centre", "customer", "client", "payment", "payments", "invoice", "wallet", "recovery", "unlock", "confirm", "info",
		"notification", "notice", "portal", "access", "web", "app", "office", "sso", "my", "kundenservice", "konto", "sicherheit",
		"paket", "track", "tracking", "delivery", "parcel", "refund", "reward", "rewards", "gift", "bonus", "promo", "claim", "kyc", "validation":
		return true
	}
	return false
}

// minTypo is the number of letters of a name that is compared letter by letter: shorter ones are close to many words.
const minTypo = 6

// typo finds a name of the list that is one step away.
func (j *Judge) typo(label string) (Verdict, bool) {
	if len(label) < minTypo {
		return Verdict{}, false
	}
	for i := range j.entries {
		e := &j.entries[i]
		if d := len(e.word) - len(label); e.common || len(e.word) < minTypo || d < -1 || d > 1 || !oneStep(e.word, label) {
			continue
		}
		return Verdict{Typo, e.domains[0], label}, true
	}
	return Verdict{}, false
}

// oneStep tells if a and b differ, by one letter more, less or other, or two neighbours exchanged.
func oneStep(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case len(a) < len(b):
		return a[i:] == b[i+1:]
	case i == len(a):
		return false
	case a[i+1:] == b[i+1:]:
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// inside looks for a domain of the list in front of the registrable name: paypal.com.example.net, paypal.com-login.example.
func (j *Judge) inside(host, registrable string) (Verdict, bool) {
	sub := strings.TrimSuffix(host, registrable)
	if sub == "" || strings.Contains(sub, "proxy") { // Libraries reach others' pages through proxies with such names.
		return Verdict{}, false
	}
	labels := strings.Split(host, ".")
	most := strings.Count(sub, ".")
	for n := range most {
		i, ok := j.words[labels[n]]
		if !ok {
			if v, ok := j.affixed(labels[n], true); ok {
				return v, true
			}
			continue
		}
		next := labels[n+1]
		for _, d := range j.entries[i].domains {
			_, suffix, _ := strings.Cut(d, ".")
			if d[:len(d)-len(suffix)-1] != labels[n] && d != j.entries[i].domains[0] {
				continue
			}
			first, _, _ := strings.Cut(suffix, ".")
			if next == first && n+1 < most || strings.HasPrefix(next, first+"-") {
				return Verdict{Embedded, j.entries[i].domains[0], labels[n] + "." + next}, true
			}
		}
	}
	return Verdict{}, false
}
