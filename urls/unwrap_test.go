// SPDX-License-Identifier: Apache-2.0

package urls

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parse(t testing.TB, s string) URL {
	t.Helper()
	u, ok := Parse(s)
	if !ok {
		t.Fatalf("%q is no address", s)
	}
	return u
}

// TestTarget: redirectors that are known.
func TestTarget(t *testing.T) {
	const to = "https://evil.test/x?y=1"
	q, b64 := url.QueryEscape(to), base64.URLEncoding.EncodeToString([]byte(to))
	tests := []struct{ name, in, want string }{
		{"none", "https://example.org/?url=" + q, "https://example.org/?url=" + q},
		{"google", "https://www.google.com/url?sa=t&q=" + q + "&ust=1", to},
		{"google in another country", "https://www.google.co.uk/url?url=" + q, to},
		{"google maps", "https://maps.google.de/url?q=" + q, to},
		{"not google", "https://www.google.evil.test/url?q=" + q, "https://www.google.evil.test/url?q=" + q},
		{"google amp", "https://www.google.com/amp/s/evil.test/x", "https://evil.test/x"},
		{"google, no scheme", "https://www.google.com/url?q=evil.example.com/x", "http://evil.example.com/x"},
		{"google, encoded name of the parameter", "https://www.google.com/url?%71=" + q, to},
		{"bing amp", "https://www.bing.com/amp/s/evil.test/x", "https://evil.test/x"},
		{"mimecast's other name", "https://url.us.m.mimecastprotect.com/s/abc?domain=evil.test", "http://evil.test/"},
		{"google, doubly encoded", "https://www.google.com/url?q=" + url.QueryEscape(q), to},
		{"google in google", "https://www.google.com/url?q=" + url.QueryEscape("https://www.google.de/url?q="+q), to},
		{"bing", "https://www.bing.com/ck/a?!&&p=x&u=a1" + strings.TrimRight(b64, "=") + "&ntb=1", to},
		{"yahoo", "https://r.search.yahoo.com/_ylt=a/RV=2/RU=" + q + "/RK=2/RS=b-", to},
		{"duckduckgo", "https://duckduckgo.com/l/?uddg=" + q, to},
		{"youtube", "https://www.youtube.com/redirect?event=x&q=" + q, to},
		{"facebook", "https://l.facebook.com/l.php?u=" + q + "&h=1", to},
		{"linkedin", "https://www.linkedin.com/redir/redirect?url=" + q, to},
		{"safe links", "https://eur01.safelinks.protection.outlook.com/?url=" + q + "&data=05", to},
		{"safe links with an ampersand as a reference", "https://eur01.safelinks.protection.outlook.com/?data=05&amp;url=" + q, to},
		{"url defense 1", "https://urldefense.proofpoint.com/v1/url?u=" + q + "&k=1", to},
		{"url defense 2", "https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.test_x-3Fy-3D1&d=D", to},
		{"url defense 3", "https://urldefense.com/v3/__https://evil.test/x?y=1__;!!abc!def$", to},
		{"url defense 3, replaced characters", "https://urldefense.com/v3/__https://evil.test/x*y**Az__;Iyst!!abc$", "https://evil.test/x#y+-z"},
		{"barracuda", "https://linkprotect.cudasvc.com/url?a=" + q + "&c=E,1", to},
		{"cisco", "https://secure-web.cisco.com/1abc/https%3A%2F%2Fevil.test%2Fx%3Fy%3D1", to},
		{"check point", "https://protect.checkpoint.com/v2/___https://evil.test/x?y=1___.Yz", to},
		{"mimecast", "https://protect-eu.mimecast.com/s/abc?domain=evil.test", "http://evil.test/"},
		{"sophos", "https://eu.protection.sophos.com/?d=evil.test&u=" + b64 + "&i=1", to},
		{"trend micro", "https://ddec1-0-en-ctp.trendmicro.com/wis/clicktime/v1/query?url=" + q, to},
		{"amp cdn", "https://evil-test.cdn.ampproject.org/c/s/evil.test/x", "https://evil.test/x"},
		{"translate", "https://ev--il-test.translate.goog/x?_x_tr_sl=de", "https://ev-il.test/x"},
		{"amazon ses", "https://abc.r.us-east-1.awstrack.me/L0/https:%2F%2Fevil.test%2Fx%3Fy%3D1/1/0100/sig=1", to},
		{"mandrill", "https://mandrillapp.com/track/click/1/evil.test?p=eyJzIjoiYSJ9", "http://evil.test"},
		{"view-source", "view-source:https://evil.test/x?y=1", to},
		{"another browser", "microsoft-edge:https://evil.test/x?y=1", to},
		{"Office", "ms-word:ofe|u|https://evil.test/x?y=1", to},
		{"browser by a parameter", "googlechrome://navigate?url=https%3A%2F%2Fevil.test%2Fx%3Fy%3D1", to},
		{"intent", "intent://evil.test/x#Intent;scheme=https;package=a.b;end", "https://evil.test/x"},
		{"telephone", "tel:+1http://evil.test", "tel:+1http://evil.test"},
		{"Postmark", "https://click.pstmrk.it/3s/evil.test%2Fx%3Fy=1/abc/AQ/1", "http://evil.test/x?y=1"},
		{"archive", "https://web.archive.org/web/2020/https://evil.test/x?y=1", to},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Target(Unwrap(parse(t, tt.in)))
			if got.String() != tt.want {
				t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
			}
		})
	}
}

