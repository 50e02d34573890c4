// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"math"
	"path"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/notices"
	"github.com/mailweir/mailweir/policy"
)

// outcome is what a policy says.
type outcome struct {
	do       map[string]actions
	tag      float64
	high     float64
	language string
}

// classKeys are the classes that the outcome has actions for.
func classKeys() []string {
	return []string{
		string(filters.Virus), string(filters.Spam), policy.HighSpam, string(filters.Phishing), string(filters.File), string(filters.HTML),
		string(filters.Encrypted), string(filters.Ambiguous), string(filters.Unscannable), string(filters.Failure),
	}
}

// outcome is what MailScanner does with the mail of the view, in our words.
func (v view) outcome() outcome {
	o := outcome{do: map[string]actions{}, language: v.language()}
	o.tag, o.high = v.thresholds()
	o.do[string(filters.Failure)] = do("defer")
	v.virusActions(o.do)
	v.spam(o.do)
	v.content(o.do)
	v.html(o.do)
	v.phishing(o.do)
	v.unscanned(o.do)
	return o
}

// blocked is what becomes of content that is not let through: a text takes its place, unless cleaned messages are not delivered.
func (v view) blocked(modify, text string) actions {
	keep := v.yes("quarantineinfections")
	switch {
	case !v.yes("delivercleanedmessages") && keep:
		return do("quarantine")
	case !v.yes("delivercleanedmessages"):
		return do("discard")
	}
	list := do("replace")
	if keep {
		list = append(list, do("store")...)
	}
	if tag, ok := v.tag(modify, text); ok {
		list = append(list, tag)
	}
	return list
}

// silent tells if the word is among the silent viruses.
func (v view) silent(word string) bool {
	return slices.ContainsFunc(splitList(v.get("silentviruses")), func(s string) bool { return strings.EqualFold(s, word) })
}

func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
}

// gone is what becomes of a silent virus: the recipient gets nothing.
func (v view) gone() actions {
	if v.yes("quarantineinfections") && v.yes("quarantinesilentviruses") {
		return do("quarantine")
	}
	return do("discard")
}

// virusActions says what becomes of malware.
func (v view) virusActions(do map[string]actions) {
	list := v.blocked("virusmodifysubject", "virussubjecttext")
	switch {
	case !v.silent("All-Viruses"):
		if names := v.get("silentviruses"); names != "" {
			v.im.warn("silentviruses", "single signatures cannot have actions of their own: all are treated as those that are not silent")
		}
	case !v.yes("stilldeliversilentviruses"):
		list = v.gone()
		if list.has("discard") {
			v.im.note("silentviruses", "infected messages are dropped, as before; virus: [quarantine] would keep them for a look")
		}
	case v.yes("stilldeliversilentvirusesunmodified"):
		list = actions{{Name: "deliver"}}
		if tag, ok := v.tag("virusmodifysubject", "virussubjecttext"); ok {
			list = append(actions{tag}, list...)
		}
		v.im.warn("stilldeliversilentvirusesunmodified", "infected messages are delivered as they are")
	}
	do[string(filters.Virus)] = list
	do["virus.unscannable"] = v.blocked("contentmodifysubject", "contentsubjecttext")
	do["failure.scanner"] = actions{{Name: "defer"}}
	if !v.yes("virusscanning") {
		for _, key := range []string{"virus", "virus.unscannable", "failure.scanner"} {
			do[key] = deliver()
		}
	}
}

func deliver() actions { return do("deliver") }

// thresholds are the points of spam and of high-scoring spam.
func (v view) thresholds() (tag, high float64) {
	tag, high = v.number("requiredspamassassinscore"), v.number("highspamassassinscore")
	if tag < 0.001 {
		v.im.warn("requiredspamassassinscore", "0.001 is the least threshold")
		tag = 0.001
	}
	return roundPoints(tag), roundPoints(max(tag, high))
}

// roundPoints is points to a thousandth, which is how exact a threshold is.
func roundPoints(f float64) float64 { return math.Round(min(f, 1e6)*1000) / 1000 }

