// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Limits of what is read of JSON.
const (
	maxDepth = 100     // Objects and arrays in each other, in what is passed over.
	maxValue = 4 << 20 // Octets of one value, which is held in memory: rspamd repeats the Message-ID, and may repeat the Subject.
)

// decoder reads JSON as it comes, and holds no more of it than one value.
type decoder struct {
	*json.Decoder
	r    io.Reader
	read int64 // Octets, up to which the decoder holds what is behind its offset.
	err  error // That ended r.
}

func newDecoder(r io.Reader) *decoder {
	d := &decoder{r: r}
	d.Decoder = json.NewDecoder(heldBack{d})
	d.UseNumber() // What is passed over may be too large for a float64.
	return d
}

// heldBack reads for the decoder, until it holds too much. It reads as much as there is room for, however little comes at a time: with each read the
// decoder goes over all the blanks again that it holds. An error comes alone and stays, as the decoder may drop one that comes with octets.
type heldBack struct{ d *decoder }

func (h heldBack) Read(p []byte) (n int, err error) {
	d := h.d
	if d.read-d.InputOffset() > maxValue {
		return 0, fmt.Errorf("a value is longer than %d octets", maxValue)
	}
	for n < len(p) && d.err == nil {
		var more int
		more, d.err = d.r.Read(p[n:])
		n += more
	}
	d.read += int64(n)
	if n > 0 {
		return n, nil
	}
	return 0, d.err
}

var errNoObject = errors.New("it is no object")

// object reads an object. member reads the value of each name.
func (d *decoder) object(member func(name string) error) error {
	if t, err := d.token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return errNoObject
	}
	for d.More() {
		t, err := d.token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return errNoObject
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := d.token() // Its end.
	return err
}

// skip passes over a value.
func (d *decoder) skip() error {
	depth := 0
	for {
		t, err := d.token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > maxDepth {
				return fmt.Errorf("it is nested more than %d deep", maxDepth)
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// token is the next one; that there is none is an error.
func (d *decoder) token() (json.Token, error) {
	t, err := d.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}
