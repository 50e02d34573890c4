// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// squeeze packs content by a writer.
func squeeze(t testing.TB, content string, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
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

func gz(t testing.TB, content string) []byte {
	return squeeze(t, content, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
}

func gzNamed(t testing.TB, name, content string) []byte {
	return squeeze(t, content, func(w io.Writer) (io.WriteCloser, error) {
		z := gzip.NewWriter(w)
		z.Name, z.Comment, z.Extra = name, "a comment", []byte("extra")
		return z, nil
	})
}

func xzBytes(t testing.TB, content string) []byte {
	return squeeze(t, content, func(w io.Writer) (io.WriteCloser, error) { return xz.WriterConfig{DictCap: 1 << 16}.NewWriter(w) })
}

func lzmaBytes(t testing.TB, content string) []byte {
	return squeeze(t, content, func(w io.Writer) (io.WriteCloser, error) {
		return lzma.WriterConfig{DictCap: 1 << 16, EOSMarker: true}.NewWriter(w)
	})
}

// lzipBytes is what lzip writes: no header of LZMA, but one of its own.
func lzipBytes(t testing.TB, content string) []byte {
	return concat([]byte("LZIP\x01\x10"), lzmaBytes(t, content)[lzmaHeader:], make([]byte, 20))
}

func zstdBytes(t testing.TB, content string) []byte {
	return squeeze(t, content, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithWindowSize(1<<16)) })
}

func lz4Bytes(t testing.TB, content string, o ...lz4.Option) []byte {
	return squeeze(t, content, func(w io.Writer) (io.WriteCloser, error) {
		z := lz4.NewWriter(w)
		return z, z.Apply(o...)
	})
}

func zlibBytes(t testing.TB, content string) []byte {
	return squeeze(t, content, func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil })
}

func TestStreams(t *testing.T) {
	long := strings.Repeat("some text to be packed, ", 5000)
	skip := []byte("\x51\x2a\x4d\x18\x03\x00\x00\x00abc")
	tests := []struct {
		name   string
		packed []byte
		want   []string
	}{
		{"gzip", gz(t, "one"), []string{"f=one"}},
		{"gzip before version 1.0", concat([]byte("\x1f\x9e\x08\x00"), gz(t, "one")[4:]), []string{"f=one"}},
		{"gzip, long", gz(t, long), []string{"f=" + long}},
		{"gzip with a name", gzNamed(t, "evil.exe", "one"), []string{"evil.exe=one"}},
		{"gzip members", concat(gz(t, "one"), gz(t, "two")), []string{"f=onetwo", "f=one"}},
		{"gzip members and padding", concat(gz(t, "one"), make([]byte, 100), gz(t, "two"), make([]byte, 600)), []string{"f=onetwo", "f=one"}},
		{"gzip and junk", concat(gz(t, "one"), make([]byte, 5), []byte("junk")), []string{"f=one", "behind the end=junk"}},
		{"gzip in gzip", gz(t, string(gz(t, "one"))), []string{"f=", "f/f=one"}},
		{"xz", xzBytes(t, long), []string{"f=" + long}},
		{
			"xz streams", concat(xzBytes(t, "one"), make([]byte, 8), xzBytes(t, "two"), []byte("junk")),
			[]string{"f=onetwo", "f=one", "behind the end=junk"},
		},
		{"lzma", lzmaBytes(t, long), []string{"f=" + long}},
		{"lzma and junk", concat(lzmaBytes(t, "one"), []byte("junk")), []string{"f=one", "behind the end=junk"}},
		{
			"lzip members", concat(lzipBytes(t, "one"), lzipBytes(t, long), []byte("junk")),
			[]string{"f=one" + long, "f=one", "behind the end=junk"},
		},
		{"zstd", zstdBytes(t, long), []string{"f=" + long}},
		{
			"zstd frames", concat(skip, zstdBytes(t, "one"), skip, zstdBytes(t, "two"), []byte("junk")),
			[]string{"f=onetwo", "behind the end=junk"},
		},
		{"zstd behind many frames of no data", concat(skip, skip, skip, zstdBytes(t, "one")), []string{"f=one"}},
		{"lz4 behind many frames of no data", concat(skip, skip, lz4Bytes(t, "one")), []string{"f=one"}},
		{"lz4 legacy behind frames of no data", concat(skip, skip, lz4Bytes(t, "one", lz4.LegacyOption(true))), []string{"f=one"}},
		{"lz4 legacy, then another", concat(lz4Bytes(t, "one", lz4.LegacyOption(true)), lz4Bytes(t, "two", lz4.LegacyOption(true))), []string{"f=onetwo", "f=one"}},
		{"lz4 legacy, then a frame", concat(lz4Bytes(t, "one", lz4.LegacyOption(true)), lz4Bytes(t, "two")), []string{"f=onetwo", "f=one"}},
		{"lz4", lz4Bytes(t, long), []string{"f=" + long}},
		{
			"lz4 with all there is", lz4Bytes(t, long, lz4.BlockChecksumOption(true), lz4.SizeOption(uint64(len(long))), lz4.BlockSizeOption(lz4.Block64Kb)),
			[]string{"f=" + long},
		},
		{"lz4 frames", concat(lz4Bytes(t, "one"), lz4Bytes(t, "two"), []byte("junk")), []string{"f=onetwo", "f=one", "behind the end=junk"}},
		{"lz4 legacy", lz4Bytes(t, long, lz4.LegacyOption(true)), []string{"f=" + long}},
		{"zlib", zlibBytes(t, long), []string{"f=" + long}},
		{"zlib and junk", concat(zlibBytes(t, "one"), []byte("junk")), []string{"f=one", "behind the end=junk"}},
		{"compress", compressed(long), []string{"f=" + long}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaves, problems := walkFile(t, tt.packed)
			checkLeaves(t, leaves, tt.want)
			checkProblems(t, problems, nil)
		})
	}
}

