// SPDX-License-Identifier: Apache-2.0

package all

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/scanners"
)

func TestKinds(t *testing.T) {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
		t.Run(k.Name, func(t *testing.T) { testKind(t, k) })
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("got the names %v, want each once and in order", names)
	}
}

// testKind wants options that are a pointer to a struct of its own each time, whose fields all have a key, and that a kind refuses
// another's.
func testKind(t *testing.T, k scanners.Kind) {
	one, two := k.Options(), k.Options()
	v := reflect.ValueOf(one)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		t.Fatalf("options are %T, want a pointer to a struct", one)
	}
	if v.Pointer() == reflect.ValueOf(two).Pointer() {
		t.Error("two scanners share their options")
	}
	for i := range v.Elem().NumField() {
		field := v.Elem().Type().Field(i)
		if key := field.Tag.Get("yaml"); key == "" || key != strings.ToLower(key) {
			t.Errorf("field %s has the key %q, want one in lower case", field.Name, key)
		}
	}
	if _, ok := one.(interface{ Validate() error }); !ok {
		t.Errorf("options %T cannot be validated", one)
	}
	if _, err := k.New(&struct{}{}, scanners.Deps{WorkDir: t.TempDir()}); err == nil {
		t.Error("another's options are taken")
	}
}
