// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"strings"
)

// redirector is a service whose addresses tell where they lead.
type redirector struct {
	name   string
	target func(u *URL) []string // What may be the target, the best first.
}

// redirectorOf finds the redirector that u is an address of; nil if none is known.
func redirectorOf(u *URL) *redirector {
	host := strings.TrimPrefix(u.Host, "www.")
	if r, ok := byHost[host]; ok {
		return r.at(u)
	}
	for name, ok := host, true; ok; _, name, ok = strings.Cut(name, ".") {
		if r, ok := byDomain[name]; ok {
			return r.at(u)
		}
	}
	if strings.HasPrefix(host, "google.") || strings.Contains(host, ".google.") {
		if d := DomainOf(host); strings.HasPrefix(d.Registrable, "google.") {
			return google.at(u)
		}
	}
	return nil
}

// route is one kind of address of a service.
type route struct {
	name   string
	path   string // Prefix of the path.
	target func(u *URL) []string
}

type routes []route

// at finds the route that u goes by.
func (rs routes) at(u *URL) *redirector {
	for i := range rs {
		if strings.HasPrefix(u.Path, rs[i].path) {
			return &redirector{rs[i].name, rs[i].target}
		}
	}
	return nil
}

// in makes a target of the parameters by these names.
func in(names ...string) func(u *URL) []string {
	return func(u *URL) []string {
		var all []string
		for _, n := range names {
			if v, ok := param(u.Query, n); ok {
				all = append(all, v)
			}
		}
		return all
	}
}

// param is the first parameter of that name in any case, without its outer encoding.
func param(query, name string) (string, bool) {
	for n := 0; query != "" && n < maxParams; n++ {
		var pair string
		pair, query = cutPair(query)
		k, v, _ := strings.Cut(pair, "=")
		if strings.EqualFold(unescape(k), name) {
			return unescape(v), true
		}
	}
	return "", false
}

// one is the only route of a service, whatever the path.
func one(name, path string, names ...string) routes { return routes{{name, path, in(names...)}} }

var google = routes{
	{"Google", "/url", in("q", "url")},
	{"Google", "/sa", in("url")},
	{"Google", "/imgres", in("imgrefurl", "imgurl")},
	{"Google", "/aclk", in("adurl")},
	{"Google", "/pagead/", in("adurl")},
	{"Google", "/translate", in("u")},
	{"Google AMP", "/amp/", func(u *URL) []string { return ampPath(strings.TrimPrefix(u.Path, "/amp/")) }},
}