// spam says what becomes of spam, by its points and by lists.
func (v view) spam(do map[string]actions) {
	spam, high := v.spamActions("spamactions", string(filters.Spam)), v.spamActions("highscoringspamactions", policy.HighSpam)
	if high.fate() < spam.fate() {
		v.im.warn("highscoringspamactions", "they are milder than those for other spam, which a policy may not have; taken are those")
		high = spam
	}
	v.dnsActions(do, spam, high)
	v.blockedSenders(do, spam, high)
	if !v.yes("spamchecks") || v.yes(keyWelcome) || !v.yes(keySpamAssassin) { // byName, without proof, is judged by its points.
		spam, high = deliver(), deliver()
	}
	do[string(filters.Spam)], do[policy.HighSpam] = spam, high
}

// content says what becomes of files and of what cannot be looked at.
func (v view) content(do map[string]actions) {
	files := v.blocked("filenamemodifysubject", "filenamesubjecttext")
	size := v.blocked("sizemodifysubject", "sizesubjecttext")
	other := v.blocked("contentmodifysubject", "contentsubjecttext")
	do[string(filters.File)] = files
	do["file.rename"] = actions{{Name: "disarm"}}
	do["file.mismatch"], do["file.name"] = deliver(), deliver()
	do["file.size"] = size
	do["file.count"] = size
	if v.number("maximumattachmentsize") <= 0 && v.number("minimumattachmentsize") <= 0 {
		do["file.size"] = deliver()
	}
	if v.number("maximumattachmentspermessage") <= 0 {
		do["file.count"] = deliver()
	}
	do["file.partial"], do["file.external_body"] = other, other
	do[string(filters.Ambiguous)] = deliver()
	do["content.damaged"] = other
	do[string(filters.Unscannable)] = other
	do[string(filters.Encrypted)] = deliver()
	if !v.yes("allowpasswordprotectedarchives") || v.yes("blockencryptedmessages") {
		do[string(filters.Encrypted)] = other
	}
	switch archives, messages := v.yes("allowpasswordprotectedarchives"), !v.yes("blockencryptedmessages"); {
	case !archives && messages:
		v.im.warn("allowpasswordprotectedarchives", "messages encrypted by PGP or S/MIME are of the same class, encrypted: "+
			"they become attachments of a warning (signed: wrap)")
	case archives && !messages:
		v.im.warn("blockencryptedmessages", "archives with a password are of the same class, encrypted: they are blocked, too")
	}
	if !v.yes("dangerouscontentscanning") {
		for _, key := range []string{"file", "file.rename", "file.size", "file.count", "content.damaged", "unscannable", "encrypted"} {
			do[key] = deliver()
		}
	}
	if v.yes("allowpartialmessages") {
		do["file.partial"] = deliver()
	}
	if v.yes("allowexternalmessagebodies") {
		do["file.external_body"] = deliver()
	}
}

// unscanned takes away what is not to be looked for.
func (v view) unscanned(do map[string]actions) {
	scan := v.word("scanmessages")
	if scan == "yes" {
		return
	}
	for key := range do {
		if scan == "virus" && (strings.HasPrefix(key, "virus") || strings.HasPrefix(key, "failure")) {
			continue
		}
		do[key] = deliver()
	}
}

// language is that of the folder of the texts, if there is one for it.
func (v view) language() string {
	dir := path.Base(path.Dir(v.get("languagestrings")))
	if v.get("languagestrings") == "" {
		dir = path.Base(v.im.src.vars["report-dir"])
	}
	lang, _, _ := strings.Cut(strings.ToLower(dir), "_")
	if slices.Contains(notices.Languages(), lang) {
		return lang
	}
	if dir != "." && dir != "/" {
		v.im.note("languagestrings", "there are no texts in %q; taken is English. There are: %s", printable(dir), strings.Join(notices.Languages(), ", "))
	}
	return notices.English
}
