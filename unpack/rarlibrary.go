// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"io"

	"github.com/nwaples/rardecode/v2"

	"github.com/mailweir/mailweir/mail"
)

// reader is the library's reader, at the start of the archive.
func (z *rarFile) reader(password *string) (*rardecode.Reader, error) {
	if err := z.renew(z.held); err != nil {
		return nil, err
	}
	options := []rardecode.Option{rardecode.MaxDictionarySize(max(z.held, smallWindow))}
	if password != nil {
		options = append(options, rardecode.Password(*password))
	}
	return rardecode.NewReader(io.NewSectionReader(z.r, 0, z.r.Size()), options...)
}

func (z *rarFile) next(in *rardecode.Reader) (*rardecode.FileHeader, error) {
	if z.cleared += z.held; z.cleared > maxCleared {
		return nil, &mail.LimitError{Limit: "octets", Max: z.budget.Limits().Octets}
	}
	h, err := in.Next()
	if z.tap.fault != nil {
		return nil, z.tap.fault
	}
	if err := z.stopped(); err != nil {
		return nil, err
	}
	return h, err
}

// broken makes a Problem of what ends the list of files before its end. Other errors are handed on.
func (z *rarFile) broken(err error) error {
	var limit *mail.LimitError
	switch {
	case z.tap.fault != nil:
		return z.tap.fault
	case z.stopped() != nil:
		return z.stopped()
	case errors.As(err, &limit):
		return err
	case errors.Is(err, io.EOF):
		z.ended(err)
	case errors.Is(err, rardecode.ErrMultiVolume), errors.Is(err, rardecode.ErrBadVolumeNumber):
		if !z.headers.Volume {
			z.problem(Unscannable, "RAR: a volume of several, the others are not here")
		}
	case z.headers.Volume:
		// Said already: a volume begins or ends in a file.
	case z.formal:
		z.problem(Damaged, "RAR: "+cleanName(err.Error()))
	}
	return nil
}
