// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestExactly(t *testing.T) {
	broken := errors.New("the disk is broken")
	tests := []struct {
		name string
		r    io.Reader
		size int64
		want string
		err  error
	}{
		{name: "exactly", r: strings.NewReader("hello"), size: 5, want: "hello"},
		{name: "nothing", r: strings.NewReader(""), size: 0},
		{name: "short", r: strings.NewReader("hell"), size: 5, want: "hell", err: ErrSize},
		{name: "empty", r: strings.NewReader(""), size: 5, err: ErrSize},
		{name: "long", r: strings.NewReader("hello!"), size: 5, want: "hello", err: ErrSize},
		{name: "negative size", r: strings.NewReader("hello"), size: -1, err: ErrSize},
		{name: "end with the data", r: iotest.DataErrReader(strings.NewReader("hello")), size: 5, want: "hello"},
		{name: "short, end with the data", r: iotest.DataErrReader(strings.NewReader("hell")), size: 5, want: "hell", err: ErrSize},
		{name: "octet by octet", r: iotest.OneByteReader(strings.NewReader("hello")), size: 5, want: "hello"},
		{name: "error inside", r: io.MultiReader(strings.NewReader("he"), iotest.ErrReader(broken)), size: 5, want: "he", err: broken},
		{name: "error instead of the end", r: io.MultiReader(strings.NewReader("hello"), iotest.ErrReader(broken)), size: 5, want: "hello", err: broken},
		{name: "no end", r: io.MultiReader(strings.NewReader("hello"), stuck{}), size: 5, want: "hello", err: io.ErrNoProgress},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Exactly(tt.r, tt.size)
			got, err := io.ReadAll(r)
			if string(got) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
			if errors.Is(tt.err, ErrSize) {
				if n, err := r.Read(make([]byte, 10)); n != 0 || !errors.Is(err, ErrSize) {
					t.Errorf("read after the error: got %d, %v, want the error again", n, err)
				}
			}
		})
	}
}

// stuck returns neither octets nor an error.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }
