// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
)

// newFilter makes a filter with the defaults, changed, for the site example.org.
func newFilter(t testing.TB, change func(*Options)) *filter {
	t.Helper()
	o := DefaultOptions()
	o.Protect, o.ProtectPeople = []string{"example.org"}, []string{"Jane Boss"}
	if change != nil {
		change(o)
	}
	f, err := New(o, filters.Deps{Unpacker: filtertest.Unpacker(t)})
	if err != nil {
		t.Fatal(err)
	}
	return f.(*filter)
}

// lines are header fields and a body, with the line ends of mail.
func lines(all ...string) string { return strings.Join(all, "\r\n") + "\r\n" }

// page is a message from somewhere with HTML in it.
func page(html ...string) string {
	return lines(append([]string{"From: Shop <news@shop.example>", "Content-Type: text/html; charset=utf-8", ""}, html...)...)
}

func link(href, text string) string { return `<a href="` + href + `">` + text + `</a>` }

func inspect(t testing.TB, f *filter, text string) []filters.Finding {
	t.Helper()
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// told are findings in short: code, part and detail.
func told(found []filters.Finding) []string {
	var all []string
	for _, f := range found {
		all = append(all, fmt.Sprintf("%s %s: %s", strings.TrimPrefix(f.Code, "phishing."), f.Part, f.Detail))
	}
	return all
}

// TestLinks: what is wrong with links, and what is not.
func TestLinks(t *testing.T) {
	tests := []struct {
		name, message string
		want          []string
	}{
		{"same", page(link("https://www.evil.com/x", "www.evil.com")), nil},
		{"same domain", page(link("https://click.evil.com/x", "https://www.evil.com/offer")), nil},
		{"no address shown", page(link("https://evil.com/x", "Click here")), nil},
		{"mismatch", page(link("https://evil.com/x", "https://www.other.com/login")), []string{"mismatch 1: shows www.other.com, leads to evil.com"}},
		{"mismatch, bare", page(link("https://evil.com/x", "other.com")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"mismatch in a sentence", page(link("https://evil.com/x", "Go to https://other.com/ now")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"mismatch in the title", page(`<a title="https://other.com/" href="https://evil.com/x">here</a>`), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"mismatch in pieces", page(`<a href="https://evil.com/x">https://<b>oth</b>er.com</a>`), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"bare name in a sentence", page(link("https://evil.com/x", "Log in to other.com now")), nil},
		{"what is not seen", page(link("https://evil.com/x", "h&#8203;ttps:&zwnj;//oth&shy;er.com")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"soft hyphens", page(link("https://www.shop.example/x", "www.sh&shy;op.exa&shy;mple")), nil},
		{"written backwards", page(link("https://evil.com/x", "&#8238;moc.rehto//:sptth")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"written backwards by markup", page(link("https://evil.com/x", "<bdo dir=rtl>moc.rehto//:sptth</bdo>")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"bare name written backwards by markup", page(link("https://evil.com/x", "<bdo dir=rtl>moc.rehto</bdo>")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"two attributes", page(`<a href="https://evil.com/x" xlink:href="https://other.com/">https://other.com</a>`), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"base", page(`<base href="https://evil.com/">` + link("/x", "https://other.com")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"base in the header", "Content-Base: \"https://evil.com/\"\r\n" + page(link("x", "https://other.com")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"base, and the scheme alone", page(`<base href="https://evil.com/">` + link("https:other.com/x", "https://other.com")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"no base, and the scheme alone", page(link("https:other.com/x", "https://other.com")), nil},
		{"base, and another host", page(`<base href="https://evil.com/">` + link("//other.com/x", "https://other.com") + link("https://other.com/x", "https://other.com")), nil},
		{"signs around it", page(link("https://evil.com/x", "🔒 other.com›")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"signs for others in it", page(link("https://evil.com/x", "https꞉⁄⁄other․com")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"fragment and base", page(`<base href="https://evil.com/">` + link("#x", "https://other.com")), nil},
		{"another browser", page(link("microsoft-edge:https://paypa1.com/", "here")), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"slash of another kind", page(link("https://bank.com⧸evil.com/", "here")), []string{"homograph 1: bank.xn--comevil-vl3e.com has characters that look like slashes or colons"}},
		{"shortener", page(link("https://bit.ly/x", "here")), []string{"shortener : links to addresses that a service shortened: bit.ly"}},
		{"redirector", page(link("https://www.google.com/url?q=https%3A%2F%2Fevil.com", "here")), []string{"redirector : links that go over somebody else's redirector: www.google.com to evil.com"}},
		{"redirector to the sender", page(link("https://www.google.com/url?q=https%3A%2F%2Fshop.example", "here")), nil},
		{"name of a file", page(link("https://evil.com/x", "README.md")), nil},
		{"own tracker", page(link("https://click.shop.example/x", "www.partner.com")), nil},
		{"own site by any tracker", page(link("https://t.evil.com/x", "www.shop.example")), nil},
		{"known tracker", page(link("https://u1.ct.sendgrid.net/x", "www.partner.com")), nil},
		{"bank by a known tracker", page(link("https://u1.ct.sendgrid.net/x", "www.paypal.com")), []string{"mismatch 1: shows www.paypal.com, leads to u1.ct.sendgrid.net"}},
		{"bank by its own tracker", strings.Replace(page(link("https://u1.ct.sendgrid.net/x", "www.paypal.com")), "news@shop.example", "x@paypal.com", 1), nil},
		{"mailing list", "List-Id: <l.other.com>\r\n" + page(link("https://evil.com/x", "www.partner.com")), nil},
		{"bank in a mailing list", "List-Id: <l.other.com>\r\n" + page(link("https://evil.com/x", "www.paypal.com")), []string{"mismatch 1: shows www.paypal.com, leads to evil.com"}},
		{"counter of clicks", page(link("https://c.evil.com/1", "www.a.com"), link("https://c.evil.com/2", "www.b.com"), link("https://c.evil.com/3", "www.d.com")), nil},
		{"bank by a counter of clicks", page(link("https://c.evil.com/1", "www.a.com"), link("https://c.evil.com/2", "www.b.com"), link("https://c.evil.com/3", "www.paypal.com")), []string{"mismatch 1: shows www.paypal.com, leads to c.evil.com"}},
		{"same address again and again", page(link("https://evil.com/1", "www.a.com"), link("https://evil.com/2", "www.a.com"), link("https://evil.com/3", "https://mail.a.com")), []string{"mismatch 1: shows www.a.com, leads to evil.com; shows mail.a.com, leads to evil.com"}},
		{"name of two scripts", page("<p>Your Bin\u0430n\u0441\u0435 account"), []string{`homograph : the text has "Binаnсе", with letters that look like others: like binance.com`}},
		{"name of two scripts in text", lines("Content-Type: text/plain; charset=utf-8", "", "Your Bin\u0430n\u0441\u0435 account"), []string{`homograph : the text has "Binаnсе", with letters that look like others: like binance.com`}},
		{"by Google", page(link("https://www.google.com/url?q=https%3A%2F%2Fother.com", "other.com")), nil},
		{"by Google to elsewhere", page(link("https://www.google.com/url?q=https%3A%2F%2Fevil.com", "other.com")), []string{"redirector : links that go over somebody else's redirector: www.google.com to evil.com", "mismatch 1: shows other.com, leads to evil.com"}},
		{"excuse in a parameter", page(link("https://evil.com/?u=https://other.com", "other.com")), []string{"mismatch 1: shows other.com, leads to evil.com"}},
		{"one house", page(link("https://youtu.be/x", "www.youtube.com")), nil},
		{"mail address", page(link("mailto:a@evil.com", "info@other.com")), []string{"mismatch 1: shows an address at other.com, writes to one at evil.com"}},
		{"same mail address", page(link("mailto:a@other.com?subject=x", "info@other.com")), nil},

		{"number", page(link("http://203.0.113.7/x", "here")), []string{"numeric 1: leads to the bare address 203.0.113.7"}},
		{"number that is shown", page(link("http://203.0.113.7/x", "http://203.0.113.7/x")), nil},
		{"private number", page(link("http://192.168.1.1/", "here")), nil},
		{"odd number", page(link("http://0xcb007107/", "http://0xcb007107/")), []string{`numeric 1: 203.0.113.7 written as "0xcb007107"`}},
		{"user", page(link("https://www.bank.com@evil.com/", "here")), []string{`userinfo 1: "www.bank.com" before the @, leads to evil.com`}},
		{"real user", page(link("ftp://anonymous@ftp.evil.com/", "here")), nil},
		{"encoded host", page(link("https://%65vil.com/", "here")), []string{`obfuscated 1: evil.com written as "%65vil.com"`}},
		{"full-width host", page(link("https://ｅvil.com/", "here")), []string{`obfuscated 1: evil.com written as "ｅvil.com"`}},
		{"homograph", page(link("https://раураӏ.com/", "here")), []string{"homograph 1: xn--80aa0cbo65f.com has letters that look like others: like paypal.com"}},
		{"lookalike", page(link("https://paypa1.com/", "here")), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"like our own", page(link("https://example-login.com/", "here")), []string{"lookalike 1: example-login.com puts something around a name: like example.org"}},
		{"in a parameter", page(link("https://open.com/r?to=https%3A%2F%2Fpaypa1.com", "here")), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"file share", page(link("file://203.0.113.7/x", "here")), []string{"scheme 1: a file share of 203.0.113.7"}},
		{"UNC", lines("", `open \\203.0.113.7\x.png`), []string{"scheme 1: a file share of 203.0.113.7"}},
		{"file share at home", page(link("file://server/x", "here")), nil},
		{"page in the link", lines("", "open data:text/html,x"), []string{`scheme 1: a page in the link: data:"text/html,x"`}},
		{"image in the link", page(`<img src="data:image/png;base64,AAAA">`), nil},
		{"search", page(link("search-ms:query=x", "here")), []string{`scheme 1: a program: search-ms:"query=x"`}},
		{"recipient", page(link("https://evil.com/x#to@example.net", "here")), []string{"recipient 1: the recipient's address in the fragment of a link to evil.com"}},
		{"recipient in Base64", page(link("https://evil.com/x#dG9AZXhhbXBsZS5uZXQ=", "here")), []string{"recipient 1: the recipient's address in the fragment of a link to evil.com"}},
		{"recipient in a parameter", page(link("https://evil.com/x?to@example.net", "here")), nil},
		{"image map", page(`<map><area href="https://paypa1.com/"></map>`), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"form", page(`<form action="https://paypa1.com/"></form>`), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"visible text", page("<p>go to paypa1.com/x</p>"), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{
			"many", page(link("https://paypa1.com/", "a"), link("https://paypa1.com/b", "b"), link("https://netfl1x.com/", "c"), link("https://paypal-login.com/", "c"), link("https://g00gle.com/", "d")),
			[]string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com; netfl1x.com has digits or letters for others: like netflix.com; paypal-login.com puts something around a name: like paypal.com; and 1 more"},
		},

		{"plain text", lines("", "go to https://paypa1.com/x now"), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"flowed", lines("Content-Type: text/plain; format=flowed; DelSp=yes", "", "go to https://pay ", "pa1.com/x now"), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"warning of others", lines("", "do not go to hxxps://paypa1[.]com/x"), nil},
		{"calendar", lines("Content-Type: text/calendar", "", "BEGIN:VEVENT", "URL:https://pay", " pa1.com/x", "END:VEVENT"), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"shortcut", lines("Content-Disposition: attachment; filename=x.url", "Content-Type: application/octet-stream", "", "[InternetShortcut]", "URL=https://paypa1.com/x"), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"nested message", lines("Content-Type: message/rfc822", "", "Subject: x", "", "https://paypa1.com/x"), []string{"lookalike 1.1: paypa1.com has digits or letters for others: like paypal.com"}},
		{
			"PDF", lines("Content-Type: application/pdf", "", "%PDF-1.4", "1 0 obj", "<</Type/Catalog/Pages 2 0 R>>", "endobj", "2 0 obj", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "endobj", "3 0 obj",
				"<</Type/Page/Parent 2 0 R/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://paypa1.com/x)>>>>]>>", "endobj", "trailer", "<</Root 1 0 R>>", "%%EOF"),
			[]string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"},
		},
		{"HTML attached", lines("Content-Type: application/octet-stream; name=x.html", "Content-Disposition: attachment", "", link("https://paypa1.com/", "x")), []string{"lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"hosting", lines("", "https://x.pages.dev/"), []string{"free_hosting : links to x.pages.dev"}},
	}
	f := newFilter(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, told(inspect(t, f, tt.message))); d != "" {
				t.Errorf("%s\nfindings (-want +got):\n%s", tt.message, d)
			}
		})
	}
}

// Each check can be switched off.
func TestOff(t *testing.T) {
	all := "From: PayPal <x@evil.com>\r\nReply-To: x@gmail.com\r\nContent-Type: text/html\r\n\r\n" + link("https://third.com/", "other.com") + link("http://203.0.113.7/", "a") + link("https://www.bank.com@evil.com/", "b") +
		link("https://%65vil.com/", "c") + link("https://xn--pypal-4ve.com/", "d") + link("https://paypa1.com/", "e") + link("file://203.0.113.7/x", "f") + link("https://evil.com/#to@example.net", "g") + link("https://x.pages.dev/", "h")
	if got := len(inspect(t, newFilter(t, nil), all)); got != 11 {
		t.Errorf("got %v with all checks", told(inspect(t, newFilter(t, nil), all)))
	}
	f := newFilter(t, func(o *Options) {
		*o = Options{Mismatch: off, CheckEvery: o.CheckEvery, Language: "en", MaxLinks: 10, WellKnown: true}
	})
	if got := inspect(t, f, all); len(got) != 0 {
		t.Errorf("got %v with all checks off", told(got))
	}
}

func TestStrict(t *testing.T) {
	f := newFilter(t, func(o *Options) { o.Mismatch = strict })
	message := "List-Id: <x.shop.example>\r\n" + page(link("https://click.shop.example/x", "www.partner.com"), link("https://a.shop.com/", "b.shop.com"))
	if got := told(inspect(t, f, message)); len(got) != 1 || !strings.Contains(got[0], "www.partner.com, leads to click.shop.example; shows b.shop.com, leads to a.shop.com") {
		t.Errorf("got %v", got)
	}
}

func TestTooMany(t *testing.T) {
	f := newFilter(t, func(o *Options) { o.MaxLinks = 3 })
	got := told(inspect(t, f, lines("", strings.Repeat("https://a.com/ ", 3)+"https://paypa1.com/")))
	if d := cmp.Diff([]string{"too_many 1: more links than are looked at"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := inspect(t, f, lines("", strings.Repeat("https://a.com/ ", 3))); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// code is an image with a QR code that says text.
func code(t testing.TB, text string) []byte {
	t.Helper()
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 200, 200, nil)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(m.Bounds())
	for y := range m.GetHeight() {
		for x := range m.GetWidth() {
			if !m.Get(x, y) {
				img.Pix[y*img.Stride+x] = 255
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestQR(t *testing.T) {
	f := newFilter(t, nil)
	head := "From: x@shop.example\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n"
	tests := []struct {
		name, text string
		want       []string
	}{
		{"of the sender", "https://www.shop.example/x", nil},
		{"elsewhere", "https://evil.com/x", []string{"qr : a QR code leads to evil.com"}},
		{"with the recipient's address", "https://evil.com/x#to@example.net", []string{"qr : a QR code leads to evil.com", "recipient 1: the recipient's address in the fragment of a link to evil.com"}},
		{"number", "http://203.0.113.7/", []string{"qr : a QR code leads to 203.0.113.7", "numeric 1: leads to the bare address 203.0.113.7"}},
		{"lookalike", "HTTPS://PAYPA1.COM/", []string{"qr : a QR code leads to paypa1.com", "lookalike 1: paypa1.com has digits or letters for others: like paypal.com"}},
		{"no link", "hello", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := inspect(t, f, head+string(code(t, tt.text)))
			if d := cmp.Diff(tt.want, told(got)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			for _, fi := range got {
				if fi.Remedy != nil {
					t.Errorf("%v: an image has no remedy", fi)
				}
			}
		})
	}
	dark := newFilter(t, func(o *Options) { o.QR = false })
	if got := inspect(t, dark, head+string(code(t, "https://paypa1.com/"))); len(got) != 0 {
		t.Errorf("got %v although codes are not to be read", got)
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	for range 2 { // A reload makes the filter anew and goes on counting.
		f, err := New(DefaultOptions(), filters.Deps{Registerer: reg, Unpacker: filtertest.Unpacker(t)})
		if err != nil {
			t.Fatal(err)
		}
		inspect(t, f.(*filter), lines("", "https://a.com/ https://b.com/"))
		inspect(t, f.(*filter), "Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n"+string(code(t, "x")))
	}
	const want = `
# HELP mailweir_phishing_links_total Links that were looked at.
# TYPE mailweir_phishing_links_total counter
mailweir_phishing_links_total 4
# HELP mailweir_phishing_qr_codes_total QR codes that were read.
# TYPE mailweir_phishing_qr_codes_total counter
mailweir_phishing_qr_codes_total 2
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
}

func TestConformance(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter { return newFilter(t, nil) },
		Messages: []string{
			page(link("https://evil.com/", "other.com"), link("http://203.0.113.7/", "x")), lines("From: PayPal <x@evil.com>", "", "https://paypa1.com/"),
			"Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n" + string(code(t, "https://evil.com/")),
		},
	})
}
