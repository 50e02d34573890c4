// SPDX-License-Identifier: Apache-2.0

package all

import (
	"cmp"
	"reflect"
	"slices"
	"testing"

	"github.com/mailweir/mailweir/filters"
)

func TestKinds(t *testing.T) {
	kinds := Kinds()
	byName := func(a, b filters.Kind) int { return cmp.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(kinds, byName) {
		t.Error("kinds are not in alphabetical order")
	}
	for i, k := range kinds {
		if i > 0 && kinds[i-1].Name == k.Name {
			t.Errorf("%s is there twice", k.Name)
		}
		o := k.Options()
		if reflect.TypeOf(o).Kind() != reflect.Pointer || k.Options() == o {
			t.Errorf("%s: options are not a new pointer each time", k.Name)
		}
		if _, ok := o.(interface{ Validate() error }); !ok {
			t.Errorf("%s: options are not checked", k.Name)
		}
	}
}
