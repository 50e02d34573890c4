// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/binary"
	"hash/crc32"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack/seven"
)

// maxPeak is how much memory one message may take at any time, whatever its archives ask for.
const maxPeak = 100 << 20

// TestMemory: archives that ask for the most that is permitted, as often as they can, stay in bounds of memory.
func TestMemory(t *testing.T) {
	tests := []struct {
		name string
		file func() []byte
	}{
		{"RAR 5, 200 windows", func() []byte { return rarBytes(0, copies(200, rarPacked("a", 8, -1, noise(100)))...) }},
		{"RAR 5, windows that grow", func() []byte {
			var files [][]byte
			for i := range 9 {
				files = append(files, rarPacked("a", byte(i), -1, noise(100)))
			}
			return rarBytes(0, files...)
		}},
		{"RAR 5, one large window, then small files", func() []byte {
			files := append([][]byte{rarPacked("a", 8, 32<<20, noise(100))}, copies(3000, rarPacked("b", 8, 1, noise(10)))...)
			return rarBytes(0, files...)
		}},
		{"RAR 5 in RAR 5", func() []byte {
			b := []byte("x")
			for range 14 {
				b = rarBytes(0, rarPacked("a", 8, -1, noise(100)), rarStored("in.rar", string(b), nil))
			}
			return b
		}},
		{"RAR 4, PPMd of 256 MiB", func() []byte { return rar4Bytes(rar4Packed("a", 0, nil, "\xa5\xff\x00"+noise(200))) }},
		{"RAR 4, PPMd that grows", func() []byte {
			var files [][]byte
			for i := range 64 {
				files = append(files, rar4Packed("a", 0, nil, "\xa5"+string([]byte{byte(i * 4)})+noise(200)))
			}
			return rar4Bytes(files...)
		}},
		{"RAR 4, encrypted", func() []byte {
			var files [][]byte
			for i := range 4 {
				files = append(files, rar4Packed("a", 0x404, []byte(noise(8 + i))[i:i+8], noise(300+i)))
			}
			return rar4Bytes(files...)
		}},
		{"7z, LZMA2, 300 folders", func() []byte { return sevenFolders(300, "\x21", "\x1a", 32<<20, "\x01\x00\x00\x61\x00") }},
		{"7z, LZMA, 300 folders", func() []byte {
			return sevenFolders(300, "\x03\x01\x01", "\x5d\x00\x00\x00\x02", 32<<20, "\x00"+noise(50))
		}},
		{"7z, PPMd, 300 folders", func() []byte {
			return sevenFolders(300, "\x03\x04\x01", "\x06\x00\x00\x00\x02", 32<<20, "\x00"+noise(50))
		}},
		{"zip, LZMA, 1,000 members", func() []byte {
			return zipBytes(repeat(1000, zipEntry{name: "a", content: "x", method: methodLZMA, local: sized(32 << 20), central: sized(32 << 20), raw: []byte("\x09\x14\x05\x00\x5d\x00\x00\x00\x02\x00" + noise(50))})...)
		}},
		{"zip, xz, 1,000 members", func() []byte {
			return zipBytes(repeat(1000, zipEntry{name: "a", content: "x", method: methodXZ, local: sized(32 << 20), central: sized(32 << 20), raw: xzLarge()})...)
		}},
		{"zip, zstd, 1,000 members", func() []byte {
			return zipBytes(repeat(1000, zipEntry{name: "a", content: "x", method: methodZstd, local: sized(32 << 20), central: sized(32 << 20), raw: zstdLarge()})...)
		}},
		{"xz, 300 streams", func() []byte { return concat(copies(300, xzLarge())...) }},
		{"zstd, 300 frames", func() []byte { return concat(copies(300, zstdLarge())...) }},
		{"lzip, 300 members", func() []byte {
			member := concat([]byte("LZIP\x01\x19"), lzmaBytes(t, "one")[lzmaHeader:], make([]byte, 20))
			return concat(copies(300, member)...)
		}},
		{"lzma, 300 files", func() []byte {
			b := lzmaBytes(t, "one")
			copy(b[1:], "\x00\x00\x00\x02")
			return zipBytes(repeat(300, stored("a.lzma", string(b)))...)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			msg := parse(t, message("f", tt.file()), mail.DefaultLimits())
			u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
			peak := watchMemory()
			began := time.Now()
			c := contents(t, u, msg)
			grown := peak()
			t.Logf("%d MiB, %v, %d leaves, problems %.300v", grown>>20, time.Since(began).Round(time.Millisecond), len(c.Leaves), c.Problems)
			if grown > maxPeak {
				t.Errorf("took %d MiB", grown>>20)
			}
		})
	}
}

// watchMemory begins to watch the heap; the function it returns gives the most that it grew.
func watchMemory() func() int64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	now := func() int64 {
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	before, most := now(), int64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, now()-before)
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-stopped
		return most
	}
}

func copies(n int, b []byte) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = b
	}
	return all
}

