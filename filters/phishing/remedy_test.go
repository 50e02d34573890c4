// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/mail"
)

// disarmed is a message with the remedies of all findings.
func disarmed(t *testing.T, f *filter, text string) string {
	t.Helper()
	msg := filtertest.Message(t, text)
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), msg)
	if err != nil {
		t.Fatal(err)
	}
	var edits []mail.Edit
	for _, fi := range found {
		if fi.Remedy != nil {
			edits = append(edits, fi.Remedy)
		}
	}
	var b strings.Builder
	if err := msg.Write(&b, edits); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRemedy: the link leads nowhere, both addresses stand in the text beside it, and all else is as it was.
func TestRemedy(t *testing.T) {
	const bold, end = ` <b style="color:#b00000">[`, `]</b>`
	const likePayPal = "Warning: this link leads to paypa1[.]com, which looks like paypal[.]com but is not. It was disabled."
	tests := []struct{ name, in, want string }{
		{
			"HTML", page("<p>" + link("https://evil.com/x", "https://www.other.com/login") + "</p>"),
			page("<p><a >hxxps://www[.]other[.]com/login" + bold + "Warning: this link shows www[.]other[.]com but leads to evil[.]com. It was disabled." + end + "</a></p>"),
		},
		{
			"two things wrong, one warning", page(link("https://paypa1.com/#to@example.net", "https://www.other.com/")),
			page("<a >hxxps://www[.]other[.]com/" + bold + "Warning: this link shows www[.]other[.]com but leads to paypa1[.]com. It was disabled." + end + "</a>"),
		},
		{
			"in the language of the message", strings.ReplaceAll(page("<p>Sehr geehrte Kundin, Ihr Konto wurde gesperrt. Bitte folgen Sie dem Link, um sich zu best&auml;tigen; das ist nicht schwer.", link("https://paypa1.com/", "hier")), "utf-8", "iso-8859-1"),
			strings.ReplaceAll(page("<p>Sehr geehrte Kundin, Ihr Konto wurde gesperrt. Bitte folgen Sie dem Link, um sich zu best&auml;tigen; das ist nicht schwer.",
				"<a >hier"+bold+"Warnung: Dieser Link f&#252;hrt zu paypa1[.]com; das sieht aus wie paypal[.]com, ist es aber nicht. Er wurde unwirksam gemacht."+end+"</a>"), "utf-8", "iso-8859-1"),
		},
		{
			"hostile text", page(link("https://evil.com/&quot;&gt;&lt;script&gt;", "https://www.other.com/&lt;script&gt;")),
			page("<a >hxxps://www[.]other[.]com/&lt;script&gt;" + bold + "Warning: this link shows www[.]other[.]com but leads to evil[.]com. It was disabled." + end + "</a>"),
		},
		{
			"form", page(`<form method="post" action="https://paypa1.com/">x</form>`),
			page(`<form method="post" >` + bold + "Warning: this link leads to paypa1[.]com, which looks like paypal[.]com but is not. It was disabled." + end + "x</form>"),
		},
		{
			"plain text", lines("Content-Type: text/plain", "", "go to <https://paypa1.com/a.b?c> or", "www.paypa1.com."),
			lines("Content-Type: text/plain", "", "go to <hxxps://paypa1[.]com/a[.]b?c [Warning: this link leads to paypa1[.]com, which looks like paypal[.]com but is not. It was disabled.]> or",
				"www[.]paypa1[.]com [Warning: this link leads to www[.]paypa1[.]com, which looks like paypal[.]com but is not. It was disabled.]."),
		},
		{
			"plain text without accents", lines("Content-Type: text/plain; charset=us-ascii", "Content-Language: de", "", "https://paypa1.com/"),
			lines("Content-Type: text/plain; charset=us-ascii", "Content-Language: de", "", "hxxps://paypa1[.]com/ [Warnung: Dieser Link fuhrt zu paypa1[.]com; das sieht aus wie paypal[.]com, ist es aber nicht. Er wurde unwirksam gemacht.]"),
		},
		{
			"two attributes", page(`<a href="https://evil.com/" xlink:href="https://www.other.com/">https://www.other.com/</a>`),
			page(`<a  xlink:href="https://www.other.com/">hxxps://www[.]other[.]com/` + bold + "Warning: this link shows www[.]other[.]com but leads to evil[.]com. It was disabled." + end + "</a>"),
		},
		{
			"relative to a base", page(`<base href="https://evil.com/a/b">` + link("c", "www.other.com")),
			page(`<base href="https://evil.com/a/b"><a >www[.]other[.]com` + bold + "Warning: this link shows www[.]other[.]com but leads to evil[.]com. It was disabled." + end + "</a>"),
		},
		{
			"text of HTML", page("<p title='paypa1.com'>go to paypa1&#46;com/x, <!-- paypa1.com/x --> and paypa1.com/x"),
			page("<p title='paypa1.com'>go to paypa1[.]com/x," + bold + likePayPal + end + " <!-- paypa1.com/x --> and paypa1[.]com/x" + bold + likePayPal + end),
		},
		{
			"text of a link", page(link("https://paypa1.com/x", "<b>paypa1.com/x</b>")),
			page("<a ><b>paypa1[.]com/x</b>" + bold + likePayPal + end + "</a>"),
		},
		{
			"mail address", page(link("mailto:x@evil.com", "info@other.com")),
			page("<a >info@other[.]com" + bold + "Warning: this link shows info@other[.]com but leads to x@evil[.]com. It was disabled." + end + "</a>"),
		},
		{
			"an address in the address", lines("Content-Type: text/plain", "", "https://paypa1.com/?u=https://evil.com/x"),
			lines("Content-Type: text/plain", "", "hxxps://paypa1[.]com/?u=hxxps://evil[.]com/x ["+likePayPal+"]"),
		},
		{
			"quoted-printable", strings.Replace(page("caf=C3=A9 "+link(`https://paypa1.com/=`+"\r\n"+`abc`, "x")), "Content-Type", "Content-Transfer-Encoding: quoted-printable\r\nContent-Type", 1),
			strings.Replace(page("caf=C3=A9 <a >x <b style=3D\"color:#b00000\">[Warning: this link leads to pay=", "pa1[.]com, which looks like paypal[.]com but is not. It was disabled.]</b><=", "/a>"),
				"Content-Type", "Content-Transfer-Encoding: quoted-printable\r\nContent-Type", 1),
		},
		{
			"nothing to do", page(link("https://evil.com/", "here")), page(link("https://evil.com/", "here")),
		},
	}
	f := newFilter(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := disarmed(t, f, tt.in)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			settled(t, f, tt.in)
		})
	}
}

