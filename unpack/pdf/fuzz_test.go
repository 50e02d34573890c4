// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"io"
	"testing"
)

// FuzzRead: no panic, and all that is reported can be read in bounds.
func FuzzRead(f *testing.F) {
	f.Add(made("<</OpenAction<</S/JavaScript/JS(x)>>>>", "<</Type/Filespec/F(a)/EF<</F 3 0 R>>>>", streamed("/Type/EmbeddedFile", []byte("MZ"))))
	f.Add(made("<</OpenAction 5 0 R>>", packed(f, 5, "<</S/JavaScript/JS(a)>>")))
	space := "/ColorSpace[/Indexed/DeviceRGB 1<00>]"
	f.Add(made(streamed("/Subtype/Image/Width 32/Height 32/BitsPerComponent 1"+space+"/Filter[/AHx/LZW/A85/RL]", []byte("00>"))))
	f.Add(made("<</Filter/Standard/V 4/R 4/O<00>/U<00>/CF<</A<</CFM/AESV2>>>>/StmF/A>>", "<</Encrypt 1 0 R>>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		left := int64(1 << 24)
		r, err := Read(bytes.NewReader(b), int64(len(b)), Options{Spend: func(n int64) error {
			if left -= n; left < 0 {
				return errAllowance
			}
			return nil
		}})
		if err != nil {
			return
		}
		for _, s := range r.Files[:min(len(r.Files), 4)] {
			if s.Stored && (s.Offset < 0 || s.Size < 0 || s.Offset+s.Size > int64(len(b))) {
				t.Errorf("file at %d, %d octets", s.Offset, s.Size)
			}
			if in, err := s.Open(); err == nil {
				_, _ = io.Copy(io.Discard, io.LimitReader(in, 1<<16))
			}
		}
		for _, i := range r.Images[:min(len(r.Images), 4)] {
			if !i.JPEG {
				if img, err := i.Gray(1 << 12); err == nil && len(img.Pix) > 1<<12 {
					t.Errorf("image of %d pixels", len(img.Pix))
				}
			}
		}
	})
}

// FuzzNeutralise: the same length, and no fact is left.
func FuzzNeutralise(f *testing.F) {
	f.Add(made("<</OpenAction<</S/JavaScript/JS(x)>>>>", "<</S/Launch/#46(x)>>"))
	f.Add(made("<</OpenAction 5 0 R>>", packed(f, 5, "<</S/JavaScript/JS(a)>>")))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := neutralise(b)
		if err != nil {
			return
		}
		if len(out) != len(b) {
			t.Fatalf("%d octets have become %d", len(b), len(out))
		}
		if r := report(t, out, Options{}); len(r.Facts) > 0 {
			t.Errorf("left: %q", facts(r))
		}
	})
}
