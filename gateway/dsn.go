// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/proxy"
)

// maxReturned bounds the octets of the message that a notification returns, as Postfix's bounce_size_limit does.
const maxReturned = 50_000

// failedRcpt is a recipient that the next hop refused.
type failedRcpt struct {
	path  mail.Path
	reply proxy.Reply
}

// notify sends a delivery status notification (RFC 3464) about the recipients that are named by their index. It is only
// needed where SMTP has one reply for all. When it returns without an error the next hop has the notification, or nobody wants one.
func (d *delivery) notify(ctx context.Context, refused []int) error {
	var failed []failedRcpt
	for _, i := range refused {
		if wantsFailure(d.env.RcptTo[i]) {
			failed = append(failed, failedRcpt{d.env.RcptTo[i], d.replies[i]})
		}
	}
	if len(failed) == 0 {
		return nil
	}
	hop, err := d.tx.Dial(ctx)
	if err != nil {
		return err
	}
	defer hop.Quit()
	text := d.dsn(failed)
	err = hop.Deliver(mail.Path{Raw: "<>" + d.dsnParams(hop, failed, text)}, mail.NewPath(d.env.MailFrom.Address), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err == nil {
		d.metrics.notified.Inc()
	}
	return err
}

// wantsFailure obeys NOTIFY (RFC 3461 section 4.1); without it failures are told.
func wantsFailure(rcpt mail.Path) bool {
	v, ok := rcpt.Param("NOTIFY")
	return !ok || slices.ContainsFunc(strings.Split(v, ","), func(s string) bool { return strings.EqualFold(s, "FAILURE") })
}

// dsnParams are the parameters of MAIL that the notification needs.
func (d *delivery) dsnParams(hop *proxy.Hop, failed []failedRcpt, text []byte) string {
	params := ""
	if !isASCII(string(text)) && hop.Offers("8BITMIME") {
		params += " BODY=8BITMIME"
	}
	if !isASCII(d.env.MailFrom.Address) || isGlobal(failed) {
		params += " SMTPUTF8"
	}
	return params
}

// isGlobal tells if an address needs the media types of RFC 6533.
func isGlobal(failed []failedRcpt) bool {
	return slices.ContainsFunc(failed, func(f failedRcpt) bool { return !isASCII(f.path.Address) })
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e })
}

// dsn is the notification: a text for people, one for programs, and what of the message is to be returned.
func (d *delivery) dsn(failed []failedRcpt) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	boundary := d.env.ID + "/" + d.cfg.Hostname
	d.dsnHeader(line, boundary)
	line("--%s", boundary)
	line("Content-Type: text/plain; charset=utf-8")
	line("")
	line("This is the mail system at host %s.", d.cfg.Hostname)
	line("")
	line("Your message could not be delivered to one or more recipients.")
	for _, f := range failed {
		line("")
		line("%s: %s", f.path, diagnostic(f.reply))
	}
	line("")
	status, message, header := "message/delivery-status", "message/rfc822", "text/rfc822-headers"
	if isGlobal(failed) {
		status, message, header = "message/global-delivery-status", "message/global", "message/global-headers"
	}
	line("--%s", boundary)
	line("Content-Type: %s", status)
	line("")
	d.statusFields(line, failed)
	line("--%s", boundary)
	returned := d.account.Message.Root().Body
	if d.returnsFull() {
		header, returned = message, d.tx.Content.Size()
	}
	line("Content-Type: %s", header)
	line("")
	// What cannot be read any more is left out: the sender is to hear of it all the same.
	_, _ = io.CopyN(&b, d.tx.Content.Reader(), min(returned, maxReturned))
	line("")
	line("--%s--", boundary)
	return b.Bytes()
}

func (d *delivery) dsnHeader(line func(string, ...any), boundary string) {
	line("Date: %s", time.Now().Format(time.RFC1123Z))
	line("From: Mail Delivery System <MAILER-DAEMON@%s>", d.cfg.Hostname)
	line("To: %s", d.env.MailFrom.Address)
	line("Subject: Undelivered Mail Returned to Sender")
	line("Message-ID: <%s.dsn@%s>", d.env.ID, d.cfg.Hostname)
	line("Auto-Submitted: auto-replied")
	line("MIME-Version: 1.0")
	line("Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=%q", boundary)
	line("")
}

// maxDiagnostic bounds the octets of a reply in a notification: a line has no more than 998 (RFC 5322 section 2.1.1).
const maxDiagnostic = 500

func diagnostic(r proxy.Reply) string {
	s := r.String()
	return s[:min(len(s), maxDiagnostic)]
}

// statusFields are the fields for programs (RFC 3464 sections 2.2 and 2.3).
func (d *delivery) statusFields(line func(string, ...any), failed []failedRcpt) {
	line("Reporting-MTA: dns; %s", d.cfg.Hostname)
	if envid, ok := d.env.MailFrom.Param("ENVID"); ok {
		line("Original-Envelope-Id: %s", plain(envid))
	}
	line("Arrival-Date: %s", d.env.Received.Format(time.RFC1123Z))
	for _, f := range failed {
		line("")
		if orcpt, ok := f.path.Param("ORCPT"); ok {
			if kind, addr, ok := strings.Cut(orcpt, ";"); ok {
				line("Original-Recipient: %s;%s", kind, plain(addr))
			}
		}
		kind := "rfc822"
		if !isASCII(f.path.Address) {
			kind = "utf-8" // RFC 6533 section 3
		}
		line("Final-Recipient: %s; %s", kind, f.path.Address)
		line("Action: failed")
		line("Status: %s", status(f.reply))
		line("Diagnostic-Code: smtp; %s", diagnostic(f.reply))
	}
	line("")
}

// plain decodes xtext, which is for SMTP alone (RFC 3464 sections 2.2.1 and 2.3.1). What is none stays as it is.
func plain(xtext string) string {
	if s, err := proxy.DecodeXtext(xtext); err == nil {
		return s
	}
	return xtext
}

// status is the enhanced status code that a reply has, or the general one.
func status(r proxy.Reply) string {
	if s := r.Enhanced(); s != "" {
		return s
	}
	return "5.0.0"
}

// returnsFull obeys RET (RFC 3461 section 4.3).
func (d *delivery) returnsFull() bool {
	ret, _ := d.env.MailFrom.Param("RET")
	return strings.EqualFold(ret, "FULL") && d.tx.Content.Size() <= maxReturned
}
