// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// BenchmarkContents walks messages of several kinds; one operation is one message.
func BenchmarkContents(b *testing.B) {
	text := strings.Repeat("Some words of text, as people write them (or do not): K = 1.\r\n-- \r\n", 300)
	large := noise(1 << 20)
	kinds := []struct {
		name string
		text []byte
	}{
		{"text", []byte("Content-Type: text/plain\r\n\r\n" + text)},
		{"text in two forms", []byte("Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" + text +
			"--b\r\nContent-Type: text/html\r\n\r\n<html>" + text + "</html>\r\n--b--\r\n")},
		{"file, not known", message("a.bin", []byte(large))},
		{"zip, deflated", message("a.zip", zipBytes(deflated("a.bin", large), deflated("b.txt", text)))},
		{"zip, stored", message("a.zip", zipBytes(stored("a.bin", large)))},
		{"zip of 1,000 small files", message("a.zip", zipBytes(repeat(1000, deflated("a.txt", "a few words"))...))},
		{"gzip", message("a.gz", gz(b, large))},
		{"7z", message("a.7z", sevenFolders(1, "\x00", "", 3, "abc"))},
	}
	if dir := os.Getenv("MAILWEIR_MIX"); dir != "" {
		files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				b.Fatal(err)
			}
			kinds = append(kinds, struct {
				name string
				text []byte
			}{filepath.Base(f), text})
		}
	}
	u := &Unpacker{Spooler: mail.DefaultSpooler(b.TempDir())}
	for _, k := range kinds {
		b.Run(k.name, func(b *testing.B) {
			b.SetBytes(int64(len(k.text)))
			b.ReportAllocs()
			for b.Loop() {
				msg, err := mail.Parse(bytes.NewReader(k.text), int64(len(k.text)), mail.NewBudget(mail.DefaultLimits(), nil))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := u.Contents(b.Context(), msg); err != nil {
					b.Fatal(err)
				}
				if err := msg.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
