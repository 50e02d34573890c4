// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// TestSeen: what some program shows is seen, wherever in a file it stands.
func TestSeen(t *testing.T) {
	const evil = "evil content"
	tarball := tarBytes(t, "evil.exe", evil)
	junk := strings.Repeat("junk", 5000)
	odd := func(dict uint32) []byte {
		b := lzmaBytes(t, strings.Repeat(evil, 10))
		binary.LittleEndian.PutUint32(b[1:], dict)
		return b
	}
	sized := func(size uint64) []byte {
		b := lzmaBytes(t, strings.Repeat(evil, 10))
		binary.LittleEndian.PutUint64(b[5:], size)
		return b
	}
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{
			"message with a long trace",
			[]byte(strings.Repeat("Received: from a.example by b.example; Sun, 1 Jan 2026 00:00:00 +0000\r\n", 40) + "Subject: x\r\nFrom: a@example.org\r\n" +
				"Content-Type: application/octet-stream; name=evil.exe\r\nContent-Transfer-Encoding: base64\r\n\r\nZXZpbCBjb250ZW50\r\n"), evil,
		},
		{"lzma of a size that is none", sized(1 << 50), evil},
		{"tar behind a block that is none", concat([]byte(strings.Repeat("X", 512)), tarball), evil},
		{"tar behind zeros", concat(make([]byte, 1024), tarball), evil},
		{"tar behind a block that is none, in gzip", gz(t, strings.Repeat("X", 512)+string(tarball)), evil},
		{"tar behind 100 KiB", concat(make([]byte, 200*512), tarball), evil},
		{"lzma with a dictionary as large as can be", odd(1<<32 - 1), evil},
		{"lzma with a small dictionary", odd(64), evil},
		{"cabinet behind an image", concat([]byte("\xff\xd8\xff\xe0"+junk), cabBytes("evil.exe", evil)), evil},
		{"arj behind an image", concat([]byte("\xff\xd8\xff\xe0"+junk), arjBytes("evil.exe", evil, 0)), evil},
		{"RAR behind an image, across windows", concat([]byte(strings.Repeat("x", pageSize-3)), rarBytes(0, rarStored("evil.exe", evil, nil))), evil},
		{"zip behind an image, across windows", concat([]byte(strings.Repeat("x", pageSize-1)), zipBytes(stored("evil.exe", evil))), evil},
		{"gzip in an image", concat([]byte("GIF89a"+junk), gz(t, evil)), evil},
		{"gzip behind what only looks like it", concat([]byte("GIF89a"+junk), gz(t, "")[:10], []byte("no"), gz(t, evil)), evil},
		{"xz in an image, across windows", concat([]byte("GIF89a"+strings.Repeat("x", pageSize-9)), xzBytes(t, evil)), evil},
		{"cpio in an image", concat([]byte("GIF89a"+junk), cpioBytes("evil.exe", evil)), evil},
		{"LHA in an image", concat([]byte("GIF89a"+junk), lhaBytes("evil.exe", "-lh0-", evil)), evil},
		{"gzip in what is not known", concat([]byte{0x91, 0x92, 0x93, 0x00, 0x94}, gz(t, evil)), evil},
		{
			"7z behind what only looks like it", concat(slices.Concat(copies(20, []byte("7z\xbc\xaf\x27\x1c fake "))...), sevenFolders(1, "\x00", "", 3, "bad")),
			"b", // The archive has a file for each octet.
		},
		{"uuencode across windows", []byte(strings.Repeat("x", pageSize-4) + "\nbegin 644 evil.exe\n,979I;\"!C;VYT96YT\n`\nend\n"), evil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaves, problems := walkFile(t, tt.file)
			if !slices.ContainsFunc(leaves, func(l found) bool { return strings.HasPrefix(l.content, tt.want) }) {
				t.Errorf("not seen in %d leaves, problems %v", len(leaves), problems)
			}
		})
	}
}