// byHost are services by the name of the host, without www.
var byHost = map[string]routes{
	"bing.com":                          {{"Bing", "/ck/", bing}, {"Bing", "/alink/", in("url")}, {"Bing AMP", "/amp/", ampCDN}, {"Bing", "/", in("url", "r")}},
	"duckduckgo.com":                    one("DuckDuckGo", "/l/", "uddg"),
	"r.search.yahoo.com":                {{"Yahoo", "/", yahoo}},
	"youtube.com":                       one("YouTube", "/redirect", "q"),
	"l.facebook.com":                    one("Facebook", "/", "u"),
	"lm.facebook.com":                   one("Facebook", "/", "u"),
	"facebook.com":                      {{"Facebook", "/l.php", in("u")}, {"Facebook", "/flx/warn/", in("u")}},
	"l.instagram.com":                   one("Instagram", "/", "u"),
	"l.messenger.com":                   one("Messenger", "/", "u"),
	"l.wl.co":                           one("WhatsApp", "/l", "u"),
	"l.threads.net":                     one("Threads", "/", "u"),
	"linkedin.com":                      {{"LinkedIn", "/redir/", in("url")}, {"LinkedIn", "/redirect", in("url")}, {"LinkedIn", "/safety/go", in("url")}},
	"slack-redir.net":                   one("Slack", "/link", "url"),
	"steamcommunity.com":                one("Steam", "/linkfilter/", "url", "u"),
	"vk.com":                            one("VK", "/away.php", "to"),
	"away.vk.com":                       one("VK", "/", "to"),
	"out.reddit.com":                    one("Reddit", "/", "url"),
	"t.umblr.com":                       one("Tumblr", "/redirect", "z"),
	"disq.us":                           one("Disqus", "/", "url"),
	"exit.sc":                           one("SoundCloud", "/", "url"),
	"href.li":                           {{"href.li", "/", wholeQuery}},
	"medium.com":                        one("Medium", "/r/", "url"),
	"googleadservices.com":              one("Google", "/pagead/", "adurl"),
	"adclick.g.doubleclick.net":         one("Google", "/", "adurl"),
	"googleweblight.com":                one("Google", "/", "lite_url"),
	"web.archive.org":                   {{"Internet Archive", "/web/", inPath}},
	"urldefense.com":                    {{"URL Defense", "/v3/", urldefense3}, {"URL Defense", "/v2/", urldefense2}, {"URL Defense", "/v1/", in("u")}},
	"urldefense.us":                     {{"URL Defense", "/v3/", urldefense3}, {"URL Defense", "/v2/", urldefense2}},
	"urldefense.proofpoint.com":         {{"URL Defense", "/v3/", urldefense3}, {"URL Defense", "/v2/", urldefense2}, {"URL Defense", "/v1/", in("u")}},
	"linkprotect.cudasvc.com":           one("Barracuda", "/url", "a"),
	"clicktime.symantec.com":            one("Symantec", "/", "u"),
	"clicktime.cloud.postoffice.net":    one("Symantec", "/", "u"),
	"secure-web.cisco.com":              {{"Cisco", "/", inPath}},
	"protect.checkpoint.com":            {{"Check Point", "/v", betweenUnderscores}},
	"url.avanan.click":                  {{"Avanan", "/v", betweenUnderscores}},
	"link.edgepilot.com":                one("EdgePilot", "/s/", "u"),
	"urlsand.esvalabs.com":              one("Libraesva", "/", "u"),
	"urlsand.com":                       one("Libraesva", "/", "u"),
	"linklock.titanhq.com":              one("TitanHQ", "/", "url"),
	"atpscan.global.hornetsecurity.com": one("Hornetsecurity", "/", "url", "u"),
	"isolate.menlosecurity.com":         {{"Menlo", "/", inPath}},
	"statics.teams.cdn.office.net":      one("Safe Links", "/evergreen-assets/safelinks/", "url"),
}

// byDomain are services by a domain that their hosts are at or below.
var byDomain = map[string]routes{
	"safelinks.protection.outlook.com":  one("Safe Links", "/", "url"),
	"safelinks.protection.office365.us": one("Safe Links", "/", "url"),
	"fireeye.com":                       one("FireEye", "/", "u"),
	"trendmicro.com":                    one("Trend Micro", "/", "url"),
	"protection.sophos.com":             {{"Sophos", "/", sophos}},
	"mimecastprotect.com":               {{"Mimecast", "/s/", hostIn("domain")}},
	"outlook.inky.com":                  {{"Inky", "/link", hostIn("domain")}},
	"bing-amp.com":                      {{"Bing AMP", "/", ampCDN}},
	"mimecast.com":                      {{"Mimecast", "/s/", hostIn("domain")}, {"Mimecast", "/redirect/", hostIn("domain")}},
	"cdn.ampproject.org":                {{"AMP", "/", ampCDN}},
	"translate.goog":                    {{"Google", "/", translated}},
	"pstmrk.it":                         {{"Postmark", "/3", postmark}},
	"awstrack.me":                       {{"Amazon SES", "/L", inPath}},
	"g.doubleclick.net":                 one("Google", "/", "adurl"),
	"mandrillapp.com":                   {{"Mandrill", "/track/click/", mandrill}},
}
