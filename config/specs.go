// SPDX-License-Identifier: Apache-2.0

package config

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/scanners"
)

// ScannerSpec is one scanner of the config: a kind and its options. The file writes {kind: {option: value, ...}}.
type ScannerSpec struct {
	Name    string // As the config calls it.
	Kind    string
	Options any // Pointer to the kind's options, for its New.
	Pos     Pos
}

// FilterSpec is one filter of the chain. The file writes its name, or {name: {option: value, ...}}.
type FilterSpec struct {
	Name    string
	Options any           // Pointer to the kind's options, for its New.
	Timeout time.Duration // For one message; timeouts.filter if the chain gives none.
	Pos     Pos
}

// kinds are the scanners and filters that a config may name.
type kinds struct {
	scanners []scanners.Kind
	filters  []filters.Kind
}

func (k kinds) scanner(name string) (scanners.Kind, bool) {
	i := slices.IndexFunc(k.scanners, func(s scanners.Kind) bool { return s.Name == name })
	if i < 0 {
		return scanners.Kind{}, false
	}
	return k.scanners[i], true
}

func (k kinds) filter(name string) (filters.Kind, bool) {
	i := slices.IndexFunc(k.filters, func(f filters.Kind) bool { return f.Name == name })
	if i < 0 {
		return filters.Kind{}, false
	}
	return k.filters[i], true
}

func (k kinds) scannerNames() []string {
	var names []string
	for _, s := range k.scanners {
		names = append(names, s.Name)
	}
	return names
}

func (k kinds) filterNames() []string {
	var names []string
	for _, f := range k.filters {
		names = append(names, f.Name)
	}
	return names
}

// codes are the codes of all findings there are.
func (k kinds) codes() []string {
	var names []string
	for _, c := range filters.ChainCodes() {
		names = append(names, c.Name)
	}
	for _, f := range k.filters {
		for _, c := range f.Codes {
			names = append(names, c.Name)
		}
	}
	return names
}

func (s *ScannerSpec) decodeNode(d *decoder, n *yaml.Node, path string) {
	s.Pos = d.pos(path)
	word, options := d.single(n, path, "{kind: {option: value, ...}}")
	if word == nil {
		return
	}
	kind, ok := d.kinds.scanner(word.Value)
	if !ok {
		d.fault(word, path, "unknown kind of scanner %s%s", told(word), suggest(word.Value, d.kinds.scannerNames()))
		return
	}
	s.Kind, s.Options = kind.Name, kind.Options()
	d.options(orNothing(options, word), join(path, kind.Name), s.Options, nil)
}

func (f *FilterSpec) decodeNode(d *decoder, n *yaml.Node, path string) {
	f.Pos = d.pos(path)
	word, options := d.single(n, path, "the name of a filter or {name: {option: value, ...}}")
	if word == nil {
		return
	}
	kind, ok := d.kinds.filter(word.Value)
	if !ok {
		d.fault(word, path, "unknown filter %s%s", told(word), suggest(word.Value, d.kinds.filterNames()))
		return
	}
	f.Name, f.Options = kind.Name, kind.Options()
	d.options(orNothing(options, word), join(path, kind.Name), f.Options, f)
}

// single reads a word, or a mapping of one word to a value. The value of a word alone is nil. A nil word was a fault.
func (d *decoder) single(n *yaml.Node, path, want string) (word, val *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		return n, nil
	}
	if n.Kind != yaml.MappingNode {
		d.fault(n, path, "want %s, have %s", want, told(n))
		return nil, nil
	}
	count := 0
	for k, v := range d.pairs(n, path, want) {
		if count++; count == 1 {
			word, val = k, follow(v)
		}
	}
	if count != 1 {
		d.fault(n, path, "want %s, have %d keys", want, count)
		return nil, nil
	}
	return word, val
}

// follow is the value that an alias stands for, or n itself.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// orNothing is the options of a kind, or none if the file has the kind's word alone.
func orNothing(options, word *yaml.Node) *yaml.Node {
	if options != nil {
		return options
	}
	return &yaml.Node{Kind: yaml.MappingNode, Line: word.Line}
}

// options sets the options of a scanner or a filter and asks them if they are valid. The filter, if it is one, takes the key that all
// filters have.
func (d *decoder) options(n *yaml.Node, path string, options any, f *FilterSpec) {
	before := len(d.faults)
	d.lines[path] = n.Line
	d.value(d.takeTimeout(n, path, options, f), path, reflect.ValueOf(options), nil)
	v, ok := options.(interface{ Validate() error })
	if !ok || len(d.faults) > before {
		return
	}
	for _, err := range split(v.Validate()) {
		d.optionFault(path, options, err.Error())
	}
}

// optionFault finds the key that a message of Validate begins with, to tell its line.
func (d *decoder) optionFault(path string, options any, text string) {
	key, rest, ok := strings.Cut(text, ": ")
	root, _, _ := strings.Cut(key, ".")
	if ok && hasKey(reflect.TypeOf(options).Elem(), root) {
		path, text = path+"."+key, rest
	}
	d.faultAt(path, "%s", text)
}

// split takes errors.Join apart.
func split(err error) []error {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

const timeoutKey = "timeout"

// hasKey tells if a struct has the key.
func hasKey(t reflect.Type, key string) bool { return slices.Contains(keysOf(fieldsOf(t)), key) }

// filterKeys are the keys that all filters have beside their options.
type filterKeys struct {
	Timeout time.Duration `yaml:"timeout" min:"1s" default:"timeouts.filter" doc:"This filter with one message."`
}

// takeTimeout reads the key timeout of a filter and returns the options without it. A filter with an option of
// that name keeps it to itself.
func (d *decoder) takeTimeout(n *yaml.Node, path string, options any, f *FilterSpec) *yaml.Node {
	if f == nil || n.Kind != yaml.MappingNode || hasKey(reflect.TypeOf(options).Elem(), timeoutKey) {
		return n
	}
	rest := *n
	rest.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != timeoutKey || f.Timeout != 0 {
			rest.Content = append(rest.Content, n.Content[i], n.Content[i+1])
			continue
		}
		var keys filterKeys
		field := fieldsOf(reflect.TypeFor[filterKeys]())[0]
		d.value(n.Content[i+1], join(path, timeoutKey), reflect.ValueOf(&keys.Timeout).Elem(), &field)
		f.Timeout = keys.Timeout
	}
	return &rest
}
