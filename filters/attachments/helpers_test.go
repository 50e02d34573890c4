// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
)

// attachment is one body part.
type attachment struct {
	fields  string // "Content-Type: ..." and so on, without the last line end.
	content string
}

// file is an attachment of that name.
func file(name, content string) attachment {
	return attachment{"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"" + name + "\"", content}
}

// letter makes a message of a text and attachments.
func letter(list ...attachment) string {
	var b strings.Builder
	b.WriteString("From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n")
	for _, a := range list {
		b.WriteString("--b\r\n" + a.fields + "\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		text := base64.StdEncoding.EncodeToString([]byte(a.content))
		for len(text) > 76 {
			b.WriteString(text[:76] + "\r\n")
			text = text[76:]
		}
		b.WriteString(text + "\r\n")
	}
	b.WriteString("--b--\r\n")
	return b.String()
}

// zipped makes a zip of files, given as name and content in turn.
func zipped(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// program is the start of a program for Windows.
func program() string {
	b := make([]byte, 256)
	copy(b, "MZ")
	b[0x3c] = 0x80
	copy(b[0x80:], "PE\x00\x00")
	return string(b)
}

const (
	picture = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
	link    = "L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F"
)

// newFilter makes a filter with these options.
func newFilter(t testing.TB, o *Options) filters.Filter {
	t.Helper()
	f, err := New(o, filters.Deps{Registerer: prometheus.NewRegistry(), Unpacker: filtertest.Unpacker(t)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// inspect gives the findings about a message.
func inspect(t testing.TB, o *Options, message string) []filters.Finding {
	t.Helper()
	found, err := newFilter(t, o).Inspect(t.Context(), filtertest.Envelope(), filtertest.Message(t, message))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// codes are the codes of the findings, in order.
func codes(found []filters.Finding) string {
	var list []string
	for _, f := range found {
		list = append(list, f.Code)
	}
	return strings.Join(list, " ")
}

// withRules are the default options with another list default.
func withRules(rules ...Rule) *Options {
	o := DefaultOptions()
	o.Rules = map[string][]Rule{defaultList: rules}
	return o
}
