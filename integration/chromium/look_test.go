// SPDX-License-Identifier: Apache-2.0

package chromium

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// look is how a page looks with programs off.
type look struct {
	dots     *image.RGBA // The whole page, as far as maxHeight.
	elements []element   // In the order of the page.
	words    string      // What can be read on it.
}

// element is one of the page, as the browser lays it out.
type element struct {
	Tag, Attrs string
	Box        [4]float64 // Left, top, width, height.
	Style      string     // All properties, as they come out, in short.
	Text       string     // Its own, without that of the elements in it.
}

// measure lists the elements. A program that is disarmed is a template.
const measure = `[...document.querySelectorAll('*')].map(e => {
	const r = e.getBoundingClientRect(), style = getComputedStyle(e);
	let h = 0;
	for (const p of style) for (const c of style.getPropertyValue(p) + ';') h = (h * 31 + c.charCodeAt(0)) | 0;
	const drawn = !/^(script|style|template|iframe)$/.test(e.localName);
	return {
		Tag: e.localName, Attrs: [...e.attributes].map(a => a.name + '=' + a.value).join(' '), Style: String(h),
		Box: [r.x + scrollX, r.y + scrollY, r.width, r.height],
		Text: [...e.childNodes].filter(n => drawn && n.nodeType === 3).map(n => n.data).join('|'),
	};
})
//# sourceURL=mailweir:measure`

// look takes a page's picture and measures it.
func (b *browser) look(t *testing.T, name string, body []byte) look {
	t.Helper()
	url := b.put(name, body, "text/html; charset=utf-8")
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := b.scripts(ctx, false); err != nil {
		t.Fatal(err)
	}
	if err := b.navigate(ctx, url); err != nil {
		t.Logf("%s: %v", name, err)
	}
	time.Sleep(2 * settle)
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := b.scripts(ctx, true); err != nil {
		t.Fatal(err)
	}
	l := look{dots: decode(t, shot)}
	if l.elements, err = chromedp.Run(ctx, chromedp.Evaluate[[]element](measure)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if l.words, err = chromedp.Run(ctx, chromedp.Evaluate[string]("document.body ? document.body.innerText : ''")); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return l
}

func decode(t *testing.T, shot []byte) *image.RGBA {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	r, ok := m.(*image.RGBA)
	if !ok {
		t.Fatalf("a picture of the form %T", m)
	}
	return r
}

// holds tells if an element shows what it brings in: its inside may be another when it is disarmed. Of all others nothing may change.
func (e element) holds() bool {
	switch e.Tag {
	case "iframe", "frame", "object", "embed", "applet", "portal", "fencedframe":
		return true
	}
	return false
}

// kind is the element's name but for what disarming makes of it.
func (e element) kind() string {
	if e.Tag == "script" {
		return "template"
	}
	return strings.TrimPrefix(e.Tag, "x-")
}

// frames are the boxes of elements that were disarmed and show something of their own.
func frames(before, after []element) (all []image.Rectangle) {
	for i, e := range before {
		if e.holds() && i < len(after) && e.Attrs != after[i].Attrs {
			all = append(all, e.rect(), after[i].rect())
		}
	}
	return all
}

func (e element) rect() image.Rectangle {
	x, y := math.Floor(e.Box[0]), math.Floor(e.Box[1])
	return image.Rect(int(x), int(y), int(math.Ceil(e.Box[0]+e.Box[2])), int(math.Ceil(e.Box[1]+e.Box[3])))
}

// faint is how much of 255 the colour of a dot may differ: browsers smooth edges by what layers they happen to paint in, and frames are layers.
const faint = 24

// near tells if two colours are the same to the eye.
func near(a, b color.RGBA) bool {
	return apart(a.R, b.R) <= faint && apart(a.G, b.G) <= faint && apart(a.B, b.B) <= faint
}

func apart(a, b uint8) uint8 { return max(a, b) - min(a, b) }

// dots is how many differ outside of the boxes.
func dots(a, b *image.RGBA, boxes []image.Rectangle) int {
	if a.Rect != b.Rect {
		return math.MaxInt
	}
	if bytes.Equal(a.Pix, b.Pix) {
		return 0
	}
	n := 0
	for y := a.Rect.Min.Y; y < a.Rect.Max.Y; y++ {
		for x := a.Rect.Min.X; x < a.Rect.Max.X; x++ {
			if near(a.RGBAAt(x, y), b.RGBAAt(x, y)) {
				continue
			}
			if p := image.Pt(x, y); !slices.ContainsFunc(boxes, p.In) {
				n++
			}
		}
	}
	return n
}
