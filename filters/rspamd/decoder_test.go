// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestHeldBack: little at a time is as much as is wanted, so that blanks, which are gone over with each read, take linear time; what ends it is told.
func TestHeldBack(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name string
		r    io.Reader
		err  error
	}{
		{"whole", strings.NewReader(strings.Repeat(" ", 100)), nil},
		{"octets", iotest.OneByteReader(strings.NewReader(strings.Repeat(" ", 100))), nil},
		{"end", iotest.OneByteReader(strings.NewReader(strings.Repeat(" ", 80))), io.EOF},
		{"cut", io.MultiReader(strings.NewReader(strings.Repeat(" ", 80)), iotest.ErrReader(io.ErrUnexpectedEOF)), io.ErrUnexpectedEOF},
		{"broken", io.MultiReader(strings.NewReader(strings.Repeat(" ", 80)), iotest.ErrReader(broken)), broken},
	} {
		h := heldBack{newDecoder(tt.r)}
		n, err := h.Read(make([]byte, 100))
		if err != nil || n != 100 && tt.err == nil || n != 80 && tt.err != nil {
			t.Errorf("%s: got %d, %v", tt.name, n, err)
		}
		for range 2 {
			if n, err := h.Read(make([]byte, 100)); tt.err != nil && (n != 0 || !errors.Is(err, tt.err)) {
				t.Errorf("%s: behind its end: got %d, %v", tt.name, n, err)
			}
		}
	}
}

// TestPassedOver: what is of no use may be what it likes, if it is JSON.
func TestPassedOver(t *testing.T) {
	for _, value := range []string{"1e999", "[-1e400]", `{"score":{"action":[null,true,"\u0000"]}}`, "null"} {
		v, err := parseVerdict(strings.NewReader(`{"x":` + value + `,"score":1.5,"required_score":15,"action":"no action"}`))
		if err != nil || v.Score != 1.5 {
			t.Errorf("%s: got %v, %v", value, v, err)
		}
	}
}
