// SPDX-License-Identifier: Apache-2.0

package uribl_test

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/uribl"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// code is a message with a picture of a QR code that says text.
func code(t testing.TB, text string) string {
	t.Helper()
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 200, 200, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(b.Bytes()) + "\r\n"
}

// TestQR: lists are asked where QR codes lead.
func TestQR(t *testing.T) {
	const listed = "uribl.listed spam 3: d.test: bad.com (127.0.0.2; a QR code in part 1)"
	for _, c := range []struct {
		name, payload string
		off           bool
		want          []string
	}{
		{name: "link", payload: "https://bad.com/x", want: []string{listed}},
		{name: "link with blanks", payload: " https://bad.com/x\n", want: []string{listed}},
		{name: "text", payload: "Please see http://bad.com/x and pay", want: []string{listed}},
		{name: "no scheme", payload: "BAD.COM/x", want: []string{listed}},
		{name: "mail", payload: "mailto:a@bad.com", want: []string{listed}},
		{name: "visiting card", payload: "BEGIN:VCARD\r\nVERSION:3.0\r\nURL:https://good.com/\r\nEMAIL:a@bad.com\r\nEND:VCARD", want: []string{listed}},
		{name: "visiting card without scheme", payload: "BEGIN:VCARD\r\nVERSION:3.0\r\nURL:www.bad.com/x\r\nEND:VCARD", want: []string{listed}},
		{name: "message", payload: "MATMSG:TO:a@bad.com;SUB:x;BODY:x;;", want: []string{listed}},
		{name: "short message", payload: "SMSTO:+15550100:see bad.com/x", want: []string{listed}},
		{name: "two lines", payload: "https://good.com/x\nhttps://bad.com/x", want: []string{listed}},
		{name: "prefix", payload: "URL:www.bad.com/x", want: []string{listed}},
		{name: "good", payload: "https://good.com/x"},
		{name: "number", payload: strings.Repeat("7", 30)},
		{name: "off", payload: "https://bad.com/x", off: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFilter(t, func(o *uribl.Options) { o.QR = !c.off }, dnstest.Resolver(t, nil, world(t)), domains())
			found, err := f.Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, code(t, c.payload)))
			if d := cmp.Diff(c.want, told(found)); d != "" || err != nil {
				t.Errorf("%v, -want +got\n%s", err, d)
			}
		})
	}
}
