// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"strings"
	"time"

	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/authn/results"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/proxy"
)

// product stands in our Received fields, by which loops are found.
const product = "(mailweir)"

// receivedField is the trace field that each message gets on top (RFC 5321 section 4.4). Whom Postfix took the message from is
// in Postfix's own field below it.
func receivedField(hostname string, env *mail.Envelope, protocol proxy.Protocol) mail.Edit {
	with := "ESMTP"
	if protocol == proxy.LMTP {
		with = "LMTP"
	}
	value := "by " + hostname + " " + product + " with " + with + " id " + env.ID + "; " + env.Received.Format(time.RFC1123Z)
	return mail.AddField{Name: "Received", Value: value}
}

// hops counts the Received fields of ours that a message carries.
func hops(h mail.Header, hostname string) int {
	n := 0
	for _, v := range h.Values("Received") {
		if strings.Contains(strings.Join(strings.Fields(v), " "), "by "+hostname+" "+product) {
			n++
		}
	}
	return n
}

// ownFields are names that only we may write: a sender does not write our verdict.
func ownFields() []string {
	return []string{"Mailweir-*", "X-Spam-Flag", "X-Spam-Score", "X-Spam-Level", "X-Spam-Status"}
}

// cleanup removes what pretends to be from us. RFC 8601 section 5 has Authentication-Results with our authserv-id removed when they come from outside.
func cleanup(h mail.Header, hostname string) []mail.Edit {
	edits := []mail.Edit{mail.RemoveFields{Names: ownFields()}}
	for f := range h.All(results.FieldName) {
		if results.Claims(f.Value(), hostname) {
			edits = append(edits, mail.RemoveField{Offset: f.Offset})
		}
	}
	return edits
}

// Edits are the changes to a copy that is delivered to recipients of the dispositions given, which share one key: trace and
// result fields on top, what the policy asks for, and fields by our names removed that came from outside.
func (e *Engine) Edits(env *mail.Envelope, a *Account, protocol proxy.Protocol, group ...policy.Disposition) []mail.Edit {
	edits := []mail.Edit{
		receivedField(e.cfg.Hostname, env, protocol),
		policy.Result(env.ID, a.Result.Findings, group...),
	}
	if report, ok := check.Known(a.Message); ok {
		edits = append(edits, mail.AddField{Name: results.FieldName, Value: report.Field(e.cfg.Hostname)})
	}
	edits = append(edits, group[0].Edits...)
	return append(edits, cleanup(a.Message.Header(), e.cfg.Hostname)...)
}
