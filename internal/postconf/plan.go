// SPDX-License-Identifier: Apache-2.0

package postconf

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Kind says what a change is about, by the option of postconf(1) that makes it.
type Kind string

// The kinds of change.
const (
	Parameter     Kind = "-e" // main.cf: a parameter.
	Entry         Kind = "-M" // master.cf: an entry. Its value is the whole line.
	EntryOption   Kind = "-P" // master.cf: an option of an entry.
	removeMain         = "-X" // Takes a parameter away.
	removeEntry        = "-MX"
	removeOption       = "-PX"
	nothingToShow      = "(not set)"
)

// Change is one change. A nil value means "not there".
type Change struct {
	Kind Kind    `json:"kind"`
	Key  string  `json:"key"` // Name of a parameter; name/type of an entry; name/type/parameter of an option.
	Old  *string `json:"old"`
	New  *string `json:"new"`
}

// args are the arguments of postconf(1) that bring about the new value.
func (c Change) args() []string {
	if c.New != nil {
		return []string{string(c.Kind), c.Key + "=" + *c.New}
	}
	switch c.Kind {
	case Entry:
		return []string{removeEntry, c.Key}
	case EntryOption:
		return []string{removeOption, c.Key}
	case Parameter:
	}
	return []string{removeMain, c.Key}
}

// Command is the change as a line for a shell.
func (c Change) Command(dir string) string {
	words := []string{"postconf"}
	if dir != "" {
		words = append(words, "-c", quote(dir))
	}
	args := c.args()
	return strings.Join(append(words, args[0], quote(args[1])), " ")
}

// quote quotes for a shell where there is need.
func quote(s string) string {
	if strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:=,@", r))
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// String shows old and new value, as a diff does; options of entries on lines of their own.
func (c Change) String() string {
	file := "master.cf"
	if c.Kind == Parameter {
		file = "main.cf"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", file, c.Key)
	b.WriteString(show("-", c.Old))
	b.WriteString(show("+", c.New))
	return b.String()
}

func show(sign string, value *string) string {
	text := nothingToShow
	if value != nil {
		text = strings.ReplaceAll(oneBlank(*value), " -o ", "\n"+sign+"     -o ")
	}
	return sign + " " + text + "\n"
}

// reversed undoes the change.
func (c Change) reversed() Change {
	c.Old, c.New = c.New, c.Old
	return c
}

// Changes lists all that the fragment sets. The options for public listeners go to the entries of keys (name/type).
// Entries come before the parameters that name them: at no time is mail sent to a transport that is not there.
func (f *Fragment) Changes(keys []string) []Change {
	var all []Change
	add := func(kind Kind, key, value string) { all = append(all, Change{Kind: kind, Key: key, New: &value}) }
	for _, s := range f.Services {
		add(Entry, s.Key(), s.String())
	}
	for _, key := range keys {
		for _, o := range f.Public {
			add(EntryOption, key+"/"+o.Name, o.Value)
		}
	}
	// content_filter, the first of main.cf, is what turns mail around: it comes last.
	for _, p := range slices.Backward(f.Main) {
		add(Parameter, p.Name, p.Value)
	}
	return all
}

// Plan tells what is to be changed for the fragment to be in force: nothing if it is. keys are the entries of public listeners (name/type) that the
// fragment's options for them go to; nil is to find them.
func (c Conf) Plan(ctx context.Context, f *Fragment, keys []string) ([]Change, error) {
	if len(f.Public) > 0 && keys == nil {
		var err error
		if keys, err = c.publicKeys(ctx); err != nil {
			return nil, err
		}
	}
	var changes []Change
	for _, w := range f.Changes(keys) {
		var err error
		if w.Old, err = c.current(ctx, w.Kind, w.Key); err != nil {
			return nil, err
		}
		w.keepOverrides()
		if !same(w.Old, w.New) {
			changes = append(changes, w)
		}
	}
	return changes, nil
}

// keepOverrides keeps those options of main.cf's receive_override_options in force that are there: ours is one more.
func (c *Change) keepOverrides() {
	if c.Kind != Parameter || c.Key != "receive_override_options" || c.Old == nil || c.New == nil {
		return
	}
	value := strings.TrimSpace(*c.Old)
	for _, w := range words(*c.New) {
		if !slices.Contains(words(value), w) {
			value = strings.TrimPrefix(value+", "+w, ", ")
		}
	}
	c.New = &value
}

// current is the value that is there, nil if none.
func (c Conf) current(ctx context.Context, kind Kind, key string) (*string, error) {
	var value string
	var ok bool
	var err error
	switch kind {
	case Entry:
		value, ok, err = c.Entry(ctx, key)
	case EntryOption:
		value, ok, err = c.Option(ctx, key)
	case Parameter:
		value, ok, err = c.Explicit(ctx, key)
	}
	if err != nil || !ok {
		return nil, err
	}
	return &value, nil
}

// same tells if two values mean the same to Postfix: the number of blanks between words does not count.
func same(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return oneBlank(*a) == oneBlank(*b)
}

func oneBlank(s string) string { return strings.Join(strings.Fields(s), " ") }
