// SPDX-License-Identifier: Apache-2.0

package vba_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/ole/oletest"
	"github.com/mailweir/mailweir/unpack/vba"
)

const attributes = "Attribute VB_Name = \"ThisDocument\"\r\n"

// TestSpecification: the examples of MS-OVBA section 3.2.
func TestSpecification(t *testing.T) {
	for _, c := range []struct{ name, packed, want string }{
		{
			"no compression",
			"01 19 B0 00 61 62 63 64 65 66 67 68 00 69 6A 6B 6C 6D 6E 6F 70 00 71 72 73 74 75 76 2E",
			"abcdefghijklmnopqrstuv.",
		},
		{
			"normal compression",
			"01 2F B0 00 23 61 61 61 62 63 64 65 82 66 00 70 61 67 68 69 6A 01 38 08 61 6B 6C 00 30 6D 6E 6F 70 06 71 02 70 04 10 72 73 74 75 76 10 77 78 79 7A 00 3C",
			"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa",
		},
		{"maximum compression", "01 03 B0 02 61 45 00", strings.Repeat("a", 73)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := vba.Decompress(octets(t, c.packed), 1<<20)
			if err != nil || string(got) != c.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func octets(t *testing.T, s string) []byte {
	t.Helper()
	var b []byte
	for f := range strings.FieldsSeq(s) {
		var c byte
		if _, err := fmt.Sscanf(f, "%02X", &c); err != nil {
			t.Fatal(err)
		}
		b = append(b, c)
	}
	return b
}

func TestDecompressDamage(t *testing.T) {
	for _, c := range []struct {
		name, packed, want string
		err                bool
	}{
		{"empty", "", "", true},
		{"no container", "\x02\x00\x00", "", true},
		{"no chunk", "\x01\x00\x00", "", true},
		{"copies what is not there", "\x01\x02\xB0\x01\x00\x00", "", true},
		{"half a token", "\x01\x02\xB0\x02a\x00", "a", true},
		{"breaks off", "\x01\x19\xB0\x00ab", "ab", false},
		{"not compressed", "\x01\xFF\x3F" + strings.Repeat("x", 4096), strings.Repeat("x", 4096), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := vba.Decompress([]byte(c.packed), 1<<20)
			if (err != nil) != c.err || string(got) != c.want {
				t.Errorf("got %.20q, %v", got, err)
			}
		})
	}
	if got, _ := vba.Decompress([]byte("\x01\x03\xB0\x02a\x45\x00"), 10); len(got) != 10 {
		t.Errorf("got %d octets for a limit of 10", len(got))
	}
}

// dir is the stream that lists modules (MS-OVBA section 2.3.4.2).
func dir(modules ...[3]string) string {
	rec := func(id uint16, data string) string {
		b := binary.LittleEndian.AppendUint16(nil, id)
		return string(binary.LittleEndian.AppendUint32(b, uint32(len(data)))) + data
	}
	s := rec(1, "\x01\x00\x00\x00")
	s += "\x09\x00\x04\x00\x00\x00" + "\x01\x00\x00\x00\x05\x00" // The version lies about its length.
	for _, m := range modules {
		var at [4]byte
		binary.LittleEndian.PutUint32(at[:], uint32(len(m[2])))
		s += rec(0x19, m[0]) + rec(0x47, oletest.Wide(m[0])) + rec(0x1A, m[1]) + rec(0x32, oletest.Wide(m[1])) + rec(0x31, string(at[:])) + rec(0x2B, "")
	}
	return oletest.Source(s)
}

func projects(t testing.TB, streams ...oletest.Stream) []*vba.Project {
	t.Helper()
	b := oletest.Build(ole.GUID{}, streams...)
	f, err := ole.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	all, err := vba.Projects(f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestProjects(t *testing.T) {
	code := attributes + "Sub AutoOpen()\r\nShell \"calc\"\r\nEnd Sub\r\n"
	all := projects(
		t,
		oletest.Stream{Path: "Macros/VBA/dir", Data: dir([3]string{"Nice", "stream1", "p-code"})},
		oletest.Stream{Path: "Macros/VBA/stream1", Data: "p-code" + oletest.Source(code)},
		oletest.Stream{Path: "Macros/VBA/unlisted", Data: oletest.Source(attributes)},
		oletest.Stream{Path: "Macros/PROJECT", Data: "Module=Nice"},
		oletest.Stream{Path: "elsewhere", Data: "xx" + oletest.Source(code)},
	)
	var got []string
	for _, p := range all {
		for _, m := range p.Modules {
			got = append(got, fmt.Sprintf("%s %s %d %v %d", p.Path(), m.Name, len(m.Source), m.Err, m.PCode))
		}
	}
	slices.Sort(got)
	want := []string{
		fmt.Sprintf(" elsewhere %d <nil> 2", len(code)),
		fmt.Sprintf("Macros/VBA Nice %d <nil> 6", len(code)),
		fmt.Sprintf("Macros/VBA unlisted %d <nil> 0", len(attributes)),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDamagedModule(t *testing.T) {
	all := projects(
		t,
		oletest.Stream{Path: "VBA/dir", Data: dir([3]string{"M", "M", ""})},
		oletest.Stream{Path: "VBA/M", Data: strings.Repeat("\xFF", 100)},
	)
	if len(all) != 1 || len(all[0].Modules) != 1 || all[0].Modules[0].Err == nil {
		t.Errorf("got %+v", all)
	}
}

func TestStomped(t *testing.T) {
	harmless := attributes + "Sub Other()\r\nEnd Sub\r\n"
	for _, c := range []struct {
		name, compiled, source string
		want                   []string
	}{
		{"source wiped", "\x00AutoOpen\x00\x05Shell\x00", "", []string{"AutoOpen", "Shell"}},
		{"source changed", "\x00AutoOpen\x00\x00CreateObject\x00", oletest.Source(harmless), []string{"AutoOpen", "CreateObject"}},
		{"source kept", "\x00AutoOpen\x00", oletest.Source(attributes + "Sub autoopen()\r\n"), nil},
		{"nothing of interest", "\x00Other\x00Workbook\x00", oletest.Source(harmless), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := projects(
				t,
				oletest.Stream{Path: "VBA/dir", Data: dir([3]string{"M", "M", "p-code"})},
				oletest.Stream{Path: "VBA/M", Data: "p-code" + c.source},
				oletest.Stream{Path: "VBA/_VBA_PROJECT", Data: strings.Repeat("\x00", 40) + c.compiled},
			)
			if diff := cmp.Diff(c.want, all[0].Stomped()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name, source string
		code         bool
		auto, danger []string
	}{
		{"empty", attributes + "Option Explicit\r\n' remark\r\n\r\n", false, nil, nil},
		{"another statement behind an option", attributes + "Option Explicit: Sub x(): MsgBox 1: End Sub", true, nil, nil},
		{"line ends of others", "Attribute VB_Name = \"M\"\rSub x()\rMsgBox 1\rEnd Sub\r", true, nil, nil},
		{"auto", "Private Sub Document_Open()\r\nEnd Sub", true, []string{"Document_Open"}, nil},
		{"case and blanks", "  PUBLIC  STATIC SUB\tAUTOOPEN ()", true, []string{"AUTOOPEN"}, nil},
		{"continued line", "Sub _\r\n Workbook_Open()", true, []string{"Workbook_Open"}, nil},
		{"function", "Function Auto_Close()", true, []string{"Auto_Close"}, nil},
		{"event of a control", "Sub InkEdit1_GotFocus()", true, []string{"InkEdit1_GotFocus"}, nil},
		{"called only", "Call AutoOpen", true, nil, nil},
		{"in a comment", "' Sub AutoOpen()\r\nx = 1", true, nil, nil},
		{"calls", "Set o = CreateObject(\"WScript.Shell\")\r\no.Run \"powershell\": Shell x", true, nil, []string{"CreateObject", "WScript.Shell", "powershell", "Shell"}},
		{"declare", "Private Declare PtrSafe Function f Lib \"kernel32\" Alias \"VirtualAlloc\"", true, nil, []string{"Declare", "VirtualAlloc"}},
		{"shell in a word", "Shells = Seashell", true, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := vba.HasCode(c.source); got != c.code {
				t.Errorf("code: got %v", got)
			}
			if diff := cmp.Diff(c.auto, vba.Auto(c.source)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.danger, vba.Danger(c.source)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestManyModules: modules beyond the limit are told of, and large streams beside the project keep none from being looked at.
func TestManyModules(t *testing.T) {
	var list [][3]string
	streams := []oletest.Stream{{Path: "Data", Data: strings.Repeat("x", 1<<20)}}
	for i := range vba.MaxModules + 5 {
		name := fmt.Sprint("M", i)
		list = append(list, [3]string{name, name, ""})
		streams = append(streams, oletest.Stream{Path: "VBA/" + name, Data: oletest.Source(attributes)})
	}
	half := len(list) / 2 // One list has no more than the limit.
	streams = append(streams, oletest.Stream{Path: "VBA/dir", Data: dir(list[:half]...)}, oletest.Stream{Path: "VBA/DIR", Data: dir(list[half:]...)})
	all := projects(t, streams...)
	if len(all) != 1 || len(all[0].Modules) != vba.MaxModules+1 || all[0].Modules[vba.MaxModules].Err == nil {
		t.Errorf("got %d projects", len(all))
	}
}

// TestRawChunk: a module that no list has, and whose source is not compressed.
func TestRawChunk(t *testing.T) {
	all := projects(t, oletest.Stream{Path: "x", Data: "code\x01\xFF\x3F" + attributes + strings.Repeat(" ", 4096-len(attributes))})
	if len(all) != 1 || all[0].Modules[0].PCode != 4 || !strings.HasPrefix(all[0].Modules[0].Source, attributes) {
		t.Errorf("got %+v", all)
	}
}

func FuzzDecompress(f *testing.F) {
	f.Add([]byte(oletest.Source(attributes)))
	f.Add([]byte("\x01\x03\xB0\x02a\x45\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, _ := vba.Decompress(b, 1<<16)
		if len(got) > 1<<16 || len(got) > 4096*len(b) {
			t.Fatalf("%d octets of %d", len(got), len(b))
		}
	})
}

func FuzzProject(f *testing.F) {
	f.Add([]byte(dir([3]string{"M", "M", "p-code"})), []byte("p-code"+oletest.Source(attributes+"Sub AutoOpen()")), []byte("AutoOpen"))
	f.Fuzz(func(t *testing.T, dir, module, compiled []byte) {
		for _, p := range projects(
			t,
			oletest.Stream{Path: "VBA/dir", Data: string(dir)}, oletest.Stream{Path: "VBA/M", Data: string(module)},
			oletest.Stream{Path: "VBA/_VBA_PROJECT", Data: string(compiled)},
		) {
			if len(p.Modules) > vba.MaxModules {
				t.Fatalf("%d modules", len(p.Modules))
			}
			for _, m := range p.Modules {
				vba.HasCode(m.Source)
				vba.Auto(m.Source)
				vba.Danger(m.Source)
			}
			p.Stomped()
		}
	})
}