// What is signed has no remedy.
func TestSigned(t *testing.T) {
	text := lines("Content-Type: multipart/signed; boundary=b; protocol=x/y", "", "--b", "Content-Type: text/html", "", link("https://evil.com/", "https://other.com"), "--b", "Content-Type: text/plain", "", "https://paypa1.com/", "--b", "Content-Type: x/y", "", "--b--")
	found := inspect(t, newFilter(t, nil), text)
	if len(found) != 2 {
		t.Errorf("got %v", told(found))
	}
	for _, fi := range found {
		if fi.Remedy != nil {
			t.Errorf("%s has the remedy %v", fi.Code, fi.Remedy)
		}
	}
}

// TestRemedyEncodings: whatever the transfer encoding and the charset, the link is gone, lines are no longer than RFC 5322 section 2.1.1 allows, and what was
// not touched is as it was.
func TestRemedyEncodings(t *testing.T) {
	long := strings.Repeat("word ", 190)
	for name, text := range map[string]string{
		"long line":     lines("Content-Type: text/plain", "", long+"https://paypa1.com/"),
		"format flowed": lines("Content-Type: text/plain; format=flowed", "", "> go to https://paypa1.com/ ", "> and on"),
		"base64":        lines("Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: base64", "", "PGEgaHJlZj0iaHR0cHM6Ly9wYXlwYTEuY29tLyI+eDwvYT4="),
		"UTF-16":        lines("Content-Type: text/plain; charset=utf-16le", "Content-Transfer-Encoding: base64", "", "aAB0AHQAcABzADoALwAvAHAAYQB5AHAAYQAxAC4AYwBvAG0ALwA="),
		"nested":        lines("Content-Type: message/rfc822", "", "Subject: x", "", "https://paypa1.com/"),
		"right to left": lines("Content-Type: text/plain; charset=windows-1255", "Content-Transfer-Encoding: 8bit", "", "\xf9\xec\xe5\xed https://paypa1.com/"),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFilter(t, nil)
			settled(t, f, text)
			got := disarmed(t, f, text)
			if left := inspect(t, f, got); len(left) > 0 || got == text {
				t.Errorf("%s\nstill has %v", got, told(left))
			}
			for l := range strings.Lines(got) {
				if len(l) > 1000 {
					t.Errorf("a line of %d octets", len(l))
				}
			}
		})
	}
}

