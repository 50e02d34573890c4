// SPDX-License-Identifier: Apache-2.0

package config

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReference: the reference in the documents is what Reference writes.
func TestReference(t *testing.T) {
	const file = "../docs/reference/config.md"
	var b strings.Builder
	if err := Reference(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s is stale, go test ./config -update rewrites it (-file +now):\n%s", file, diff)
	}
}

// TestDocumented: every key says what it is for, and every exported option is a key.
func TestDocumented(t *testing.T) {
	sections := map[string]any{"": Default(), "listen[]": new(Listener), "policies[]": new(PolicySpec), "filter": new(filterKeys)}
	for _, k := range builtin().scanners {
		sections["scanner "+k.Name] = k.Options()
	}
	for _, k := range builtin().filters {
		sections["filter "+k.Name] = k.Options()
	}
	for name, options := range sections {
		tab := &table{}
		tab.inside(name, reflect.ValueOf(options).Elem())
		for _, key := range tab.undocumented {
			t.Errorf("%s has no doc tag", key)
		}
		typ := reflect.TypeOf(options).Elem()
		for f := range typ.Fields() {
			if f.IsExported() && f.Tag.Get("yaml") == "" {
				t.Errorf("%s: %v.%s has no yaml tag", name, typ, f.Name)
			}
		}
	}
}

// TestBounds: the min and max tags can be read, and the defaults keep to them.
func TestBounds(t *testing.T) {
	checkDefaults(t, "", reflect.ValueOf(Default()).Elem())
	var l Listener
	l.setDefaults()
	checkDefaults(t, "listen[]", reflect.ValueOf(&l).Elem())
}

func checkDefaults(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	for _, f := range fieldsOf(v.Type()) {
		fv := v.FieldByIndex(f.index)
		if isSection(f.typ) {
			checkDefaults(t, join(path, f.key), fv)
		} else if err := f.check(fv, strings.TrimSpace(fv.String())); err != nil {
			t.Errorf("%s: default %v: %v", join(path, f.key), fv, err)
		}
	}
}
