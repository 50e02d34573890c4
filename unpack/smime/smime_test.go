// SPDX-License-Identifier: Apache-2.0

package smime

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// der is an element of definite length.
func der(tag byte, contents ...string) string {
	s := strings.Join(contents, "")
	switch n := len(s); {
	case n < 0x80:
		return string([]byte{tag, byte(n)}) + s
	case n < 0x100:
		return string([]byte{tag, 0x81, byte(n)}) + s
	case n < 0x10000:
		return string([]byte{tag, 0x82, byte(n >> 8), byte(n)}) + s
	default:
		return string([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}) + s
	}
}

// ber is an element of indefinite length.
func ber(tag byte, contents ...string) string {
	return string([]byte{tag, 0x80}) + strings.Join(contents, "") + "\x00\x00"
}

const (
	version = "\x02\x01\x01"
	algs    = "\x31\x0d\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
)

func oid(s string) string { return der(tagOID, oidPrefix+s) }

// signed is signedData around content, an OCTET STRING.
func signed(wrap func(byte, ...string) string, content string) string {
	data := wrap(tagSequence, oid("\x07\x01"), wrap(tagExplicit0, content))
	return wrap(tagSequence, oid("\x07\x02"), wrap(tagExplicit0, wrap(tagSequence, version, algs, data, der(0xa0, der(tagSequence)), der(0x31))))
}

func deflated(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

func TestOpen(t *testing.T) {
	deep := "x"
	for range 40 {
		deep = ber(0x24, deep)
	}
	zip := der(tagSequence, oid("\x09\x10\x03\x08"))
	tests := []struct {
		name     string
		data     string
		kind     Kind
		detached bool
		want     string
		err      error
	}{
		{name: "DER", data: signed(der, der(4, "text")), kind: Signed, want: "text"},
		{name: "DER, long", data: signed(der, der(4, strings.Repeat("text", 20_000))), kind: Signed, want: strings.Repeat("text", 20_000)},
		{name: "BER", data: signed(ber, ber(0x24, der(4, "te"), der(4), der(4, "xt"))), kind: Signed, want: "text"},
		{name: "BER, strings in strings", data: signed(ber, ber(0x24, ber(0x24, der(4, "te")), der(0x24, der(4, "xt")))), kind: Signed, want: "text"},
		{name: "rubbish behind", data: signed(der, der(4, "text")) + "rubbish", kind: Signed, want: "text"},
		{name: "detached", data: der(tagSequence, oid("\x07\x02"), der(0xa0, der(tagSequence, version, algs, der(tagSequence, oid("\x07\x01"))))), kind: Signed, detached: true},
		{name: "an element that is no string", data: signed(der, der(tagSequence, version)), kind: Signed, want: der(tagSequence, version)},
		{
			name: "compressed", kind: Compressed, want: "some text",
			data: der(tagSequence, oid("\x09\x10\x01\x09"), der(0xa0, der(tagSequence, "\x02\x01\x00", zip,
				der(tagSequence, oid("\x07\x01"), der(0xa0, der(4, deflated("some text"))))))),
		},
		{name: "data", data: der(tagSequence, oid("\x07\x01"), der(0xa0, der(4, "text"))), kind: Data, want: "text"},
		{name: "enveloped", data: der(tagSequence, oid("\x07\x03"), der(0xa0, der(tagSequence, version))), kind: Enveloped},
		{name: "enveloped, with AEAD", data: der(tagSequence, oid("\x09\x10\x01\x17"), der(0xa0, der(tagSequence, version))), kind: AuthEnveloped},
		{name: "too deep", data: signed(ber, deep), kind: Signed, err: errLimit},
		{name: "other content type", data: der(tagSequence, oid("\x07\x09"), der(0xa0, der(4, "text"))), err: ErrFormat},
		{name: "cut", data: signed(ber, ber(0x24, der(4, "text")))[:55], kind: Signed, err: ErrFormat},
		{name: "longer than what it is in", data: "\x30\x0d" + oid("\x07\x02") + "\xa0\x7f", kind: Signed, err: ErrFormat},
		{name: "nothing", err: ErrFormat},
		{name: "huge length", data: "\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff" + oid("\x07\x02"), kind: Signed, err: ErrFormat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, err := Open(strings.NewReader(tt.data), int64(len(tt.data)))
			if !errors.Is(err, tt.err) || w.Kind != tt.kind || w.Detached != tt.detached {
				t.Fatalf("got %q, detached %t, %v, want %q, %t, %v", w.Kind, w.Detached, err, tt.kind, tt.detached, tt.err)
			}
			if err != nil || w.Kind.Sealed() {
				return
			}
			r, err := w.Reader()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %.50q, %v, want %.50q", got, err, tt.want)
			}
			if !Is([]byte(tt.data[:min(len(tt.data), 32)])) {
				t.Error("Is does not know it")
			}
		})
	}
}

