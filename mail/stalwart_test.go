// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// stalwartMessage is the expectation that stalwart's mail-parser has of its test mail.
type stalwartMessage struct {
	Parts []struct {
		Headers []struct {
			Name  json.RawMessage `json:"name"`
			Value json.RawMessage `json:"value"`
		} `json:"headers"`
		Body struct {
			Text         *string
			Html         *string
			Binary       []byteNumber
			InlineBinary []byteNumber
			Message      *stalwartMessage
			Multipart    []int
		} `json:"body"`
	} `json:"parts"`
}

// byteNumber is an octet that JSON has as a number.
type byteNumber uint16

// TestStalwart compares our reading of stalwart's test mail with what that parser makes of it.
func TestStalwart(t *testing.T) {
	c := conformance{agree: map[string]int{}, known: stalwartDifferences(), found: map[string]bool{}, aspect: []string{sameTree, sameTypes, sameFields, sameValues, sameBodies}}
	for _, name := range corpusFiles(t, "mime/stalwart-mail-parser/resources/eml/*/*.json") {
		base, isCRLF := strings.CutSuffix(strings.TrimSuffix(name, ".json"), ".crlf")
		content, err := os.ReadFile(base + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		if isCRLF {
			content = []byte(crlf(noCR(content)))
		}
		var want stalwartMessage
		if err := json.Unmarshal(readFile(t, name), &want); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		file := filepath.Join(filepath.Base(filepath.Dir(base)), filepath.Base(base))
		got := reading(t, parse(t, string(content)).Root(), func(p *Part, n *node) { describeForStalwart(t, p, n) })
		c.check(t, file, got, want.node(t, 0))
	}
	c.report(t)
}

// node describes part i.
func (m *stalwartMessage) node(t *testing.T, i int) *node {
	t.Helper()
	p := m.Parts[i]
	n := &node{}
	for _, h := range p.Headers {
		name := fieldNameOf(h.Name)
		n.fields = append(n.fields, name)
		n.add(name, h.Value)
	}
	slices.Sort(n.values)
	b := p.Body
	switch {
	case b.Text != nil:
		n.body = noCR([]byte(*b.Text))
	case b.Html != nil:
		n.body = noCR([]byte(*b.Html))
	case b.Message != nil:
		n.children = []*node{b.Message.node(t, 0)}
	case b.Multipart != nil:
		for _, k := range b.Multipart {
			n.children = append(n.children, m.node(t, k))
		}
	default:
		octets := make([]byte, 0, len(b.Binary)+len(b.InlineBinary))
		for _, o := range append(b.Binary, b.InlineBinary...) {
			octets = append(octets, byte(o))
		}
		n.body = noCR(octets)
	}
	return n
}

// fieldNameOf is a field name in lower case: theirs are content_type, or {"other": "X-Mailer"}.
func fieldNameOf(raw json.RawMessage) string {
	var name string
	if json.Unmarshal(raw, &name) == nil {
		return strings.ReplaceAll(name, "_", "-")
	}
	var other struct{ Other string }
	if json.Unmarshal(raw, &other) != nil {
		return string(raw)
	}
	return lower(other.Other)
}

// add takes the values that we have, too: Content-Type with its parameters, Subject.
func (n *node) add(name string, raw json.RawMessage) {
	var v struct {
		Text        *string
		ContentType *struct {
			Type       string `json:"c_type"`
			Subtype    string `json:"c_subtype"`
			Attributes []struct{ Name, Value string }
		}
	}
	if json.Unmarshal(raw, &v) != nil {
		return
	}
	switch {
	case name == "subject" && v.Text != nil:
		n.values = append(n.values, "subject: "+*v.Text)
	case name == "content-type" && v.ContentType != nil && n.mediaType == "":
		n.mediaType = lower(v.ContentType.Type + "/" + v.ContentType.Subtype)
		params := map[string]string{}
		for _, a := range v.ContentType.Attributes {
			params[lower(a.Name)] = a.Value
		}
		n.values = append(n.values, "params: "+showParams(params))
	}
}

func showParams(params map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(params)) {
		fmt.Fprintf(&b, " %s=%q", k, strings.ToValidUTF8(DecodeWords(params[k]), "\uFFFD"))
	}
	return b.String()
}

