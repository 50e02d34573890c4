// SPDX-License-Identifier: Apache-2.0

package salearn

import "regexp"

// maxValue bounds the octets of a field body that are looked at.
const maxValue = 4 << 10

// patterns bring bodies of fields into a form in which less of them is the only one of its kind, as SpamAssassin's Bayes does before it takes words.
type patterns struct {
	ignored, messageID, addressField, presence *regexp.Regexp   // Names of fields.
	outlook, exim, sendmail, notWord           *regexp.Regexp   // In identifiers of messages.
	withID, anyID, eximID, date, ip, stop      *regexp.Regexp   // In Received.
	boundary, hex, separators, typeStop        *regexp.Regexp   // In Content-Type.
	relays                                     []*regexp.Regexp // In Received, of who gave the message,
	by, number, auth                           *regexp.Regexp   // who took it, under which number, and whether its sender was authenticated.
}

// ignoredFields are the names of fields that SpamAssassin does not learn from, beside Received, which it takes for itself.
const ignoredFields = `(?:X-)?Sender|Delivered-To|Delivery-Date|(?:X-)?Envelope-To|X-MIME-Autoconverted|X-Converted-To-Plain-Text|Subject|Date|X-List|(?:X-)?Mailing-List|` +
	`(?:X-)?List-(?:Archive|Help|Id|Owner|Post|Subscribe|Unsubscribe|Host|Manager|Admin|Comment|Name|Url)|X-Unsub(?:scribe)?|X-Mailman-Version|X-Beenthere|X-Loop|` +
	`Mail-Followup-To|X-eGroups-(?:Return|From)|X-MDMailing-List|X-XEmacs-List|X-Sympa-To|(?:X-)?(?:Resent|Original)-(?:From|To|Date)|` +
	`X-MailScanner(?:-SpamCheck)?|X-Spam(?:-(?:Status|Level|Flag|Report|Hits|Score|Checker-Version))?|X-Antispam|X-RBL-Warning|X-MDaemon-Deliver-To|` +
	`X-Virus-Scanned|X-Mass-Check-Id|X-Pyzor|X-DCC-\S{2,25}-Metrics|X-Filtered-By|X-Scanned-By|X-Scanner|X-AP-Spam-(?:Score|Status)|X-RIPE-Spam-Status|` +
	`X-SpamCop-.+|X-SMTPD|(?:X-)?Spam-Apparently-To|SPAM|X-Perlmx-Spam|X-Bogosity|Content-Class|Thread-(?:Index|Topic)|X-OriginalArrivalTime|` +
	`(?:X-)?Status|X-Flags|X-Keywords|Replied|Forwarded|Lines|Content-Length|X-UIDL?|X-IMAPbase|X-Bugzilla-.+|` +
	`X-VM-(?:Bookmark|(?:POP|IMAP)-Retrieved|Labels|Last-Modified|Summary-Format|VHeader|v\d-Data|Message-Order)|X-Gnus-Mail-Source|Xref`

func newPatterns() patterns {
	name := func(s string) *regexp.Regexp { return regexp.MustCompile(`(?i)^(?:` + s + `)$`) }
	re := regexp.MustCompile
	return patterns{
		ignored:      name(ignoredFields),
		messageID:    name(`(?:X-|Resent-)?Message-Id`),
		addressField: name(`(?:X-|Resent-)?(?:Return-Path|From|To|Cc|Reply-To|Errors-To|Mail-Followup-To|Sender)`),
		presence:     name(`X-Face|X-(?:Gnu-?PG|PGP|GPG)(?:-Key)?-Fingerprint|D(?:KIM|omainKey)-Signature|X-Google-DKIM-Signature|ARC-(?:Message-Signature|Seal)|Autocrypt`),
		outlook:      re(`<([0-9a-f]{4})[0-9a-f]{8}\$([0-9a-f]{4})[0-9a-f]{4}\$([0-9a-f]{8})@(\S+)>`),
		exim:         re(`<[A-Za-z0-9]{7}-[A-Za-z0-9]{6}-0[A-Za-z0-9]@`),
		sendmail:     re(`<20\d\d[01]\d[0-3]\d[0-2]\d[0-5]\d[0-5]\d\.[A-F0-9]{10,12}@`),
		notWord:      re(`[^_A-Za-z0-9]`),
		withID:       re(`\swith\s(?:SMTP\sid\sg[\dA-Z]{10,12}|ESMTP\sid\s[\dA-F]{10,12})\s`),
		anyID:        re(`\bid\s[a-zA-Z0-9]{7,20}\b`),
		eximID:       re(`\bid\s[A-Za-z0-9]{7}-[A-Za-z0-9]{6}-0[A-Za-z0-9]`),
		date: re(`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\s)?[0-3\s]?[0-9]\s(?:Jan|Feb|Ma[ry]|Apr|Ju[nl]|Aug|Sep|Oct|Nov|Dec)\s(?:19|20)?[0-9]{2}\s` +
			`[0-2][0-9](?::[0-5][0-9]){1,2}\s(?:\s*\(|\)|\s*[+-][0-9]{4}|\s*(?:UT|[A-Z]{2,3}T))*`),
		ip:         re(`\b(\d{1,3}\.\d{1,3}\.\d{1,3})(\.\d{1,3})\b`),
		stop:       re(`\b(?:with|from|for|SMTP|ESMTP)\b`),
		boundary:   re(`(?i)boundary=["'](.*?)["']`),
		hex:        re(`[a-fA-F0-9]`),
		separators: re(`[-_.=]+`),
		typeStop:   re(`\b(?:text|charset)\b`),
		by:         re(` by ([^\s;]+)`),
		auth:       re(`(?i) with ((?:ES|L|UTF8S|UTF8L)MTPS?A|ASMTP)(?: |;|$)`),
		relays:     relayForms(),
		number:     re(`\bid\s+<?([^\s<>;]{3,})`),
	}
}

// id takes apart an identifier of a message.
func (c *patterns) id(v string) string {
	v = cut(v)
	v = c.outlook.ReplaceAllString(v, " OEA$1 OEB$2 OEC$3 $4 ")
	v = replaceFirst(c.exim, v, "")
	v = c.sendmail.ReplaceAllString(v, "")
	return c.notWord.ReplaceAllString(v, " ")
}

// received takes dates, identifiers and common words out of a Received field, and gives networks beside addresses.
func (c *patterns) received(v string) string {
	v = c.withID.ReplaceAllString(cut(v), " ")
	v = c.anyID.ReplaceAllString(v, " ")
	v = c.eximID.ReplaceAllString(v, " ")
	v = c.date.ReplaceAllString(v, "")
	v = c.ip.ReplaceAllString(v, "${1} ip*$1$2 ")
	return c.stop.ReplaceAllString(v, " ")
}

// contentType gives the shape of a boundary in the place of it.
func (c *patterns) contentType(v string) string {
	v = cut(v)
	if m := c.boundary.FindStringSubmatch(v); m != nil {
		shape := c.separators.ReplaceAllString(c.hex.ReplaceAllString(m[1], "H"), " ${0} ")
		v = c.boundary.ReplaceAllString(v, " ") + shape
	}
	return c.typeStop.ReplaceAllString(v, " ")
}

// replaceFirst puts s in the place of the first match.
func replaceFirst(re *regexp.Regexp, v, s string) string {
	at := re.FindStringIndex(v)
	if at == nil {
		return v
	}
	return v[:at[0]] + s + v[at[1]:]
}

// cut is s within the limit of a field body.
func cut(s string) string { return s[:min(len(s), maxValue)] }
