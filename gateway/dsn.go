// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
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
	err = hop.Deliver(mail.Path{Raw: "<>" + utf8Param(failed)}, mail.NewPath(d.env.MailFrom.Address), func(w io.Writer) error {
		return d.writeDSN(w, failed)
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

// utf8Param asks for SMTPUTF8 where an address needs it.
func utf8Param(failed []failedRcpt) string {
	if slices.ContainsFunc(failed, func(f failedRcpt) bool { return !isASCII(f.path.Address) }) {
		return " SMTPUTF8"
	}
	return ""
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e })
}

// writeDSN writes the notification: a text for people, one for programs, and what of the message is to be returned.
func (d *delivery) writeDSN(w io.Writer, failed []failedRcpt) error {
	boundary := d.env.ID + "/" + d.cfg.Hostname
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("Date: %s", time.Now().Format(time.RFC1123Z))
	line("From: Mail Delivery System <MAILER-DAEMON@%s>", d.cfg.Hostname)
	line("To: %s", d.env.MailFrom.Address)
	line("Subject: Undelivered Mail Returned to Sender")
	line("Message-ID: <%s.dsn@%s>", d.env.ID, d.cfg.Hostname)
	line("Auto-Submitted: auto-replied")
	line("MIME-Version: 1.0")
	line("Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=%q", boundary)
	line("")
	line("--%s", boundary)
	line("Content-Type: text/plain; charset=utf-8")
	line("")
	line("This is the mail system at host %s.", d.cfg.Hostname)
	line("")
	line("Your message could not be delivered to one or more recipients.")
	for _, f := range failed {
		line("")
		line("%s: %s", f.path, f.reply)
	}
	line("")
	line("--%s", boundary)
	line("Content-Type: message/delivery-status")
	line("")
	d.statusFields(line, failed)
	full := d.returnsFull()
	line("--%s", boundary)
	if full {
		line("Content-Type: message/rfc822")
	} else {
		line("Content-Type: text/rfc822-headers")
	}
	line("")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	if err := d.writeReturned(w, full); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\r\n--%s--\r\n", boundary)
	return err
}

// statusFields are the fields for programs (RFC 3464 sections 2.2 and 2.3).
func (d *delivery) statusFields(line func(string, ...any), failed []failedRcpt) {
	line("Reporting-MTA: dns; %s", d.cfg.Hostname)
	if envid, ok := d.env.MailFrom.Param("ENVID"); ok {
		line("Original-Envelope-Id: %s", envid)
	}
	line("Arrival-Date: %s", d.env.Received.Format(time.RFC1123Z))
	for _, f := range failed {
		line("")
		if orcpt, ok := f.path.Param("ORCPT"); ok {
			if kind, addr, ok := strings.Cut(orcpt, ";"); ok {
				line("Original-Recipient: %s;%s", kind, addr)
			}
		}
		kind := "rfc822"
		if !isASCII(f.path.Address) {
			kind = "utf-8" // RFC 6533 section 3
		}
		line("Final-Recipient: %s; %s", kind, f.path.Address)
		line("Action: failed")
		line("Status: %s", status(f.reply))
		line("Diagnostic-Code: smtp; %s", f.reply)
	}
	line("")
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

// writeReturned writes the message, or its header section.
func (d *delivery) writeReturned(w io.Writer, full bool) error {
	n := d.tx.Content.Size()
	if !full {
		n = min(d.account.Message.Root().Body, maxReturned)
	}
	_, err := io.CopyN(w, d.tx.Content.Reader(), n)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}
