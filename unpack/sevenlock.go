// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/bodgit/sevenzip"

	"github.com/mailweir/mailweir/unpack/deflate64"
	"github.com/mailweir/mailweir/unpack/lzma"
	"github.com/mailweir/mailweir/unpack/seven"
)

// maxProof is how many octets of a compressed file have to come out without a fault to prove a password, if the file is longer than that.
const maxProof = 16 << 20

// unlockHeader gives the header, with a password if it needs one.
func (z *sevenZip) unlockHeader(a *seven.Archive) (*seven.Header, error) {
	if !a.Encrypted() {
		return a.Header("")
	}
	for _, password := range z.passwords() {
		if err := z.stopped(); err != nil {
			return nil, err
		}
		if !z.affords(a.Rounds()) {
			break
		}
		h, err := a.Header(password)
		if z.tap.fault != nil {
			return nil, z.tap.fault
		}
		if errors.Is(err, seven.ErrPassword) {
			continue
		}
		if err == nil {
			z.opened(password)
		}
		return h, err
	}
	return nil, seven.ErrPassword
}

// unlockFolder looks for the password of a folder.
func (z *sevenZip) unlockFolder(i int, f *seven.Folder) error {
	if _, ok := z.keys[i]; ok {
		return nil
	}
	for _, password := range z.passwords() {
		if err := z.stopped(); err != nil {
			return err
		}
		if !z.affords(f.Rounds()) {
			break
		}
		ok, err := z.header.Fits(f, password)
		if err != nil {
			return err
		}
		if ok {
			ok, err = z.proves(i, password)
		}
		if err != nil {
			return err
		}
		if ok {
			z.opened(password)
			if z.keys == nil {
				z.keys = map[int]string{}
			}
			z.keys[i] = password
			return nil
		}
	}
	z.shut[i] = closed{Encrypted, needsPassword}
	return nil
}

// proves tells if the first file of a folder comes out whole under the password.
func (z *sevenZip) proves(folder int, password string) (bool, error) {
	// The library spoils the vector of a folder when it makes a key, so a folder is opened once with one reader.
	if err := z.renew(z.held); err != nil {
		return false, err
	}
	r, err := z.newReader(password)
	if err != nil {
		return false, err
	}
	for _, f := range r.File {
		if f.Stream != folder || f.UncompressedSize == 0 {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return false, z.tap.fault
		}
		defer in.Close()
		c := &checked{r: in, want: f.CRC32}
		n, err := io.Copy(io.Discard, io.LimitReader(&patient{walk: z.walk, r: c}, maxProof))
		if z.tap.fault != nil {
			return false, z.tap.fault
		}
		if err := z.stopped(); err != nil {
			return false, err
		}
		if n < maxProof {
			return err == nil && f.CRC32 != 0 && uint64(n) == f.UncompressedSize, nil
		}
		// Noise does not decompress that far. What is not compressed needs the checksum.
		return err == nil && z.header.Folders[folder].Compressed(), nil
	}
	return false, nil
}

// registerCoders has the library use readers that are bounded in memory and goroutines, and end where the data does: its own for Delta
// does not. It does the same each time, so when does not matter.
func registerCoders() {
	sevenzip.RegisterDecompressor([]byte(seven.CoderLZMA), newLZMA)
	sevenzip.RegisterDecompressor([]byte(seven.CoderLZMA2), newLZMA2)
	sevenzip.RegisterDecompressor([]byte(seven.CoderZstd), newSevenZstd)
	sevenzip.RegisterDecompressor([]byte(seven.CoderDeflate64), newDeflate64)
	sevenzip.RegisterDecompressor([]byte(seven.CoderDelta), newDelta)
}

var errCoder = errors.New("coder is not as it should be")

func newLZMA(props []byte, size uint64, in []io.ReadCloser) (io.ReadCloser, error) {
	if len(props) != 5 || len(in) != 1 {
		return nil, errCoder
	}
	r, err := lzma.NewReader(bufio.NewReader(in[0]), props[0], binary.LittleEndian.Uint32(props[1:]), clamp(size))
	if err != nil {
		return nil, err
	}
	return withClose{r, in[0].Close}, nil
}

func newLZMA2(props []byte, _ uint64, in []io.ReadCloser) (io.ReadCloser, error) {
	if len(props) != 1 || len(in) != 1 {
		return nil, errCoder
	}
	dict, ok := lzma.Dict2(props[0])
	if !ok {
		return nil, errCoder
	}
	return withClose{lzma.NewReader2(bufio.NewReader(in[0]), dict), in[0].Close}, nil
}

func newSevenZstd(_ []byte, _ uint64, in []io.ReadCloser) (io.ReadCloser, error) {
	if len(in) != 1 {
		return nil, errCoder
	}
	z, err := newZstd(in[0])
	if err != nil {
		return nil, err
	}
	return withClose{z, func() error { z.Close(); return in[0].Close() }}, nil
}

func newDeflate64(_ []byte, _ uint64, in []io.ReadCloser) (io.ReadCloser, error) {
	if len(in) != 1 {
		return nil, errCoder
	}
	return withClose{deflate64.NewReader(bufio.NewReader(in[0])), in[0].Close}, nil
}

func newDelta(props []byte, _ uint64, in []io.ReadCloser) (io.ReadCloser, error) {
	if len(props) != 1 || len(in) != 1 {
		return nil, errCoder
	}
	return withClose{&delta{r: in[0], distance: props[0] + 1}, in[0].Close}, nil
}

// delta undoes the filter of that name: each octet is the difference to the one distance before.
type delta struct {
	r        io.Reader
	distance uint8 // 0 is 256.
	history  [256]byte
	at       uint8
}

func (d *delta) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	for i := range p[:n] {
		p[i] += d.history[d.at-d.distance]
		d.history[d.at] = p[i]
		d.at++
	}
	return n, err
}

// withClose is a reader with something to do at its end.
type withClose struct {
	io.Reader
	close func() error
}

func (w withClose) Close() error { return w.close() }
