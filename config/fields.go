// SPDX-License-Identifier: Apache-2.0

package config

import (
	"reflect"
	"strings"
)

// field is one key of the config, as the struct tags of its Go field describe it. The tags are:
//
//	yaml:"key"        the key; a field without it is no part of the file; ",inline" takes in the keys of an embedded
//	                  struct, ",omitempty" leaves a zero value out of the effective config
//	doc:"..."         what the key is for, in the reference
//	default:"..."     the default in the reference, where the value of Default does not tell it
//	oneof:"a b"       the values allowed
//	min:"1" max:"9"   the bounds of a number, size or duration, both allowed
//	path:"file"       an absolute path, or a list of them, of what has to exist: file or dir
//	required:"true"   the file has to have the key
//	secret:"true"     shown as <hidden>
type field struct {
	key      string
	index    []int
	doc      string
	fallback string
	oneof    []string
	min, max string
	path     string
	required bool
	secret   bool
	omitZero bool
	typ      reflect.Type
}

// fieldsOf lists the keys of a struct in the order of its fields.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if opts == "inline" && f.Type.Kind() == reflect.Struct {
			for _, in := range fieldsOf(f.Type) {
				in.index = append([]int{i}, in.index...)
				out = append(out, in)
			}
			continue
		}
		if name == "" || name == "-" || !f.IsExported() {
			continue
		}
		out = append(out, field{
			key:      name,
			index:    []int{i},
			doc:      f.Tag.Get("doc"),
			fallback: f.Tag.Get("default"),
			oneof:    strings.Fields(f.Tag.Get("oneof")),
			min:      f.Tag.Get("min"),
			max:      f.Tag.Get("max"),
			path:     f.Tag.Get("path"),
			required: f.Tag.Get("required") == "true",
			secret:   f.Tag.Get("secret") == "true",
			omitZero: opts == "omitempty",
			typ:      f.Type,
		})
	}
	return out
}

func keysOf(fields []field) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	return keys
}
