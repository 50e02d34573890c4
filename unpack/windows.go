// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"

	"github.com/klauspost/compress/zstd"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack/lzma"
	"github.com/mailweir/mailweir/unpack/rar3"
)

// Bounds of the memory that decompressors look back at. Archives ask for it by their headers, with a few octets.
const (
	MaxDictionary = lzma.MaxDict // Octets of one decompressor. Most programs use less than this unless told to.
	maxWindows    = 48 << 20     // Octets of all that are open at once in one message, an archive in another.
	maxLoose      = 32 << 20     // Octets that may be left over before they are collected.
	smallWindow   = 1 << 20      // Octets that are not worth counting.
)

// windows is the memory that decompressors of one message take.
type windows struct {
	open  int64 // Octets in use.
	asked int64 // Octets that were ever asked for.
	loose int64 // Octets asked for since the last collection.
}

// refusal tells why data is not unpacked although nothing is wrong with it.
type refusal struct{ detail string }

func (r *refusal) Error() string { return r.detail }

// faultKind tells what an error is that ends what is unpacked: a limit, or damage.
func faultKind(err error) Kind {
	var no *refusal
	if errors.As(err, &no) || errors.Is(err, lzma.ErrDictionary) || errors.Is(err, rar3.ErrProgram) {
		return Unscannable
	}
	return Damaged
}

func tooMuchDictionary(octets int64) error {
	if octets < 0 {
		return &refusal{fmt.Sprintf("limit dictionary (%d octets) exceeded", int64(MaxDictionary))}
	}
	return &refusal{fmt.Sprintf("limit dictionary (%d octets) exceeded: it needs %d", int64(MaxDictionary), octets)}
}

// lease asks for leave to look back at n octets, until they are given back. An error is a refusal, or one of renew.
func (w *walk) lease(n int64) error {
	if n > MaxDictionary || n > maxWindows-w.windows.open {
		return tooMuchDictionary(n)
	}
	err := w.renew(n)
	if err == nil {
		w.windows.open += n
	}
	return err
}

// renew tells that n octets are made anew. An error is the limit of all octets: to make windows costs as much as to fill them.
func (w *walk) renew(n int64) error {
	if n < smallWindow {
		return nil
	}
	w.windows.asked += n
	if most := w.budget.Limits().Octets; w.windows.asked > most {
		return &mail.LimitError{Limit: "octets", Max: most}
	}
	if w.windows.loose += n; w.windows.loose > maxLoose {
		runtime.GC() // Else what was given back may stay for as long as the next ones are made.
		w.windows.loose = n
	}
	return nil
}

func (w *walk) giveBack(n int64) { w.windows.open -= n }

// keptWindow is how large a window the decompressor of zstd may have that is kept for the next.
const keptWindow = 8 << 20

// zstdReader decompresses what r reads, which begins with head. It is the only one of the walk, as it keeps what it looks back at: what it read
// before cannot be read any further.
func (w *walk) zstdReader(r io.Reader, head []byte) (*zstd.Decoder, error) {
	if n := zstdWindow(head); n > keptWindow {
		w.dropZstd()
		if err := w.lease(n); err != nil {
			return nil, err
		}
		w.zstdLease = n
	}
	if w.zstd != nil {
		return w.zstd, w.zstd.Reset(r)
	}
	z, err := newZstd(r)
	w.zstd = z
	return z, err
}

// newZstd decompresses in the goroutine that reads.
func newZstd(r io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(MaxDictionary),
		zstd.WithDecoderMaxMemory(math.MaxInt64))
}

// dropZstd ends the decompressor.
func (w *walk) dropZstd() {
	if w.zstd != nil {
		w.zstd.Close()
		w.zstd = nil
	}
	w.giveBack(w.zstdLease)
	w.zstdLease = 0
}

// zstdWindow is how many octets the frame that begins with head looks back at (RFC 8878 section 3.1.1.1). If it does not tell, it is too short.
func zstdWindow(head []byte) int64 {
	var z [18]byte
	copy(z[:], head)
	d := z[4]
	single, dict := d&0x20 != 0, []int{0, 1, 2, 4}[d&3]
	if !single {
		power, part := z[5]>>3+10, int64(z[5]&7)
		return 1<<power + 1<<power/8*part
	}
	size := z[5+dict:]
	le := binary.LittleEndian
	switch d >> 6 {
	case 0:
		return int64(size[0])
	case 1:
		return int64(le.Uint16(size)) + 256
	case 2:
		return int64(le.Uint32(size))
	}
	return clamp(le.Uint64(size))
}
