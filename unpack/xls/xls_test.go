// SPDX-License-Identifier: Apache-2.0

package xls

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func rec(id uint16, data string) string {
	b := binary.LittleEndian.AppendUint16(nil, id)
	return string(binary.LittleEndian.AppendUint16(b, uint16(len(data)))) + data
}

const (
	globals = "\x00\x06\x05\x00"
	sheetOf = "\x00\x06\x10\x00"
	macroOf = "\x00\x06\x40\x00"
)

// bound lists a sheet of BIFF 8.
func bound(name string, state, kind byte) string {
	return rec(recBoundSheet, "\x00\x00\x00\x00"+string([]byte{state, kind, byte(len(name)), 0})+name)
}

// label is a name of BIFF 8, flags in its first octet.
func label(flags byte, name string) string {
	return rec(recName, string([]byte{flags, 0, 0, byte(len(name))})+strings.Repeat("\x00", 10)+"\x00"+name)
}

func formula(tokens string) string {
	return rec(recFormula, strings.Repeat("\x00", formulaTokens)+tokens)
}

func TestRead(t *testing.T) {
	bof := rec(recBOF, globals)
	for _, c := range []struct {
		name, in string
		want     Book
	}{
		{"nothing", "", Book{}},
		{"plain", bof + bound("One", 0, 0) + rec(recBOF, sheetOf) + formula("\x42\x01\x6E\x00"), Book{Version: 8, Sheets: []Sheet{{Name: "One"}}}},
		{
			"macro sheet", bof + bound("M", 2, 1) + label(0x20, "\x01") + rec(recBOF, macroOf) + formula("\x42\x01\x6E\x00"),
			Book{Version: 8, Sheets: []Sheet{{"M", true, "very hidden"}}, Macros: 1, Auto: []string{"Auto_Open"}, Calls: []string{"EXEC"}},
		},
		{"hidden", bof + bound("H", 1, 0), Book{Version: 8, Sheets: []Sheet{{"H", false, "hidden"}}}},
		{"module", bof + bound("V", 0, 6), Book{Version: 8, Modules: 1, Sheets: []Sheet{{Name: "V"}}}},
		{"name as text", bof + label(0, "AUTO_open1") + label(0, "other") + label(0x20, "\x06"), Book{Version: 8, Auto: []string{"AUTO_open1"}}},
		{"folder of a workbook", bof + rec(recSupBook, "\x01\x00\x0A\x00\x00\x01\x01Cdir\x03f.xls"), Book{Version: 8}},
		{"share of a workbook", bof + rec(recSupBook, "\x01\x00\x11\x00\x00\x01\x01@a.test\x03s\x03f.xls"), Book{Version: 8, Links: []string{`\\a.test\s\f.xls`}}},
		{"address of a workbook", bof + rec(recSupBook, "\x01\x00\x12\x00\x00\x01\x05\x0Fhttp://a.test/x"), Book{Version: 8, Links: []string{"http://a.test/x"}}},
		{"link to a program", bof + rec(recSupBook, "\x00\x00\x09\x00\x00cmd\x03/c x"), Book{Version: 8, DDE: []string{"cmd|/c x"}}},
		{"link to itself", bof + rec(recSupBook, "\x01\x00\x01\x04\x00\x00"), Book{Version: 8}},
		{"link to a site", bof + rec(recSupBook, "\x01\x00\x0E\x00\x00\x01http://a.test"), Book{Version: 8, Links: []string{"http://a.test"}}},
		{"wide name", bof + rec(recBoundSheet, "\x00\x00\x00\x00\x00\x00\x02\x01\xE9\x00\x42\x30"), Book{Version: 8, Sheets: []Sheet{{Name: "é\u3042"}}}},
		{"encrypted", bof + rec(recFilePass, "\x01\x00") + bound("One", 0, 0), Book{Version: 8, Encrypted: true}},
		{"BIFF 5", rec(recBOF, "\x00\x05\x05\x00") + rec(recExternSheet, "\x09\x01cmd\x03/c x"), Book{Version: 5, DDE: []string{"cmd|/c x"}}},
		{"BIFF 2 macros", rec(recBOF2, "\x02\x00\x40\x00") + rec(recName, "\x00\x00Auto_Open\x00"), Book{Version: 2, Macros: 1, Auto: []string{"Auto_Open"}}},
		{"breaks off", bof + bound("One", 0, 0)[:8], Book{Version: 8}},
		{"record longer than it is", bof + "\x85\x00\xFF\xFFxx", Book{Version: 8}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(strings.NewReader(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIs(t *testing.T) {
	for in, want := range map[string]bool{
		rec(recBOF, globals) + "xx": true, rec(recBOF2, "\x02\x00\x40\x00"): true,
		"\x09\x08\x10\x00\x00\x06\x77\x77": false, "PK\x03\x04....": false, "": false,
	} {
		if Is([]byte(in)) != want {
			t.Errorf("%q: got %v", in, !want)
		}
	}
}

func TestSYLK(t *testing.T) {
	for _, c := range []struct {
		name, in, macro string
		dde             int
	}{
		{"sheet", "ID;P\nP;PGeneral\nC;Y1;X1;K1\nE\n", "", 0},
		{"macro runs", "ID;P\r\nO;E\r\nNN;NAuto_open;ER1C1\r\nC;X1;Y1;EEXEC(\"calc\")\r\nE", "a program is run when it is opened", 0},
		{"macro", "ID;P\nO;E\nC;X1;Y1;EALERT(1)\nE", "macros in a text file", 0},
		{"call", "ID;P\nC;X1;Y1;K0;ECALL(\"a\")\nE", "a formula runs a program", 0},
		{"behind a long record", "ID;P" + strings.Repeat("x", 1000) + "\nC;X1;K\"" + strings.Repeat("x", 1000) + "\";EEXEC(\"calc\")\nE", "a formula runs a program", 0},
		{"line ends of others", "ID;P\rO;E\rNN;NAuto_open;ER1C1\rE", "macros in a text file", 0},
		{"DDE", "ID;P\nC;X1;Y1;Ecmd|'/c calc'!A1\nE", "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := SYLK(strings.NewReader(c.in)); err != nil || got.Macro != c.macro || len(got.DDE) != c.dde {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	if !IsSYLK([]byte("ID;PWXL\r\n")) || IsSYLK([]byte("ID or not")) || IsSYLK(nil) {
		t.Error("not known by its first line")
	}
}

func TestQuery(t *testing.T) {
	for in, want := range map[string]string{
		"WEB\n1\nhttp://a.test/x\n": "http://a.test/x", "web\r\n1\r\n\\\\a.test\\x": `\\a.test\x`,
		"http://a.test/": "", "WEB\n1\n": "", "WEB": "", "": "", "WEBSITE\n1\nhttp://a.test/": "",
	} {
		if got, ok := IsQuery([]byte(in)); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v", in, got, ok)
		}
	}
}

func TestIsDataQuery(t *testing.T) {
	for in, want := range map[string]bool{
		"XLODBC\r\n1\r\nDRIVER=x": true, "QueryType=OLEDB\n": true, "\xff\xfeX\x00L\x00O\x00D\x00B\x00C\x00\n\x00": true, "<html><meta content=\"text/x-ms-odc; charset=utf-8\">": true,
		"": false, "XLODBC is a word": false, "WEB\n1\nhttp://a.test": false,
	} {
		if IsDataQuery([]byte(in)) != want {
			t.Errorf("%q: got %v", in, !want)
		}
	}
}

func TestCSV(t *testing.T) {
	for in, want := range map[string]int{
		`=cmd|'/c calc'!A0`:                                          1,
		"a,b\n1,\"=cmd|' /c calc'!A0\",x":                            1,
		"+cmd|'/c x'!A\n-rundll32|'x'!y":                             2,
		`@SUM(1+1)*cmd|'/c calc'!A0`:                                 1,
		"a,=A+B-C&\"Hello\"/12&cmd|'/c x'!A":                         1,
		"=1+" + strings.Repeat("1+", 100) + "cmd|'/c x'!A":           1,
		strings.Repeat("x", maxLine-30) + "\t=cmd|'/c calc'!A0":      1,
		strings.Repeat("a,b,c\n", 1<<20) + "=cmd|'/c calc'!A0":       1,
		"\xff\xfe=\x00c\x00m\x00d\x00|\x00'\x00x\x00'\x00!\x00A\x00": 1,
		`"=SUM(1,2)+cmd|'/c x'!A0"`:                                  1,
		`=MSEXCEL|'\..\cmd.exe /c x'!''`:                             1,
		"1,=cmd|x!A0":                                                1,
		"<td>=cmd&#124;'/c x'!A0</td>":                               1,
		"a|'b'\n":                                                    0,
		"-5,a | b!":                                                  0,
		"=1+1;|;!":                                                   0,
		"name|value!\n":                                              0,
		"a;=HYPERLINK(\"http://a.test\")\n|'!":                       0,
	} {
		if got, err := CSV(strings.NewReader(in)); err != nil || len(got) != want {
			t.Errorf("%.100q: got %q, %v", in, got, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(rec(recBOF, globals) + bound("M", 2, 1) + label(0x20, "\x01") + rec(recBOF, macroOf) + formula("\x42\x01\x6E\x00")))
	f.Add([]byte("ID;P\nC;X1;Y1;Ecmd|'/c calc'!A1\nE"))
	f.Fuzz(func(t *testing.T, b []byte) {
		book, err := Read(bytes.NewReader(b))
		if err != nil || len(book.Sheets) > MaxSheets || len(book.Auto)+len(book.Calls)+len(book.DDE)+len(book.Links) > 4*MaxNames {
			t.Fatalf("got %+v, %v", book, err)
		}
		for _, read := range []func() error{
			func() error { _, err := SYLK(bytes.NewReader(b)); return err },
			func() error { _, err := CSV(bytes.NewReader(b)); return err },
		} {
			if err := read(); err != nil {
				t.Fatal(err)
			}
		}
		IsQuery(b)
		IsDataQuery(b)
	})
}
