// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/mailweir/mailweir/unpack/deflate64"
	"github.com/mailweir/mailweir/unpack/lzma"
	"github.com/mailweir/mailweir/unpack/xz"
)

// inflater is a decompressor with its buffers, for use by one after another.
type inflater struct {
	in    *bufio.Reader
	flate io.Reader
	page  []byte
}

func (u *Unpacker) inflater(src io.Reader) *inflater {
	in, _ := u.inflaters.Get().(*inflater)
	if in == nil {
		in = &inflater{in: bufio.NewReader(src), page: make([]byte, 32<<10)}
	}
	in.in.Reset(src)
	return in
}

// open begins to read a member. src is what in.in reads from.
func (in *inflater) open(w *walk, m packedMember, src io.Reader) (io.Reader, error) {
	if m.unlock != nil {
		plain, err := m.unlock(src)
		if err != nil {
			return nil, err
		}
		in.in.Reset(plain)
	}
	return in.reader(w, m)
}

// reader is what reads a member of the method, octet for octet: nothing behind the end of deflated data is used up. An error that is no
// refusal is damage.
func (in *inflater) reader(w *walk, m packedMember) (io.Reader, error) {
	switch m.method {
	case methodStored:
		return in.in, nil
	case methodDeflate:
		if r, ok := in.flate.(flate.Resetter); ok {
			// Reset fails for a dictionary only, and there is none.
			_ = r.Reset(in.in, nil)
			return in.flate, nil
		}
		in.flate = flate.NewReader(in.in)
		return in.flate, nil
	case methodDeflate64:
		return deflate64.NewReader(in.in), nil
	case methodBzip2:
		return bzip2.NewReader(in.in), nil
	case methodLZMA:
		return lzmaReader(in.in, m)
	case methodZstdOld, methodZstd:
		head, _ := in.in.Peek(zstdHead)
		z, err := w.zstdReader(in.in, head)
		if err != nil {
			return nil, err
		}
		return refusing{z}, nil
	case methodXZ:
		return refusing{&streams{in: in.in, r: xz.NewReader(in.in)}}, nil
	}
	name, _ := methodName(m.method)
	return nil, &refusal{"compression method " + name + " is not supported"}
}

// lzmaReader reads method 14 (APPNOTE.TXT section 5.8.8): a version, the length of the properties, these, and the data.
func lzmaReader(in *bufio.Reader, m packedMember) (io.Reader, error) {
	const propsLen = 5
	var b [4 + propsLen]byte
	if _, err := io.ReadFull(in, b[:]); err != nil {
		return nil, fmt.Errorf("LZMA: %w", orUnexpected(err))
	}
	le := binary.LittleEndian
	if n := le.Uint16(b[2:]); n != propsLen {
		return nil, &refusal{fmt.Sprintf("LZMA properties of %d octets", n)}
	}
	size := int64(lzma.Unknown)
	if m.flags&flagMarker == 0 && m.size != unknown {
		size = m.size
	}
	// The reader takes none too many octets.
	return lzma.NewReader(in, b[4], le.Uint32(b[5:]), size)
}

// streams reads all xz streams that stand one after another.
type streams struct {
	in *bufio.Reader
	r  io.Reader
}

func (s *streams) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	// Padding between streams is of zeros, four at a time.
	for {
		b, err := s.in.Peek(4)
		if err != nil || !bytes.Equal(b, make([]byte, 4)) {
			break
		}
		if _, err := s.in.Discard(4); err != nil {
			return n, err
		}
	}
	if b, err := s.in.Peek(len(xz.Magic)); err != nil || string(b) != xz.Magic {
		return n, io.EOF
	}
	s.r = xz.NewReader(s.in)
	return n, nil
}

// refusing makes a refusal of the errors that tell of too large a dictionary or of what is not supported.
type refusing struct{ r io.Reader }

func (r refusing) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		err = tooMuchDictionary(-1)
	case errors.Is(err, xz.ErrUnsupported):
		err = &refusal{err.Error()}
	}
	return n, err
}