func TestIs(t *testing.T) {
	for _, s := range []string{"", "0", "\x30\x80\x06\x09", "\x30\x82\x01\x00\x02\x01\x00", "\x30\x84", "0000000000", der(tagSequence, oid("\x09\x0e"))} {
		if Is([]byte(s)) {
			t.Errorf("%q is taken for CMS", s)
		}
	}
}

// TestPieces: as many pieces as nobody makes end the reading.
func TestPieces(t *testing.T) {
	data := signed(ber, ber(0x24, strings.Repeat("\x04\x00", maxPieces)))
	if _, err := Open(strings.NewReader(data), int64(len(data))); !errors.Is(err, errLimit) {
		t.Errorf("got %v", err)
	}
}

// TestOpenSSL reads what OpenSSL writes: whole and as a stream.
func TestOpenSSL(t *testing.T) {
	tool, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	text := "Content-Type: text/plain\r\n\r\n" + strings.Repeat("a line of text\r\n", 2000)
	if err := os.WriteFile(filepath.Join(dir, "in"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), tool, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v: %s", args, err, out)
		}
	}
	run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a.test", "-keyout", "key", "-out", "cert")
	tests := []struct {
		name string
		args []string
		want Kind
	}{
		{"signed", []string{"-sign", "-nodetach", "-binary", "-signer", "cert", "-inkey", "key"}, Signed},
		{"signed, stream", []string{"-sign", "-nodetach", "-binary", "-stream", "-signer", "cert", "-inkey", "key"}, Signed},
		{"data", []string{"-data_create"}, Data},
		{"digest", []string{"-digest_create"}, Digested},
		{"encrypted", []string{"-encrypt", "-aes256", "cert"}, Enveloped},
		{"AEAD", []string{"-encrypt", "-aes-256-gcm", "cert"}, AuthEnveloped},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := fmt.Sprintf("out%d", i)
			args := []string{"cms", "-in", "in", "-outform", "DER", "-out", out}
			last := len(tt.args)
			if tt.want.Sealed() {
				last--
			}
			run(append(append(append([]string{"cms"}, tt.args[:last]...), args[1:]...), tt.args[last:]...)...)
			data, err := os.ReadFile(filepath.Join(dir, out))
			if err != nil {
				t.Fatal(err)
			}
			w, err := Open(bytes.NewReader(data), int64(len(data)))
			if err != nil || w.Kind != tt.want {
				t.Fatalf("got %q, %v, want %q", w.Kind, err, tt.want)
			}
			if w.Kind.Sealed() {
				return
			}
			r, err := w.Reader()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || strings.ReplaceAll(string(got), "\r\n", "\n") != strings.ReplaceAll(text, "\r\n", "\n") {
				t.Errorf("got %d octets, %v, want %d", len(got), err, len(text))
			}
		})
	}
}

// FuzzOpen: no panic, spans lie in the content, and together are not longer than it.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(signed(der, der(4, "text"))))
	f.Add([]byte(signed(ber, ber(0x24, der(4, "te"), ber(0x24, der(4, "xt"))))))
	f.Add([]byte(der(tagSequence, oid("\x09\x10\x01\x09"), der(0xa0, der(tagSequence, "\x02\x01\x00", der(tagSequence, oid("\x07\x01"), der(0xa0, der(4, deflated("x")))))))))
	f.Add([]byte(der(tagSequence, oid("\x07\x03"), der(0xa0, der(tagSequence, version)))))
	f.Fuzz(func(t *testing.T, data []byte) {
		Is(data)
		w, err := Open(bytes.NewReader(data), int64(len(data)))
		if w == nil {
			t.Fatal("no Wrapper")
		}
		var last int64
		for _, s := range w.Content {
			if s.Start < last || s.End < s.Start || s.End > int64(len(data)) {
				t.Fatalf("spans %v of %d octets", w.Content, len(data))
			}
			last = s.End
		}
		if err != nil || w.Kind == Compressed {
			return
		}
		r, err := w.Reader()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r); n != w.Size() || err != nil {
			t.Fatalf("got %d octets, %v, want %d", n, err, w.Size())
		}
	})
}
