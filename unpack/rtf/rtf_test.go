// SPDX-License-Identifier: Apache-2.0

package rtf

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// scan gives the document and the data of all readings of all objects.
func scan(t testing.TB, text string) (*Document, []string) {
	t.Helper()
	r := strings.NewReader(text)
	d, err := Scan(r, r.Size())
	if err != nil {
		t.Fatal(err)
	}
	var data []string
	for _, o := range d.Objects {
		for i := range o.Readings {
			b, err := io.ReadAll(o.Data(r, r.Size(), i))
			if err != nil {
				t.Fatal(err)
			}
			data = append(data, string(b))
		}
	}
	return d, data
}

func TestObjectData(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
		odd        bool
	}{
		{"plain", `{\rtf1{\object\objemb{\*\objclass Package}{\*\objdata 616263}}}`, []string{"abc"}, false},
		{"lines", "{\\rtf1{\\object{\\*\\objdata 61\r\n62 \t6\r\n3}}}", []string{"abc"}, false},
		{"not a digit", `{\rt{\object{\*\objdata 61xyz62-63}}}`, []string{"abc"}, true},
		{"control words", `{\rt{\object{\*\objdata 6\foo1\par 162\bar-3 63}}}`, []string{"abc"}, true},
		{"group", `{\rt{\object{\*\objdata 61{62}{{6}}3}}}`, []string{"abc"}, true},
		{"unknown destination", `{\rt{\object{\*\objdata 61{\*\foo 7878}62}}}`, []string{"ab", "axxb"}, true},
		{"hexadecimal character", `{\rt{\object{\*\objdata 61\'7862}}}`, []string{"ab", "axb"}, true},
		{"hexadecimal character after half", `{\rt{\object{\*\objdata 616\'7862}}}`, []string{"ab", "ag\x86"}, true},
		{"bin", "{\\rt{\\object{\\*\\objdata 61\\bin3 }\\{62}}}", []string{"a}\\{b"}, true},
		{"bin beyond the end", `{\rt{\object{\*\objdata 61\bin999999 62}}}`, []string{"ab"}, true},
		{"bin outside", "{\\rt \\bin2 }}{\\object{\\*\\objdata 61}}}", []string{"a"}, false},
		{"number of the word", `{\rt{\object{\*\objdata6162 63}}}`, []string{"c", "abc"}, true},
		{"no object", `{\rt{\*\objdata 6162}}`, []string{"ab"}, false},
		{"no group", `{\rt\objdata 6162`, []string{"ab"}, false},
		{"two", `{\rt{\object{\*\objdata 61}}{\object{\*\objdata 62}}}`, []string{"a", "b"}, false},
		{"data in data", `{\rt{\object{\*\objdata 61\objdata 62}}}`, []string{"a", "b"}, false},
		{"breaks off", `{\rt{\object{\*\objdata 6162\'`, []string{"ab"}, false},
		{"none", `{\rt text \{\\ }`, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, got := scan(t, c.text)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			odd := false
			for _, o := range d.Objects {
				odd = odd || o.Odd
			}
			if odd != c.odd {
				t.Errorf("odd is %v", odd)
			}
		})
	}
}

func TestLargeData(t *testing.T) {
	want := strings.Repeat("0123456789abcdef", 10_000)
	d, got := scan(t, `{\rtf1{\object\objemb\objupdate{\*\objclass  Word.Document.8 }{\*\objdata `+fmt.Sprintf("%x", want)+`}}}`)
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %d readings", len(got))
	}
	if o := d.Objects[0]; o.Class != "Word.Document.8" || !o.Update || o.Linked || o.HTML {
		t.Errorf("got %+v", o)
	}
}

