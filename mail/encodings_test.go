// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOtherEncodings(t *testing.T) {
	for _, c := range []struct {
		name, fields string
		want         []string
	}{
		{"none", "From: a\n", nil},
		{"one", "Content-Transfer-Encoding: base64\n", nil},
		{"in another field", "X: content-transfer-encoding: base64\n", nil},
		{"two", "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n", []string{"binary"}},
		{"the same twice", "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: Base64\n", nil},
		{"list", "Content-Transfer-Encoding: base64, quoted-printable uue\n", []string{"quoted-printable", "x-uuencode"}},
		{"unknown", "Content-Transfer-Encoding: x-gzip64\n", []string{"base64"}},
		{"uuencode, which many do not know", "Content-Transfer-Encoding: x-uuencode\n", []string{"binary"}},
		{"behind junk", "Content-Transfer-Encoding: xx quoted-printable\n", []string{"quoted-printable", "base64"}},
		{"behind a bare CR", "From: a\rContent-Transfer-Encoding: base64\n", []string{"base64"}},
		{"no field", "From: a\n\vContent-Transfer-Encoding: base64\nTo: b\n", []string{"base64"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parseBoth(t, []byte(c.fields+"\nx\n"), DefaultLimits())
			if d := cmp.Diff(c.want, m.Root().OtherEncodings()); d != "" {
				t.Errorf("%q (-want +got):\n%s", c.fields, d)
			}
		})
	}
}

// The views of what is not regular; what is regular has none.
func TestViews(t *testing.T) {
	for _, c := range []struct {
		name, encoding, in string
		want               map[string]string
	}{
		{"regular base64", "base64", "aGVs\r\nbG8=\r\n", nil},
		{"base64 cut at the end", "base64", "aGVsbG8\r\n", nil},
		{"blanks in base64", "base64", "aG Vs\r\n bG8=\r\n", nil},
		{"padding inside", "base64", "aG=VsbG8=\n", map[string]string{base64Unpadded: "hello", base64First: "h"}},
		{"data behind a padded line", "base64", "aGk=\naGkh\n", map[string]string{base64Unpadded: "hi\x1a\x1a\x48", base64First: "hi"}},
		{"foreign characters", "base64", "aGVs#aaaa\nbG8=\n", map[string]string{base64Cut: "hello", "binary": "aGVs#aaaa\nbG8=\n"}},
		{"the alphabet of URLs", "base64", "-_-_\n", map[string]string{base64Cut: "", base64URL: "\xfb\xff\xbf", "binary": "-_-_\n"}},
		{"lines cut inside a quantum", "base64", "aGVsXX\nbG8=\n", map[string]string{base64Lines: "hello"}},
		{"regular quoted-printable", "quoted-printable", "a=\nb=3D=  \nc", nil},
		{"equals signs in equals signs", "quoted-printable", "=aA==a09=\n==a0A", map[string]string{qpDrop: "\xaa\xa09\xa0A", qpDropThree: "\xaa090A", qpCapitals: "A\t\n"}},
		{"odd equals signs", "quoted-printable", "=0Xa=41", map[string]string{qpDrop: "0XaA", qpDropThree: "aA"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got map[string]string
			d := newDecoder(c.encoding)
			checkDecoder(t, func() decoder { d = newDecoder(c.encoding); return d }, c.in)
			for _, view := range d.others() {
				if got == nil {
					got = map[string]string{}
				}
				got[view] = c.in
				if newDecoder(view) != nil {
					got[view] = checkDecoder(t, func() decoder { return newDecoder(view) }, c.in)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.in, diff)
			}
		})
	}
}

// Very many names take time by their number and not by its square.
func TestManyFilenames(t *testing.T) {
	var b strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&b, "Content-Type: x; name=%d\n", i)
	}
	m := parseBoth(t, []byte(b.String()+"\nx\n"), DefaultLimits())
	began := time.Now()
	if got := len(m.Root().Filenames()); got < 60_000 {
		t.Errorf("got %d names", got)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
