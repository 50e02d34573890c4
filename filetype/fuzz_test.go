// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"bytes"
	"testing"
)

// watched tells how much is read, and fails the test if it is outside the content.
type watched struct {
	t *testing.T
	b []byte
	n int
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		w.t.Fatalf("read at %d", off)
	}
	n, err := bytes.NewReader(w.b).ReadAt(p, off)
	w.n += n
	return n, err
}

// maxDetect bounds what Detect reads: the head, descriptors, footers, a directory of a zip or a compound file.
const maxDetect = HeadSize + 2*1024 + maxZipTail + 4*4096

func FuzzDetect(f *testing.F) {
	for _, b := range [][]byte{
		nil, []byte("MZ"), program(), zipOf(f, "[Content_Types].xml", "word/document.xml"), zipOf(f, "mimetype=application/epub+zip"), oleOf("", "WordDocument"), tarOf(f, true),
		at(0x9000, 0x8000, "\x01CD001"), []byte("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y 'z'>]><svg/>"), []byte("\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00"),
		[]byte("@echo off\nstart x\n"), []byte("Received: x\nFrom: y\n\tz\n\n"), []byte("\x00<html>"), []byte("\x30\x80\x06\x09"), []byte("RIFF\x00\x00\x00\x00WEBP"),
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &watched{t: t, b: b}
		got := Detect(r, int64(len(b)))
		if r.n > maxDetect {
			t.Errorf("read %d octets", r.n)
		}
		if got.Name == "" || got.Media == "" || got.Group == "" {
			t.Errorf("got %+v", got)
		}
		if named, ok := Named(got.Name); !ok || named != got && got.Name != "data" {
			t.Errorf("got %+v, which is not in the table", got)
		}
		if head := DetectHead(b[:min(len(b), HeadSize)], bytes.NewReader(b), int64(len(b))); head != got {
			t.Errorf("DetectHead: got %v, Detect %v", head, got)
		}
		all := All(bytes.NewReader(b), int64(len(b)))
		if len(all) == 0 || all[0] != got {
			t.Errorf("All: got %v, Detect %v", all, got)
		}
		for i, a := range all {
			for _, b := range all[:i] {
				if a == b {
					t.Errorf("All: %v twice in %v", a, all)
				}
			}
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	for name, c := range map[string][]byte{
		"png":    append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 8192)...),
		"zip":    zipOf(b, "a.txt", "b.txt"),
		"docx":   zipOf(b, "[Content_Types].xml", "_rels/.rels", "word/document.xml"),
		"ole":    oleOf("", "WordDocument"),
		"html":   append([]byte("<!DOCTYPE html><html>"), bytes.Repeat([]byte("<p>Some words to read.</p>\n"), 400)...),
		"text":   bytes.Repeat([]byte("Some words to read, and some more of them.\n"), 200),
		"octets": bytes.Repeat([]byte{0x80, 0x00, 0xff, 0x01, 0x13}, 2000),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Detect(bytes.NewReader(c), int64(len(c)))
			}
		})
	}
}

func BenchmarkAll(b *testing.B) {
	c := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 1<<20)...)
	x := uint32(1)
	for i := range c[8:] {
		x = x*1664525 + 1013904223
		c[8+i] = byte(x >> 24)
	}
	b.SetBytes(int64(len(c)))
	for b.Loop() {
		All(bytes.NewReader(c), int64(len(c)))
	}
}
