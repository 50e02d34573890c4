// SPDX-License-Identifier: Apache-2.0

package mail

import "io"

// decodeBuffer is how many octets of a body are decoded at a time.
const decodeBuffer = 32 << 10

// Open reads the body decoded from its transfer encoding. Decoding never fails: what does not belong to the encoding is passed over
// as clients do. A body in an encoding that is not known, and one that a limit kept us from reading, comes as it is.
// Errors are those of reading the message.
func (p *Part) Open() io.Reader { return p.OpenAs(p.Encoding) }

// OpenAs reads the body as Open does, decoded from another transfer encoding than its own.
func (p *Part) OpenAs(encoding string) io.Reader {
	if p.opaque {
		return p.Raw()
	}
	return Decode(p.Raw(), encoding)
}

// Decode reads raw decoded from a transfer encoding or one of the readings that Others names; raw itself if it is none that is known.
func Decode(raw *io.SectionReader, encoding string) io.Reader {
	if d := newDecoder(encoding); d != nil {
		return &decodeReader{r: raw, d: d, size: raw.Size()}
	}
	return raw
}

// Others names the ways in which some clients decode what r, of Open or Decode, has read to its end: none if it is regular.
func Others(r io.Reader) []string {
	if d, ok := r.(*decodeReader); ok {
		return d.d.others()
	}
	return nil
}

// read reads what r, the body of p or a piece of it in any encoding, gives: at most max octets. It takes no more memory than that, as no decoding
// gives more octets than there are in the message.
func (p *Part) read(r io.Reader, max int64) ([]byte, error) {
	b := make([]byte, min(max, p.decodedSize()))
	n, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return b[:n], err
}

// decodedSize is the most octets that the body may have without its transfer encoding.
func (p *Part) decodedSize() int64 {
	size := p.End - p.Body
	if p.Encoding == "base64" && !p.opaque {
		return size/4*3 + 3
	}
	return size
}

func newDecoder(encoding string) decoder {
	switch encoding {
	case "base64", base64Cut, base64Lines, base64Unpadded, base64First, base64URL:
		return &base64Decoder{view: encoding}
	case "quoted-printable", qpDrop, qpDropThree, qpCapitals:
		return &qpDecoder{view: encoding}
	case "x-uuencode", "uuencode", "x-uue", "uue", "x-uu":
		return &uuDecoder{}
	}
	return nil
}

// decoder turns a stream of encoded octets into decoded ones. No call gives more octets than it gets and what was kept from the calls
// before, which is at most held; it may write to as many octets more of dst.
type decoder interface {
	decode(dst, src []byte) int // Decodes all of src.
	flush(dst []byte) int       // What is left at the end.
	others() []string           // Readings beside this one, after flush; see Others.
}

// held bounds what a decoder keeps between two calls.
const held = 1 << 10

// decodeReader reads through a decoder.
type decodeReader struct {
	r    io.Reader
	d    decoder
	size int64 // Octets of r, so that little is taken for little.
	in   []byte
	out  []byte
	rest []byte // Of out, not yet read.
	err  error
}

func (r *decodeReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(r.rest) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.fill()
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// fill decodes the next octets into rest.
func (r *decodeReader) fill() {
	if r.in == nil {
		n := min(decodeBuffer, r.size)
		r.in, r.out = make([]byte, n), make([]byte, n+2*held)
	}
	if len(r.in) == 0 {
		r.err = io.EOF
		return
	}
	n, err := r.r.Read(r.in)
	m := r.d.decode(r.out, r.in[:n])
	if err != nil {
		r.err = err
		m += r.d.flush(r.out[m:])
	}
	r.rest = r.out[:m]
}