// compressed is text in compress(1) with codes of 9 to 12 bits, never cleared.
func compressed(text string) []byte {
	const most = 12
	out := []byte{0x1f, 0x9d, 0x80 | most}
	table := map[string]int{}
	for i := range 256 {
		table[string([]byte{byte(i)})] = i
	}
	next, width := 257, 9
	var group []int
	flush := func() {
		buf := make([]byte, (len(group)*width+7)/8+4)
		for i, c := range group {
			at := i * width
			v := binary.LittleEndian.Uint32(buf[at/8:]) | uint32(c)<<(at%8)
			binary.LittleEndian.PutUint32(buf[at/8:], v)
		}
		if n := len(group); n == 8 {
			out = append(out, buf[:width]...)
		} else if n > 0 {
			out = append(out, buf[:(n*width+7)/8]...)
		}
		group = nil
	}
	emit := func(c int) {
		if group = append(group, c); len(group) == 8 {
			flush()
		}
	}
	// The reader is one entry behind.
	cur := ""
	for i := range len(text) {
		if _, ok := table[cur+text[i:i+1]]; ok {
			cur += text[i : i+1]
			continue
		}
		emit(table[cur])
		if next < 1<<most {
			table[cur+text[i:i+1]] = next
			next++
		}
		if known := next - 1; known > 1<<width-1 && width < most {
			for len(group) > 0 && len(group) < 8 {
				group = append(group, 0)
			}
			flush()
			width++
		}
		cur = text[i : i+1]
	}
	emit(table[cur])
	flush()
	return out
}

