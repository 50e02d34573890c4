// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func neutralise(b []byte) ([]byte, error) {
	var out bytes.Buffer
	err := Neutralise(bytes.NewReader(b), int64(len(b)), &out)
	return out.Bytes(), err
}

func TestNeutralise(t *testing.T) {
	program := streamed("/Type/EmbeddedFile", []byte("MZ"))
	tests := []struct {
		name string
		file []byte
		keep []string // What still has to be there.
	}{
		{"nothing to do", made("<</OpenAction<</S/GoTo>>>>"), []string{"/OpenAction"}},
		{
			"script", made("<</Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>", "<</Type/Pages>>"),
			[]string{"/Pages 2 0 R", "/Type/Pages", "app.alert"},
		},
		{"names in hexadecimal", made("<</#4fpenAction<</S/Java#53cript/#4a#53(x)>>>>"), nil},
		{"launch", made("<</A<</S/Launch/F(a.exe)>>/Annots[]>>"), []string{"/Annots"}},
		{"event", made("<</AA<</O<</S/URI/URI(http://example.org/)>>>>>>"), nil},
		{"all kinds", made("<</AcroForm<</XFA 9 0 R>>>>", "<</S/SubmitForm/F(x)>>", "<</Subtype/RichMedia>>", "<</S/ImportData>>",
			"<</S/GoToR/F(https://example.org/a.pdf)>>", "<</Type/Filespec/F(a.exe)/EF<</F 7 0 R>>>>", program), []string{"/Filespec"}},
		{"in an object stream", made("<</OpenAction 5 0 R>>", packed(t, 5, "<</S/JavaScript/JS(app.alert\\(1\\))>>", "<</Type/Page/Resources<<>>>>")), nil},
		{"in several revisions", append(made("<</JS(a)>>"), made("<</JS(b)>>")...), nil},
		{"the word elsewhere", made("<</JS(a)>>", "<</Title(/JS /Launch)>>", streamed("", []byte(" /JS (x) "))), []string{"(/JS /Launch)", " /JS (x) "}},
		{
			"a file of data beside", made("<</JS(a)>>", "<</Type/Filespec/F(a.xml)/EF<</F 3 0 R>>>>", streamed("/Type/EmbeddedFile", []byte("<a/>"))),
			[]string{"/EF<</F 3 0 R>>", "/Type/EmbeddedFile"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := neutralise(test.file)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(test.file) {
				t.Errorf("%d octets have become %d", len(test.file), len(got))
			}
			if left := facts(report(t, got, Options{})); len(left) > 0 {
				t.Errorf("left: %q\n%s", left, got)
			}
			for _, k := range test.keep {
				if !bytes.Contains(got, []byte(k)) {
					t.Errorf("%q is not there\n%s", k, got)
				}
			}
			if len(facts(report(t, test.file, Options{}))) == 0 && !bytes.Equal(got, test.file) {
				t.Error("a harmless file was changed")
			}
		})
	}
}

// Only the octets of the names are changed.
func TestNeutraliseChangesLittle(t *testing.T) {
	b := made("<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>")
	got, err := neutralise(b)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("/OpenAction", "/xpenAction", "/JavaScript", "/xavaScript", "/JS", "/xS").Replace(string(b))
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Where a script is in an object stream, the other objects in it stay.
func TestNeutraliseKeepsObjects(t *testing.T) {
	b := made("<</OpenAction 5 0 R>>", packed(t, 5, "<</S/JavaScript/JS(app.alert\\(1\\))>>", "<</S/URI/URI(https://example.org/)>>"))
	got, err := neutralise(b)
	if err != nil {
		t.Fatal(err)
	}
	if links := report(t, got, Options{}).Links; len(links) != 1 || links[0] != "https://example.org/" {
		t.Errorf("got links %q", links)
	}
}

func TestCannot(t *testing.T) {
	l, key := newLock(t, 3, 16, "secret")
	sealed := sealedFile(t, l, key, methodRC4, "/V 2/R 3/Length 128", "app.alert(1)")
	tests := map[string][]byte{
		"name by reference": made("<</S 2 0 R/JS(x)>>", "/JavaScript"),
		"object stream packed by other means": made(streamed("/Type/ObjStm/N 1/First 4/Filter[/ASCIIHexDecode]",
			[]byte("3520302020"+"3c3c2f4a5328782"+"93e3e>"))),
		"needs a password": sealed,
		"too deep":         made(strings.Repeat("[", 1000) + "<</JS(x)>>"),
	}
	for name, b := range tests {
		out, err := neutralise(b)
		if !errors.Is(err, ErrCannot) {
			t.Errorf("%s: got %v, facts %q", name, err, facts(report(t, b, Options{})))
		}
		if len(out) > 0 {
			t.Errorf("%s: %d octets were written", name, len(out))
		}
	}
}
