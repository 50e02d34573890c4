// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"strings"
	"testing"
)

// A name that is a prefix once kept the names behind it in the list from matching.
func TestRemoveFieldsPrefixBeforeOtherNames(t *testing.T) {
	in := "X-Spam-Status: No\r\nMailweir-Result: x\r\nX-Spam: kept\r\nmailweir: kept\r\nMAILWEIR-ID: y\r\n\r\nbody\r\n"
	m, err := Parse(strings.NewReader(in), int64(len(in)), NewBudget(DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := m.Write(&got, []Edit{RemoveFields{Names: []string{"Mailweir-*", "X-Spam-Status"}}}); err != nil {
		t.Fatal(err)
	}
	if want := "X-Spam: kept\r\nmailweir: kept\r\n\r\nbody\r\n"; got.String() != want {
		t.Errorf("got %q, want %q", &got, want)
	}
}
