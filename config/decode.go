// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What a config file may cost to read.
const (
	maxFileOctets = 1 << 20 // Of the file.
	maxValues     = 50_000  // Values in the file, those of an alias counted each time it is used.
	maxDepth      = 32      // Lists and sections inside one another.
	maxTold       = 40      // Octets of a wrong value that are told.
)

// decoder gives Go values the values of a YAML document. It is stricter than yaml.Node.Decode: every key has to be known, every
// value of the type wanted, nothing is converted but what is said here. It does not stop at the first fault.
type decoder struct {
	file   string
	kinds  kinds
	faults Faults
	lines  map[string]int // Line of each path that the file has.
	values int
	depth  int
	full   bool // A limit was hit; nothing more is read.
}

// nodeDecoder is implemented by types that the file may write in more than one way.
type nodeDecoder interface {
	decodeNode(d *decoder, n *yaml.Node, path string)
}

// defaulter is implemented by types that have defaults of their own where they stand in a list or a map.
type defaulter interface{ setDefaults() }

func (d *decoder) fault(n *yaml.Node, path, format string, args ...any) {
	d.faults = append(d.faults, Fault{File: d.file, Line: n.Line, Path: path, Text: fmt.Sprintf(format, args...)})
}

// faultAt reports something about a path that has been read, or that the file leaves out: then it is about the line of
// the nearest path around it.
func (d *decoder) faultAt(path, format string, args ...any) {
	d.faults = append(d.faults, Fault{File: d.file, Line: d.line(path), Path: path, Text: fmt.Sprintf(format, args...)})
}

// isFaulty tells if there is a fault at path or inside it.
func (d *decoder) isFaulty(path string) bool {
	return slices.ContainsFunc(d.faults, func(f Fault) bool {
		rest, ok := strings.CutPrefix(f.Path, path)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// line finds the line of a path, or of the nearest path around it.
func (d *decoder) line(path string) int {
	for {
		if l, ok := d.lines[path]; ok || path == "" {
			return l
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

// pos is the place of a path, for reasons and logs.
func (d *decoder) pos(path string) Pos { return Pos{File: d.file, Line: d.line(path)} }

// value sets v to what n says. f is the field that v is the value of, nil if it is none.
func (d *decoder) value(n *yaml.Node, path string, v reflect.Value, f *field) {
	n, ok := d.enter(n, path)
	if !ok {
		return
	}
	defer func() { d.depth-- }()
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	if nd, ok := v.Addr().Interface().(nodeDecoder); ok {
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

// enter follows an alias, notes the line and spends one value of the limits. Only if it returns true, depth is to be given back.
func (d *decoder) enter(n *yaml.Node, path string) (*yaml.Node, bool) {
	if d.full {
		return nil, false
	}
	if _, known := d.lines[path]; !known {
		d.lines[path] = n.Line
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	d.values++
	d.depth++
	if d.values <= maxValues && d.depth <= maxDepth {
		return n, true
	}
	d.full = true
	if d.depth > maxDepth {
		d.fault(n, "", "lists and sections more than %d deep", maxDepth)
	} else {
		d.fault(n, "", "more than %d values", maxValues)
	}
	return nil, false
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
			seen[nearest(key.Value, keysOf(fields))] = true // Misspelt, not missing.
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
	if d, ok := v.Addr().Interface().(defaulter); ok {
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

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// told describes a value that is wrong, cut to what fits into a line.
func told(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a section"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case isNull(n):
		return "nothing"
	case len(n.Value) > maxTold:
		return strconv.Quote(n.Value[:maxTold]) + "..."
	case n.ShortTag() == "!!merge":
		return "a merge key (<<), which does not work here"
	case n.ShortTag() == "!!str":
		return strconv.Quote(n.Value)
	}
	return n.Value
}

// join is the path of a key inside path.
func join(path, key string) string {
	if !plainKey(key) {
		key = strconv.Quote(key[:min(len(key), maxTold)])
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// wordOctets are the octets of a word that can stand in a path, a label or a file name as it is.
const wordOctets = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

func plainKey(key string) bool {
	return key != "" && len(key) <= maxTold && strings.Trim(key, wordOctets) == ""
}
