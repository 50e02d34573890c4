// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"
)

// tarBytes makes an archive of names and contents by turns.
func tarBytes(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func arBytes(files ...string) []byte {
	out := []byte("!<arch>\n")
	for i := 0; i < len(files); i += 2 {
		out = fmt.Appendf(out, "%-16s%-12d%-6d%-6d%-8o%-10d`\n%s", files[i], 0, 0, 0, 0o644, len(files[i+1]), files[i+1])
		if len(out)%2 == 1 {
			out = append(out, '\n')
		}
	}
	return out
}

func cpioBytes(files ...string) []byte {
	var out []byte
	for i := 0; i < len(files)+2; i += 2 {
		name, content := "TRAILER!!!", ""
		if i < len(files) {
			name, content = files[i], files[i+1]
		}
		out = append(out, "070701"...)
		for _, v := range []int{1, 0o100644, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0} {
			out = fmt.Appendf(out, "%08x", v)
		}
		for _, part := range []string{name + "\x00", content} {
			out = append(out, part...)
			out = append(out, make([]byte, (4-len(out)%4)%4)...)
		}
	}
	return out
}

func rpmBytes(payload []byte) []byte {
	header := func(index string, store string) string {
		n := binary.BigEndian.AppendUint32(nil, uint32(len(index)/16))
		n = binary.BigEndian.AppendUint32(n, uint32(len(store)))
		return "\x8e\xad\xe8\x01\x00\x00\x00\x00" + string(n) + index + store
	}
	entry := "\x00\x00\x03\xe8\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x01" // The name.
	return []byte("\xed\xab\xee\xdb" + strings.Repeat("\x00", 92) + header("", "12345678") + header(entry, "pack\x00") + string(payload))
}

// cabBytes is a cabinet with one stored file.
func cabBytes(name, content string) []byte {
	le := binary.LittleEndian
	entry := le.AppendUint32(nil, uint32(len(content)))
	entry = append(append(entry, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x20\x00"...), name+"\x00"...)
	start := 36 + 8 + len(entry)
	h := le.AppendUint32([]byte("MSCF\x00\x00\x00\x00"), uint32(start+8+len(content)))
	h = append(h, "\x00\x00\x00\x00\x2c\x00\x00\x00\x00\x00\x00\x00\x03\x01\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00"...)
	h = append(le.AppendUint32(h, uint32(start)), "\x01\x00\x00\x00"...)
	h = append(h, entry...)
	h = append(h, 0, 0, 0, 0)
	h = le.AppendUint16(le.AppendUint16(h, uint16(len(content))), uint16(len(content)))
	return append(h, content...)
}

// arjBytes is an archive with one stored file.
func arjBytes(name, content string, flags byte) []byte {
	le := binary.LittleEndian
	header := func(kind byte, name string, flags byte, size int, sum uint32) []byte {
		h := append([]byte{30, 11, 1, 2, flags, 0, kind, 0}, make([]byte, 22)...)
		le.PutUint32(h[12:], uint32(size))
		le.PutUint32(h[16:], uint32(size))
		le.PutUint32(h[20:], sum)
		h = append(append(h, name...), 0, 0)
		out := le.AppendUint16([]byte("\x60\xea"), uint16(len(h)))
		return append(le.AppendUint32(append(out, h...), crc32.ChecksumIEEE(h)), 0, 0)
	}
	return concat(header(2, "x.arj", 0, 0, 0), header(0, name, flags, len(content), crc32.ChecksumIEEE([]byte(content))), []byte(content), []byte("\x60\xea\x00\x00"))
}

// lhaBytes is an archive with one member, by a method, stored as it is.
func lhaBytes(name, method, content string) []byte {
	le := binary.LittleEndian
	h := le.AppendUint32([]byte(method), uint32(len(content)))
	h = le.AppendUint32(h, uint32(len(content)))
	h = append(append(h, 0, 0, 0, 0, 0x20, 0, byte(len(name))), name...)
	var crc uint16
	for _, c := range []byte(content) {
		crc ^= uint16(c)
		for range 8 {
			crc = crc>>1 ^ 0xa001*(crc&1)
		}
	}
	h = le.AppendUint16(h, crc)
	var sum byte
	for _, c := range h {
		sum += c
	}
	return concat([]byte{byte(len(h)), sum}, h, []byte(content), []byte{0})
}

// tnefBytes is a stream with one attachment of two names.
func tnefBytes(short, long, content string) []byte {
	le := binary.LittleEndian
	out := []byte("\x78\x9f\x3e\x22\x01\x00")
	attr := func(id uint32, data []byte) {
		var sum uint16
		for _, c := range data {
			sum += uint16(c)
		}
		out = le.AppendUint32(append(out, 2), id)
		out = le.AppendUint32(out, uint32(len(data)))
		out = le.AppendUint16(append(out, data...), sum)
	}
	attr(0x69002, make([]byte, 14))
	attr(0x18010, []byte(short+"\x00"))
	attr(0x6800f, []byte(content))
	props := append([]byte{1, 0, 0, 0, 0x1e, 0, 0x07, 0x37, 1, 0, 0, 0}, le.AppendUint32(nil, uint32(len(long)))...)
	props = append(props, long...)
	attr(0x69005, append(props, make([]byte, (4-len(long)%4)%4)...))
	return out
}

// yencText is a file in yEnc.
func yencText(name, content string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "=ybegin line=128 size=%d name=%s\r\n", len(content), name)
	for _, c := range []byte(content) {
		if c += 42; c == 0 || c == '\n' || c == '\r' || c == '=' {
			out.WriteByte('=')
			c += 64
		}
		out.WriteByte(c)
	}
	fmt.Fprintf(&out, "\r\n=yend size=%d\r\n", len(content))
	return out.String()
}
