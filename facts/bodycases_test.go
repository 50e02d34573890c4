// SPDX-License-Identifier: Apache-2.0

package facts_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

const plainPart = "Content-Type: text/plain; charset=utf-8\n\n"

// file is a part with a name.
func file(media, name string) string {
	return "Content-Type: " + media + "; name=" + name + "\nContent-Disposition: attachment; filename=" + name + "\n\nx"
}

// other makes words that are all different.
func other(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "word%c%c%c ", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26)
	}
	return b.String()
}

func structureCases() []example {
	image := `<img src="https://example.com/a.png">`
	parts := func(fact, kind string, parts ...string) example { return example{fact, mixed(kind, parts...)} }
	short := plainPart + "Hi\n"
	htmlPart := "Content-Type: text/html; charset=utf-8\n\n<p>" + baseBody + baseBody + "</p>"
	encoded := base64.StdEncoding.EncodeToString([]byte(baseBody))
	return []example{
		is("html_only", html, page("")),
		parts("html_twice", "mixed", htmlPart, htmlPart),
		parts("alternative_empty", "alternative", plainPart, htmlPart),
		parts("alternatives_differ", "alternative", plainPart+other(80), htmlPart),
		is("image_little_text", html, "=<p>Hello, have a look at this</p>"+image),
		is("image_only", html, "="+image),
		is("empty", "= \n"),
		is("little_text", "=Hello Bob, how are you today?\n"),
		is("padded_text", "="+strings.Repeat(" \n", 60_000)+"offer"),
		parts("pdf_little_text", "mixed", short, file("application/pdf", "a.pdf")),
		parts("calendar_no_text", "mixed", short, file("text/calendar", "a.ics")),
		parts("archive_little_text", "mixed", short, file("application/zip", "a.zip")),
		parts("message_no_text", "mixed", short, file("application/octet-stream", "a.eml")),
		parts("attachment_no_text", "mixed", short, file("application/octet-stream", "a.bin")),
		parts("attached_page", "mixed", short, file("text/html", "a.html")),
		parts("attached_program", "mixed", short, file("application/octet-stream", "a.exe")),
		is("base64_ascii", "Content-Type: text/plain", "Content-Transfer-Encoding: base64", "="+encoded),
		is("base64_html", html, "Content-Transfer-Encoding: base64", "="+encoded),
		is("base64_needless", "Content-Transfer-Encoding: base64", "="+encoded),
		parts("encodings_mixed", "mixed", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"+encoded, "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nx"),
		is("charset_other_script", "Content-Type: text/plain; charset=koi8-r"),
		is("charset_odd", `Content-Type: text/plain; charset="%CHARSET%"`),
		is("html_no_charset", "Content-Type: text/html", page("")),
		parts("multipart_of_one", "mixed", short),
		is("multipart_of_none", "Content-Type: multipart/mixed; boundary=b"),
		is("mime_ambiguous", "Content-Type: multipart/mixed; boundary=a; boundary=b", "=--a\n\nx\n--a--\n--b\n\ny\n--b--\n"),
		is("html_form", html, page(`<form action="https://example.com/x"><input name=p></form>`)),
		is("html_script", html, page(`<script>x()</script>`)),
		is("html_frame", html, page(`<iframe src="https://example.com/"></iframe>`)),
		is("html_smuggling", html, page(`<script>var b=atob("TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAA");var u=URL.createObjectURL(new Blob([b]));a.download="x.exe";a.href=u;a.click()</script>`)),
		is("qp_long_line", "Content-Transfer-Encoding: quoted-printable", "="+strings.Repeat("word ", 20)),
		is("html_text_behind", html, "=<html><p>"+baseBody+"</p></html>what no page has"),
		is("html_refresh", html, page(`<meta http-equiv=refresh content="0;url=https://example.com/">`)),
		is("html_unreadable", html, "="+strings.Repeat("<base href=x>", 300)),
		is("html_unfollowed", html, page("<style>"+strings.Repeat("b.c{color:red}", 3000)+"</style>")),
		is("html_unfollowed", html, page(`<p style="mask:linear-gradient(#fff,#fff)">a</p>`)),
		is("text_laid_over", html, page(`<p style="position:relative;top:-90px">`+strings.Repeat("word ", 50)+`</p>`)),
		is("html_unread", html, page("<!--"+strings.Repeat("word ", (2<<20)/5)+"-->")),
		is("html_unread", html, page(strings.Repeat("word ", (64<<10)/5))),
		parts("html_unread", "mixed", slices.Repeat([]string{"Content-Type: text/plain\n\n"}, 101)...),
		is("html_drawn_code", html, "="+drawn()),
		is("html_mostly_markup", html, page(strings.Repeat("<!-- x -->\n", 2000))),
		is("html_one_picture", html, `=<a href="https://example.com/x">`+image+`</a>`),
		is("plain_long_line", "="+strings.Repeat("word ", 1000)),
		is("hidden_text_much", html, "=<p>Hello</p><div style=\"display:none\">"+other(300)+"</div>"),
		is("hidden_salad", html, page(`<div style="display:none">`+other(300)+"</div>")),
		is("hidden_words", html, page(`<div style="display:none">`+other(300)+"</div>")),
		is("page_far_below", html, page(`<div style="margin-top: 470500px">x</div>`)),
		is("page_far_below", html, page(`<style>.s { height:2000vh }</style>`)),
		is("gtube", "="+gtube),
		is("gtube", "Subject: "+gtube),
		is("gtube", "Content-Transfer-Encoding: base64", "="+base64.StdEncoding.EncodeToString([]byte(gtube))),
		parts("gtube", "mixed", short, "Content-Type: text/x-other\n\n"+gtube),
		parts("gtube", "mixed", short, "Content-Type: message/rfc822\n\nSubject: "+gtube+"\n\nx"),
		parts("gtube", "mixed", short, "Content-Type: message/rfc822\n\nSubject: x\n\n"+gtube),
		is("gtube", "Content-Transfer-Encoding: quoted-printable", "="+gtube[:20]+"=\n"+gtube[20:]),
		is("gtube", "="+gtube[:20]+"\n"+gtube[20:]),
		is("gtube", html, "=<b>"+gtube[:9]+"</b>"+gtube[9:]),
	}
}

const gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

// drawn is a table of dark and light cells, with the three corners of a QR code.
func drawn() string {
	const n = 21
	dark := func(x, y int) bool {
		corner := func(x, y int) bool {
			d := max(max(x-3, 3-x), max(y-3, 3-y))
			return d == 3 || d <= 1
		}
		switch {
		case x < 7 && y < 7:
			return corner(x, y)
		case x >= n-7 && y < 7:
			return corner(x-(n-7), y)
		case x < 7 && y >= n-7:
			return corner(x, y-(n-7))
		}
		return x > 7 && y > 7 && (x*7+y*3)%5 < 2
	}
	var b strings.Builder
	b.WriteString("<table cellspacing=0>")
	for y := range n {
		b.WriteString("<tr>")
		for x := range n {
			colour := "white"
			if dark(x, y) {
				colour = "black"
			}
			b.WriteString(`<td width=4 height=4 bgcolor="` + colour + `"></td>`)
		}
		b.WriteString("</tr>")
	}
	return b.String() + "</table>"
}

func textCases() []example {
	return []example{
		is("head_zero_width", "Subject: =?utf-8?Q?Min=E2=80=8Butes?="),
		is("head_soft_hyphens", "Subject: =?utf-8?Q?Min=C2=ADutes?="),
		is("head_styled_letters", "Subject: 𝐅𝐫𝐞𝐞 for you"),
		is("head_wide_letters", "Subject: Ｆｒｅｅ for you"),
		is("head_stacked_marks", "Subject: F\u0337r\u0337e\u0337e\u0337d\u0337om"),
		is("head_mixed_scripts", "Subject: Your p\u0430ssword"),
		is("head_leet", "Subject: Cheap v1agra"),
		is("text_zero_width", "=I am w\u200bri\u200bting t\u200bo you\n"),
		is("text_zero_width", "=I am w\u3164ri\u115fting t\u17b4o you\n"),
		is("text_zero_width_many", "="+strings.Repeat("w\u200br\u200bite ", 40)),
		is("text_soft_hyphens", "="+strings.Repeat("wr\u00adite ", 6)),
		is("text_styled_letters", "=𝐅𝐫𝐞𝐞 for you\n"),
		is("text_wide_letters", "=Ｆｒｅｅ for you\n"),
		is("text_stacked_marks", "=F\u0337r\u0337e\u0337e\u0337d\u0337om\n"),
		is("text_mixed_scripts", "=Your p\u0430ssw\u043erd and w\u0430llet\n"),
		is("text_leet", "=Buy v1agra and c1alis here\n"),
		is("text_gappy", "=Buy V I A G R A S now\n"),
		is("text_shouting", "="+strings.ToUpper(baseBody)),
		is("text_mostly_digits", "="+strings.Repeat("123 45 6 word ", 30)),
		is("text_names_recipient", "=Hello bob.jones@example.net, your parcel is here\n"),
		is("money_sum", "Content-Type: text/x-note", "=It costs $500 a piece\n"),
		is("money_sum", "Content-Type: text/plain; format=flowed; delsp=yes", "=It costs $5 \n00 a piece\n"),
		is("money_sum", "=It costs \u202e005$\u202c a piece\n"),
		is("money_sum", "=It costs $500 a piece\n"),
		is("money_millions", "=The sum of $10,000,000 is yours\n"),
		is("wallet_address", "=Send it to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT today\n"),
		is("wallet_address", "=Send it to 0x52908400098527886E0F7030069857D2E4169EE7 today\n"),
		is("telephone", "=Call me at +1 (800) 555-0199 please\n"),
		is("telephone_instead_of_link", "=Your order has been charged. To cancel call our toll free number +1 (800) 555-0199.\n"),
	}
}

func linkCases() []example {
	to := func(fact, url string) example { return is(fact, "=Have a look at "+url+" when you can\n") }
	a := func(fact, tag string) example { return is(fact, html, page(tag)) }
	return []example{
		is("no_link"),
		to("link_address", "http://203.0.113.9/x"),
		to("link_disguised", "http://0xcb007109/x"),
		a("link_address", `<base href="http://203.0.113.9/"><a href="x">x</a>`),
		a("link_user_info", `<a href="https://paypal.com@example.com/">x</a>`),
		to("link_not_ascii", "https://bücher.example/"),
		to("link_to_be_mended", "hxxps://evil[.]example.com/x"),
		to("link_odd_port", "http://example.com:8181/x"),
		to("link_shortened", "https://bit.ly/abc"),
		to("link_free_hosting", "https://x.pages.dev/"),
		to("link_cheap_suffix", "https://garden.xyz/"),
		to("link_random_domain", "https://xkqzvbnw.com/"),
		to("link_digits_domain", "https://shop8473.com/"),
		to("link_deep_host", "https://a.b.c.d.example.com/"),
		to("link_random_host", "https://x7k2m9q4z1v5.example.com/"),
		to("link_into_cms", "https://example.com/wp-content/a/"),
		to("link_to_program", "https://example.com/a.php"),
		to("link_many_digits", "https://example.com/"+strings.Repeat("123456789a", 8)),
		to("link_at_sign", "https://example.com/x?m=a@b"),
		to("link_recipient", "https://example.com/?m=bob.jones@example.net"),
		a("link_recipient_in_fragment", `<a href="https://example.com/#bob.jones@example.net">x</a>`),
		to("link_recipient_encoded", "https://example.com/?m="+base64.StdEncoding.EncodeToString([]byte("bob.jones@example.net"))),
		a("link_shows_other", `<a href="https://example.com/x">www.example.net</a>`),
		a("link_without_text", `<a href="https://example.com/x"><img src="https://example.com/y"></a>`),
		to("link_imitates", "https://paypa1.com/"),
		to("link_redirector", "https://www.google.com/url?q=https://example.com/x"),
		a("link_data", `<a href="data:text/html,x">x</a>`),
		a("link_program", `<a href="javascript:x()">x</a>`),
		a("link_mail_only", `<a href="mailto:x@example.com">x</a>`),
		a("link_mail_freemail", `<a href="mailto:x@gmail.com">x</a>`),
		to("link_none_to_author", "https://example.com/x"),
		a("link_always_the_same", strings.Repeat(`<a href="https://example.com/x">x</a> `, 3)),
		a("link_one_target", strings.Repeat(`<a href="https://example.com/x">x</a> `, 2)),
		to("link_one_little_text", "https://example.com/x"),
		to("link_unencrypted", "http://example.com/x"),
		to("link_many_domains", strings.Join(manyLinks(), " ")),
		a("html_no_unsubscribe", `<a href="https://example.com/x"><img src="https://example.com/y"></a>`),
	}
}

func manyLinks() []string {
	var all []string
	for i := range 12 {
		all = append(all, fmt.Sprintf("https://site%c.com/", 'a'+i))
	}
	return all
}

func combinedCases() []example {
	const (
		lure      = "Subject: You have won a prize"
		link      = "=Have a look at https://example.com/x when you can, dear Bob, and tell Peter about the ladder.\n"
		hosted    = "=Have a look at https://x.pages.dev/ when you can, dear Bob, and tell Peter about the ladder.\n"
		free      = "From: Anna Miller <anna@gmail.com>"
		concealed = "To: undisclosed-recipients:;"
		name      = "From: PayPal <x@example.org>"
		appeal    = "=I am the widow of a late president. The sum of ten million dollars waits for a beneficiary.\n"
		wares     = "Subject: Replica watches and casino"
		pictured  = `=<a href="https://x.pages.dev/"><img src="https://example.com/a.png"></a>`
		answer    = "Reply-To: x@yahoo.com"
	)
	pdf := mixed("mixed", plainPart+"Hi\n", file("application/pdf", "a.pdf"))
	return []example{
		is("lure_elsewhere", lure, link),
		is("lure_hosted", lure, hosted),
		is("lure_concealed", lure, concealed),
		is("lure_loose", lure, free),
		{"lure_enclosed", append(pdf, lure)},
		is("lure_pictured", lure, html, pictured),
		is("lure_named", lure, name),
		is("lure_answered_elsewhere", lure, answer),
		is("appeal_concealed", appeal, concealed),
		is("appeal_loose", appeal, free),
		is("appeal_answered_elsewhere", appeal, answer),
		is("wares_elsewhere", wares, link),
		is("wares_hosted", wares, hosted),
		is("wares_loose", wares, free),
		is("wares_concealed", wares, concealed),
		is("named_elsewhere", name, link),
		is("named_hosted", name, hosted),
		is("named_loose", name, "-DKIM-Signature"),
		is("pictured_elsewhere", html, pictured),
		is("pictured_hosted", html, pictured),
		is("pictured_loose", html, pictured, free),
		{"enclosed_loose", append(pdf, free)},
		is("elsewhere_loose", link, free),
		is("hosted_loose", hosted, free),
		is("concealed_loose", concealed, free),
		is("concealed_hosted", concealed, hosted),
		is("concealed_letter", concealed),
		is("concealed_saying_nothing", concealed, "Subject:"),
		is("appeal_telephone", appeal+"Call +1 (800) 555-0199\n"),
		is("push_elsewhere", "Subject: Urgent", link),
		is("push_hosted", "Subject: Urgent", hosted),
		is("push_loose", "Subject: Urgent", free),
		is("push_lure", "Subject: Urgent: you have won a prize"),
		is("appeal_letter", appeal),
		is("disguised_elsewhere", "Subject: Your p\u0430ssword", link),
	}
}
