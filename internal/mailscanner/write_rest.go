// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"strings"
)

// writeRest writes what is other than it was, and what has no equivalent.
func (im *importer) writeRest(w *writer) {
	if len(im.notes.list) > 0 {
		w.comment(0, "What is other than it was.")
		w.comment(0, "")
		for _, r := range im.notes.list {
			w.comment(0, "%s: %s", r.place, r.full())
		}
		if im.notes.over > 0 {
			w.comment(0, "%d more are not told.", im.notes.over)
		}
		w.blank()
	}
	w.comment(0, "What MailScanner did not look for is found and logged, and delivered: files that are not what they claim (file.mismatch), odd names (file.name),")
	w.comment(0, "messages that may be read in two ways (ambiguous), other signs of phishing (phishing). HTML that it did not know is disarmed if scripts are.")
	w.blank()
	im.writeUnknown(w)
	for _, r := range reasons() {
		im.writeReason(w, r[0], r[1])
	}
}

// writeUnknown names the lines that nobody understands.
func (im *importer) writeUnknown(w *writer) {
	var list []remark
	for _, e := range im.conf.given() {
		if e.setting == nil {
			list = append(list, remark{e.place, e.String(), "a setting that is not known"})
		}
	}
	list = append(list, im.conf.odd...)
	if len(list) == 0 {
		return
	}
	w.comment(0, "Not understood.")
	for _, r := range list {
		w.comment(0, "  %s: %s", r.place, r.full())
	}
	w.blank()
}

// writeReason names the settings that have no equivalent for one reason.
func (im *importer) writeReason(w *writer, fate, why string) {
	told := false
	for _, e := range im.conf.given() {
		if e.setting == nil || e.setting.fate != fate {
			continue
		}
		if !told {
			w.comment(0, "No equivalent: %s", why)
			told = true
		}
		mark := ""
		if e.isDefault() {
			mark = " (as shipped)"
		}
		w.comment(0, "  %s: %s%s", e.place, quote(hidden(e)), mark)
		im.writeRules(w, e)
	}
	if told {
		w.blank()
	}
}

// hidden is the line of a setting, without what is secret.
func hidden(e *entry) string {
	if k := e.setting.key; e.raw != "" && (k == "dbpassword" || k == "watermarksecret" && !e.isDefault()) {
		return e.name + " = (not shown)"
	}
	return e.String()
}

// maxRulesShown is how many rules of a ruleset without equivalent are shown.
const maxRulesShown = 200

// writeRules shows the rules of a setting that has no equivalent.
func (im *importer) writeRules(w *writer, e *entry) {
	if !e.isRuleset() {
		return
	}
	name, _, _ := strings.Cut(e.value, " ")
	lines, err := im.src.lines(name)
	if err != nil {
		w.comment(0, "    %v", err)
		return
	}
	shown := 0
	for _, l := range lines {
		l.text, _, _ = strings.Cut(l.text, "#")
		if l.text = strings.TrimSpace(l.text); l.text == "" {
			continue
		}
		if shown++; shown > maxRulesShown {
			continue
		}
		w.comment(0, "    %s: %s", l.place, quote(l.text))
	}
	if shown > maxRulesShown {
		w.comment(0, "    and %d more", shown-maxRulesShown)
	}
}
