// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"fmt"
	"io"
)

// predictor undoes the prediction that Flate and LZW parameters ask for (section 7.4.4.4).
func (d *document) predictor(s stage, r io.Reader) (io.Reader, error) {
	kind := d.sub(s.parms, "Predictor").int()
	if kind < 2 {
		return r, nil
	}
	param := func(key string, usual int64) int64 {
		if v := d.sub(s.parms, key).int(); v > 0 {
			return v
		}
		return usual
	}
	colours, bits, columns := param("Colors", 1), param("BitsPerComponent", 8), param("Columns", 1)
	if colours > maxColours || bits > 16 || columns > maxRow || colours*bits*columns > 8*maxRowOctets {
		return nil, fmt.Errorf("%w: predictor of %d columns", errDamaged, columns)
	}
	p := &predictor{r: r, row: make([]byte, (colours*bits*columns+7)/8), pixel: int(max(1, colours*bits/8))}
	if kind == 2 {
		if bits != 8 {
			return nil, fmt.Errorf("%w: TIFF predictor of %d bits", errFilter, bits)
		}
		return p, nil
	}
	p.above = make([]byte, len(p.row))
	return p, nil
}

type predictor struct {
	r     io.Reader
	row   []byte
	above []byte // Nil for the TIFF predictor.
	left  []byte // Of the row, not handed out.
	pixel int    // Octets from one pixel to the next.
	done  error
}

func (p *predictor) Read(b []byte) (int, error) {
	for len(p.left) == 0 {
		if p.done != nil {
			return 0, p.done
		}
		p.next()
	}
	n := copy(b, p.left)
	p.left = p.left[n:]
	return n, nil
}

// next reads a row. The last one may be short.
func (p *predictor) next() {
	method := byte(1)
	if p.above != nil {
		var tag [1]byte
		if _, p.done = io.ReadFull(p.r, tag[:]); p.done != nil {
			return
		}
		method = tag[0]
		p.row, p.above = p.above, p.row
	}
	n, err := io.ReadFull(p.r, p.row)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	p.done = err
	p.undo(p.row[:n], method)
	p.left = p.row[:n]
}

// undo adds what was predicted, by the methods of PNG (RFC 2083 section 6).
func (p *predictor) undo(row []byte, method byte) {
	if method < 1 || method > 4 {
		return
	}
	for i := range row {
		var left, up, corner byte
		if i >= p.pixel {
			left = row[i-p.pixel]
		}
		if p.above != nil {
			up = p.above[i]
			if i >= p.pixel {
				corner = p.above[i-p.pixel]
			}
		}
		switch method {
		case 1:
			row[i] += left
		case 2:
			row[i] += up
		case 3:
			row[i] += byte((int(left) + int(up)) / 2)
		case 4:
			row[i] += paeth(left, up, corner)
		}
	}
}

func paeth(left, up, corner byte) byte {
	p := int(left) + int(up) - int(corner)
	a, b, c := abs(p-int(left)), abs(p-int(up)), abs(p-int(corner))
	switch {
	case a <= b && a <= c:
		return left
	case b <= c:
		return up
	}
	return corner
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
