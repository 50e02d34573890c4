// SPDX-License-Identifier: Apache-2.0

// Package pictures reads the QR codes in the images of a message, once for all filters. Codes that are drawn in tables or with characters it leaves to who
// reads those. The filters phishing and uribl call it.
package pictures

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"slices"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/qr"
	"github.com/mailweir/mailweir/unpack"
)

// Limits of QR codes. What is left out because of them is told: large photographs are ordinary.
const (
	MaxImages  = 200        // Of one message.
	maxPixels  = 16_000_000 // Of one image.
	maxMessage = 64_000_000 // Pixels of all images of one message, the smallest first.
	maxImage   = 20 << 20   // Octets of one image.
	minSide    = 21         // Pixels: the smallest code has no fewer modules.
	large      = 1_000_000  // Pixels of an image that has to wait for its turn, so that many messages at once do not take more memory than there is.
)

// Codes are the QR codes of a message. They do not change.
type Codes struct {
	All     []Code // Those of the smallest image first.
	Skipped int    // Images that are too large, or too many.
}

// Code is what the QR codes of one image say.
type Code struct {
	Leaf     *unpack.Leaf
	Payloads []string
}

// codesOf is the key by which they are shared.
type codesOf struct{ u *unpack.Unpacker }

// Read gives the QR codes of all images that the unpacker finds in the message. It is done once, whoever asks; the error is one of reading the message, or
// of ctx.
func Read(ctx context.Context, u *unpack.Unpacker, msg *mail.Message) (*Codes, error) {
	return mail.Shared(ctx, msg, codesOf{u}, func(ctx context.Context) (*Codes, error) {
		in, err := u.Contents(ctx, msg)
		if err != nil {
			return nil, err
		}
		var r reader
		if err = r.choose(ctx, in.Leaves); err == nil {
			err = r.run(ctx, u)
		}
		return &r.codes, err
	})
}

// picture is an image in which a code may be.
type picture struct {
	leaf   *unpack.Leaf
	pixels int
}

// reader looks at the images of one message.
type reader struct {
	images       []picture
	codes        Codes
	pixels, read int
	sums         map[[sha256.Size]byte]bool
}

// choose finds the images in which a code may be, the smallest first: large ones, whose files may be small, do not use up what small ones need.
func (r *reader) choose(ctx context.Context, leaves []*unpack.Leaf) error {
	for _, l := range leaves {
		if l.Sealed != "" || l.Type.Group != "image" || l.Type.Name == "svg" || l.Size == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		head := &source{r: l.Reader()}
		w, h, err := qr.Size(head)
		switch {
		case head.err != nil:
			return head.err
		case err == nil && min(w, h) < minSide || err != nil && !errors.Is(err, qr.ErrTooLarge):
			// A line, a dot, or what is no image and so shows nobody a code.
		case err != nil || l.Size > maxImage:
			r.codes.Skipped++
		default:
			r.images = append(r.images, picture{l, w * h})
		}
	}
	slices.SortStableFunc(r.images, func(a, b picture) int {
		return cmp.Or(cmp.Compare(a.pixels, b.pixels), cmp.Compare(a.leaf.Size, b.leaf.Size))
	})
	return nil
}

// run reads the codes of the images, as far as the limits go.
func (r *reader) run(ctx context.Context, u *unpack.Unpacker) error {
	for i, m := range r.images {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.read == MaxImages || m.pixels > min(maxPixels, maxMessage-r.pixels) {
			r.codes.Skipped += len(r.images) - i
			return nil
		}
		again, err := r.again(i)
		if err != nil {
			return err
		}
		if again {
			continue
		}
		if err := r.look(ctx, u, m); err != nil {
			return err
		}
	}
	return nil
}

// again tells if an image has been looked at already. Only those of the same size are compared.
func (r *reader) again(i int) (bool, error) {
	l := r.images[i].leaf
	same := func(k int) bool {
		return k >= 0 && k < len(r.images) && r.images[k].pixels == r.images[i].pixels && r.images[k].leaf.Size == l.Size
	}
	if !same(i-1) && !same(i+1) {
		return false, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, l.Reader()); err != nil {
		return false, err
	}
	sum := [sha256.Size]byte(h.Sum(nil))
	if r.sums[sum] {
		return true, nil
	}
	if r.sums == nil {
		r.sums = map[[sha256.Size]byte]bool{}
	}
	r.sums[sum] = true
	return false, nil
}

// look reads the QR codes of one image. The error is one of reading the message, or of ctx.
func (r *reader) look(ctx context.Context, u *unpack.Unpacker, m picture) error {
	if m.pixels > large {
		done, err := u.Turn(ctx)
		if err != nil {
			return err
		}
		defer done()
	}
	r.read++
	r.pixels += m.pixels
	whole := &source{r: m.leaf.Reader()}
	payloads, err := qr.Read(whole, maxPixels)
	if errors.Is(err, qr.ErrTooLarge) || errors.Is(err, qr.ErrEffort) {
		r.codes.Skipped++
	}
	if len(payloads) > 0 {
		r.codes.All = append(r.codes.All, Code{Leaf: m.leaf, Payloads: payloads})
	}
	return whole.err
}

// source reads an image, and remembers if that failed: package qr makes of an image what it can.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
