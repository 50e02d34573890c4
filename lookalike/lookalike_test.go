// SPDX-License-Identifier: Apache-2.0

package lookalike

import (
	"strings"
	"testing"

	"golang.org/x/net/idna"

	"github.com/mailweir/mailweir/urls"
)

func newJudge(t testing.TB) *Judge {
	t.Helper()
	j, err := New(true, []string{"example.org", "Müller.example"})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestSkeleton(t *testing.T) {
	tests := []struct{ name, a, b string }{
		{"Cyrillic", "раураӏ", "paypal"},
		{"Greek", "gοοgle", "google"},
		{"Armenian", "gօօgle", "google"},
		{"Cherokee", "Ꭱ", "r"},
		{"upper case of other scripts", "НЅВС", "hsbc"},
		{"accents", "pàypál", "paypal"},
		{"combining marks", "pa\u0323ypal", "paypal"},
		{"full-width", "ｐａｙｐａｌ", "paypal"},
		{"mathematical", "𝐩𝐚𝐲𝐩𝐚𝐥", "paypal"},
		{"zero width", "pay\u200bpal", "paypal"},
		{"digits", "g00g1e", "google"},
		{"capital I", "PayPaI", "paypal"},
		{"rn", "rnicrosoft", "microsoft"},
		{"vv", "tvvitter", "twitter"},
		{"small capitals", "ᴘᴀʏᴘᴀʟ", "paypal"},
	}
	for _, tt := range tests {
		if got, want := Skeleton(tt.a), Skeleton(tt.b); got != want {
			t.Errorf("%s: skeleton of %q is %q, of %q %q", tt.name, tt.a, got, tt.b, want)
		}
	}
	if Skeleton("example") == Skeleton("sample") {
		t.Error("different names have one skeleton")
	}
}

func TestMixed(t *testing.T) {
	for word, want := range map[string]bool{
		"paypal": false, "bücher": false, "раураӏ": false, "pаypal": true, "gοogle": true, "почта1": false, "日本語abc": false, "日本ごabc": false, "한국abc": false,
		"кο": true, "日本а": true, "": false, "日本어": false, "ひらㄅ": true,
	} {
		if got := Mixed(word); got != want {
			t.Errorf("%q: got %v", word, got)
		}
	}
}

func TestLooksLatin(t *testing.T) {
	for word, want := range map[string]bool{"pаypal": true, "Аmаzоn": true, "ОреnЅеа": true, "раураӏ": false, "Атиковa": false, "Cбербанк": false, "Νίκoς": false, "日本а": false} {
		if got := LooksLatin(word); got != want {
			t.Errorf("%q: got %v", word, got)
		}
	}
}

func TestHost(t *testing.T) {
	tests := []struct {
		host string
		how  How // "" if it looks like itself only.
		name string
	}{
		{"www.paypal.com", "", ""},
		{"paypal.co.uk", "", ""},
		{"example.org", "", ""},
		{"a.b.example.org", "", ""},
		{"192.0.2.1", "", ""},
		{"localhost", "", ""},
		{"com", "", ""},
		{"раураӏ.com", Letters, "paypal.com"},
		{"pаypal.com", Letters, "paypal.com"},
		{"www.раураӏ.com.evil.ru", Letters, "paypal.com"},
		{"xn--pypal-4ve.com", Letters, "paypal.com"},
		{"еxample.net", Letters, "example.org"},
		{"аbcde.com", Scripts, ""},
		{"bücher.de", "", ""},
		{"почта.рф", "", ""},
		{"paypàl-login.com", Letters, "paypal.com"},
		{"paypa1.com", Digits, "paypal.com"},
		{"rnicrosoft.com", Digits, "microsoft.com"},
		{"app1e.com", Digits, "apple.com"},
		{"paypol.com", Typo, "paypal.com"},
		{"payapl.com", Typo, "paypal.com"},
		{"paypall.com", Typo, "paypal.com"},
		{"paypl.com", "", ""},
		{"netfllx.com", Digits, "netflix.com"},
		{"netflex.com", Typo, "netflix.com"},
		{"goggle.com", "", ""},
		{"apply.com", "", ""},
		{"paypal-service.com", Affix, "paypal.com"},
		{"login-paypal.xyz", Affix, "paypal.com"},
		{"my-paypa1-account.com", Affix, "paypal.com"},
		{"paypalsecure.com", Affix, "paypal.com"},
		{"securepaypal.com", Affix, "paypal.com"},
		{"zimbramail.school.test", "", ""},
		{"usps-tracking.com", Affix, "usps.com"},
		{"usps-railway.com", "", ""},
		{"login-microsoftonline.com", Affix, "microsoftonline.com"},
		{"paypalcom.net", Affix, "paypal.com"},
		{"exampleorg.com", Affix, "example.org"},
		{"dhl-paket-online.com", Affix, "dhl.com"},
		{"apple-farm.com", "", ""},
		{"paypal.xyz", Suffix, "paypal.com"},
		{"paypal.zip", Suffix, "paypal.com"},
		{"paypal.pages.dev", Suffix, "paypal.com"},
		{"apple.farm", "", ""},
		{"example.com", Suffix, "example.org"},
		{"example-login.com", Affix, "example.org"},
		{"examplé.com", Letters, "example.org"},
		{"paypal.com.evil.ru", Embedded, "paypal.com"},
		{"www.paypal.com-secure.evil.ru", Embedded, "paypal.com"},
		{"www.paypal.com-evil.ru", Embedded, "paypal.com"},
		{"apple.com.evil.ru", Embedded, "apple.com"},
		{"paypal-login.evil.ru", Affix, "paypal.com"},
		{"paypal.evil.ru", "", ""},
		{"www.paypal.com.ezproxy.evil.ru", "", ""},
		{"mail.google.com", "", ""},
		{"bank.com\u2044evil.ru", Signs, ""},
		{"bank.com\u29f8evil.ru", Signs, ""},
		{"bank\ua789443.evil.ru", Signs, ""},
		{"l\u00b7l.cat", "", ""},
		{strings.Repeat("a.", 400) + "paypa1.com", Digits, "paypal.com"},
	}
	j := newJudge(t)
	for _, tt := range tests {
		host, ok := urls.Host(tt.host)
		if !ok {
			t.Errorf("%s is no host", tt.host)
			continue
		}
		v, ok := j.Host(host)
		if ok != (tt.how != "") || v.How != tt.how || v.Name != tt.name {
			t.Errorf("%s (%s): got %v, %+v, want %q like %s", tt.host, host, ok, v, tt.how, tt.name)
		}
	}
}

// Every domain of the shipped list is canonical, and none of them looks like another.
func TestShipped(t *testing.T) {
	j := newJudge(t)
	for _, e := range j.entries {
		for _, d := range e.domains {
			host, ok := urls.Host(d)
			if !ok || host != d || urls.Registrable(d) != d {
				t.Errorf("%s: %q is no registrable domain", e.word, d)
			}
			if v, ok := j.Host("www." + d); ok {
				t.Errorf("%s looks like %+v", d, v)
			}
		}
		if strings.ToLower(e.word) != e.word {
			t.Errorf("%q is not in lower case", e.word)
		}
	}
	if len(j.entries) < 100 {
		t.Errorf("%d names", len(j.entries))
	}
}

func TestNewFails(t *testing.T) {
	for _, names := range [][]string{{""}, {"com"}, {"a b"}, {"192.0.2.1"}, make([]string, maxProtected+1)} {
		if _, err := New(true, names); err == nil {
			t.Errorf("%.3q is taken", names)
		}
	}
	if _, err := parse("a b.test\nlonely # b.test\n"); err == nil || err.Error() != "line 2: want a name and its domains" {
		t.Errorf("got %v", err)
	}
}

func TestOwner(t *testing.T) {
	j := newJudge(t)
	if !j.SameOwner("youtu.be", "google.com") || j.SameOwner("google.com", "paypal.com") || j.SameOwner("evil.test", "evil.test") {
		t.Error("owners are confused")
	}
	if !j.WellKnown("paypal.com") || !j.WellKnown("example.org") || j.WellKnown("example.net") || j.Protected("paypal.com") || !j.Protected("example.org") {
		t.Error("names are confused")
	}
}

func FuzzHost(f *testing.F) {
	for _, s := range []string{"paypal.com", "xn--pypal-4ve.com", "a.b.c", "..", "paypal.com-x", "-paypal-", "\xff", "раураӏ", strings.Repeat("rn", 300)} {
		f.Add(s)
	}
	j, err := New(true, []string{"example.org"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if k := Skeleton(s); len(k) > 20*maxName {
			t.Fatalf("%q: skeleton of %d octets", s, len(k))
		}
		Mixed(s)
		j.Name(s)
		host, ok := urls.Host(s)
		if !ok {
			return
		}
		if a, err := idna.ToASCII(host); err == nil && len(a) < 200 {
			if v, ok := j.Host(host); ok && (v.How == "" || v.Label == "") {
				t.Fatalf("%q: verdict %+v", host, v)
			}
		}
		j.Host(host)
	})
}

func BenchmarkHost(b *testing.B) {
	j := newJudge(b)
	for _, host := range []string{"www.paypal.com", "click.newsletter-shop.example.com", "xn--bcher-kva.de", "a-b-c-d-e-f.paypal-login.web.app"} {
		b.Run(host, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				j.Host(host)
			}
		})
	}
}
