// SPDX-License-Identifier: Apache-2.0

package mailscanner

import "github.com/mailweir/mailweir/filters"

// tags are the settings for tags of HTML, the findings that they are about, and the word for them in Silent Viruses.
func tags() [][3]string {
	return [][3]string{
		{"allowiframetags", "html.iframe", "HTML-IFrame"},
		{"allowformtags", "html.form", "HTML-Form"},
		{"allowscripttags", "html.script", "HTML-Script"},
		{"allowobjectcodebasetags", "html.object", "HTML-Codebase"},
		{"allowwebbugs", "html.webbug", ""},
	}
}

// html says what becomes of dangerous HTML. What MailScanner does not know is disarmed wherever scripts are not allowed.
func (v view) html(do map[string]actions) {
	for _, t := range tags() {
		do[t[1]] = v.tagActions(t[0], t[2])
	}
	do[string(filters.HTML)] = v.disarm()
	if v.word("allowscripttags") == "yes" {
		do[string(filters.HTML)] = deliver()
		if v.yes("convertdangeroushtmltotext") {
			do[string(filters.HTML)] = actions{{Name: "strip-html"}}
		}
	}
	if v.yes("converthtmltotext") {
		v.im.warn("converthtmltotext", "HTML becomes text only in messages that a finding of the class html is about")
		for _, key := range htmlKeys() {
			if !do[key].has("replace") && do[key].fate() == 0 {
				do[key] = actions{{Name: "strip-html"}}
			}
		}
	}
	if !v.yes("dangerouscontentscanning") {
		for _, key := range htmlKeys() {
			do[key] = deliver()
		}
	}
}

// htmlKeys are the class and its codes that have actions.
func htmlKeys() []string {
	keys := []string{string(filters.HTML)}
	for _, t := range tags() {
		keys = append(keys, t[1])
	}
	return keys
}

// tagActions is what becomes of one kind of tag.
func (v view) tagActions(key, silent string) actions {
	switch v.word(key) {
	case "disarm":
		return v.disarm()
	case "no":
		if silent != "" && v.silent(silent) && !v.yes("stilldeliversilentviruses") {
			return v.gone()
		}
		return v.blocked("contentmodifysubject", "contentsubjecttext")
	}
	if v.yes("convertdangeroushtmltotext") {
		return actions{{Name: "strip-html"}}
	}
	return deliver()
}

// disarm makes HTML harmless.
func (v view) disarm() actions {
	list := do("disarm")
	if v.yes("quarantinemodifiedbody") {
		list = append(list, do("store")...)
	}
	if tag, ok := v.tag("disarmedmodifysubject", "disarmedsubjecttext"); ok {
		list = append(list, tag)
	}
	return list
}

// phishing says what becomes of links that pretend. What MailScanner does not know is told in the log alone.
func (v view) phishing(do map[string]actions) {
	found := actions{{Name: "deliver"}}
	if v.yes("highlightphishingfraud") {
		found = actions{{Name: "disarm"}}
	}
	if v.word("phishingmodifysubject") != "no" {
		if tag, ok := v.tag("phishingmodifysubject", "phishingsubjecttext"); ok {
			found = append(found, tag)
		}
	}
	if found.has("disarm") && v.yes("quarantinemodifiedbody") {
		found = append(found, actions{{Name: "store"}}...)
	}
	on := v.yes("findphishingfraud") && v.yes("dangerouscontentscanning")
	numeric := on && v.yes("alsofindnumericphishing")
	for _, key := range []string{string(filters.Phishing), "phishing.too_many", "phishing.display_name", "phishing.reply_to"} {
		do[key] = deliver()
	}
	do["phishing.mismatch"], do["phishing.bad_site"], do["phishing.numeric"] = found, found, found
	if !on {
		do["phishing.mismatch"], do["phishing.bad_site"] = deliver(), deliver()
	}
	if !numeric {
		do["phishing.numeric"] = deliver()
	}
}
