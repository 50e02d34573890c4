// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"strconv"
)

// element looks at what an element is by its name.
func (s *scanner) element(t *tag) {
	switch string(t.local) {
	case "iframe", "frame", "portal", "fencedframe", "ilayer", "layer", "vmlframe":
		s.emptied(t, Iframe, bringsPage)
	case "object", "applet":
		s.emptied(t, Object, bringsObject)
	case "embed":
		s.embed(t)
	case "param":
		s.param(t)
	case "handler", "listener":
		s.rename(t, SVG, string(t.local))
	case "animate", "set", "animatemotion", "animatetransform", "animatecolor", "discard":
		if unsafeTarget(s.value(t, "attributename")) {
			s.rename(t, SVG, string(t.local)+" of a link or a program")
		}
	case "isindex", "keygen":
		s.rename(t, Form, string(t.local))
	case "form":
		s.beginForm(t)
	case "input", "button", "select", "textarea":
		s.control(t)
	case "meta":
		s.meta(t)
	case "link":
		s.rel = s.value(t, "rel")
	}
}

// rename gives an element a name that means nothing. Its end tag gets the same name.
func (s *scanner) rename(t *tag, k Kind, detail string) {
	t.renamed = k
	s.danger(k, detail, t.nameStart, t.nameEnd, "x-"+string(t.local))
}

// unsafeTarget knows the attributes that an animation must not set.
func unsafeTarget(name []byte) bool {
	name = local(bytes.TrimSpace(name))
	switch string(name) {
	case "href", "src", "innerhtml", "outerhtml", "style", "action", "formaction", "data", "srcdoc", "content", "class":
		return true
	}
	return bytes.HasPrefix(name, []byte("on"))
}

// meta looks at what stands for a header field.
func (s *scanner) meta(t *tag) {
	a := s.attr(t, "http-equiv")
	if a == nil {
		return
	}
	switch v := string(bytes.TrimSpace(s.value(t, "http-equiv"))); v {
	case "refresh":
		s.renameAttr(a, Refresh, "refresh "+cut(s.value(t, "content"), 80))
		s.refreshLink(t)
	case "set-cookie", "x-dns-prefetch-control", "link", "default-style":
		s.renameAttr(a, Remote, v)
	}
}

// refreshLink finds the URL of a refresh: "5; url='...'".
func (s *scanner) refreshLink(t *tag) {
	a := s.attr(t, "content")
	if a == nil {
		return
	}
	v := s.text[a.valStart:a.valEnd]
	i := bytes.IndexAny(v, ";,")
	if i < 0 {
		return
	}
	rest := bytes.TrimLeft(v[i+1:], " \t\r\n")
	if len(rest) > 3 && bytes.EqualFold(rest[:3], []byte("url")) {
		if r := bytes.TrimLeft(rest[3:], " \t\r\n"); len(r) > 0 && r[0] == '=' {
			rest = bytes.TrimLeft(r[1:], " \t\r\n")
		}
	}
	rest = bytes.Trim(rest, `"' `)
	s.link(Link{Kind: "refresh", AttrStart: int64(a.start), AttrEnd: int64(a.end), Start: int64(t.start), End: int64(t.end)}, rest)
}

// shape is what is known of an image element.
type shape struct {
	width, height int
	src           *attr
	leads         address
}

func isImage(element []byte) bool {
	switch string(element) {
	case "img", "image", "input", "imagedata", "fill", "feimage":
		return true
	}
	return false
}

// image notes an image, and judges it if it is fetched.
func (s *scanner) image(t *tag, img *shape) {
	if img.src == nil {
		return
	}
	a := img.src
	look := s.style(t)
	img.width, img.height = s.pixels(t, "width"), s.pixels(t, "height")
	if look.width >= 0 {
		img.width = look.width
	}
	if look.height >= 0 {
		img.height = look.height
	}
	in := s.around(t.is)
	hidden := s.hush || look.gone || look.clipped || look.away == isVeiled || in.absent() || look.veiled == isVeiled || look.veiled == notSaid && in.veiled
	if img.leads == fetched {
		k, detail := Remote, "image"
		if hidden || img.width >= 0 && img.width <= 2 && img.height >= 0 && img.height <= 2 {
			k, detail = WebBug, "image that is not to be seen"
		}
		s.renameAttr(a, k, detail)
	}
	if s.flat || s.bare || len(s.page.Images) == MaxImages {
		return
	}
	s.follow(t, a)
	const dot = 2 // Pixels.
	if !hidden && (in.lifted || look.lifted) && (img.width < 0 || img.width > dot) && (img.height < 0 || img.height > dot) {
		s.page.Laid += LaidImage
	}
	im := Image{Width: img.width, Height: img.height, Hidden: hidden, Start: int64(t.start), End: int64(t.end)}
	if b := s.text[a.valStart:a.valEnd]; !bytes.HasPrefix(b, []byte("data:")) && len(b) <= MaxURL {
		im.URL = s.browserURL(b)
	}
	if alt := s.attr(t, "alt"); alt != nil {
		im.Alt = s.words(alt)
	}
	s.page.Images = append(s.page.Images, im)
}

// pixels is the number in an attribute; -1 if there is none, or a share.
func (s *scanner) pixels(t *tag, name string) int {
	a := s.attr(t, name)
	if a == nil {
		return -1
	}
	v := bytes.TrimSpace(s.text[a.valStart:a.valEnd])
	v = bytes.TrimSuffix(bytes.ToLower(v), []byte("px"))
	n, err := strconv.Atoi(string(v))
	if err != nil || n < 0 {
		return -1
	}
	return n
}
