// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// documents reads a message of one entity.
func documents(t *testing.T, head string, body []byte) []*Document {
	t.Helper()
	text := head + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(body) + "\r\n"
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = msg.Close() })
	docs, err := Documents(t.Context(), &unpack.Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}, msg)
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// wide16 is text in UTF-16.
func wide16(s, mark string) []byte {
	b := []byte(mark)
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func TestDocuments(t *testing.T) {
	const bad = "<p onclick=a>x</p>"
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, err := z.Create("a.html")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "<html>"+bad)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, head string
		body       []byte
		kind       Kind // Of its first danger; "" if it is no document.
		editable   bool
		unreadable bool
	}{
		{"html", "Content-Type: text/html", []byte(bad), Handler, true, false},
		{"xhtml", "Content-Type: application/xhtml+xml", []byte(bad), Handler, true, false},
		{"svg", "Content-Type: image/svg+xml", []byte("<svg onload='a'/>"), Handler, true, false},
		{"amp", "Content-Type: text/x-amp-html", []byte(bad), Handler, true, false},
		{"enriched", "Content-Type: text/enriched", []byte(bad), Handler, true, false},
		{"by name", "Content-Type: application/octet-stream; name=\"a.HTM\"", []byte(bad), Handler, true, false},
		{"by content", "Content-Type: image/png", []byte("<html><body>" + bad), Handler, true, false},
		{"sniffed", "Content-Type: text/plain", []byte("<html><body>" + bad), Handler, true, false},
		{"text", "Content-Type: text/plain", []byte("hello " + bad), "", false, false},
		{"in an archive", "Content-Type: application/zip", archive.Bytes(), Handler, false, false},
		{"UTF-16", "Content-Type: text/html; charset=utf-16", wide16(bad, "\xff\xfe"), Handler, true, false},
		{"UTF-16 that says it is none", "Content-Type: text/html; charset=us-ascii", wide16(bad, ""), "", true, true},
		{"UTF-7", "Content-Type: text/html", []byte("+ADw-script+AD4-a+ADw-/script+AD4-"), "", true, true},
		{"other XML", "Content-Type: application/rss+xml", []byte("<rss><x onclick='a'/></rss>"), Handler, true, false},
		{"page in other XML", "Content-Type: application/octet-stream", []byte("<?xml version='1.0'?><a><h:b xmlns:h='http://www.w3.org/1999/xhtml' onclick='c'/></a>"), Handler, true, false},
		{"UTF-16 by a rare name", "Content-Type: text/html; charset=csunicode", wide16(strings.Repeat("\u4e00", 600)+bad, ""), "", true, true},
		{"ISO-2022-JP over a line end", "Content-Type: text/html; charset=iso-2022-jp", []byte("<p \x1b$B\n title=\"\x1b(B><img src=x onerror=a>\">"), "", true, true},
		{"ISO-2022-JP, katakana", "Content-Type: text/html", []byte("<p title=\"\x1b(I\"\x1b(B>x</p><p title=\"><img src=x onerror=a>\">"), "", true, true},
		{"ISO-2022-JP, the same number in each", "Content-Type: text/html", []byte("<p title=\"\x1b(I\"\x1b(B><img src=x onerror=a><p title=\"><img src=x onerror=a>\">"), Handler, true, true},
		{"ISO-2022-JP", "Content-Type: text/html", []byte("<p title='\x1b$B'\x1b(B><script>a</script><p title='\x1b$B>'\x1b(B"), Script, true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			docs := documents(t, tc.head, tc.body)
			if tc.kind == "" && !tc.unreadable {
				if len(docs) > 0 {
					t.Errorf("got %d documents: %v", len(docs), docs[0].Leaf)
				}
				return
			}
			if len(docs) == 0 {
				t.Fatal("got no document")
			}
			d := docs[0]
			if tc.kind != "" && (len(d.Dangers) == 0 || d.Dangers[0].Kind != tc.kind) || d.Editable != tc.editable || (d.Unreadable != "") != tc.unreadable {
				t.Errorf("got %v, editable %v, unreadable %q", d.Dangers, d.Editable, d.Unreadable)
			}
		})
	}
}
