// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bufio"
	"compress/flate"
	"errors"
	"fmt"
	"io"
)

// errFilter is returned for a stream whose filter is not known or not read here.
var errFilter = errors.New("filter is not read")

// stage is one filter of a stream with its parameters.
type stage struct {
	filter string
	parms  object
}

// stages are the filters of a stream in order of decoding.
func (d *document) stages(o object) ([]stage, error) {
	filters := d.sub(o, "Filter").items()
	if filters == nil {
		// Some programs take the short key of inline images here; else it is a file specification.
		if f := d.sub(o, "F"); f.kind == name || f.kind == list {
			filters = f.items()
		}
	}
	parms := d.sub(o, "DecodeParms", "DP")
	if len(filters) > maxFilters {
		return nil, fmt.Errorf("limit filters (%d) exceeded", maxFilters)
	}
	var all []stage
	for i, f := range filters {
		s := stage{filter: d.resolve(o, f).value.text}
		if p := parms.items(); i < len(p) {
			s.parms = d.resolve(parms, p[i])
		}
		all = append(all, s)
	}
	return all, nil
}

// open reads the content of a stream. If its last filter is an image codec, rest names it and r reads what that is given.
func (d *document) open(o object) (r io.Reader, rest stage, err error) {
	stages, err := d.stages(o)
	if err != nil {
		return nil, stage{}, err
	}
	off, n := d.extent(o)
	r = io.NewSectionReader(d.r, off, n)
	if d.crypt != nil && !crypted(stages) && !o.is("Type", "XRef") {
		if r, err = d.crypt.reader(o, d.crypt.of(o, stages), r); err != nil {
			return nil, stage{}, err
		}
	}
	for i, s := range stages {
		if codec(s.filter) {
			if i < len(stages)-1 {
				return nil, s, errFilter
			}
			return r, s, nil
		}
		if i > 0 {
			r = &metered{r: r, spend: d.spend}
		}
		if r, err = d.decoder(s, r); err != nil {
			return nil, s, err
		}
	}
	return r, stage{}, nil
}

// crypted tells if the first filter is Crypt with the Identity method: then the stream is not encrypted though the file is.
func crypted(stages []stage) bool {
	if len(stages) == 0 || stages[0].filter != "Crypt" {
		return false
	}
	method := stages[0].parms.get("Name").text
	return method == "" || method == "Identity"
}

func codec(filter string) bool {
	switch filter {
	case "DCTDecode", "DCT", "JPXDecode", "JBIG2Decode", "CCITTFaxDecode", "CCF":
		return true
	}
	return false
}

// decoder undoes one filter (section 7.4); inline images' short names are taken too, as programs do.
func (d *document) decoder(s stage, r io.Reader) (io.Reader, error) {
	switch s.filter {
	case "FlateDecode", "Fl":
		return d.predictor(s, inflate(r))
	case "LZWDecode", "LZW":
		early := d.sub(s.parms, "EarlyChange")
		return d.predictor(s, newLZW(r, early.kind != number || early.value.num != 0))
	case "ASCIIHexDecode", "AHx":
		return &base16{r: bufio.NewReader(r)}, nil
	case "ASCII85Decode", "A85":
		return &base85{r: bufio.NewReader(r)}, nil
	case "RunLengthDecode", "RL":
		return &runLength{r: bufio.NewReader(r)}, nil
	case "Crypt":
		return r, nil
	}
	return nil, fmt.Errorf("%w: %s", errFilter, quote(s.filter))
}

// inflate reads zlib data, or such without a header, and without regard to the check sum: programs show what can be read.
func inflate(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	for {
		c, err := b.Peek(2)
		if err != nil {
			return b
		}
		if c[0] != '\r' && c[0] != '\n' {
			if c[0]&0x0f == 8 && (int(c[0])<<8|int(c[1]))%31 == 0 { // RFC 1950 section 2.2.
				_, _ = b.Discard(2) // It was peeked at.
			}
			return flate.NewReader(b)
		}
		_, _ = b.Discard(1)
	}
}

// metered spends what is read: the octets between two filters can be many more than those at the end.
type metered struct {
	r     io.Reader
	spend func(int64) error
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if e := m.spend(int64(n)); e != nil {
		return n, e
	}
	return n, err
}

// decode reads at most maxOctets of a stream's content into memory. Damage ends it, as it does for those who show it; only an error of the
// file or of the budget is one.
func (d *document) decode(o object, most int64) (data []byte, cut bool, err error) {
	r, rest, err := d.open(o)
	if err != nil || rest.filter != "" {
		return nil, true, nil //nolint:nilerr // damage, as above
	}
	m := &metered{r: r, spend: d.spend}
	data, err = io.ReadAll(io.LimitReader(m, most+1))
	if err != nil && !damage(err) {
		return nil, false, err
	}
	if int64(len(data)) > most {
		return data[:most], true, nil
	}
	return data, err != nil, nil
}

// damage tells if an error is of the stream's own making.
func damage(err error) bool {
	var corrupt flate.CorruptInputError
	var internal flate.InternalError
	return errors.As(err, &corrupt) || errors.As(err, &internal) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, errDamaged) || errors.Is(err, errFilter)
}

// errDamaged is returned for filtered data that breaks the filter's rules.
var errDamaged = errors.New("damaged stream")
