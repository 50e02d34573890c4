// SPDX-License-Identifier: Apache-2.0

package config

import "reflect"

// typeName is what values of type t are called in faults and in the reference.
func typeName(t reflect.Type) string {
	switch t {
	case durationType:
		return "a duration"
	case sizeType:
		return "a size"
	case prefixType:
		return "a network"
	case reflect.TypeFor[Address]():
		return "an address"
	case reflect.TypeFor[NameServer]():
		return "a name server"
	case reflect.TypeFor[Patterns]():
		return "list of patterns"
	case reflect.TypeFor[Action]():
		return "an action"
	case reflect.TypeFor[ScannerSpec]():
		return "a scanner"
	case reflect.TypeFor[FilterSpec]():
		return "a filter"
	}
	if isText(t) {
		return "a word"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a section"
	default:
		return "a whole number"
	}
}
