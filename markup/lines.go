// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// PartText is the text of a part that is no markup, as programs show it: the lines of a calendar or a card are joined and without escapes (RFC 5545
// sections 3.1 and 3.3.11, RFC 6350 sections 3.2 and 3.4), lines that were only broken to be sent are joined (RFC 3676 section 4.1, DelSp), and what is
// shown backwards is turned round.
func PartText(p *mail.Part, text string) string {
	switch {
	case p.MediaType == "text/calendar", p.MediaType == "text/vcard", p.MediaType == "text/x-vcard":
		text = strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "", `\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";").Replace(text)
	case strings.EqualFold(p.Params["format"], "flowed") && strings.EqualFold(p.Params["delsp"], "yes"):
		text = strings.NewReplacer(" \r\n", "", " \n", "").Replace(text)
	}
	return InOrder(text)
}
