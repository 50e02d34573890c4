// SPDX-License-Identifier: Apache-2.0

package ppt

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/unpack/ole/oletest"
)

func rec(version byte, instance, kind uint16, data string) string {
	b := binary.LittleEndian.AppendUint16(nil, instance<<4|uint16(version))
	b = binary.LittleEndian.AppendUint16(b, kind)
	return string(binary.LittleEndian.AppendUint32(b, uint32(len(data)))) + data
}

func packedObject(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + b.String()
}

func TestRead(t *testing.T) {
	in := rec(container, 0, 1000, rec(0, 0, recObject, "plain object")+
		rec(container, 0, recHyperlink, rec(0, 0, recString, oletest.Wide("http://a.test/")))+
		rec(container, 0, 1, rec(0, 0, recAction, strings.Repeat("\x00", 8)+"\x01")+rec(0, 0, recString, oletest.Wide("Macro1")))+
		rec(container, 0, 1, rec(0, 0, recAction, strings.Repeat("\x00", 8)+"\x02"))) +
		rec(0, 1, recObject, packedObject(t, "packed object")) + rec(0, 0, recString, oletest.Wide("no link"))
	d, err := Read(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"http://a.test/"}, d.Links); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"macro Macro1", "program"}, d.Actions); diff != "" {
		t.Error(diff)
	}
	var got []string
	for _, o := range d.Objects {
		b, err := io.ReadAll(o.Open(strings.NewReader(in)))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(b))
	}
	if diff := cmp.Diff([]string{"plain object", "packed object"}, got); diff != "" {
		t.Error(diff)
	}
	if d.Encrypted {
		t.Error("not encrypted")
	}
}

// TestEndMark: data without its end mark is whole if all of it is there, and broken if not.
func TestEndMark(t *testing.T) {
	text := strings.Repeat("some text that is packed ", 50)
	whole := packedObject(t, text)
	for _, c := range []struct {
		name string
		cut  int
		ok   bool
	}{{"checksum", 4, true}, {"end mark", 5, true}, {"data", 20, false}} {
		b := whole[:len(whole)-c.cut]
		got, err := io.ReadAll(Object{Size: int64(len(b)), Packed: true}.Open(strings.NewReader(b)))
		if (err == nil) != c.ok || c.ok && string(got) != text {
			t.Errorf("%s: got %d octets, %v", c.name, len(got), err)
		}
	}
}

func TestEncrypted(t *testing.T) {
	d, err := Read(strings.NewReader(rec(container, 0, recCrypt, "")))
	if err != nil || !d.Encrypted {
		t.Errorf("got %+v, %v", d, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(rec(container, 0, 1000, rec(0, 0, recObject, "object")+rec(0, 1, recObject, packedObject(f, "x"))+rec(0, 0, recAction, "12345678\x01"))))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Read(bytes.NewReader(b))
		if err != nil || len(d.Objects) > MaxObjects || len(d.Actions) > MaxActions || len(d.Links) > MaxLinks {
			t.Fatalf("got %+v, %v", d, err)
		}
		for _, o := range d.Objects {
			if _, err := io.Copy(io.Discard, io.LimitReader(o.Open(bytes.NewReader(b)), 1<<16)); err == nil && o.Size < 0 {
				t.Fatalf("%+v", o)
			}
		}
	})
}