func TestDocument(t *testing.T) {
	d, _ := scan(t, `{\rtf1{\*\template http://a.test/x.dotm}{\object\objautlink\objocx}`+
		`{\field{\*\fldinst {DDEAUTO }{cmd "/c \'63alc"}}{\fldrslt shown}}`+
		`{\field{\*\fldinst HYPERLINK "http://b.test/\u955?"}}}`)
	if diff := cmp.Diff([]string{"http://a.test/x.dotm"}, d.Templates); diff != "" {
		t.Error(diff)
	}
	var fields []string
	for _, f := range d.Fields {
		fields = append(fields, f.String())
	}
	if len(fields) != 2 || fields[0] != "DDEAUTO cmd /c calc" || !strings.HasPrefix(fields[1], "HYPERLINK http://b.test/") {
		t.Errorf("got %q", fields)
	}
	if o := d.Objects[0]; !o.Linked || !o.HTML || o.Readings != 0 {
		t.Errorf("got %+v", o)
	}
}

// TestTemplates: a template that is loaded is seen behind blanks and behind many that are not.
func TestTemplates(t *testing.T) {
	d, _ := scan(t, `{\rtf1`+strings.Repeat(`{\*\template Normal.dot}`, MaxObjects)+`{\*\template `+strings.Repeat(" ", 2*maxClass)+`http://a.test/x.dotm}}`)
	if n := len(d.Templates); n != MaxObjects+1 || d.Templates[n-1] != "http://a.test/x.dotm" {
		t.Errorf("got %d templates", n)
	}
}

// TestFields: how the instruction of a field can be written.
func TestFields(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"plain", `DDEAUTO cmd x`},
		{"groups", `{DD}{\b E}{{AU}TO} cmd x`},
		{"hexadecimal", `D\'44EAUTO cmd x`},
		{"Unicode", `\u68?\u68 ?\u69\'3fAUTO cmd x`},
		{"Unicode that stands alone", `\uc0\u68\u68 \u69 AUTO cmd x`},
		{"Unicode that stands for two", `{\uc2\u68??DEAUTO} cmd x`},
		{"Unicode before a group", `\u68{DEAUTO} cmd x`},
		{"what is skipped", `DD{\*\foo x{y}}EAUTO{\info{\title z}} cmd x`},
		{"the same in Unicode", `{\upr{no}{\*\ud{DDE}{AUTO}}} cmd x`},
		{"white space", `DDEAUTO\tab cmd\par x`},
		{"blank that does not break", `DDEAUTO\~cmd\~x`},
		{"white space of the file", "DDEA\r\nUTO cmd x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, _ := scan(t, `{\rtf1{\field{\*\fldinst `+c.text+`}{\fldrslt y}}}`)
			if len(d.Fields) != 1 || d.Fields[0].String() != "DDEAUTO cmd x" {
				t.Errorf("got %q", d.Fields)
			}
		})
	}
}

func TestIs(t *testing.T) {
	for head, want := range map[string]bool{`{\rtf1`: true, `{\rt`: true, " \n{\\rtx": true, strings.Repeat(" ", 100) + `{\rt`: true, `{\r`: false, "": false, `x{\rtf`: false} {
		if Is([]byte(head)) != want {
			t.Errorf("%q: got %v", head, !want)
		}
	}
}

func TestDepth(t *testing.T) {
	n := MaxGroups * 2
	_, got := scan(t, `{\rtf1`+strings.Repeat("{", n)+strings.Repeat("}", n)+`{\object{\*\objdata 61}}}`)
	if diff := cmp.Diff([]string{"a"}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzScan(f *testing.F) {
	f.Add(`{\rtf1{\object\objupdate{\*\objclass Package}{\*\objdata 61{\*\x 62}\'63\bin2 zz\objdata7 64}}{\field{\*\fldinst DDE x}{\fldrslt y}}{\*\template \\a\b}}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, data := scan(t, text)
		octets := 0
		for _, b := range data {
			octets += len(b)
		}
		if len(d.Objects) > MaxObjects || octets > 2*len(text) {
			t.Fatalf("%d objects, %d octets of %d", len(d.Objects), octets, len(text))
		}
	})
}
