// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"encoding/xml"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestMime4j compares our reading of mime4j's test mail with what that parser makes of it.
func TestMime4j(t *testing.T) {
	c := conformance{agree: map[string]int{}, known: mime4jDifferences(), found: map[string]bool{}, aspect: []string{sameTree, sameFields, sameBodies, sameAround}}
	for _, name := range corpusFiles(t, "mime/james-mime4j/core/src/test/resources/*/*_decoded.xml") {
		base := strings.TrimSuffix(name, "_decoded.xml")
		m := parse(t, string(readFile(t, base+".msg")))
		want := parseMime4j(t, name)
		got := reading(t, m.Root(), func(p *Part, n *node) { describeForMime4j(t, p, n) })
		c.check(t, filepath.Base(base), got, want)
	}
	c.report(t)
}

// parseMime4j reads an expectation of mime4j.
func parseMime4j(t *testing.T, name string) *node {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(fromLatin1(readFile(t, name))))
	d.Strict = false
	var root *node
	var open []*node
	var text strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch e := token.(type) {
		case xml.CharData:
			text.Write(e)
		case xml.StartElement:
			text.Reset()
			switch e.Name.Local {
			case "message", "body-part":
				n := &node{}
				if len(open) > 0 {
					parent := open[len(open)-1]
					parent.children = append(parent.children, n)
				} else {
					root = n
				}
				open = append(open, n)
			case "text-body", "binary-body":
				n := open[len(open)-1]
				n.body = fromLatin1(readFile(t, filepath.Join(filepath.Dir(name), e.Attr[0].Value)))
			}
		case xml.EndElement:
			endMime4j(e.Name.Local, &open, strings.TrimPrefix(text.String(), "\n"))
		}
	}
}

// endMime4j takes the text of an element that ends.
func endMime4j(element string, open *[]*node, text string) {
	n := (*open)[len(*open)-1]
	switch element {
	case "message", "body-part":
		*open = (*open)[:len(*open)-1]
	case "field":
		n.fields = append(n.fields, text)
	case "body":
		n.body = text
	case "preamble", "epilogue":
		n.addAround(element, text)
	}
}

// fromLatin1 makes text of octets, with no CR and no controls, which XML cannot hold.
func fromLatin1(b []byte) string {
	if utf8.Valid(b) {
		return withoutControls(string(b))
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return withoutControls(s.String())
}

func withoutControls(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' {
			return -1
		}
		return r
	}, s)
}

// describeForMime4j tells what mime4j tells.
func describeForMime4j(t *testing.T, p *Part, n *node) {
	t.Helper()
	for _, f := range p.Header {
		if f.Name != "" {
			n.fields = append(n.fields, strings.TrimRight(fromLatin1([]byte(f.Raw)), "\n"))
		}
	}
	switch {
	case p.IsLeaf() && strings.HasPrefix(p.MediaType, "multipart/"):
		n.addAround("preamble", fromLatin1(octetsOf(t, p.Raw()))) // No body part was found.
	case p.IsLeaf():
		n.body = fromLatin1(octetsOf(t, p.Open()))
	case !isMessage(p.MediaType):
		n.addAround("preamble", fromLatin1(octetsOf(t, p.Preamble())))
		_, epilogue, _ := strings.Cut(strings.TrimLeft(fromLatin1(octetsOf(t, p.Epilogue())), "\n"), "\n")
		n.addAround("epilogue", epilogue)
	}
}

// addAround adds what stands outside of body parts.
func (n *node) addAround(where, text string) {
	if text = strings.TrimSpace(text); text != "" {
		n.around += where + ": " + text + "\n"
	}
}

// mime4jDifferences are the reasons for all differences, by file and aspect.
func mime4jDifferences() map[string]string {
	const (
		tail   = "base64 that breaks off gives the octets that are whole; there they are dropped"
		noMore = "lines that are no fields, with no known field behind them, begin the body (as in Postfix); there they are passed over"
		whole  = "a delimiter line has nothing behind the boundary (flagged mime.delimiter_junk); there one with more behind it counts"
		blank  = "blanks at the end of a boundary do not count (flagged mime.boundary_blank), RFC 2046 forbids them; there they do"
		close  = "a close delimiter without a body part before it does not begin an epilogue (flagged mime.no_parts); there it does"
		length = "a boundary over 998 octets is none (flagged mime.boundary_too_long); there it is one"
	)
	return map[string]string{
		"frag bodies":        tail,
		"multi-frag bodies":  tail,
		"hdr-fakeout bodies": noMore,
		"basic-plain-with-bad-header-separator bodies": noMore,
		"malformedHeader-nocrlfcrlf fields":            noMore,
		"malformedHeader-nocrlfcrlf bodies":            noMore,
		"malformedHeader-noheader bodies":              noMore,
		"malformedHeaderStartsBody-nocrlfcrlf bodies":  noMore,
		"malformedHeaderStartsBody-noheader bodies":    noMore,
		"obsolete fields":                              noMore,
		"obsolete bodies":                              noMore,
		"ending-boundaries tree":                       whole,
		"ending-boundaries around":                     whole,
		"missing-inner-start-boundary around":          close,
		"multipartnopart around":                       close,
		"very-long-boundary tree":                      blank,
		"very-long-boundary bodies":                    blank,
		"very-long-boundary around":                    blank,
		"very-very-long-boundary tree":                 length,
		"very-very-long-boundary around":               length,
		"weird-boundary tree":                          blank,
		"weird-boundary bodies":                        blank,
		"weird-boundary around":                        blank,
	}
}
