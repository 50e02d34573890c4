// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

// multipart is the rest of a header section and a body: a text, and a second entity of that media type. The content is taken as base64 if it is
// no text.
func multipart(mediaType, content string) string {
	encoding := "7bit"
	if !strings.HasPrefix(mediaType, "text/") && !strings.HasPrefix(mediaType, "message/") {
		encoding = "base64"
	}
	const b = "=_boundary_of_a_multipart"
	boundary := b + strings.Map(func(r rune) rune {
		if r == '/' {
			return '-'
		}
		return r
	}, mediaType)
	return "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"" + boundary + "\"\r\n\r\nThis is MIME.\r\n--" + boundary +
		"\r\nContent-Type: text/plain\r\n\r\nSee the attachment.\r\n\r\n--" + boundary +
		"\r\nContent-Type: " + mediaType + "; name=\"file\"\r\nContent-Transfer-Encoding: " + encoding +
		"\r\nContent-Disposition: attachment; filename=\"file\"\r\n\r\n" + content + "\r\n--" + boundary + "--\r\n"
}

// encode64 writes base64 in lines of 76.
func encode64(content []byte) string {
	s := base64.StdEncoding.EncodeToString(content)
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	b.WriteString(s + "\r\n")
	return b.String()
}

// zipped is an archive with one file.
func zipped(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
