// SPDX-License-Identifier: Apache-2.0

package chromium

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net"
	"strings"
	"time"
)

// startOfTLS is the first octet of a TLS record that begins a handshake (RFC 8446 section 5.1).
const startOfTLS = 22

// record stands for all hosts of the world: it notes who asks for something, and gives everybody a picture, so that pages look as they are meant.
func (b *browser) record() {
	for {
		c, err := b.recorder.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(patience))
			b.answer(c)
		}()
	}
}

// answer gives the picture. A connection on which nothing is said is one that the browser keeps in reserve.
func (b *browser) answer(c net.Conn) {
	r := bufio.NewReaderSize(c, 4096)
	first, err := r.Peek(1)
	if err != nil {
		return
	}
	said, _ := r.Peek(r.Buffered())
	if !ownBusiness(string(said)) {
		b.note(&b.asked, fmt.Sprintf("another host: %.200q", said))
	}
	var secured net.Conn = told{c, r}
	if first[0] == startOfTLS {
		secured = tls.Server(secured, b.outside)
		if _, err := secured.Read(make([]byte, 4096)); err != nil {
			return
		}
	}
	fmt.Fprintf(secured, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(b.image), b.image)
}

// told is a connection of which something was read already.
type told struct {
	net.Conn
	r *bufio.Reader
}

func (t told) Read(p []byte) (int, error) { return t.r.Read(p) }

// ownBusiness tells if the browser asks for itself: its makers' hosts are named in the request, or in the clear at the start of TLS.
func ownBusiness(said string) bool {
	for _, host := range []string{"google.com", "googleapis.com", "gstatic.com", "gvt1.com"} {
		if strings.Contains(said, host) {
			return true
		}
	}
	return false
}

// square is a picture of one colour, which is the same at any scale.
func square() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	draw.Draw(m, m.Rect, image.NewUniform(color.RGBA{200, 40, 40, 255}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if png.Encode(&b, m) != nil {
		return nil // A buffer takes all that is written.
	}
	return b.Bytes()
}
