// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

const head = "From: Ann <ann@example.org>\r\nTo: ben@example.net\r\nSubject: test\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"

// Promise 3: what policy does not change leaves as it came, but for fields on top.
func TestCleanPassesUnchanged(t *testing.T) {
	messages := []struct{ name, text string }{
		{"plain", head + "\r\nHello\r\n"},
		{"no body", head},
		{"no body, empty line", head + "\r\n"},
		{"odd folding and case", "sUBJECT:\tx\r\n  y\r\n\t\r\nFROM:ann@example.org\r\nX-Empty:\r\n" + head + "\r\nHello \t \r\n\r\n\r\n\r\n"},
		{"periods", head + "\r\n.\r\n..\r\n...\r\n.x\r\n. \r\n"},
		{"8-bit", head + "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xe9\xe8\xff\x80\r\n"},
		{"long line", head + "\r\n" + strings.Repeat("0123456789", 10_000) + "\r\n"},
		{"long field", "X-Long: " + strings.Repeat("word ", 5_000) + "\r\n" + head + "\r\nHello\r\n"},
		{"attachment", head + multipart("application/octet-stream", encode64(bytes.Repeat([]byte{0, 1, 2, 250, 13, 10}, 50_000)))},
		{"nested message", head + multipart("message/rfc822", head+multipart("text/html", "<p>Hi</p>\r\n"))},
		{"unclosed multipart", head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n"},
		{"base64 with rubbish", head + "Content-Transfer-Encoding: base64\r\n\r\n!!!! aGVs bG8\r\n=x=\r\n"},
		{"blank before a colon (Postfix)", "Subject : x\r\n" + head + "\r\nHello\r\n"},
		{"bare CR (Postfix)", head + "\r\na\rb\r\r\n"},
		{"blank lines before the header section (Postfix)", "\r\n\r\n" + head + "\r\nHello\r\n"},
		{"what looks like SMTP", head + "\r\nXFORWARD ADDR=192.0.2.1\r\nMAIL FROM:<x@example.org>\r\nRSET\r\nQUIT\r\n"},
		{"large", head + "\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", 40_000)},
	}
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way})
		for i, m := range messages {
			for _, door := range []string{rig.In, rig.Beside} {
				mail := smtptest.Mail{From: "<ann@example.org>", To: []string{fmt.Sprintf("<%s%d@example.net>", door, i)}, Body: []byte(m.text)}
				if o, err := smtptest.Send(r.Postfix.Addr(door), mail); err != nil || !o.OK() {
					t.Fatalf("%s: send: %v, %v", m.name, o, err)
				}
			}
		}
		got := byRecipient(arrive(ctx, t, r, 2*len(messages)))
		for i, m := range messages {
			t.Run(m.name, func(t *testing.T) {
				beside := got[fmt.Sprintf("%s%d@example.net", rig.Beside, i)]
				through := got[fmt.Sprintf("%s%d@example.net", rig.In, i)]
				if beside == nil || through == nil {
					t.Fatal("it did not come out")
				}
				_, want := stripped(beside.Data)
				added, rest := stripped(through.Data)
				if !bytes.Equal(rest, want) {
					t.Errorf("it came out changed\n got %s\nwant %s", clip(rest), clip(want))
				}
				if !slices.ContainsFunc(added, func(f string) bool { return strings.HasPrefix(f, "Mailweir-Result:") }) {
					t.Errorf("no field says that mailweir has seen it: %q", added)
				}
				if !strings.HasSuffix(m.name, "(Postfix)") && !bytes.Equal(want, []byte(m.text)) {
					t.Errorf("Postfix by itself changed it\n got %s\nwant %s", clip(want), clip([]byte(m.text)))
				}
			})
		}
		if faults := r.Sink.Faults(); len(faults) > 0 {
			t.Errorf("faults at the sink: %q", faults)
		}
	})
}

// byRecipient finds messages by the address of their one recipient.
func byRecipient(messages []*sink.Message) map[string]*sink.Message {
	all := map[string]*sink.Message{}
	for _, m := range messages {
		for _, rcpt := range m.RcptTo {
			all[sink.Address(rcpt)] = m
		}
	}
	return all
}

// clip shows the begin and the end of octets.
func clip(b []byte) string {
	const most = 400
	if len(b) <= 2*most {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%d octets: %q ... %q", len(b), b[:most], b[len(b)-most:])
}