// Where one of the links cannot be made harmless, there is no remedy: the part would be taken for harmless.
func TestHalfRemedy(t *testing.T) {
	for _, text := range []string{
		page(link("https://paypa1.com/", "x"), "netf<b></b>l1x.com"),
		lines("Content-Type: text/plain; format=flowed; DelSp=yes", "", "https://paypa1.com/ or https://netf ", "l1x.com"),
	} {
		for _, fi := range inspect(t, newFilter(t, nil), text) {
			if fi.Remedy != nil {
				t.Errorf("%s\n%s has a remedy", text, fi.Detail)
			}
		}
	}
}

// applied is a text with changes.
func applied(text string, changes []mail.BodyChange) string {
	for _, c := range slices.Backward(changes) {
		text = text[:c.Start] + c.With + text[c.End:]
	}
	return text
}

func TestBreaks(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.b/c.d":                "hxxps://a[.]b/c[.]d",
		"HTTP://a.b":                     "HxxP://a[.]b",
		"www.a.b":                        "www[.]a[.]b",
		"www.a.b.":                       "www[.]a[.]b.",
		"https://a/?u=https://b.c":       "hxxps://a/?u=hxxps://b[.]c",
		"a。b．c｡d":                        "a[.]b[.]c[.]d",
		"a&#46;b&period;c":               "a[.]b[.]c",
		"a&#46b&#x2E;c&#0046;d&#x3002;e": "a[.]b[.]c[.]d[.]e",
		"a&#460;b&#x;c&#c":               "a&#460;b&#x;c&#c",
		"data:text/html,x":               "data[:]text/html,x",
		`\\192.0.2.1\x.exe`:              `\\192[.]0[.]2[.]1\x[.]exe`,
		"http://192.0.2.1?x":             "hxxp://192[.]0[.]2[.]1?x",
		"search-ms:q":                    "search-ms[:]q",
		"a@b.c":                          "a@b[.]c",
		"hxxps://a[.]b":                  "hxxps[:]//a[.]b",
		"":                               "",
		"https":                          "https",
		"\u0130http://a.b":               "\u0130hxxp://a[.]b",
	} {
		if got := applied(in, breaks(in, 0)); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestPieces(t *testing.T) {
	for in, want := range map[string]string{
		"a<b>c</b>d": "a|c|d", "": "", "<b": "", "a < b": "a < b", `<a b="x>y" c='>'>z`: "z", `<a b=c"d>e"`: `e"`, "a<!-- <b> -->c": "a|c", "a<!-- b": "a", "<?x?>a": "a", "a<": "a<",
		`<a href="b="c">d`: "d",
	} {
		var got []string
		for from, to := range pieces([]byte(in)) {
			got = append(got, in[from:to])
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s: got %q, want %s", in, got, want)
		}
	}
}

// FuzzDisarm: what is disarmed once stays as it is.
func FuzzDisarm(f *testing.F) {
	for _, s := range []string{
		link("https://evil.com/", "https://other.com/<b>x</b>.y"), `<a href="https://paypa1.com" href="https://paypa1.com" title=https://paypa1.com>paypa1.com`, "<p>paypa1&#46;com <!-- paypa1.com -->",
		`<form action=//paypa1.com><input formaction=https://paypa1.com>paypa1.com`, `<a href=//paypa1.com><a href=//paypa1.com>x</a>paypa1.com</a>`, `<base href=//paypa1.com><a href=x>www.other.com</a>`,
		`<svg><a xlink:href=//paypa1.com href=//paypa1.com>paypa1.com`, "<a href=https://paypa1.com>\u202emoc.rehto//:sptth</a>", "<a href=https://paypa1.com><bdo dir=rtl>moc.rehto</bdo></a>", "<style>a{background:url(//paypa1.com)}</style>",
	} {
		f.Add(s, false)
		f.Add(s, true)
	}
	filter := newFilter(f, nil)
	f.Fuzz(func(t *testing.T, body string, text bool) {
		if len(body) > 4000 || strings.ContainsAny(body, "\r\n") || !utf8.ValidString(body) {
			return
		}
		message := page(body)
		if text {
			message = strings.Replace(message, "text/html", "text/plain", 1)
		}
		settled(t, filter, message)
	})
}

// settled disarms a message and checks that nothing is left to disarm.
func settled(t *testing.T, f *filter, message string) {
	t.Helper()
	once := disarmed(t, f, message)
	for _, fi := range inspect(t, f, once) {
		if fi.Remedy != nil {
			t.Errorf("%s\nis disarmed\n%s\nand still has %s: %s", message, once, fi.Code, fi.Detail)
		}
	}
}