// describeForStalwart tells what stalwart tells.
func describeForStalwart(t *testing.T, p *Part, n *node) {
	t.Helper()
	hasType := false
	for _, f := range p.Header {
		if f.Name == "" {
			continue
		}
		name := lower(f.Name)
		n.fields = append(n.fields, name)
		switch name {
		case "subject":
			n.values = append(n.values, "subject: "+toUTF8("", DecodeWords(f.Value())))
		case "content-type":
			hasType = true
		}
	}
	if hasType {
		n.values = append(n.values, "params: "+showParams(p.Params))
	}
	slices.Sort(n.values)
	if !p.IsLeaf() {
		return
	}
	if strings.HasPrefix(p.MediaType, "text/") {
		n.body = textOf(t, p)
		return
	}
	n.body = noCR(octetsOf(t, p.Open()))
}

// stalwartDifferences are the reasons for all differences, by file and aspect.
func stalwartDifferences() map[string]string {
	const (
		octets  = "octets over 127 in a header field that are no UTF-8 are shown as windows-1252, as clients do; there they are replaced"
		noName  = "text that names no charset and is no UTF-8 is read as windows-1252; there it is replaced"
		uu      = "uuencode as a transfer encoding is decoded; there it is left as it is"
		noData  = "what is no base64 in a base64 body is passed over and the rest decoded; there the body is left as it is"
		longest = "of two boundaries that fit a delimiter line the longer does, and one outside ends what is inside; there the inner multipart goes on"
		whole   = "a delimiter line has nothing behind the boundary (flagged mime.delimiter_junk); there one with more behind it counts"
		twoType = "of two Content-Type fields the first counts (flagged mime.two_types, and both are looked into); there the last"
		empty   = "a body part that has nothing behind its delimiter line is one; there it is not"
		header  = "a delimiter line ends a header section (flagged header.delimiter); there it is passed over"
	)
	return map[string]string{
		"legacy/010 values":     octets,
		"legacy/020 values":     octets,
		"legacy/022 values":     octets,
		"legacy/027 values":     octets,
		"legacy/052 values":     octets,
		"legacy/052 bodies":     noName,
		"legacy/017 bodies":     uu,
		"legacy/026 bodies":     uu,
		"legacy/048 bodies":     uu,
		"malformed/000 tree":    header,
		"malformed/001 tree":    longest,
		"malformed/004 tree":    whole,
		"malformed/005 tree":    longest,
		"malformed/007 tree":    "a delimiter line of a multipart inside does not count in its own header section; there it does",
		"malformed/007 fields":  "the same",
		"malformed/008 tree":    longest,
		"malformed/009 tree":    longest,
		"malformed/009 bodies":  longest,
		"malformed/011 tree":    longest,
		"malformed/011 bodies":  longest,
		"malformed/012 tree":    longest,
		"malformed/012 bodies":  longest,
		"malformed/013 tree":    empty,
		"malformed/014 tree":    empty,
		"malformed/016 tree":    longest,
		"malformed/019 bodies":  "a line that is no field ends a header section, so it is the body; there there is none",
		"malformed/020 tree":    twoType,
		"malformed/021 tree":    twoType,
		"malformed/022 tree":    "the body of a message/rfc822 is a message also if it has no header section; there it is text",
		"rfc/000 bodies":        noData,
		"thirdparty/002 bodies": noData,
		"thirdparty/005 bodies": "a delimiter stands at the start of a line; there it may stand in it",
		"thirdparty/010 values": "of two parameters of one name the first counts; there the last",
		"thirdparty/015 tree":   header,
		"thirdparty/015 fields": header,
		"thirdparty/015 values": header,
	}
}
