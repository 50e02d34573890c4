// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/policy"
)

// actions is what is done about a class or a code.
type actions []policy.Action

func do(names ...string) actions {
	var list actions
	for _, n := range names {
		list = append(list, policy.Action{Name: n})
	}
	return list
}

// has tells if an action of that name is in the list.
func (a actions) has(name string) bool {
	return slices.ContainsFunc(a, func(x policy.Action) bool { return x.Name == name })
}

// only tells if the list is that one action.
func (a actions) only(name string) bool { return len(a) == 1 && a[0] == policy.Action{Name: name} }

// add adds an action that is not there yet; of those that may be there once the first stays.
func (a actions) add(x policy.Action) actions {
	many := x.Name == "header" || x.Name == "store" || x.Name == "forward" || x.Name == "redirect"
	if slices.Contains(a, x) || !many && a.has(x.Name) {
		return a
	}
	return append(a, x)
}

// fate is how strong the list is.
func (a actions) fate() policy.Fate {
	for _, f := range []policy.Fate{policy.Discard, policy.Reject, policy.Quarantine, policy.Defer} {
		if a.has(f.String()) {
			return f
		}
	}
	return policy.Deliver
}

// word is an action as MailScanner lists it.
var word = regexp.MustCompile(`"[^"]*"|[^\s"]+`)

// spamActions turns a list of actions for spam into ours. class is spam or high_spam.
func (v view) spamActions(key, class string) actions {
	r := actionReader{v: v, key: key, words: word.FindAllString(v.get(key), -1)}
	for r.next < len(r.words) {
		r.action(r.take())
	}
	switch {
	case r.fates.deliver && r.fates.remove:
		v.im.warn(key, "deliver and delete contradict each other: delivered")
	case len(r.words) == 0:
		v.im.warn(key, "no actions: delivered")
		r.fates.deliver = true
	}
	return v.decided(key, class, r.fates, r.out, r.forward)
}

// actionReader reads a list of actions.
type actionReader struct {
	v       view
	key     string
	words   []string
	next    int
	fates   fates
	out     actions
	forward []policy.Action
}

// take is the next word, "" behind the last.
func (r *actionReader) take() string {
	if r.next >= len(r.words) {
		return ""
	}
	r.next++
	return strings.Trim(r.words[r.next-1], ",")
}

// action notes one action, with what belongs to it.
func (r *actionReader) action(w string) {
	v, low := r.v, strings.ToLower(w)
	switch {
	case low == "deliver":
		r.fates.deliver = true
	case low == "delete":
		r.fates.remove = true
	case low == "bounce":
		r.fates.bounce = true
	case low == "store":
		r.fates.keep = true
	case strings.HasPrefix(low, "store-"):
		r.out = r.out.add(policy.Action{Name: "store", Arg: v.shelf(r.key, w[len("store-"):])})
	case low == "striphtml":
		r.out = r.out.add(policy.Action{Name: "strip-html"})
	case low == "attachment":
		r.out = r.out.add(policy.Action{Name: "attach"})
	case low == "forward":
		r.forward = v.forward(r.key, r.take(), r.forward)
	case low == "header":
		r.out = v.header(r.key, strings.Trim(r.take(), `"`), r.out)
	case low == "notify":
		v.im.warn(r.key, "notify: recipients are not told; that does not exist yet")
	case low == "":
	default:
		v.im.warn(r.key, "%s: there is no such action here", quote(w))
	}
}

// fates are the words of a list that say what becomes of the message itself.
type fates struct{ deliver, remove, bounce, keep bool }

