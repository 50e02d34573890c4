// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/mailweir/mailweir/filters/attachments"
	"github.com/mailweir/mailweir/markup"
	"github.com/mailweir/mailweir/policy"
)

// write writes the whole config.
func (im *importer) write(w *writer, m *made, res *Result) {
	engines := im.scanners()
	size, depth := im.messageSize(), im.depth()
	im.writeHead(w, res)
	w.line(0, "listen:")
	w.comment(1, "Where Postfix hands mail to, and gets it back. mailweir postfix apply puts it into Postfix.")
	w.line(1, "- {name: lmtp, address: 127.0.0.1:10024, protocol: lmtp, mode: after-queue, next_hop: 127.0.0.1:10025}")
	w.blank()
	if size > 0 {
		w.line(0, "message_size: %s%s", size, im.origin("maximummessagesize"))
	}
	if depth > 0 {
		w.line(0, "limits: {depth: %d}%s", depth, im.origin("maximumarchivedepth"))
	}
	im.writeScanners(w, engines)
	im.writeChain(w, engines, m)
	im.writePolicies(w, m.specs)
	im.writeRest(w)
}

// origin is a comment that says where a value comes from.
func (im *importer) origin(key string) string {
	p, text := im.at(key)
	return fmt.Sprintf(" # %s: %s", p, quote(text))
}

func (im *importer) writeHead(w *writer, res *Result) {
	w.comment(0, "Made by mailweir import mailscanner from %s.", im.src.dir)
	w.comment(0, "")
	w.comment(0, "%d settings carried over; %d have no equivalent, of which %d are as MailScanner ships them; %d are not known.",
		res.Carried, res.NoEquivalent, res.Defaults, res.Unknown)
	w.comment(0, "What is other than it was stands at the end, with file and line, and so does all that has no equivalent. Read that first.")
	w.blank()
}

func (im *importer) writeScanners(w *writer, engines []engine) {
	if len(engines) == 0 {
		w.comment(0, "No scanners: %s", quote(im.text("virusscanning")+"; "+im.text("virusscanners")))
		w.blank()
		return
	}
	w.line(0, "scanners:%s", im.origin("virusscanners"))
	for _, e := range engines {
		w.line(1, "%s: %s", e.name, e.options)
	}
	w.blank()
}

// text is the line of a setting.
func (im *importer) text(key string) string {
	_, text := im.at(key)
	return text
}

func (im *importer) writeChain(w *writer, engines []engine, m *made) {
	w.line(0, "chain:")
	w.comment(1, "The filter macros looks into documents, which MailScanner did not: - macros")
	im.writeSpamFilters(w, m.spamd)
	w.line(1, "- - attachments:")
	im.writeAttachments(w, m.specs, m.files)
	im.writeHTML(w, m.specs)
	im.writePhishing(w, m.sites)
	if len(engines) > 0 {
		im.writeVirus(w, engines, m.specs)
	}
	w.blank()
}

func (im *importer) writeAttachments(w *writer, specs []*spec, o *attachments.Options) {
	const in = 5
	for _, l := range []struct {
		key, option, value string
		set                bool
	}{
		{"maximumattachmentsize", "max_size", o.MaxSize.String(), o.MaxSize > 0},
		{"minimumattachmentsize", "min_size", o.MinSize.String(), o.MinSize > 0},
		{"maximumattachmentspermessage", "max_count", strconv.Itoa(o.MaxCount), o.MaxCount > 0},
	} {
		if l.set {
			w.line(in, "%s: %s%s", l.option, l.value, im.origin(l.key))
		}
	}
	w.line(in, "rules:")
	for _, l := range im.lists {
		if !slices.ContainsFunc(specs, func(s *spec) bool { return s.list == l.name }) && l.name != policy.DefaultFileRules {
			continue
		}
		if len(o.Rules[l.name]) == 0 {
			w.line(in+1, "%s: []", l.name)
		} else {
			w.line(in+1, "%s:", l.name)
		}
		for _, r := range l.rules {
			writeFileRule(w, in+2, r)
		}
	}
}

func writeFileRule(w *writer, depth int, r fileRule) {
	w.comment(depth, "%s", quote(r.from))
	for _, why := range r.why {
		w.comment(depth, "  Note: %s.", why)
	}
	if r.Do == "" {
		return
	}
	w.line(depth, "- do: %s", r.Do)
	for _, l := range []struct {
		key  string
		list []string
	}{{"match", r.Match}, {"type", r.Type}} {
		if len(l.list) > 0 {
			w.list(depth+1, l.key, l.list)
		}
	}
	for _, l := range [][2]string{{"in", r.In}, {"rename", r.Rename}, {"id", r.ID}, {"log", r.Log}, {"user", r.User}} {
		if l[1] != "" {
			w.line(depth+1, "%s: %s", l[0], scalar(l[1]))
		}
	}
}

func (im *importer) writeHTML(w *writer, specs []*spec) {
	kinds := []string{}
	for _, k := range markup.Kinds() {
		if k != markup.WebBug && k != markup.Remote {
			kinds = append(kinds, string(k))
		}
	}
	if slices.ContainsFunc(specs, func(s *spec) bool {
		return s.out.do["html.webbug"].has("disarm") || s.out.do["html.webbug"].has("strip-html")
	}) {
		kinds = append(kinds, string(markup.WebBug))
	}
	w.line(2, "- html:")
	w.line(5, "kinds: %s", flow(kinds))
}

func (im *importer) writePhishing(w *writer, sites map[string][]string) {
	v := im.views[len(im.views)-1]
	mismatch := "relaxed"
	if v.yes("usestricterphishingnet") {
		mismatch = "strict"
	}
	w.line(2, "- phishing:")
	w.line(5, "mismatch: %s%s", mismatch, im.origin("usestricterphishingnet"))
	w.line(5, "mailto: %t%s", v.yes("highlightmailtophishing"), im.origin("highlightmailtophishing"))
	for _, option := range []string{"safe_sites", "bad_sites"} {
		if len(sites[option]) > 0 {
			w.list(5, option, sites[option])
		}
	}
	w.comment(5, "Points towards spam that MailScanner did not give.")
	for _, option := range []string{"name_score", "reply_score", "qr_score", "hosting_score"} {
		w.line(5, "%s: 0", option)
	}
}

func (im *importer) writeVirus(w *writer, engines []engine, specs []*spec) {
	var names []string
	for _, e := range engines {
		names = append(names, e.name)
	}
	scan := "leaves"
	if im.views[len(im.views)-1].yes("clamavfullmessagescan") {
		scan = "both"
	}
	w.line(1, "- - virus:")
	w.line(5, "scanners: %s", flow(names))
	w.line(5, "scan: %s%s", scan, im.origin("clamavfullmessagescan"))
	if list := im.spamNames(); len(list) > 0 {
		w.line(5, "as_spam:%s", im.origin("virusnameswhicharespam"))
		for _, n := range list {
			w.line(6, "- {pattern: %s, score: %s}", scalar(n), points(specs[len(specs)-1].out.tag))
		}
	}
}

// points is a number of points as the config has it.
func points(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
