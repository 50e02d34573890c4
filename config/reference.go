// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/policy"
)

const referenceHead = `<!-- Generated from the struct tags of the options; make docs rewrites it. -->

# Config reference

mailweir reads one YAML file, by default ` + "`/etc/mailweir/mailweir.yaml`" + `. It is strict: a key that is not listed here, a value of another
type, a key given twice is refused with file, line and what was expected. ` + "`mailweir config check`" + ` tells all faults at once,
` + "`mailweir config show`" + ` prints the config with all defaults filled in.

| Type | Written as |
|---|---|
| text | ` + "`mx.example.org`" + `; what YAML takes for a number or a truth value needs quotes |
| whole number | ` + "`200`" + ` |
| number | ` + "`4.5`" + ` |
| true or false | by these words alone |
| size | ` + "`512`" + `, ` + "`64KiB`" + `, ` + "`20MiB`" + `, ` + "`1GiB`" + `: octets, units are powers of 1024 |
| duration | ` + "`90s`" + `, ` + "`5m`" + `, ` + "`2h`" + `, ` + "`30d`" + `, ` + "`1h30m`" + ` |
| network | ` + "`192.0.2.0/24`" + `, ` + "`2001:db8::/32`" + `, or one address |
| address | ` + "`127.0.0.1:10024`" + `, ` + "`[::1]:10024`" + `, ` + "`unix:/run/mailweir/in`" + `, ` + "`systemd:NAME`" + ` (to listen on, only) |
| list | ` + "`[a, b]`" + `, or one item a line behind a ` + "`-`" + ` |

The file has at most 1 MiB and one document. Anchors and aliases work, merge keys (` + "`<<`" + `) do not. Environment variables are
not expanded.
`

// Reference writes the reference of all keys as Markdown. It is made of the struct tags and the values of Default, so it cannot
// tell anything else than the program does.
func Reference(w io.Writer) error { return writeReference(w, builtin()) }