// decided puts together the list: one action that decides, and those that go with it.
func (v view) decided(key, class string, f fates, out actions, forward []policy.Action) actions {
	edits := slices.ContainsFunc(out, func(a policy.Action) bool { return a.Name != "store" })
	stores := slices.DeleteFunc(slices.Clone(out), func(a policy.Action) bool { return a.Name != "store" })
	switch {
	case f.deliver:
		if f.keep {
			out = out.add(policy.Action{Name: "store"})
		}
		return append(v.tagged(class, append(out, forward...)), policy.Action{Name: "deliver"})
	case len(forward) > 0:
		if f.keep {
			out = out.add(policy.Action{Name: "store"})
		}
		for _, a := range forward {
			out = out.add(policy.Action{Name: "redirect", Arg: a.Arg})
		}
		return v.tagged(class, out)
	case edits:
		v.im.note(key, "what changes a message is left out, because it is not delivered")
	}
	if f.bounce {
		v.im.warn(key, "bounce: the message is refused, so that the MTA before mailweir sends the bounce")
		return append(stores, do("reject")...)
	}
	if len(stores) > 0 && !f.keep {
		stores[0].Name = "quarantine"
		return stores
	}
	if f.keep {
		return append(do("quarantine"), stores...)
	}
	return do("discard")
}

// tagged adds the change of the subject.
func (v view) tagged(class string, out actions) actions {
	prefix := "spam"
	if class == policy.HighSpam {
		prefix = "highscoringspam"
	}
	tag, ok := v.tag(prefix+"modifysubject", prefix+"subjecttext")
	if !ok {
		tag = policy.Action{Name: "tag", Arg: policy.NoSubject}
	}
	return append(actions{tag}, out...)
}

// tag is the action that marks the subject; false if it is not to be marked.
func (v view) tag(modify, text string) (policy.Action, bool) {
	switch v.word(modify) {
	case "no":
		return policy.Action{}, false
	case "end":
		v.im.note(modify, "the text is put at the start of the subject")
	}
	arg := v.get(text)
	for _, token := range []string{"_SCORE_", "_STARS_"} {
		if strings.Contains(arg, token) {
			v.im.warn(text, "%s is left out: the text is the same for all; X-Spam-Score has the points", token)
			arg = strings.ReplaceAll(arg, token, "")
		}
	}
	a := policy.Action{Name: "tag", Arg: strings.Join(strings.Fields(arg), " ")}
	if err := a.Check(); err != nil {
		v.im.warn(text, "%v; the tag is the built-in one", err)
		a.Arg = ""
	}
	return a, true
}

// shelf is the shelf for store-NAME: nonspam, spam, mcp, nonmcp or the last part of a folder's name.
func (v view) shelf(key, name string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, path.Base(name))
	if s = strings.Trim(s[:min(len(s), 32)], "-"); s == "" {
		s = "imported"
	}
	if strings.Contains(name, "/") {
		v.im.warn(key, "store-%s: kept in the quarantine, on the shelf %s", quote(name), s)
	}
	return s
}

// forward adds an address that gets a copy.
func (v view) forward(key, address string, list []policy.Action) []policy.Action {
	a := policy.Action{Name: "forward", Arg: address}
	if strings.Contains(address, "_") && token.MatchString(address) {
		v.im.warn(key, "forward %s: addresses cannot be made of the message's", quote(address))
		return list
	}
	if err := a.Check(); err != nil {
		v.im.warn(key, "%v", err)
		return list
	}
	if !slices.Contains(list, a) {
		list = append(list, a)
	}
	return list
}

var token = regexp.MustCompile(`_(?:TO|FROM)?(?:TO|USER|DOMAIN|DATE|HOUR)_`)

// header adds a field.
func (v view) header(key, field string, out actions) actions {
	a := policy.Action{Name: "header", Arg: strings.TrimSpace(field)}
	name, _, _ := strings.Cut(a.Arg, ":")
	switch {
	case token.MatchString(field):
		v.im.warn(key, "header %s: fields cannot be made of the message's addresses", quote(field))
		return out
	case slices.Contains([]string{"x-spam-status", "x-spam-flag", "x-spam-score", "x-spam-level"}, strings.ToLower(name)):
		v.im.noteGiven(key, "header %s: the action tag adds X-Spam-Flag, X-Spam-Score, X-Spam-Level and X-Spam-Status by itself", quote(field))
		return out
	}
	if err := a.Check(); err != nil {
		v.im.warn(key, "%v", err)
		return out
	}
	return out.add(a)
}
