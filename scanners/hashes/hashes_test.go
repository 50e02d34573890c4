// SPDX-License-Identifier: Apache-2.0

package hashes

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

const bad = "some malware"

func digest(f func([]byte) []byte) string { return hex.EncodeToString(f([]byte(bad))) }

func sha256Hex() string { return digest(func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }) }
func sha1Hex() string   { return digest(func(b []byte) []byte { s := sha1.Sum(b); return s[:] }) }
func md5Hex() string    { return digest(func(b []byte) []byte { s := md5.Sum(b); return s[:] }) }

// clock is a clock that stands still until it is told otherwise.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func write(t testing.TB, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func withList(t testing.TB, content string) *Scanner {
	t.Helper()
	file := filepath.Join(t.TempDir(), "list")
	write(t, file, content)
	o := DefaultOptions()
	o.Files = []string{file}
	s, err := newScanner(o, (&clock{}).now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func scan(t *testing.T, s scanners.Scanner, content string) scanners.Report {
	t.Helper()
	got, err := s.Scan(t.Context(), strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatalf("Scan(%.40q): %v", content, err)
	}
	return got
}

func TestListed(t *testing.T) {
	size := fmt.Sprint(len(bad))
	tests := []struct {
		name, list string
		want       string // Signature; "" is clean.
	}{
		{"sha256", sha256Hex(), "Listed"},
		{"sha1", sha1Hex(), "Listed"},
		{"md5", md5Hex(), "Listed"},
		{"upper case", strings.ToUpper(sha256Hex()), "Listed"},
		{"named", sha256Hex() + "  Mal.Ware-1", "Mal.Ware-1"},
		{"named by sha256sum in binary", sha256Hex() + " *a b.exe", "a b.exe"},
		{"hdb", md5Hex() + ":" + size + ":Mal.Ware-2", "Mal.Ware-2"},
		{"hdb other size", md5Hex() + ":99:Mal.Ware-2", ""},
		{"hsb any size", sha256Hex() + ":*:Mal.Ware-3:73", "Mal.Ware-3"},
		{"hsb sha1 with two levels", sha1Hex() + ":" + size + ":Mal.Ware-4:73:200", "Mal.Ware-4"},
		{"several sizes", md5Hex() + ":1:One\n" + md5Hex() + ":" + size + ":Two\n" + md5Hex() + ":3:Three", "Two"},
		{"CRLF, comment, empty lines", "# list\r\n\r\n  " + md5Hex() + "  X\r\n", "X"},
		{"control characters and rubbish in the name", md5Hex() + " a\x1b[31m\xff", "a[31m"},
		{"other digest", strings.Repeat("0", 64), ""},
		{"empty list", "", ""},
		{"shared names", strings.Repeat("0", 32) + " N\n" + md5Hex() + " N\n" + strings.Repeat("f", 32) + " M", "N"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := withList(t, tt.list)
			want := scanners.Report{Verdict: scanners.Clean}
			if tt.want != "" {
				want = scanners.Report{Verdict: scanners.Infected, Signature: tt.want}
			}
			if got := scan(t, s, bad); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if got := scan(t, s, bad+"."); got.Verdict != scanners.Clean {
				t.Errorf("other content: got %+v, want clean", got)
			}
		})
	}
}

func TestLongNameIsCut(t *testing.T) {
	s := withList(t, md5Hex()+" "+strings.Repeat("é", 1000))
	got := scan(t, s, bad).Signature
	if len(got) != scanners.MaxSignature || strings.Trim(got, "é") != "" {
		t.Errorf("got %d octets %q", len(got), got)
	}
}

func TestBadLists(t *testing.T) {
	tests := []struct{ name, list, want string }{
		{"not a digest", "# x\nhello", "line 2: want 32, 40 or 64 hexadecimal digits (MD5, SHA-1, SHA-256) first"},
		{"cut digest", sha256Hex()[:63], "line 1: want 32, 40 or 64 hexadecimal digits (MD5, SHA-1, SHA-256) first"},
		{"not hexadecimal", strings.Repeat("g", 40), "line 1: the digest has other than hexadecimal digits"},
		{"no name", md5Hex() + ":12", "line 1: want DIGEST:SIZE:NAME"},
		{"empty name", md5Hex() + ":12:", "line 1: want DIGEST:SIZE:NAME"},
		{"too many fields", md5Hex() + ":12:a:1:2:3", "line 1: want DIGEST:SIZE:NAME"},
		{"size", md5Hex() + ":-1:a", "line 1: want a number of octets or * for SIZE"},
		{"huge size", md5Hex() + ":9223372036854775808:a", "line 1: want a number of octets or * for SIZE"},
		{"long line", md5Hex() + "\n" + strings.Repeat("x", maxLine), "line 2: longer than 4096 octets"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "list")
			write(t, file, tt.list)
			_, err := New(Options{Files: []string{file}, CheckEvery: time.Second})
			if want := "hashes: list " + file + ": " + tt.want; err == nil || err.Error() != want {
				t.Errorf("got %v\nwant %s", err, want)
			}
		})
	}
}

func TestNotAFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := New(Options{Files: []string{filepath.Join(dir, "none")}, CheckEvery: time.Second}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: got %v", err)
	}
	if _, err := New(Options{Files: []string{dir}, CheckEvery: time.Second}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("folder: got %v", err)
	}
}

func TestEICAR(t *testing.T) {
	s, err := New(DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	e := string(eicar())
	tests := []struct {
		name, content string
		infected      bool
	}{
		{"the file", e, true},
		{"with line end", e + "\r\n", true},
		{"with all kinds of white space", e + " \t\r\n\x1a", true},
		{"128 octets", e + strings.Repeat(" ", 60), true},
		{"129 octets", e + strings.Repeat(" ", 61), false},
		{"something after it", e + " x", false},
		{"something before it", " " + e, false},
		{"cut", e[:67], false},
		{"empty", "", false},
		{"huge", e + strings.Repeat(" ", 1<<20), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := scanners.Report{Verdict: scanners.Clean}
			if tt.infected {
				want = scanners.Report{Verdict: scanners.Infected, Signature: "Eicar-Test-Signature"}
			}
			if got := scan(t, s, tt.content); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			listed := withList(t, md5Hex())
			if got := scan(t, listed, tt.content); got != want {
				t.Errorf("beside a list: got %+v, want %+v", got, want)
			}
			listed.eicar = false
			if got := scan(t, listed, tt.content); got.Verdict != scanners.Clean {
				t.Errorf("eicar: false: got %+v, want clean", got)
			}
		})
	}
}

func TestNotRead(t *testing.T) {
	broken := errors.New("broken")
	listed := withList(t, md5Hex())
	tests := []struct {
		name string
		r    io.Reader
		size int64
		want string
	}{
		{"reader fails", iotest.ErrReader(broken), 10, "hashes: broken"},
		{"reader fails after the last octet", io.MultiReader(strings.NewReader(bad), iotest.ErrReader(broken)), int64(len(bad)), "hashes: broken"},
		{"shorter than announced", strings.NewReader(bad), 100, "hashes: content is not as long as its size says"},
		{"longer than announced", strings.NewReader(bad), 5, "hashes: content is not as long as its size says"},
		{"negative size", strings.NewReader(""), -1, "hashes: content is not as long as its size says"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := listed.Scan(t.Context(), tt.r, tt.size)
			if err == nil || err.Error() != tt.want || got != (scanners.Report{}) {
				t.Errorf("got %+v, %v; want error %s", got, err, tt.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, size := range []int64{int64(len(bad)), 1 << 20} {
		if got, err := listed.Scan(ctx, strings.NewReader(bad), size); !errors.Is(err, context.Canceled) || got.Verdict != scanners.None {
			t.Errorf("cancelled: got %+v, %v", got, err)
		}
	}
}

func TestReadsInPieces(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 100_000)
	sum := sha256.Sum256(content)
	s := withList(t, hex.EncodeToString(sum[:]))
	for name, r := range map[string]io.Reader{
		"one octet at a time": iotest.OneByteReader(bytes.NewReader(content)),
		"error with data":     iotest.DataErrReader(bytes.NewReader(content)),
	} {
		got, err := s.Scan(t.Context(), r, int64(len(content)))
		if err != nil || got.Verdict != scanners.Infected {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestConformance(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "list"), md5Hex()+"\n"+sha1Hex()+"\n"+sha256Hex())
	o := DefaultOptions()
	o.Files = []string{filepath.Join(dir, "list")}
	scannertest.Run(t, scannertest.Fixture{
		New: func(t testing.TB, _ string) scanners.Scanner {
			s, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	})
}

func TestProbe(t *testing.T) {
	s := withList(t, md5Hex()+"\n"+sha256Hex())
	date := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s.files.Current().newest = date
	want := fmt.Sprintf("mailweir hashes, 2 digests (%08x) of 2026-01-02T03:04:05Z, EICAR", s.files.Current().sum)
	if got, err := s.Probe(t.Context()); err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	plain, err := New(DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := plain.Probe(t.Context()); err != nil || got != "mailweir hashes, 0 digests, EICAR" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOptions(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"default", DefaultOptions(), ""},
		{"relative", Options{Files: []string{"a"}, CheckEvery: time.Second}, `files: "a": want an absolute path`},
		{"nothing to do", Options{CheckEvery: time.Second}, "files: want at least one list, or eicar: true"},
		{"too often", Options{EICAR: true}, "check_every: 0s: want 1s to 1h"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := tt.o.Validate(); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
