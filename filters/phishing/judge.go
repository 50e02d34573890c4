// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/lookalike"
	"github.com/mailweir/mailweir/notices"
	"github.com/mailweir/mailweir/urls"
)

// hit is one thing that is wrong with a link.
type hit struct {
	code   string
	reason notices.Reason
	shown  string // What it pretends to be; "" if nothing.
	real   string // The host that it leads to.
	detail string
}

// judged is an address and all that is wrong with it, wherever in the message it stands.
type judged struct {
	url    *urls.URL // The link itself.
	target *urls.URL // Where known redirectors lead.
	hops   []urls.Hop
	hits   []hit
}

// address judges an address by itself; nil if it is none, or leads nowhere. kind is that of the link.
func (s *session) address(raw, kind string) *judged {
	key := raw
	if isFetched(kind) {
		key = kind + " " + raw // They are not followed by anybody, only fetched.
	}
	if j, ok := s.seen[key]; ok {
		return j
	}
	var j *judged
	if u, ok := urls.Parse(raw); ok {
		j = s.judge(u, kind)
	}
	s.seen[key] = j
	return j
}

// isFetched tells if a link is fetched by the client, and not followed by anybody.
func isFetched(kind string) bool {
	return kind == "img" || kind == "css" || kind == "media" || kind == "link"
}

func (s *session) judge(u urls.URL, kind string) *judged {
	j := &judged{hops: urls.Unwrap(u)}
	j.url = &j.hops[0].URL
	j.target = urls.Target(j.hops)
	s.scheme(j, kind)
	if isFetched(kind) {
		return j
	}
	for i := range j.hops {
		if h := &j.hops[i]; h.URL.IsWeb() && !s.safe.has(h.URL.Host) {
			s.hop(j, h)
		}
	}
	s.recipient(j)
	return j
}

func (j *judged) add(h hit) {
	for i := range j.hits {
		if j.hits[i].code == h.code {
			return
		}
	}
	j.hits = append(j.hits, h)
}

// hop judges the host of one address on the way.
func (s *session) hop(j *judged, h *urls.Hop) {
	u, o := &h.URL, s.f.options
	if s.bad.has(u.Host) {
		j.add(hit{codeBadSite, notices.KnownBad, "", u.Host, u.Host + " is on a list of bad sites"})
	}
	if o.UserInfo && u.Odd.Has(urls.UserInfo) {
		if name, ok := pretends(u.User); ok {
			j.add(hit{codeUserInfo, notices.User, name, u.Host, fmt.Sprintf("%.80q before the @, leads to %s", u.User, u.Host)})
		}
	}
	if o.Numeric && u.Odd.Has(urls.OddNumber) {
		j.add(hit{codeNumeric, notices.Number, "", u.Host, fmt.Sprintf("%s written as %.80q", u.Host, hostOf(u.Raw))})
	}
	if o.Obfuscated && h.Depth == 0 && u.Odd.Has(urls.Encoded|urls.Mapped|urls.Controls) && !u.Odd.Has(urls.Bare|urls.Numeric) {
		j.add(hit{codeObfuscated, notices.Hidden, "", u.Host, fmt.Sprintf("%s written as %.80q", u.Host, hostOf(u.Raw))})
	}
	s.looks(j, u)
	if o.HostingScore > 0 && s.f.hosting.has(u.Host) && !s.sender.domains[s.registrable(u.Host)] {
		s.hosted = append(s.hosted, u.Host)
	}
}

// pretends tells if a user name looks like the host that a link leads to.
func pretends(user string) (name string, ok bool) {
	user = strings.ToLower(user)
	if i := strings.LastIndexByte(user, '@'); i >= 0 {
		user = user[:i]
	}
	user, _, _ = strings.Cut(user, ":")
	user = strings.TrimPrefix(strings.TrimPrefix(user, "http"), "//")
	end := strings.IndexAny(user, "/%&?")
	if end < 0 {
		end = len(user)
	}
	host, ok := urls.Host(user[:end])
	if !ok || strings.IndexByte(host, '.') < 0 {
		return "", len(user) > 100
	}
	return host, urls.DomainOf(host).Known
}

