// SPDX-License-Identifier: Apache-2.0

package config

import (
	"cmp"
	"encoding"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// hidden stands for the value of a secret.
const hidden = "<hidden>"

// nodeEncoder is implemented by the types that are nodeDecoders.
type nodeEncoder interface {
	encodeNode() *yaml.Node
}

// Dump writes the effective config as YAML, with all defaults filled in. Load reads what it writes, unless it has secrets:
// these are shown as <hidden>.
func Dump(w io.Writer, c *Config) error {
	full := *c
	full.Rules = withBuiltIn(c.Rules)
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(encodeStruct(reflect.ValueOf(full))); err != nil {
		return fmt.Errorf("dump config: %w", err)
	}
	return enc.Close()
}

// withBuiltIn completes the policy named default from the built-in one, or adds that. Where it could not be reached, because
// another policy is for all, what all the policies leave out is built in.
func withBuiltIn(rules []PolicySpec) []PolicySpec {
	rules = slices.Clone(rules)
	i := slices.IndexFunc(rules, func(p PolicySpec) bool { return p.Name == policy.DefaultName })
	if i >= 0 {
		rules[i] = rules[i].withBuiltIn()
		return rules
	}
	more := append(rules, PolicySpec{Name: policy.DefaultName}.withBuiltIn())
	if _, err := newPolicies(&decoder{}, more, nil); err == nil {
		return more
	}
	for i := range rules {
		rules[i] = rules[i].withBuiltIn()
	}
	return rules
}

func (p PolicySpec) withBuiltIn() PolicySpec {
	b := policy.BuiltIn()
	if p.Spam.GreyAt == 0 {
		p.Spam.GreyAt = b.Spam.GreyAt
	}
	if p.Spam.TagAt == 0 {
		p.Spam.TagAt = b.Spam.TagAt
	}
	if p.Spam.HighAt == 0 {
		p.Spam.HighAt = b.Spam.HighAt
	}
	p.FileRules = cmp.Or(p.FileRules, b.FileRules)
	p.Signed = cmp.Or(p.Signed, string(b.Signed))
	p.Language = cmp.Or(p.Language, b.Language)
	do := map[string][]Action{}
	for key, actions := range b.Do {
		for _, a := range actions {
			do[key] = append(do[key], Action(a))
		}
	}
	maps.Copy(do, p.Do)
	p.Do = do
	return p
}

// encode is the reverse of decoder.value; nil for a value that the file can only leave out.
func encode(v reflect.Value) *yaml.Node {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	if e, ok := reflect.TypeAssert[nodeEncoder](v); ok {
		return e.encodeNode()
	}
	switch v.Type() {
	case durationType:
		return plainWord(formatDuration(time.Duration(v.Int())))
	case sizeType:
		return plainWord(mail.Size(v.Int()).String())
	}
	if m, ok := reflect.TypeAssert[encoding.TextMarshaler](v); ok {
		text, err := m.MarshalText()
		if err != nil {
			return nil
		}
		return word("!!str", string(text))
	}
	switch v.Kind() {
	case reflect.Struct:
		return encodeStruct(v)
	case reflect.Slice:
		return encodeList(v)
	case reflect.Map:
		return encodeMap(v)
	case reflect.String:
		return word("!!str", v.String())
	case reflect.Bool:
		return plainWord(strconv.FormatBool(v.Bool()))
	case reflect.Float32, reflect.Float64:
		return plainWord(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	default:
		return plainWord(fmt.Sprint(v.Interface()))
	}
}

func encodeStruct(v reflect.Value) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fieldsOf(v.Type()) {
		fv := v.FieldByIndex(f.index)
		if fv.IsZero() && (f.omitZero || len(f.oneof) > 0) {
			continue
		}
		if f.secret && !fv.IsZero() {
			add(out, f.key, word("!!str", hidden))
			continue
		}
		add(out, f.key, encode(fv))
	}
	return out
}

func encodeList(v reflect.Value) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range v.Len() {
		out.Content = append(out.Content, encode(v.Index(i)))
	}
	if isShort(out) {
		out.Style = yaml.FlowStyle
	}
	return out
}

// isShort tells if a list fits into a line.
func isShort(list *yaml.Node) bool {
	octets := 0
	for _, n := range list.Content {
		octets += len(n.Value) + 2
		if n.Kind != yaml.ScalarNode {
			return false
		}
	}
	return octets < 80
}

func encodeMap(v reflect.Value) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode}
	if v.Len() == 0 {
		out.Style = yaml.FlowStyle
	}
	keys := make(map[string]reflect.Value, v.Len())
	for _, k := range v.MapKeys() {
		keys[k.String()] = v.MapIndex(k)
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		add(out, key, encode(keys[key]))
	}
	return out
}

func add(mapping *yaml.Node, key string, val *yaml.Node) {
	if val != nil {
		mapping.Content = append(mapping.Content, word("!!str", key), val)
	}
}

// plainWord is a number, a size, a duration or a truth value, which need no quotes.
func plainWord(value string) *yaml.Node { return word("", value) }

func word(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

func (s ScannerSpec) encodeNode() *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode}
	add(out, s.Kind, encode(reflect.ValueOf(s.Options)))
	return out
}

func (f FilterSpec) encodeNode() *yaml.Node {
	options := encode(reflect.ValueOf(f.Options))
	if !hasKey(reflect.TypeOf(f.Options).Elem(), timeoutKey) {
		add(options, timeoutKey, encode(reflect.ValueOf(f.Timeout)))
	}
	out := &yaml.Node{Kind: yaml.MappingNode}
	add(out, f.Name, options)
	return out
}

func (p Patterns) encodeNode() *yaml.Node {
	if len(p.Entries) == 0 {
		return nil
	}
	return encodeList(reflect.ValueOf(p.Entries))
}

func (a Action) encodeNode() *yaml.Node {
	if a.Arg == "" {
		return word("!!str", a.Name)
	}
	out := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	add(out, a.Name, word("!!str", a.Arg))
	return out
}