// rarPacked is a file of RAR 5 with a window of 128 KiB times a power of 2; its size is not told if it is negative.
func rarPacked(name string, window byte, size int64, data string) []byte {
	flags := uint64(4)
	if size < 0 {
		flags, size = flags|8, 0
	}
	b := binary.AppendUvarint(nil, flags)
	b = binary.AppendUvarint(b, uint64(size))
	b = binary.AppendUvarint(b, 0o100644)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.AppendUvarint(b, uint64(window)<<10|3<<7)
	b = append(b, 1)
	b = binary.AppendUvarint(b, uint64(len(name)))
	return rarHeader(2, 0, append(b, name...), nil, data)
}

// rar4Block is a block of RAR 4 and the data behind it.
func rar4Block(kind byte, flags uint16, body, data string) []byte {
	h := binary.LittleEndian.AppendUint16([]byte{kind}, flags)
	h = binary.LittleEndian.AppendUint16(h, uint16(7+len(body)))
	h = append(h, body...)
	return concat(binary.LittleEndian.AppendUint16(nil, uint16(crc32.ChecksumIEEE(h))), h, []byte(data))
}

// rar4Packed is a file of RAR 4 that says to be packed by RAR 2.9 into that data, with a window of 4 MiB.
func rar4Packed(name string, flags uint16, salt []byte, data string) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, uint32(len(data)))
	b = append(le.AppendUint32(b, 1<<20), 3) // Size; Unix.
	b = le.AppendUint32(le.AppendUint32(b, 0x12345678), 0)
	b = append(b, 29, 0x33) // Version; method.
	b = le.AppendUint16(b, uint16(len(name)))
	b = le.AppendUint32(b, 0o100644)
	return rar4Block(0x74, 0x8000|flags|0xc0, string(b)+name+string(salt), data)
}

// rar4Bytes is an archive of RAR 4.
func rar4Bytes(files ...[]byte) []byte {
	return concat([]byte(rarMagic+"\x00"), rar4Block(0x73, 0, "\x00\x00\x00\x00\x00\x00", ""), concat(files...), rar4Block(0x7b, 0x4000, "", ""))
}

// xzLarge is an xz stream that asks for 32 MiB to look back at.
func xzLarge() []byte {
	block := []byte{2, 0, 0x21, 1, 26, 0, 0, 0}
	block = binary.LittleEndian.AppendUint32(block, crc32.ChecksumIEEE(block))
	head := []byte("\xfd7zXZ\x00\x00\x00")
	head = binary.LittleEndian.AppendUint32(head, crc32.ChecksumIEEE(head[6:]))
	index := []byte{0, 1, 18, 2}
	index = binary.LittleEndian.AppendUint32(index, crc32.ChecksumIEEE(index))
	foot := append(binary.LittleEndian.AppendUint32(nil, 1), 0, 0)
	foot = append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(foot)), foot...)
	// One chunk of two octets, and the end of the block.
	return concat(head, block, []byte("\x01\x00\x01ab\x00\x00\x00"), index, append(foot, "YZ"...))
}

// zstdLarge is a zstd frame with a window of 32 MiB and one block of two octets.
func zstdLarge() []byte { return []byte("\x28\xb5\x2f\xfd\x00\x78\x11\x00\x00ab") }

// sevenFolders is a 7z archive of n folders, of three files each.
func sevenFolders(n int, id, props string, size int, data string) []byte {
	num := func(v int) string {
		if v < 1<<14 {
			return string([]byte{0x80 | byte(v>>8), byte(v)})
		}
		return "\xf0" + string(binary.LittleEndian.AppendUint32(nil, uint32(v)))
	}
	coder := string([]byte{byte(len(id))}) + id
	if props != "" {
		coder = string([]byte{0x20 | byte(len(id))}) + id + string([]byte{byte(len(props))}) + props
	}
	packs, folders, sizes, counts, parts, names := "", "", "", "", "", ""
	for range n {
		packs += num(len(data))
		folders += "\x01" + coder
		sizes += num(size)
		counts += "\x03"
		parts += num(1) + num(1)
		names += strings.Repeat("a\x00\x00\x00", 3)
	}
	h := "\x01\x04" + // Header, streams.
		"\x06\x00" + num(n) + "\x09" + packs + "\x00" +
		"\x07\x0b" + num(n) + "\x00" + folders + "\x0c" + sizes + "\x00" +
		"\x08\x0d" + counts + "\x09" + parts + "\x00" + "\x00" +
		"\x05" + num(3*n) + "\x11" + num(len(names)+1) + "\x00" + names + "\x00\x00"
	le := binary.LittleEndian
	body := strings.Repeat(data, n)
	start := le.AppendUint64(nil, uint64(len(body)))
	start = le.AppendUint64(start, uint64(len(h)))
	start = le.AppendUint32(start, crc32.ChecksumIEEE([]byte(h)))
	return concat([]byte(seven.Magic), []byte{0, 4}, le.AppendUint32(nil, crc32.ChecksumIEEE(start)), start, []byte(body), []byte(h))
}

// sized has a header say that a member has so many octets.
func sized(n uint32) func(*zipFields) { return func(f *zipFields) { f.size = n } }
