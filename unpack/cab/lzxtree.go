// SPDX-License-Identifier: Apache-2.0

package cab

import (
	"fmt"

	"github.com/mailweir/mailweir/unpack/huff"
)

// trees reads those for literals and matches and for lengths: as differences to the trees before.
func (z *lzx) trees() error {
	for _, part := range [][]byte{z.mainLen[:256], z.mainLen[256:]} {
		if err := z.lens(part); err != nil {
			return err
		}
	}
	if err := z.main.Make(z.mainLen); err != nil {
		return badTree(err)
	}
	if z.mainLen[0xe8] != 0 {
		z.translating = true
	}
	if err := z.lens(z.lengthLen[:]); err != nil {
		return err
	}
	return badTree(z.lengths.Make(z.lengthLen[:]))
}

func badTree(err error) error {
	if err != nil {
		err = fmt.Errorf("%w: LZX: %w", ErrFormat, err)
	}
	return err
}

func (z *lzx) lens(to []byte) error {
	var pre [lzxPre]byte
	for i := range pre {
		pre[i] = byte(z.in.read(4))
	}
	var tree huff.Table
	if err := tree.Make(pre[:]); err != nil {
		return badTree(err)
	}
	for i := 0; i < len(to); {
		sym, err := z.in.symbol(&tree)
		if err != nil {
			return err
		}
		run, value := 1, 0
		switch sym {
		case 17:
			run = int(z.in.read(4)) + 4
		case 18:
			run = int(z.in.read(5)) + 20
		case 19:
			run = int(z.in.read(1)) + 4
			if sym, err = z.in.symbol(&tree); err != nil {
				return err
			}
			if sym > 16 {
				return badTree(huff.ErrTree)
			}
			value = (int(to[i]) - sym + 17) % 17
		default:
			value = (int(to[i]) - sym + 17) % 17
		}
		for ; run > 0 && i < len(to); run-- {
			to[i] = byte(value)
			i++
		}
	}
	return z.in.err
}
