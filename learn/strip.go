// SPDX-License-Identifier: Apache-2.0

package learn

import "strings"

// foreign are the names, in lower case, of fields that other filters and mail stores add. They tell what somebody else made of a message, or where it
// was kept, not what it is. One that begins with "x-" or ends in "-" stands for all names that begin so.
func foreign() []string {
	return []string{
		// Verdicts of filters.
		"x-spam", "x-bogosity", "x-virus", "x-amavis", "x-mailscanner", "x-quarantine", "x-rspamd", "x-dspam", "x-crm114", "x-spamprobe",
		"x-spambayes", "x-pmx", "x-barracuda", "x-ironport", "x-proofpoint", "x-mimecast", "x-sophos", "x-kaspersky", "x-kas", "x-klms",
		"x-drweb", "x-antivirus", "x-anti-virus", "x-antispam", "x-anti-spam", "x-asp", "x-assp", "x-brightmail", "x-cloudmark", "x-cmae",
		"x-ctch", "x-greylist", "x-grey-", "x-scanned", "x-av-", "x-clamav", "x-ham-report", "x-habeas", "x-hydra", "x-razor", "x-pyzor",
		"x-dcc", "x-policyd", "x-spf", "x-sa-", "x-mlf", "x-messagesniffer", "x-trend", "x-tm-as", "x-tmase", "x-vade", "x-vr-", "x-fe-",
		"x-forefront", "x-microsoft-antispam", "x-ms-exchange-organization", "x-ms-exchange-antispam", "x-ms-exchange-crosstenant",
		"x-ms-exchange-transport", "x-ms-exchange-atpmessage", "x-ms-exchange-forest", "x-eopattributed", "x-eoptenant",
		"x-ms-office365-filtering", "x-ms-publictraffictype", "x-ms-traffictypediagnostic", "x-exchange-antispam", "x-sid-",
		"x-message-delivery", "x-message-info", "x-mailweir", "mailweir-", "x-gmx-", "x-yahoofilteredbulk", "x-ymailisg",
		"x-apparently-to", "x-ui-", "x-purgate", "x-expurgate", "x-miltered", "x-uuid", "x-j-chkmail", "x-asg-", "x-google-smtp-source",
		"x-sender-ip", "x-eop", "x-nai-", "x-mcafee", "x-esafe", "x-gfi", "x-symantec", "x-aol-", "x-mxl", "x-mx-logic", "x-postini",
		"x-rav", "x-mime-defang", "x-scan-", "x-spamtest", "x-spaminfo", "x-uvscan", "x-rbl", "x-dnsbl", "x-warning", "x-pstn", "x-perlmx",
		"x-incoming-spam", "x-canit", "x-bayes", "x-ovh", "x-ppe", "x-fireeye", "x-mesg", "x-fas-", "x-fid", "authentication-results",
		"authentication-results-", "arc-", "received-spf", "x-received-spf", "x-authentication-warning", "x-dkim", "x-domainkeys", "x-sender-id", "x-spoof", "x-cip",
		"x-store-info", "x-incomingtopheader", "x-incomingheadercount", "x-sid-pra", "x-auto-response",
		// What mail stores and readers note.
		"status", "x-status", "x-uid", "x-keywords", "content-length", "lines", "delivery-date", "x-mozilla-", "x-evolution",
		"x-eudora2unix", "x-gnus", "xref", "x-folder", "x-original-to", "delivered-to", "x-delivered-to", "envelope-to", "x-envelope-to",
		"x-gmail-labels", "x-gm-", "x-getmail", "x-rcpt-to", "x-mb-message", "replied", "forwarded", "x-label", "x-imap", "x-uidl",
		"x-mdaemon-", "x-mdrcpt", "x-mdremoteip", "x-return-path", "old-return-path",
	}
}

// stripper knows which fields are not learned from.
type stripper struct {
	byInitial [26][]string // Those of foreign, by the letter behind "x-", or their first one.
}

func newStripper() *stripper {
	s := &stripper{}
	for _, f := range foreign() {
		i := initial(f)
		s.byInitial[i] = append(s.byInitial[i], f)
	}
	return s
}

// initial is the place of a name in byInitial. name is in lower case.
func initial(name string) int {
	if len(name) > 2 && name[0] == 'x' && name[1] == '-' {
		name = name[2:]
	}
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		return 0
	}
	return int(name[0] - 'a')
}

// strips tells if a field of that name, in lower case, is left out.
func (s *stripper) strips(name string) bool {
	if name == "" {
		return false
	}
	for _, f := range s.byInitial[initial(name)] {
		if name == f || strings.HasPrefix(name, f) && (strings.HasPrefix(f, "x-") || strings.HasSuffix(f, "-")) {
			return true
		}
	}
	if !strings.HasPrefix(name, "x-") {
		return false
	}
	for _, word := range [...]string{"spam", "virus", "scanner", "antivir", "malware", "phish", "junk", "bogosity"} {
		if strings.Contains(name, word) { // Many filters have the name of the site in their fields.
			return true
		}
	}
	return false
}
