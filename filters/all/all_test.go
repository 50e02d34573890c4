// SPDX-License-Identifier: Apache-2.0

package all

import (
	"cmp"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
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

// factRow is the row of the reference that stands for all facts of the filter rules, each of which is a code. They are listed in its README.md.
const factRow = "| `rules.FACT` | spam |"

// Every code has its name from the filter or its class, is listed once, has a class that there is, and a row in the reference.
func TestCodes(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	facts, err := os.ReadFile("../rules/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), factRow) {
		t.Errorf("the reference has no row that begins with %s", factRow)
	}
	seen := map[string]bool{}
	list := slices.Clone(filters.ChainCodes())
	for _, k := range Kinds() {
		if len(k.Codes) == 0 {
			t.Errorf("%s lists no codes", k.Name)
		}
		list = append(list, k.Codes...)
	}
	for _, c := range list {
		if seen[c.Name] || !slices.Contains(filters.Classes(), c.Class) {
			t.Errorf("%s of class %q: twice, or of no class", c.Name, c.Class)
		}
		seen[c.Name] = true
		if strings.HasPrefix(c.Name, "rules.") && c.Class == filters.Spam && strings.Contains(string(facts), "\n| `"+c.Name+"` | ") {
			continue
		}
		if row := fmt.Sprintf("| `%s` | %s |", c.Name, c.Class); !strings.Contains(string(page), row) {
			t.Errorf("the reference has no row that begins with %s", row)
		}
	}
}