// TestUnwrap: every address on the way, in the order that they are found.
func TestUnwrap(t *testing.T) {
	const to = "https://evil.test/x"
	q, b64 := url.QueryEscape(to), base64.RawURLEncoding.EncodeToString([]byte(to))
	json := base64.RawURLEncoding.EncodeToString([]byte(`{"a":1,"url":"https:\/\/evil.test\/x"}`))
	tests := []struct {
		name, in string
		want     []string
	}{
		{"alone", "https://example.org/a", nil},
		{"parameter", "https://example.org/r?a=b&url=" + q, []string{"parameter " + to}},
		{"any parameter", "https://example.org/r?zz=" + q, []string{"parameter " + to}},
		{"the whole query", "https://example.org/r?" + to, []string{"parameter " + to}},
		{"fragment", "https://example.org/r#" + to, []string{"parameter " + to}},
		{"encoded but for the colon", "https://example.org/?u=https:%2F%2Fevil.test%2F%3Fa=b@example.net", []string{"parameter https://evil.test/?a=b@example.net"}},
		{"thrice", "https://example.org/r?u=" + url.QueryEscape(url.QueryEscape(q)), []string{"parameter " + to}},
		{"path", "https://example.org/r/" + to, []string{"path " + to}},
		{"encoded path", "https://example.org/r/" + q, []string{"path " + to}},
		{"base64", "https://example.org/?x=" + b64, []string{"parameter " + to}},
		{"base64 with padding, alone", "https://example.org/?" + base64.StdEncoding.EncodeToString([]byte(to)), []string{"parameter " + to}},
		{"base64 twice", "https://example.org/#" + base64.StdEncoding.EncodeToString([]byte(b64)), []string{"parameter " + to}},
		{"base64 in the path", "https://example.org/a/" + b64, []string{"path " + to}},
		{"json", "https://example.org/a/" + json, []string{"path " + to}},
		{"www", "https://example.org/?x=www.example.net/a", []string{"parameter http://www.example.net/a"}},
		{"nested", "https://example.org/?u=" + url.QueryEscape("https://example.net/?v="+q), []string{"parameter https://example.net/?v=" + q, "parameter " + to}},
		{"guess behind the known", "https://l.facebook.com/l.php?u=" + url.QueryEscape("https://example.net/?v="+q), []string{"Facebook https://example.net/?v=" + q, "parameter " + to}},
		{"itself", "https://example.org/?u=https://example.org/?u=1", []string{"parameter https://example.org/?u=1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, h := range Unwrap(parse(t, tt.in))[1:] {
				got = append(got, h.By+" "+h.URL.String())
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", tt.in, d)
			}
		})
	}
}

func TestUnwrapIsBounded(t *testing.T) {
	deep, wide := "https://z.test/", "https://a.test/?"
	for i := range 40 {
		deep = "https://a" + string(rune('a'+i%26)) + ".test/?u=" + deep
		wide += "&u=https://a" + strings.Repeat("a", i) + ".test/"
	}
	for _, in := range []string{deep, wide} {
		hops := Unwrap(parse(t, in))
		if len(hops) > maxHops || hops[len(hops)-1].Depth > maxDepth || len(hops) < 4 {
			t.Errorf("%.40q: %d hops, the last one of depth %d", in, len(hops), hops[len(hops)-1].Depth)
		}
	}
}

func TestIsShort(t *testing.T) {
	for in, want := range map[string]bool{
		"https://bit.ly/a": true, "http://www.tinyurl.com/a": true, "https://bit.ly.evil.test/a": false, "https://example.org/": false,
		"https://www.linkedin.com/slink?code=a": true, "https://www.linkedin.com/in/a": false, "http://www.baidu.com/link?url=a": true,
	} {
		if u := parse(t, in); u.IsShort() != want {
			t.Errorf("%s: got %v", in, !want)
		}
	}
}

func FuzzUnwrap(f *testing.F) {
	for _, s := range []string{
		"https://www.google.com/url?q=https%3A%2F%2Fa.test", "https://urldefense.com/v3/__https://a.test/*__;Kw!!", "https://a.test/?x=aHR0cHM6Ly9hLnRlc3Q",
		"https://a.test/eyJ1IjoiaHR0cDovL2EudGVzdCJ9", "https://a-b.translate.goog/", "https://x.awstrack.me/L0/https:%2F%2Fa.test/1", "https://bing.com/ck/a?u=a1aHR0cHM6Ly9hLnRlc3Q",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, ok := Parse(s)
		if !ok {
			return
		}
		hops := Unwrap(u)
		if len(hops) == 0 || len(hops) > maxHops {
			t.Fatalf("%q: %d hops", s, len(hops))
		}
		for _, h := range hops[1:] {
			if !h.URL.IsWeb() || h.By == "" || h.Depth < 1 || h.Depth > maxDepth {
				t.Fatalf("%q: hop %+v", s, h)
			}
		}
		Target(hops)
	})
}

func BenchmarkUnwrap(b *testing.B) {
	for name, s := range map[string]string{
		"plain":    "https://www.example.org/a/b/c?d=e&f=g#h",
		"tracking": "https://click.example.org/f/a/x8eGzr9vRzQ~~/AAQxAQA~/RgRnQx?p=W0RhdGFTb3VyY2U6MTIz&utm_source=newsletter&utm_medium=email",
		"google":   "https://www.google.com/url?q=https%3A%2F%2Fevil.test%2Fx",
		"hostile":  "https://a.test/" + strings.Repeat("http:/", 5000),
	} {
		u := parse(b, s)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Unwrap(u)
			}
		})
	}
}