func writeReference(w io.Writer, k kinds) error {
	var b strings.Builder
	b.WriteString(referenceHead)
	defaults := reflect.ValueOf(*Default())
	top := &table{}
	var sections []*table
	for _, f := range fieldsOf(defaults.Type()) {
		v := defaults.FieldByIndex(f.index)
		top.row(f.key, f, v)
		section := &table{title: "`" + f.key + "`", intro: f.doc}
		section.inside(f.key, v)
		if len(section.rows) > 0 {
			sections = append(sections, section)
		}
	}
	top.title = "The file"
	for _, t := range append([]*table{top}, sections...) {
		t.write(&b, "##")
	}
	writePolicyWords(&b)
	b.WriteString("\n## Scanners\n\nThe kinds of scanners and their options, as in `scanners: {NAME: {kind: {option: value}}}`.\n")
	for _, kind := range k.scanners {
		optionTable(kind.Name, kind.Options()).write(&b, "###")
	}
	b.WriteString("\n## Filters\n\nThe filters and their options, as in `chain: [[filter: {option: value}]]`. Each also takes `timeout`, " +
		"the time for one message (default: `timeouts.filter`).\n")
	for _, kind := range k.filters {
		optionTable(kind.Name, kind.Options()).write(&b, "###")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func optionTable(name string, options any) *table {
	t := &table{title: "`" + name + "`"}
	t.inside("", reflect.ValueOf(options).Elem())
	if len(t.rows) == 0 {
		t.intro = "No options."
	}
	return t
}

// writePolicyWords lists the classes and actions that policies are made of.
func writePolicyWords(b *strings.Builder) {
	fmt.Fprintf(b, "\nKeys of `do`: `%s`, and the code of any finding, such as `html.form`.\n", strings.Join(policy.Keys(), "`, `"))
	fmt.Fprintf(b, "\nActions: `%s`. An action is a word, or `{word: argument}`.\n", strings.Join(policy.Actions(), "`, `"))
	b.WriteString("\nPatterns of `from` and `to`: `user@example.org`, `@example.org` for a domain, `.example.org` for its subdomains, `*` for any " +
		"run of characters, `<>` for the null reverse-path, and `file:/path` for a file with one pattern a line.\n")
}

// table is one table of keys.
type table struct {
	title, intro string
	rows         []string
	undocumented []string // Keys without a doc tag.
}

func (t *table) write(b *strings.Builder, level string) {
	fmt.Fprintf(b, "\n%s %s\n", level, t.title)
	if t.intro != "" {
		fmt.Fprintf(b, "\n%s\n", t.intro)
	}
	if len(t.rows) > 0 {
		b.WriteString("\n| Key | Type | Default | What it is for |\n|---|---|---|---|\n")
		b.WriteString(strings.Join(t.rows, ""))
	}
}

// row adds a key.
func (t *table) row(path string, f field, v reflect.Value) {
	if f.doc == "" {
		t.undocumented = append(t.undocumented, path)
	}
	t.rows = append(t.rows, fmt.Sprintf("| `%s` | %s | %s | %s |\n", path, f.describe(), f.showDefault(v), strings.ReplaceAll(f.doc, "|", `\|`)))
}

// inside adds the keys of a section, or of the sections in a list or a map.
func (t *table) inside(path string, v reflect.Value) {
	typ := v.Type()
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch {
	case isSpecial(typ):
	case typ.Kind() == reflect.Slice:
		t.inside(path+"[]", withElem(typ.Elem()))
	case typ.Kind() == reflect.Map:
		t.inside(join(path, "NAME"), withElem(typ.Elem()))
	case typ.Kind() == reflect.Struct:
		if v.Kind() == reflect.Pointer {
			v = withElem(typ)
		}
		for _, f := range fieldsOf(typ) {
			fv := v.FieldByIndex(f.index)
			t.row(join(path, f.key), f, fv)
			t.inside(join(path, f.key), fv)
		}
	}
}

// withElem is a value of a list or a map with its defaults.
func withElem(typ reflect.Type) reflect.Value {
	v := reflect.New(typ).Elem()
	withDefaults(v)
	return v
}

// describe is the type of a key, with the values that it may have.
func (f field) describe() string {
	if len(f.oneof) > 0 {
		return "`" + strings.Join(f.oneof, "`, `") + "`"
	}
	s := noun(f.typ)
	switch {
	case f.min != "" && f.max != "":
		s += ", " + f.min + " to " + f.max
	case f.min != "" && f.min != "0" && f.min != "0s":
		s += ", at least " + f.min
	case f.max != "":
		s += ", at most " + f.max
	}
	return s
}

// noun is the name of a type without its article.
func noun(t reflect.Type) string {
	switch {
	case isSpecial(t):
	case t.Kind() == reflect.Slice:
		elem := noun(t.Elem())
		if of, nested := strings.CutPrefix(elem, "list of "); nested {
			return "list of lists of " + of
		}
		return "list of " + elem + "s"
	case t.Kind() == reflect.Map:
		return noun(t.Elem()) + " by name"
	}
	return strings.TrimPrefix(strings.TrimPrefix(typeName(t), "a "), "an ")
}

// isSpecial tells if values of type t are written in a way of their own.
func isSpecial(t reflect.Type) bool {
	return isText(t) || t.Implements(reflect.TypeFor[nodeEncoder]())
}

// showDefault is the default of a key as the file would have it.
func (f field) showDefault(v reflect.Value) string {
	switch {
	case f.required:
		return "required"
	case f.fallback != "":
		return f.fallback
	case v.IsZero() && f.omitZero, isSection(v.Type()):
		return ""
	}
	n := encode(v)
	if n == nil {
		return ""
	}
	flow(n)
	text, err := yaml.Marshal(n)
	if err != nil {
		return ""
	}
	return "`" + strings.TrimSpace(string(text)) + "`"
}

func isSection(t reflect.Type) bool { return t.Kind() == reflect.Struct && !isSpecial(t) }

// flow puts a value into one line.
func flow(n *yaml.Node) {
	n.Style |= yaml.FlowStyle
	for _, c := range n.Content {
		flow(c)
	}
}
