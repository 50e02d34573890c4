// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"fmt"
	"image/png"
	"io"

	"github.com/mailweir/mailweir/qr"
	"github.com/mailweir/mailweir/unpack/pdf"
)

// Bounds of what is taken out of one PDF file's images, to be looked at for QR codes.
const (
	maxPDFImages = 32       // JPEG images, and as many others.
	maxPDFPixels = 1 << 20  // Of an image that is not a JPEG; it is made smaller.
	maxPDFSeen   = 24 << 20 // Pixels of all such images that are looked at.
)

// isPDF tells if any program would open the leaf as a PDF file: those that are asked to by its name repair one without a header.
func isPDF(h *head) bool {
	return hasExtension(h.leaf, ".pdf", ".fdf") || pdf.Found(h.leaf.Content, h.leaf.Size, h.octet)
}

// openPDF tells what a PDF file does and takes out the files and images in it.
func openPDF(b *box) error {
	r, size := b.content()
	b.budget.Packed(size)
	report, err := pdf.Read(r, size, pdf.Options{Passwords: b.passwords(), Try: b.affords, Spend: b.spend})
	if err != nil {
		return err
	}
	if report.Password != "" {
		b.opened(report.Password)
	}
	for _, p := range report.Problems {
		b.problem(kindOf(p), cleanName(p.Detail))
	}
	for _, f := range report.Facts {
		b.fact(f.Code, f.Detail)
	}
	for _, l := range report.Links {
		b.link(l)
	}
	for i, f := range report.Files {
		if err := b.pdfFile(i, f); err != nil {
			return err
		}
	}
	return b.pdfImages(report.Images)
}

// spend asks for leave to decode so many octets.
func (b *box) spend(n int64) error {
	if err := b.stopped(); err != nil {
		return err
	}
	return b.budget.Octets(n)
}

func kindOf(p pdf.Problem) Kind {
	switch {
	case p.Encrypted:
		return Encrypted
	case p.Damaged:
		return Damaged
	}
	return Unscannable
}

// pdfFile takes out an embedded file.
func (b *box) pdfFile(i int, f pdf.File) error {
	names := f.Names
	if len(names) == 0 {
		names = []string{fmt.Sprintf("file %d", i+1)}
	}
	switch {
	case f.Sealed:
		return b.member(member{names: names, sealed: Encrypted, detail: needsPassword})
	case f.Stored:
		return b.section(names, f.Offset, f.Size)
	}
	return b.member(member{names: names, size: f.Size, open: f.Open})
}

// pdfImages takes out the images in which a QR code may be: JPEG files as they are, others if there seems to be one. What is left out of
// ordinary images is not told: scanned pages would be too many. What seems to be a code is.
func (b *box) pdfImages(images []pdf.Image) error {
	photos, raster, seen := 0, 0, 0
	for i, img := range images {
		names := []string{fmt.Sprintf("image %d", i+1)}
		var err error
		switch {
		case img.JPEG && photos == maxPDFImages, !img.JPEG && (img.Width > maxPDFSeen/img.Height || seen+img.Width*img.Height > maxPDFSeen):
			continue
		case img.JPEG && img.Stored:
			photos++
			err = b.section(names, img.Offset, img.Size)
		case img.JPEG:
			photos++
			err = b.member(member{names: names, size: img.Size, open: img.Open})
		default:
			seen += img.Width * img.Height
			var open func() (io.Reader, error)
			if open, err = b.pdfRaster(img); open == nil || err != nil {
				break
			}
			if raster++; raster > maxPDFImages {
				b.problem(Unscannable, fmt.Sprintf("PDF: limit images (%d) exceeded: more seem to hold QR codes", maxPDFImages))
				return nil
			}
			err = b.member(member{names: names, size: -1, open: open})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pdfRaster gives an image as a PNG file if a QR code may be in it.
func (b *box) pdfRaster(img pdf.Image) (func() (io.Reader, error), error) {
	grey, err := img.Gray(maxPDFPixels)
	if b.tap.fault != nil {
		return nil, b.tap.fault
	}
	if err := b.spend(0); err != nil {
		return nil, err
	}
	if err != nil || !qr.Likely(grey) {
		return nil, nil //nolint:nilerr // what is no image that can be read, no program can show either
	}
	return func() (io.Reader, error) {
		var out bytes.Buffer
		e := png.Encoder{CompressionLevel: png.BestSpeed}
		if err := e.Encode(&out, grey); err != nil {
			return nil, err
		}
		return &out, nil
	}, nil
}
