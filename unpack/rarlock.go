// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"io"

	"github.com/nwaples/rardecode/v2"

	"github.com/mailweir/mailweir/unpack/rar"
)

// search looks for the password that opens a lock: by the value that there is for that, else by what the password makes of the data.
func (z *rarFile) search(lock rar.Lock, proves func(password string) (bool, error)) (found bool, err error) {
	most := z.tap.read + maxBoxReads*z.tap.size/2
	for _, password := range z.passwords() {
		if z.tap.read > most || !z.affords(lock.Rounds()) {
			break
		}
		ok, sure := lock.Fits(password)
		if !sure {
			if ok, err = proves(password); err != nil {
				return false, err
			}
		}
		if z.tap.fault != nil {
			return false, z.tap.fault
		}
		if err := z.stopped(); err != nil {
			return false, err
		}
		if ok {
			z.opened(password)
			z.key = &password
			return true, nil
		}
	}
	return false, nil
}

// proves tells if the file with the number n comes out whole under the password: its checksum is right, or so much was decompressed as never comes
// from noise. What begins like noise is not tried: it would ask for any amount of memory.
func (z *rarFile) proves(n int, password string) (bool, error) {
	f := &z.list[n]
	head := f.Head(password, rar.HeadLen)
	if f.Noise(head) || f.Memory(head) > MaxDictionary {
		return false, nil
	}
	if err := z.renew(f.Memory(head)); err != nil {
		return false, err
	}
	in, err := z.reader(&password)
	if err != nil {
		return false, z.tap.fault
	}
	var h *rardecode.FileHeader
	for range n + 1 {
		if h, err = z.next(in); err != nil {
			return false, z.tap.fault
		}
	}
	got, err := io.Copy(io.Discard, io.LimitReader(&patient{walk: z.walk, r: in}, maxProof))
	return err == nil && (got < maxProof || h.PackedSize < h.UnPackedSize), nil
}
