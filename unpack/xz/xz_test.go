// SPDX-License-Identifier: Apache-2.0

package xz

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"

	"github.com/mailweir/mailweir/unpack/lzma"
)

// pack makes a stream with the library.
func pack(t testing.TB, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := xz.WriterConfig{DictCap: 1 << 16}.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReader(t *testing.T) {
	content := strings.Repeat("some text, ", 10_000)
	packed := pack(t, content)
	src := bytes.NewReader(append(packed, "behind"...))
	got, err := io.ReadAll(NewReader(src))
	if err != nil || string(got) != content {
		t.Errorf("got %d octets and %v, want %d", len(got), err, len(content))
	}
	if src.Len() != len("behind") {
		t.Errorf("%d octets are left, want %d", src.Len(), len("behind"))
	}
}

func TestReaderDamaged(t *testing.T) {
	content := strings.Repeat("some text, ", 100)
	packed := pack(t, content)
	for at := range packed {
		bad := bytes.Clone(packed)
		bad[at] ^= 0x20
		if got, err := io.ReadAll(NewReader(bytes.NewReader(bad))); err == nil && string(got) != content {
			t.Errorf("octet %d of %d changed: other content and no error", at, len(packed))
		}
		if _, err := io.ReadAll(NewReader(bytes.NewReader(packed[:at]))); !errors.Is(err, ErrFormat) {
			t.Errorf("cut to %d: got %v, want damage", at, err)
		}
	}
}

// What the tool writes with filters and checksums is read as it was.
func TestReaderTool(t *testing.T) {
	tool, err := exec.LookPath("xz")
	if err != nil {
		t.Skip("no xz here (Debian: xz-utils)")
	}
	program, err := os.ReadFile(tool)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 { // Calls to near places, which the filter for programs changes.
		program = append(program, 0xe8+byte(random.IntN(2)), byte(random.Uint32()), byte(random.Uint32()), byte(random.IntN(2)), byte(-random.IntN(2)))
	}
	for _, args := range [][]string{
		{"-C", "none"},
		{"-C", "crc32"},
		{"-C", "crc64"},
		{"-C", "sha256"},
		{"--block-size=10000"},
		{"--x86", "--lzma2"},
		{"--delta=dist=3", "--lzma2"},
		{"--x86", "--delta=dist=256", "--lzma2"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), tool, append(args, "-c")...)
			cmd.Stdin = bytes.NewReader(program)
			packed, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(NewReader(bytes.NewReader(packed)))
			if err != nil || !bytes.Equal(got, program) {
				t.Errorf("got %d octets and %v, want %d octets", len(got), err, len(program))
			}
		})
	}
	t.Run("not supported", func(t *testing.T) {
		for arg, want := range map[string]error{"--arm": ErrUnsupported, "--lzma2=dict=256MiB": nil} {
			args := []string{arg, "-c"}
			if arg == "--arm" {
				args = append(args, "--lzma2")
			}
			cmd := exec.CommandContext(t.Context(), tool, args...)
			cmd.Stdin = strings.NewReader("x")
			packed, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(NewReader(bytes.NewReader(packed))); !errors.Is(err, want) {
				t.Errorf("%v: got %v, want %v", args, err, want)
			}
		}
	})
}

// FuzzReader: no panic; what the library reads is read.
func FuzzReader(f *testing.F) {
	f.Add(pack(f, "some text"))
	f.Add(pack(f, ""))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := io.ReadAll(io.LimitReader(NewReader(bytes.NewReader(data)), 1<<20))
		if err != nil && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrUnsupported) && !errors.Is(err, lzma.ErrDictionary) {
			t.Fatalf("unexpected error %v", err)
		}
		if err != nil || len(data) > 1<<16 {
			return
		}
		r, err := xz.ReaderConfig{SingleStream: true, DictCap: 1 << 20}.NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		want, err := io.ReadAll(io.LimitReader(r, 1<<20))
		if err == nil && !bytes.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
