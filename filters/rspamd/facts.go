// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"net/http"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// Limits of the request's header section. rspamd itself takes about 80 KiB and, by default, 1,024 recipients.
const (
	maxRecipients = 500      // Fields Rcpt.
	maxFacts      = 48 << 10 // Octets of the fields Rcpt.
	maxFact       = 1 << 10  // Octets of a field.
)

// facts are what rspamd is told of the envelope, in fields of its own names. What is not known is left out: XFORWARD tells nothing of TLS, which rspamd
// reads from the Received fields. Deliver-To, the recipient whose settings and learning count, is there for messages to one.
func (o *Options) facts(env *mail.Envelope) http.Header {
	h := http.Header{}
	set(h, "Settings-Id", o.Settings)
	set(h, "Password", o.Password)
	set(h, "Mta-Name", o.MTAName)
	if env == nil {
		return h
	}
	set(h, "Mta-Tag", env.Listener)
	c := env.Client
	if ip := c.IP(); ip.IsValid() {
		set(h, "Ip", ip.String())
	}
	set(h, "Helo", c.HELO)
	set(h, "Hostname", c.Name)
	set(h, "Queue-Id", c.Ident)
	if c.Ident == "" {
		set(h, "Queue-Id", env.ID)
	}
	set(h, "From", pathOf(env.MailFrom))
	if env.Outbound {
		set(h, "User", env.MailFrom.Address)
	}
	octets := 0
	for i, p := range env.RcptTo {
		to := pathOf(p)
		if octets += len(to); i == maxRecipients || octets > maxFacts {
			break
		}
		add(h, "Rcpt", to)
	}
	if len(env.RcptTo) == 1 {
		set(h, "Deliver-To", env.RcptTo[0].Address)
	}
	return h
}

func set(h http.Header, name, value string) {
	if fits(value) {
		h.Set(name, value)
	}
}

func add(h http.Header, name, value string) {
	if fits(value) {
		h.Add(name, value)
	}
}

// fits tells if a fact can be told: it is of no use if a control character ends it too early.
func fits(value string) bool {
	return value != "" && len(value) <= maxFact && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f })
}