// TestMessageByName: what is called a message is opened as one by mail clients, whatever its fields are.
func TestMessageByName(t *testing.T) {
	text := strings.Repeat("X-Field: a value\r\n", 200) + "Content-Transfer-Encoding: base64\r\n\r\nZXZpbCBjb250ZW50\r\n"
	for name, want := range map[string]bool{"a.eml": true, "A.EML. ": true, "a.txt": false} {
		leaves, _ := walkMessage(t, parse(t, message(name, []byte(text)), mail.DefaultLimits()))
		if got := slices.ContainsFunc(leaves, func(l found) bool { return l.content == "evil content" }); got != want {
			t.Errorf("%s: seen is %v", name, got)
		}
	}
}

// TestOnce: an archive that stands in another as it is gets opened there, and not as part of the other one as well.
func TestOnce(t *testing.T) {
	inner := map[string][]byte{
		"in.zip": zipBytes(stored("a", "one")), "in.rar": rarBytes(0, rarStored("a", "one", nil)), "in.cab": cabBytes("a", "one"),
		"in.7z": sevenFolders(1, "\x00", "", 3, "one"), "in.tar": tarBytes(t, "a", "one"),
	}
	for name, b := range inner {
		alone, _ := walkFile(t, b)
		for kind, outer := range map[string][]byte{"zip": zipBytes(stored(name, string(b))), "tar": tarBytes(t, name, string(b))} {
			t.Run(name+" in "+kind, func(t *testing.T) {
				leaves, problems := walkFile(t, outer)
				if len(alone) == 0 || len(leaves) != len(alone)+1 || len(problems) > 0 {
					t.Errorf("got %q, problems %v", leaves, problems)
				}
			})
		}
	}
}

// TestTold: what is left out is told.
func TestTold(t *testing.T) {
	t.Run("archives", func(t *testing.T) {
		one := rarBytes(0, rarStored("a", "one", nil))
		_, problems := walkFile(t, concat(append([][]byte{[]byte("MZ")}, copies(maxEmbedded+1, one)...)...))
		checkProblems(t, problems, []string{"unscannable : limit of rar archives in one file (16) exceeded"})
	})
	t.Run("compressed files", func(t *testing.T) {
		_, problems := walkFile(t, concat(append([][]byte{[]byte("GIF89a")}, copies(maxEmbedded+1, gz(t, "one"))...)...))
		if len(problems) == 0 || !strings.Contains(problems[len(problems)-1].Detail, "limit of compressed files in one file (16) exceeded") {
			t.Errorf("got %v", problems)
		}
	})
	w := &walk{contents: &Contents{}}
	l := &Leaf{}
	t.Run("facts", func(t *testing.T) {
		for i := range 10 * MaxFacts {
			l.fact("many", fmt.Sprint(i))
		}
		l.fact("one", "")
		if n := len(l.Facts); n != MaxFacts+1 || l.Facts[n-1].Code != "one" {
			t.Errorf("got %d, the last one %v", n, l.Facts[n-1])
		}
	})
	t.Run("links", func(t *testing.T) {
		for range MaxLinks + 10 {
			w.link(l, "http://example.org/")
		}
		if len(l.Links) != MaxLinks || len(w.contents.Problems) != 1 {
			t.Errorf("got %d links, problems %v", len(l.Links), w.contents.Problems)
		}
	})
	t.Run("end of a long name", func(t *testing.T) {
		got := boundNames([]string{strings.Repeat("x", 2*MaxAlias) + ".exe"})[0]
		if len(got) != MaxAlias || !strings.HasSuffix(got, ".exe") {
			t.Errorf("got %d octets, %q", len(got), got[len(got)-10:])
		}
	})
}

// TestNoLZMA: an index in a workbook begins with what may be a header of LZMA, and is none.
func TestNoLZMA(t *testing.T) {
	index := "*\x18\x00\x00\x00\x00 \x00\x00\x00\x1a" + strings.Repeat("\x00", 15) + "($+\x00\x00\x00\x9f" + strings.Repeat("\x00", 7) +
		"\x01\x00\x01\x00\x01\x00\x01\x00-\x00\x00\x00e\x00\x00\x00\x9d\x00\x00\x00\xf1\x00\x00\x00\x95\x02\x00"
	leaves, problems := walkFile(t, []byte(index))
	if len(leaves) > 0 {
		t.Errorf("got %q", leaves)
	}
	checkProblems(t, problems, nil)
}

