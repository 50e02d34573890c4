// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/internal/nearest"
)

// What a config file may cost to read.
const (
	maxFileOctets = 1 << 20 // Of the file.
	maxValues     = 50_000  // Values in the file, those of an alias counted each time it is used.
)

// decoder gives Go values the values of a YAML document. It is stricter than yaml.Node.Decode: every key has to be known, every
// value of the type wanted, nothing is converted but what is said here. It does not stop at the first fault.
type decoder struct {
	file   string
	kinds  kinds
	faults Faults
	warned Faults
	lines  map[string]int // Line of each path that the file has.
	values int
	full   bool // A limit was hit; nothing more is read.
}

// nodeDecoder is implemented by types that the file may write in more than one way.
type nodeDecoder interface {
	decodeNode(d *decoder, n *yaml.Node, path string)
}

// defaulter is implemented by types that have defaults of their own where they stand in a list or a map.
type defaulter interface{ setDefaults() }

// value sets v to what n says. f is the field that v is the value of, nil if it is none.
func (d *decoder) value(n *yaml.Node, path string, v reflect.Value, f *field) {
	n, ok := d.enter(n, path)
	if !ok {
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	if nd, ok := reflect.TypeAssert[nodeDecoder](v.Addr()); ok {
		nd.decodeNode(d, n, path)
		return
	}
	if isText(v.Type()) {
		d.scalar(n, path, v, f)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.section(n, path, v)
	case reflect.Slice:
		d.list(n, path, v, f)
	case reflect.Map:
		d.table(n, path, v, f)
	default:
		d.scalar(n, path, v, f)
	}
}

// enter follows an alias, notes the line and spends one value of the limit. How deep it goes is bounded by the types.
func (d *decoder) enter(n *yaml.Node, path string) (*yaml.Node, bool) {
	if d.full {
		return nil, false
	}
	if _, known := d.lines[path]; !known {
		d.lines[path] = n.Line
	}
	n = follow(n)
	if d.values++; d.values > maxValues {
		d.full = true
		d.fault(n, "", "more than %d values", maxValues)
		return nil, false
	}
	return n, true
}

// isText tells if values of type t are read by their own UnmarshalText, or are prefixes, which we read ourselves.
func isText(t reflect.Type) bool {
	return t == prefixType || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// section sets the fields of a struct. A section with nothing in it, as when all its keys are commented out, is one that leaves
// all defaults.
func (d *decoder) section(n *yaml.Node, path string, v reflect.Value) {
	fields := fieldsOf(v.Type())
	seen := map[string]bool{}
	for key, val := range d.pairs(n, path, "a section of keys and values") {
		seen[key.Value] = true
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == key.Value })
		if i < 0 {
			seen[nearest.Word(key.Value, keysOf(fields))] = true // Misspelt, not missing.
			d.fault(key, join(path, key.Value), "unknown key%s", suggest(key.Value, keysOf(fields)))
			continue
		}
		d.lines[join(path, key.Value)] = key.Line
		d.value(val, join(path, key.Value), v.FieldByIndex(fields[i].index), &fields[i])
	}
	for _, f := range fields {
		if f.required && !seen[f.key] && !d.full && (n.Kind == yaml.MappingNode || isNull(n)) {
			d.fault(n, path, "missing key %q", f.key)
		}
	}
}

// pairs lists keys and values of a mapping after a check of the keys. Nothing at all is an empty mapping.
func (d *decoder) pairs(n *yaml.Node, path, want string) func(yield func(key, val *yaml.Node) bool) {
	return func(yield func(key, val *yaml.Node) bool) {
		if isNull(n) {
			return
		}
		if n.Kind != yaml.MappingNode {
			d.fault(n, path, "want %s, have %s", want, told(n))
			return
		}
		lines := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
				d.fault(key, path, "want a word as a key, have %s", told(key))
				continue
			}
			if line, twice := lines[key.Value]; twice {
				d.fault(key, join(path, key.Value), "duplicate key, it is on line %d too", line)
				continue
			}
			lines[key.Value] = key.Line
			if !yield(key, n.Content[i+1]) || d.full {
				return
			}
		}
	}
}

// list sets a slice. The file replaces the list of the defaults, it does not add to it.
func (d *decoder) list(n *yaml.Node, path string, v reflect.Value, f *field) {
	if n.Kind != yaml.SequenceNode {
		d.fault(n, path, "want a list, have %s", told(n))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		withDefaults(out.Index(i))
		d.value(item, fmt.Sprintf("%s[%d]", path, i), out.Index(i), f)
	}
	v.Set(out)
}

// table sets a map by words. The file replaces the map of the defaults.
func (d *decoder) table(n *yaml.Node, path string, v reflect.Value, f *field) {
	if v.Type().Key().Kind() != reflect.String {
		d.fault(n, path, "options of type %v are not supported", v.Type())
		return
	}
	out := reflect.MakeMap(v.Type())
	for key, val := range d.pairs(n, path, "names with values") {
		at := join(path, key.Value)
		d.lines[at] = key.Line
		item := reflect.New(v.Type().Elem()).Elem()
		withDefaults(item)
		d.value(val, at, item, f)
		out.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), item)
	}
	v.Set(out)
}

func withDefaults(v reflect.Value) {
	if d, ok := reflect.TypeAssert[defaulter](v.Addr()); ok {
		d.setDefaults()
	}
}

// scalar sets a value that is one word, and checks it against the tags of its field.
func (d *decoder) scalar(n *yaml.Node, path string, v reflect.Value, f *field) {
	if n.Kind != yaml.ScalarNode || isNull(n) {
		d.fault(n, path, "want %s, have %s", typeName(v.Type()), told(n))
		return
	}
	err, hint := setScalar(v, n.ShortTag(), n.Value), ""
	if err == nil && f != nil {
		if err = f.check(v, n.Value); err != nil {
			hint = didYouMean(n.Value, f.oneof)
		}
	}
	if err != nil {
		d.fault(n, path, "%v, have %s%s", err, told(n), hint)
	}
}
