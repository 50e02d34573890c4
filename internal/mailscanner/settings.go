// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	_ "embed"
	"strings"
)

//go:embed settings.txt
var settingsText string

// scope says how MailScanner finds the value for a message in a ruleset.
type scope byte

const (
	single scope = 'S' // There are no rulesets for it.
	first  scope = 'F' // The first rule that matches.
	all    scope = 'A' // All rules that match, together.
)

// setting is one of MailScanner's settings.
type setting struct {
	name    string
	key     string
	scope   scope
	kind    byte   // y, n, o, f, d, c: words, number, other, file, folder, command.
	fate    string // policy, global, or the name of a reason.
	def     string // Value if it is not set.
	shipped string // Value in the file as shipped.
}

func (s *setting) mapped() bool   { return s.fate == "policy" || s.fate == "global" }
func (s *setting) byPolicy() bool { return s.fate == "policy" }

// keyOf is a name as MailScanner compares names: letters and digits in lower case.
func keyOf(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
}

// settings are all that are known, by key.
func settings() map[string]*setting {
	table := map[string]*setting{}
	for text := range strings.Lines(settingsText) {
		text = strings.TrimRight(text, "\n")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		f := strings.Split(text, "|")
		s := &setting{name: f[0], key: keyOf(f[0]), scope: scope(f[1][0]), kind: f[1][1], fate: f[2], def: f[3], shipped: f[3]}
		if len(f) > 4 {
			s.shipped = f[4]
		}
		table[s.key] = s
	}
	return table
}

// reasons say why settings have no equivalent, in the order of the result.
func reasons() [][2]string {
	return [][2]string{
		{"reject", "mailweir acts on what it finds in a message. To refuse all mail of a sender, use check_sender_access in Postfix."},
		{"listtimeouts", "A DNS list that gives no answer is left alone for a while by the filter itself, after five failures in a row."},
		{"authenticated", "Postfix does not tell who has logged in. Give the submission service a listener of its own with outbound: true: no filter about spam looks at its mail."},
		{"exceed", "Who is welcome is so whatever the number of recipients. MailScanner did not let the list count for messages to many."},
		{"spam", "What SpamAssassin does within itself is set where spamd is: local.cf, its options, its user. sa-learn works as before; for the filter bayes, mailweir learn import reads what sa-learn --backup writes."},
		{"nonspam", "Actions for mail that nothing is found in: it is delivered as it came."},
		{"bounce", "mailweir sends no bounces of its own; the action reject lets Postfix send one."},
		{"spamheader", "X-Spam-Score, X-Spam-Level and X-Spam-Status are added to mail that has points, X-Spam-Flag to spam; their names and forms are fixed."},
		{"watermark", "There are no watermarks. That a message answers one of our users' is told by the filter known, a forged sender by auth (DMARC)."},
		{"mcp", "There is no second set of SpamAssassin rules (MCP). The filter rules takes words and patterns of your own, with points."},
		{"custom", "Code of your own is not run. A scanner for spam of your own can be asked if it speaks the protocol of spamd or of rspamd."},
		{"database", "Settings are in one file; none are read from SQL or LDAP. What is there has to be written into the policies."},
		{"unencrypted", "There is no finding for content that is not encrypted."},
		{"names", "The names that can be read in an encrypted archive are always judged."},
		{"forging", "Whether a signature's malware forges senders is not known: all signatures have the same actions."},
		{"silentscan", "All filters look at each message, whatever the others have found."},
		{"disinfect", "Infected files are not repaired."},
		{"webbug", "What is a web bug is told from size and style; it gets no replacement, its address becomes an attribute without meaning."},
		{"hidden", "Links that show no address are not marked."},
		{"suffixes", "Registered domains are told by the Public Suffix List, which is built in."},
		{"archives", "Files in every kind of archive are judged by rules for archives (in: archive), those in documents by content alone."},
		{"dat", "Types are told by mailweir itself, which does not take .dat files for programs."},
		{"override", "Name and content are always both judged, and the stricter answer counts."},
		{"dos", "A message that costs too much to look at is the finding unscannable, with the actions of that class."},
		{"whole", "The quarantine keeps whole messages, each in one file with a record beside it."},
		{"clean", "Each message in the quarantine has its findings in its record."},
		{"quarantine", "The quarantine has its own layout: quarantine.dir, readable by mailweir's user alone."},
		{"work", "Content is kept in memory and in files without a name: spool.dir."},
		{"reports", "Texts for recipients are built in, in the language of the policy."},
		{"notify", "Notices to senders, recipients and administrators do not exist yet."},
		{"sign", "Signatures and banners do not exist yet."},
		{"scanned", "Messages that nothing is found in are not changed."},
		{"header", "No such field is added: a message that nothing is found in leaves octet for octet as it came."},
		{"remove", "Fields are not removed. Postfix can: header_checks with IGNORE."},
		{"rewrite", "Attachments are not packed, unpacked or converted."},
		{"archive", "Mail is not archived. Postfix can: always_bcc, sender_bcc_maps, recipient_bcc_maps."},
		{"unpack", "Archives and documents are read by mailweir itself, all that it knows, within the limits of the section limits."},
		{"engine", "What belongs to one engine is set in that engine's own configuration."},
		{"definitions", "Engines are under scanners; mailweir scanners probe asks each."},
		{"timeout", "Timeouts are those of the chain: timeouts.filter and timeouts.message."},
		{"recipients", "Each recipient has a policy of his own, so the number of recipients makes no difference."},
		{"received", "The client's address comes from Postfix by XFORWARD, not from a Received field."},
		{"log", "There is one line per message with all that was found and done (log.level: info)."},
		{"queue", "mailweir has no queue: it takes mail from Postfix by LMTP or SMTP and answers once the next hop has answered."},
		{"milter", "mailweir is no milter; mailweir postfix apply puts it into Postfix."},
		{"process", "One program serves all messages at the same time; there are no children and no batches. limits bounds what it takes on."},
	}
}