// TestEmpty: of an archive with nothing in it, nothing is said.
func TestEmpty(t *testing.T) {
	comment := zipBytes()
	comment[len(comment)-2] = 80
	for name, file := range map[string][]byte{
		"zip with a comment": append(comment, strings.Repeat("comment.", 10)...),
		"RAR":                concat(rarBytes(0), make([]byte, 64)),
		"RAR 4":              concat(rar4Bytes(), make([]byte, 64)),
		"cpio":               cpioBytes(),
		"tnef":               tnefEmpty(),
	} {
		t.Run(name, func(t *testing.T) {
			leaves, problems := walkFile(t, file)
			if len(leaves) > 0 || len(file) <= maxEmpty {
				t.Errorf("got %q of %d octets", leaves, len(file))
			}
			checkProblems(t, problems, nil)
		})
	}
}

// tnefEmpty is a TNEF stream that has a version, a message class and a subject.
func tnefEmpty() []byte {
	b := []byte("\x78\x9f\x3e\x22\x01\x00")
	for _, a := range []struct {
		id   uint32
		data string
	}{{0x00089006, "\x00\x00\x01\x00"}, {0x00078008, "IPM.Microsoft Mail.Note\x00"}, {0x00018004, "a subject of some length\x00"}} {
		b = binary.LittleEndian.AppendUint32(append(b, 1), a.id)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(a.data)))
		sum := 0
		for _, c := range []byte(a.data) {
			sum += int(c)
		}
		b = binary.LittleEndian.AppendUint16(append(b, a.data...), uint16(sum))
	}
	return b
}

// deflateBits writes blocks of deflate (RFC 1951), the first bit lowest.
type deflateBits struct {
	b []byte
	n int
}

func (w *deflateBits) put(v, n int) {
	for i := range n {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
}

// code writes n bits of a code, which stand the other way round.
func (w *deflateBits) code(v, n int) {
	for i := n - 1; i >= 0; i-- {
		w.put(v>>i, 1)
	}
}

// literal is the head of a stored block of n octets: five octets.
func literal(n int) string {
	return string([]byte{0, byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)})
}

// repeats is a block that repeats the last n octets, 17 to 20: five octets as well.
func repeats(n int) string {
	w := &deflateBits{}
	w.put(0b010, 3)
	for _, length := range []int{10, n - 10} {
		w.code(length-2, 7) // 257 is for 3.
		w.code(8, 5)        // A distance of 17 to 24.
		w.put(n-17, 3)
	}
	w.code(0, 7)
	return string(w.b)
}

// quine is a gzip file that unpacks to itself, but for the checksum: each command prints some commands, as in Russ Cox, "Zip Files All The Way Down".
func quine() []byte {
	p := "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + "q.gz\x00"
	s := "\x01\x00\x00\xff\xff" + "\x00\x00\x00\x00\x00\x00\x00\x00"
	l0, l1, l4, r4 := literal(0), literal(5), literal(20), repeats(20)
	lp, rp, ls, rs := literal(len(p)+5), repeats(len(p)+5), literal(len(s)+5), repeats(len(s)+5)
	return []byte(p + lp + p + lp + rp + l1 + rp + l1 + l1 + l4 + rp + l1 + l1 + l4 + r4 + l4 + r4 + l4 + r4 + l4 + r4 + l4 + r4 + l0 + l0 + ls +
		r4 + l0 + l0 + ls + rs + s + rs + s)
}

// TestQuine: a file that holds itself is opened as deep as the limit is.
func TestQuine(t *testing.T) {
	q := quine()
	l := mail.DefaultLimits()
	leaves, problems := walkMessage(t, parse(t, message("q.gz", q), l))
	if len(leaves) != l.Depth+1 {
		t.Errorf("got %d leaves, want %d", len(leaves), l.Depth+1)
	}
	for _, leaf := range leaves {
		if leaf.content != string(q) {
			t.Fatalf("%s is another file: %x", leaf.place, leaf.content)
		}
	}
	if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Kind == Unscannable && strings.Contains(p.Detail, "limit depth") }) {
		t.Errorf("problems %v", problems)
	}
}
