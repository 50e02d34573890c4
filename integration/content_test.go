// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
	"github.com/mailweir/mailweir/mail"
)

// lookInside is a chain of the filters that look at content, with what the default policy does about it.
const lookInside = "chain: [[attachments, html, macros, phishing]]\n"

// deliveredAs sends a message and gives it as it came out, read again, with its octets.
func deliveredAs(t *testing.T, way postconf.Mode, extra, text string) (*mail.Message, *sink.Message) {
	t.Helper()
	ctx := need(t)
	r := start(ctx, t, rig.Options{Mode: way, Extra: extra})
	sendOK(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: []byte(text)})
	m := arrive(ctx, t, r, 1)[0]
	msg, err := mail.Parse(bytes.NewReader(m.Data), int64(len(m.Data)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	return msg, m
}

// body is the text of the entity.
func body(t *testing.T, msg *mail.Message, id mail.PartID) string {
	t.Helper()
	p := msg.Part(id)
	if p == nil {
		t.Fatalf("there is no part %s", id)
	}
	text, err := p.Text(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A program in a zip file is taken out on its way through Postfix, a text says so, and the message is kept as it came.
func TestForbiddenFileIsReplaced(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		text := head + multipart("application/zip", encode64(zipped(t, "invoice.exe", []byte("MZ and so on"))))
		msg, m := deliveredAs(t, way, lookInside, text)
		if got := body(t, msg, "1.2"); !strings.Contains(got, "file.denied") || !strings.Contains(got, "removed by the mail filter") {
			t.Errorf("in its place: %q", got)
		}
		if strings.Contains(string(m.Data), "UEsDB") {
			t.Error("the zip file came through")
		}
	})
}

// A script is disarmed where it stands; what is around it stays, octet for octet.
func TestScriptIsDisarmed(t *testing.T) {
	const before, script, after = "<html><body><p>Good  morning,</p>\r\n", "<script>alert(1)</script>", "\r\n<p>and  good bye.</p></body></html>\r\n"
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		_, m := deliveredAs(t, way, lookInside, head+"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"+before+script+after)
		_, got, _ := strings.Cut(string(m.Data), "\r\n\r\n")
		if !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) || strings.Contains(got, script) {
			t.Errorf("got %q", got)
		}
	})
}

// A link that shows another address than it leads to is made inert, and both addresses stand in a warning beside it.
func TestLyingLinkIsDisarmed(t *testing.T) {
	const text = "Subject: Ihr Konto\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
		"<html lang=3Dde><body><p>Bitte best=C3=A4tigen Sie Ihre Angaben: <a href=3D\"http://evil.example.net/login\">https://www.paypal.com/</a></p></body></html>\r\n"
	msg, m := deliveredAs(t, postconf.AfterQueueLMTP, lookInside, head[:strings.Index(head, "Subject:")]+text)
	got := body(t, msg, "1")
	if strings.Contains(got, `href="http://evil.example.net/login"`) {
		t.Errorf("the link still works: %q", got)
	}
	// In the warning addresses are broken, so that no client makes links of them.
	if !strings.Contains(got, "evil[.]example[.]net") || !strings.Contains(got, "www[.]paypal[.]com") || !strings.Contains(got, "bestätigen") {
		t.Errorf("both addresses and the text should be there: %q", got)
	}
	if s := m.Field("Subject"); !strings.HasPrefix(s, "[PHISHING]") {
		t.Errorf("Subject is %q", s)
	}
}

// One policy disarms, another allows by the code of the finding, a third strips the HTML.
func TestHTMLByPolicy(t *testing.T) {
	const extra = lookInside + `policies:
  - {name: forms, when: {to: [fay@example.net]}, do: {html.form: [deliver]}}
  - {name: text, when: {to: [tom@example.net]}, do: {html: [strip-html]}}
  - {name: default, do: {html: [disarm]}}
`
	const html = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n<p>Vote: <form action=\"http://example.org/vote\"><input name=a></form></p>\r\n"
	ctx := need(t)
	r := start(ctx, t, rig.Options{Mode: postconf.AfterQueueLMTP, Extra: extra})
	sendOK(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<fay@example.net>", "<tom@example.net>", "<ben@example.net>"}, Body: []byte(head + html)})
	got := map[string]string{}
	for _, m := range arrive(ctx, t, r, 3) {
		to, _ := sortOut([]*sink.Message{m})
		got[to[0]] = string(m.Data)
	}
	if s := got["fay@example.net"]; !strings.HasSuffix(s, html[strings.Index(html, "<p>"):]) {
		t.Errorf("allowed: got %q", s)
	}
	if s := got["tom@example.net"]; strings.Contains(s, "<p>") || !strings.Contains(s, "Vote:") || !strings.Contains(s, "text/plain") {
		t.Errorf("as text: got %q", s)
	}
	if s := got["ben@example.net"]; strings.Contains(s, "<form action=\"http://example.org/vote\">") || !strings.Contains(s, "Vote:") {
		t.Errorf("disarmed: got %q", s)
	}
}

// What is signed stays as it is: the message becomes an attachment of a warning.
func TestSignedIsWrapped(t *testing.T) {
	const signed = "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=s; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\r\n\r\n" +
		"--s\r\nContent-Type: text/html\r\n\r\n<p>Hello<script>x()</script></p>\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nnone\r\n--s--\r\n"
	msg, m := deliveredAs(t, postconf.AfterQueueLMTP, lookInside, head+signed)
	if got := body(t, msg, "1.1"); !strings.Contains(got, "html.script") {
		t.Errorf("the note is %q", got)
	}
	if !bytes.Contains(m.Data, []byte(signed[strings.Index(signed, "--s\r\n"):])) {
		t.Errorf("what is signed was changed: %q", m.Data)
	}
}

// A message that can be read in two ways is written anew.
func TestAmbiguousIsRebuilt(t *testing.T) {
	const extra = lookInside + "policies: [{name: default, do: {ambiguous: [rebuild, tag]}}]\n"
	const two = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n" +
		"--a\r\nContent-Type: text/plain\r\n\r\nfor one\r\n--a--\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nfor another\r\n--b--\r\n"
	msg, m := deliveredAs(t, postconf.AfterQueueLMTP, extra, head+two)
	for _, d := range msg.Defects() {
		if d.Ambiguous() {
			t.Errorf("still ambiguous: %s in %q", d.Code, m.Data)
		}
	}
	if s := m.Field("Subject"); !strings.HasPrefix(s, "[AMBIGUOUS]") || !bytes.Contains(m.Data, []byte("for one")) {
		t.Errorf("Subject %q, got %q", s, m.Data)
	}
}