func TestStreamsDamaged(t *testing.T) {
	long := strings.Repeat("some text to be packed, ", 5000)
	bad := gz(t, "one")
	bad[len(bad)-5] ^= 1
	big := binary.LittleEndian.AppendUint32([]byte{0x5d}, 1<<30)
	big = append(big, lzmaBytes(t, "one")[5:]...)
	tests := []struct {
		name   string
		packed []byte
		want   []string
		told   []string
	}{
		{"gzip with a wrong checksum, and one more", concat(bad, gz(t, "two")), []string{"f=onetwo", "f=one"}, []string{"damaged : gzip checksum is wrong"}},
		{"gzip cut", gz(t, long)[:300], []string{"f="}, []string{"damaged f: breaks off"}},
		{"gzip header only", gz(t, "one")[:9], []string{"f="}, []string{"unscannable f: gzip header"}},
		{
			"gzip, second header cut", concat(gz(t, "one"), gz(t, "two")[:5]),
			[]string{"f=one", "behind the end=", "behind the end/behind the end="},
			[]string{"damaged : gzip header", "unscannable behind the end/behind the end: gzip header"},
		},
		{"xz cut", xzBytes(t, long)[:60], []string{"f="}, []string{"damaged f: breaks off: xz data is damaged"}},
		{"zstd cut", zstdBytes(t, long)[:30], []string{"f="}, []string{"unscannable f: cannot be read: unexpected EOF"}},
		{"lz4 cut", lz4Bytes(t, long)[:100], []string{"f="}, []string{"unscannable f: cannot be read: unexpected EOF"}},
		{"lzma with a huge dictionary", big, []string{"f="}, nil},
		{"zstd with a huge window", concat([]byte("\x28\xb5\x2f\xfd\x00\xa0"), zstdBytes(t, long)[6:]), []string{"f="}, []string{"unscannable f: zstd frame: limit dictionary (33554432 octets) exceeded: it needs 1073741824"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaves, problems := walkFile(t, tt.packed)
			checkLeaves(t, leaves, tt.want)
			checkProblems(t, problems, tt.told)
		})
	}
}

// What the tools write is read, several files one behind another.
func TestStreamsOfTools(t *testing.T) {
	long := strings.Repeat("some text to be packed, ", 500)
	for _, tool := range []struct {
		name, pack string
		args       []string
	}{
		{"gzip", "gzip", nil},
		{"bzip2", "bzip2", nil},
		{"xz", "xz", nil},
		{"lzma", "xz", []string{"--format=lzma"}},
		{"compress", "compress", nil},
		{"zstd", "zstd", nil},
		{"lz4", "lz4", nil},
		{"lzip", "lzip", nil},
	} {
		t.Run(tool.name, func(t *testing.T) {
			path, err := exec.LookPath(tool.pack)
			if err != nil {
				t.Skipf("no %s here", tool.pack)
			}
			pack := func(content string) []byte {
				cmd := exec.CommandContext(t.Context(), path, append(tool.args, "-c")...)
				cmd.Stdin = strings.NewReader(content)
				b, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				return b
			}
			leaves, problems := walkFile(t, pack(long))
			checkLeaves(t, leaves, []string{"f=" + long})
			checkProblems(t, problems, nil)
			if tool.name == "lzma" || tool.name == "compress" {
				return
			}
			leaves, problems = walkFile(t, concat(pack("one"), pack(long), make([]byte, 8), []byte("junk")))
			checkLeaves(t, leaves, []string{"f=one" + long, "f=one", "behind the end=junk"})
			checkProblems(t, problems, nil)
		})
	}
}

// Bombs end within the budget, as unscannable.
func TestStreamBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 8<<20)
	for name, packed := range map[string][]byte{
		"gzip": gz(t, zeros), "xz": xzBytes(t, zeros), "zstd": zstdBytes(t, zeros), "lz4": lz4Bytes(t, zeros), "lzma": lzmaBytes(t, zeros),
		"zlib": zlibBytes(t, zeros), "many members": bytes.Repeat(gz(t, ""), 50_000),
	} {
		t.Run(name, func(t *testing.T) {
			l := smallLimits()
			l.Octets = 1 << 20
			leaves, problems := walkMessage(t, parse(t, message("f", packed), l))
			if name == "many members" {
				return // Nothing is unpacked from them.
			}
			if len(problems) != 1 || problems[0].Kind != Unscannable {
				t.Errorf("%d leaves and problems %v, want one of a limit", len(leaves), problems)
			}
		})
	}
}

func TestInnerName(t *testing.T) {
	for name, want := range map[string]string{"a.tar.gz": "a.tar", "a.TGZ": "a.tar", "a.exe": "a.exe", "": "", ".gz": ""} {
		b := &box{leaf: &Leaf{Place: Place{File: name}}}
		if got := b.inner([]string{".gz>", ".tgz>.tar"}); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
