// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/qr"
	"github.com/mailweir/mailweir/unpack"
	"github.com/mailweir/mailweir/urls"
)

// Limits of QR codes. What is left out because of them is told, by points that are none: large photographs are ordinary.
const (
	maxPixels  = 16_000_000 // Of one image.
	maxMessage = 64_000_000 // Pixels of all images of one message, the smallest files first.
	maxImages  = 200        // Of one message.
	maxDrawn   = 2_000_000  // Cells of tables and characters of one message that are looked at as drawings.
	maxImage   = 20 << 20   // Octets of one image.
	minSide    = 21         // Pixels, or modules: the smallest code has no fewer.
)

// image notes an image, to look for QR codes in it when all of them are known.
func (s *session) image(l *unpack.Leaf) {
	if s.f.options.QR && l.Type.Name != "svg" && l.Size > 0 {
		s.images = append(s.images, l)
	}
}

// pictures reads the QR codes of the images, the smallest files first: large ones do not use up what small ones need.
func (s *session) pictures(ctx context.Context) error {
	slices.SortStableFunc(s.images, func(a, b *unpack.Leaf) int { return cmp.Compare(a.Size, b.Size) })
	var look looked
	for i, l := range s.images {
		if err := ctx.Err(); err != nil {
			return err
		}
		if look.read == maxImages {
			look.skipped += len(s.images) - i
			break
		}
		again, err := look.again(s.images, i)
		if err != nil {
			return err
		}
		if !again {
			s.picture(l, &look)
		}
	}
	if n := s.skipped + look.skipped; n > 0 {
		s.say(codeQR, filters.Spam, 0, fmt.Sprintf("%d images or drawings are too large, or too many, to look for QR codes in them", n))
	}
	return nil
}

// looked is what was looked at of the images of a message.
type looked struct {
	pixels, read, skipped int
	sums                  map[[sha256.Size]byte]bool
}

// again tells if an image has been looked at already. Only those of the same size are compared.
func (k *looked) again(all []*unpack.Leaf, i int) (bool, error) {
	size := all[i].Size
	if size > maxImage || (i == 0 || all[i-1].Size != size) && (i+1 == len(all) || all[i+1].Size != size) {
		return false, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, all[i].Reader()); err != nil {
		return false, err
	}
	sum := [sha256.Size]byte(h.Sum(nil))
	if k.sums[sum] {
		return true, nil
	}
	if k.sums == nil {
		k.sums = map[[sha256.Size]byte]bool{}
	}
	k.sums[sum] = true
	return false, nil
}

// picture reads the QR codes of one image.
func (s *session) picture(l *unpack.Leaf, k *looked) {
	w, h, err := qr.Size(l.Reader())
	if err == nil && min(w, h) < minSide || err != nil && !errors.Is(err, qr.ErrTooLarge) {
		return // A line, a dot, or what cannot be read and so shows nobody a code.
	}
	if err != nil || l.Size > maxImage || w*h > min(maxPixels, maxMessage-k.pixels) {
		k.skipped++
		return
	}
	k.read++
	k.pixels += w * h
	payloads, err := qr.Read(l.Reader(), maxPixels)
	if errors.Is(err, qr.ErrTooLarge) || errors.Is(err, qr.ErrEffort) {
		k.skipped++
	}
	s.payloads(l, payloads)
}

// codes reads QR codes drawn in the cells of a table.
func (s *session) codes(l *unpack.Leaf, cells [][]bool) {
	n := 0
	for _, row := range cells {
		n += len(row)
	}
	if !s.f.options.QR {
		return
	}
	if n > s.cells {
		s.skipped++
		return
	}
	s.cells -= n
	payloads, err := qr.ReadMatrix(cells)
	if err != nil {
		s.skipped++
	}
	s.payloads(l, payloads)
}

// drawn reads QR codes drawn with characters.
func (s *session) drawn(l *unpack.Leaf, text string) {
	if !s.f.options.QR {
		return
	}
	payloads, n, err := qr.ReadText(text, s.cells)
	s.cells -= n
	if err != nil {
		s.skipped++
	}
	s.payloads(l, payloads)
}

// payloads judges the addresses that QR codes hold.
func (s *session) payloads(l *unpack.Leaf, all []string) {
	s.read += len(all)
	for _, p := range all {
		if _, ok := urls.Parse(strings.TrimSpace(p)); ok {
			if s.more(l.Part) {
				s.link(l, strings.TrimSpace(p), "qr", unfixed)
			}
			continue
		}
		for _, f := range urls.Text(p, maxShown) {
			if s.more(l.Part) {
				s.link(l, f.URL.Raw, "qr", unfixed)
			}
		}
	}
}

// points makes the findings that are only points: where QR codes lead, and pages that anybody may put up.
func (s *session) points() {
	var names []string
	for name := range s.qr {
		if !s.linked[name] && !s.sender.domains[name] && !s.safe.has(name) && !s.f.names.WellKnown(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > 0 && s.f.options.QRScore > 0 {
		s.say(codeQR, filters.Spam, s.f.options.QRScore, "a QR code leads to "+strings.Join(names[:min(len(names), maxDetails)], ", "))
	}
	if hosts := slices.Compact(s.hosted); len(hosts) > 0 {
		s.say(codeHosting, filters.Spam, s.f.options.HostingScore, "links to "+strings.Join(hosts[:min(len(hosts), maxDetails)], ", "))
	}
}