// hostOf is what stands between the slashes of an address, for the log.
func hostOf(raw string) string {
	_, rest, _ := strings.Cut(raw, ":")
	rest = strings.TrimLeft(rest, `/\`)
	if i := strings.IndexAny(rest, `/\?#`); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// looks judges a host by what it looks like. Each host is judged once for the message.
func (s *session) looks(j *judged, u *urls.URL) {
	v, ok := s.hosts[u.Host]
	if !ok {
		if found, like := s.f.names.Host(u.Host); like {
			v = &found
		}
		s.hosts[u.Host] = v
	}
	if v == nil {
		return
	}
	switch v.How {
	case lookalike.Scripts, lookalike.Signs, lookalike.Letters:
		if s.f.options.Homograph {
			j.add(hit{codeHomograph, notices.LooksLike, v.Name, u.Host, explain(v, u.Host)})
		}
	default:
		if s.f.options.Lookalike {
			j.add(hit{codeLookalike, notices.LooksLike, v.Name, u.Host, explain(v, u.Host)})
		}
	}
}

// explain says what a host looks like, for the log. Characters beyond US-ASCII are in Punycode in it.
func explain(v *lookalike.Verdict, host string) string {
	how := map[lookalike.How]string{
		lookalike.Scripts: "has letters of several scripts", lookalike.Letters: "has letters that look like others", lookalike.Digits: "has digits or letters for others",
		lookalike.Signs: "has characters that look like slashes or colons", lookalike.Typo: "is one letter off", lookalike.Affix: "puts something around a name", lookalike.Suffix: "is a name below another suffix", lookalike.Embedded: "has a domain in front",
	}[v.How]
	if v.Name == "" {
		return host + " " + how
	}
	return host + " " + how + ": like " + v.Name
}

// scheme finds links to file shares, programs, and pages in the link itself.
func (s *session) scheme(j *judged, kind string) {
	u := j.url
	if !s.f.options.Scheme {
		return
	}
	switch {
	case (u.Scheme == "file" || u.Scheme == "smb") && abroad(u.Host):
		j.add(hit{codeScheme, notices.Program, "", u.Host, "a file share of " + u.Host})
	case isFetched(kind):
	case u.Scheme == "data" && isPage(u.Path):
		j.add(hit{codeScheme, notices.Program, "", "data:", fmt.Sprintf("a page in the link: data:%.40q", u.Path)})
	case runs(u.Scheme):
		j.add(hit{codeScheme, notices.Program, "", u.Scheme + ":", fmt.Sprintf("a program: %s:%.40q", u.Scheme, u.Path)})
	}
}

// abroad tells if a host is neither the machine itself nor of the site's own network: a name without a dot, a private address.
func abroad(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return !isPrivate(a)
	}
	return strings.IndexByte(host, '.') > 0
}

func isPrivate(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified()
}

func isPage(data string) bool {
	media, _, _ := strings.Cut(strings.ToLower(data[:min(len(data), 100)]), ",")
	media, _, _ = strings.Cut(media, ";")
	switch strings.TrimSpace(media) {
	case "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml":
		return true
	}
	return false
}

// runs tells if a scheme opens a program of Windows that was used for attacks by mail, or runs a script.
func runs(scheme string) bool {
	switch scheme {
	case "search-ms", "search", "ms-msdt", "ms-officecmd", "ms-appinstaller", "ms-cxh", "ms-search", "ms-its", "mk", "mhtml", "vbscript", "jar", "blob", "filesystem":
		return true
	}
	return false
}

// recipient finds the recipient's address in the fragment, which a server never sees: it fills in the form that asks for the password.
func (s *session) recipient(j *judged) {
	if !s.f.options.Recipient {
		return
	}
	for i := range j.hops {
		u := &j.hops[i].URL
		if u.IsWeb() && len(u.Fragment) > 5 && !s.safe.has(u.Host) && s.addressed(u.Fragment) {
			j.add(hit{codeRecipient, notices.Personal, "", u.Host, "the recipient's address in the fragment of a link to " + u.Host})
		}
	}
}

// addressed tells if a fragment holds the address of a recipient, plain or in Base64.
func (s *session) addressed(fragment string) bool {
	plain := strings.ToLower(strings.ReplaceAll(fragment, "%40", "@"))
	for _, to := range s.sender.to {
		if strings.Contains(plain, to) {
			return true
		}
	}
	for _, word := range strings.FieldsFunc(fragment, func(r rune) bool { return r == '/' || r == '=' || r == '&' || r == '?' || r == '#' || r == '!' }) {
		if len(word) < 8 || len(word) > 400 {
			continue
		}
		b, err := base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/").Replace(word))
		if err != nil {
			continue
		}
		text := strings.ToLower(string(b))
		for _, to := range s.sender.to {
			if strings.Contains(text, to) {
				return true
			}
		}
	}
	return false
}

// numeric finds a link to an IP address that its text does not show.
func (s *session) numeric(j *judged, hits []hit, text string) (hit, bool) {
	u := j.target
	if slices.ContainsFunc(hits, func(h hit) bool { return h.code == codeNumeric }) {
		return hit{}, false
	}
	if !s.f.options.Numeric || !u.Odd.Has(urls.Numeric) || !u.IsWeb() || s.safe.has(u.Host) || strings.Contains(text, u.Host) {
		return hit{}, false
	}
	if a, err := netip.ParseAddr(u.Host); err != nil || isPrivate(a) {
		return hit{}, false
	}
	return hit{codeNumeric, notices.Number, "", u.Host, "leads to the bare address " + u.Host}, true
}
