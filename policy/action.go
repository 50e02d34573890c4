// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
)

// spec describes an action.
type spec struct {
	name    string
	fate    Fate
	decides bool               // It decides on the fate; at most one kind of these in a list.
	edits   bool               // It changes the message, so it is of use only if that is delivered.
	copies  bool               // It makes a copy, so it must not be done again with every retry.
	many    bool               // It may be given more than once, with different arguments.
	needs   string             // What its argument is, if it cannot do without.
	check   func(string) error // Of the argument; nil if it takes none.
}

// specs are the actions that exist, in the order of the documents.
var specs = []spec{
	{name: "deliver", fate: Deliver, decides: true},
	{name: "tag", edits: true, check: checkTag},
	{name: "header", edits: true, many: true, needs: `"Name: value"`, check: checkField},
	{name: "disarm", edits: true},
	{name: "replace", edits: true},
	{name: "strip-html", edits: true},
	{name: "attach", edits: true},
	{name: "rebuild", edits: true},
	{name: "store", copies: true, many: true, check: checkShelf},
	{name: "quarantine", fate: Quarantine, decides: true, check: checkShelf},
	{name: "forward", copies: true, many: true, needs: "an address", check: checkAddress},
	{name: "redirect", fate: Deliver, decides: true, many: true, needs: "an address", check: checkAddress},
	{name: "reject", fate: Reject, decides: true},
	{name: "defer", fate: Defer, decides: true},
	{name: "discard", fate: Discard, decides: true},
}

// laterActions are planned, and refused until they exist.
var laterActions = []string{"notify"}

// Actions are the names of the actions that exist, in the order of the documents.
func Actions() []string {
	var names []string
	for _, s := range specs {
		names = append(names, s.name)
	}
	return names
}

func lookup(name string) (spec, bool) {
	i := slices.IndexFunc(specs, func(s spec) bool { return s.name == name })
	if i < 0 {
		return spec{}, false
	}
	return specs[i], true
}

// Check tells what is wrong with the action by itself, nil if nothing is.
func (a Action) Check() error {
	s, ok := lookup(a.Name)
	switch {
	case slices.Contains(laterActions, a.Name):
		return fmt.Errorf("the action %s does not exist yet", a.Name)
	case !ok:
		return unknown("action", a.Name, Actions())
	case a.Arg == "" && s.needs != "":
		return fmt.Errorf("the action %s needs %s", a.Name, s.needs)
	case a.Arg != "" && s.check == nil:
		return fmt.Errorf("the action %s takes no value", a.Name)
	case a.Arg == "":
		return nil
	}
	if err := s.check(a.Arg); err != nil {
		return fmt.Errorf("%s %q: %w", a.Name, a.Arg, err)
	}
	return nil
}

// checkList tells what is wrong with the actions together that are not wrong by themselves.
func checkList(key string, list []Action) error {
	if len(list) == 0 {
		return errors.New("no action; write deliver if nothing is to be done")
	}
	var last spec // That decided on the fate.
	for i, a := range list {
		s, _ := lookup(a.Name)
		if repeats(s, a, list[:i]) {
			return fmt.Errorf("%s is given twice", a)
		}
		if (a.Name == "replace" || a.Name == "disarm") && (key == string(filters.Spam) || key == HighSpam) {
			return fmt.Errorf("%s needs a part of the message, and spam is about the whole", a.Name)
		}
		if s.decides && last.decides && last.name != s.name {
			return fmt.Errorf("%s and %s contradict each other", last.name, s.name)
		}
		if s.decides {
			last = s
		}
	}
	return checkUse(key, list, last)
}

func repeats(s spec, a Action, before []Action) bool {
	return slices.ContainsFunc(before, func(b Action) bool {
		return a == b || !s.many && a.Name == b.Name
	})
}

// checkUse finds actions that are of no use with the fate that decider asks for.
func checkUse(key string, list []Action, decider spec) error {
	for _, a := range list {
		s, _ := lookup(a.Name)
		if s.edits && decider.fate != Deliver {
			return fmt.Errorf("%s changes a message that is delivered, and %s keeps it from being", a.Name, decider.name)
		}
		if s.copies && decider.fate == Defer {
			return fmt.Errorf("%s would make another copy with every retry after defer", a.Name)
		}
	}
	kept := slices.IndexFunc(list, func(a Action) bool { return a.Name == "quarantine" })
	if kept >= 0 && slices.ContainsFunc(list, func(a Action) bool { return a.Name == "store" && shelf(a, key) == shelf(list[kept], key) }) {
		return errors.New("store is needless: quarantine keeps it on the same shelf")
	}
	return nil
}

// shelf is where in the quarantine the action keeps its copy: on the shelf named for the class, unless it says another.
func shelf(a Action, key string) string {
	if a.Arg == "" {
		return key
	}
	return a.Arg
}

// NoSubject as the argument of the action tag leaves the Subject alone; fields are added all the same.
const NoSubject = "none"

// subjectTag is what the action tag puts before the Subject if it is given no other text.
func subjectTag(key string) string {
	switch filters.Class(key) {
	case filters.Spam, HighSpam:
		return "[SPAM]"
	case filters.File:
		return "[ATTACHMENT]"
	case filters.Auth:
		return "[UNVERIFIED]"
	case filters.Unscannable, filters.Failure:
		return "[UNCHECKED]"
	default:
		return "[" + strings.ToUpper(key) + "]"
	}
}
