// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestField(t *testing.T) {
	for _, tc := range []struct{ in, relaxed string }{
		{"A: X\r\n", "a:X\r\n"},
		{"B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"}, // RFC 6376 section 3.4.5.
		{"C:\r\n", "c:\r\n"},
		{"D:\r\n \r\n", "d:\r\n"},
		{"no field\r\n", "no field\r\n"},
	} {
		f := ParseField(tc.in)
		if got := Simple.Field(f); got != tc.in {
			t.Errorf("simple %q: got %q", tc.in, got)
		}
		if got := Relaxed.Field(f); got != tc.relaxed {
			t.Errorf("relaxed %q: got %q, want %q", tc.in, got, tc.relaxed)
		}
	}
}

func TestWithoutB(t *testing.T) {
	for in, want := range map[string]string{
		"S: a=1; b=xyz; c=2\r\n":             "S: a=1; b=; c=2\r\n",
		"S: b = xyz\r\n  abc;\r\n bh=b=\r\n": "S: b =;\r\n bh=b=\r\n",
		"S: bh=1; b=\r\n":                    "S: bh=1; b=\r\n",
		"S: a=1; b=x\r\n y\r\n":              "S: a=1; b=\r\n",
		"S: xb=1\r\n":                        "S: xb=1\r\n",
	} {
		if got := WithoutB(ParseField(in)).Raw; got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestRead(t *testing.T) {
	for _, tc := range []struct {
		in    string
		names string
		body  string
	}{
		{"A: 1\r\nb :2\r\n 3\r\n\r\nbody", "a b", "body"},
		{"A: 1\nB: 2\n\nbody\n", "a b", "body\n"},
		{"From x Mon\r\nA: 1\r\nnonsense\r\n\r\n", "- a -", ""},
		{" A: 1\r\nB: 2\r\n\r\n", "- b", ""},
		{"A: 1", "a", ""},
		{"A: 1\r", "a", ""},
		{"\r\nbody", "", "body"},
		{"", "", ""},
		{"A B: 1\r\n\x00: 2\r\n: 3\r\n\r\n", "- - -", ""},
		{"A: " + strings.Repeat("x", 10000) + "\r\n\r\nbody", "a", "body"},
	} {
		m, err := Read(strings.NewReader(tc.in), int64(len(tc.in)))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range m.Fields {
			name := f.Name
			if name == "" {
				name = "-"
			}
			names = append(names, name)
			if !strings.HasSuffix(f.Raw, "\r\n") || strings.Contains(strings.ReplaceAll(f.Raw, "\r\n", ""), "\n") {
				t.Errorf("%.40q: field %.40q", tc.in, f.Raw)
			}
		}
		body, err := io.ReadAll(m.Body())
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(names, " "); got != tc.names || string(body) != tc.body {
			t.Errorf("%.40q: got %q and %q", tc.in, got, body)
		}
	}
	large := strings.Repeat("A: 1\r\n", MaxHeader)
	if _, err := Read(strings.NewReader(large), int64(len(large))); !errors.Is(err, ErrHeaderTooLarge) {
		t.Errorf("large: got %v", err)
	}
	var b Bodies
	if _, err := NewStream(&b).Write([]byte(large)); !errors.Is(err, ErrHeaderTooLarge) {
		t.Errorf("large stream: got %v", err)
	}
}

// TestStream: what is written is seen as what is read, however it comes.
func TestStream(t *testing.T) {
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("A:b \r\n\n"))).Draw(t, "text")
		piece := rapid.IntRange(1, 9).Draw(t, "piece")
		m, err := Read(strings.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		var read, written Bodies
		want, got := read.Add(Simple, crypto.SHA256, -1), written.Add(Simple, crypto.SHA256, -1)
		if err := read.Read(ctx, m.Body()); err != nil {
			t.Fatal(err)
		}
		s := NewStream(&written)
		for i := 0; i < len(text); i += piece {
			if _, err := io.WriteString(s, text[i:min(i+piece, len(text))]); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m.Fields, s.Message().Fields); d != "" || !bytes.Equal(want.Sum(), got.Sum()) {
			t.Fatalf("%q: %s", text, d)
		}
	})
}

// TestBase64: the "=" at the end may be missing, as the grammar of RFC 6376 section 2.10 has it; anything else may not.
func TestBase64(t *testing.T) {
	for in, want := range map[string]string{
		"aGVsbG8=":         "hello",
		"aGVsbG8":          "hello",
		"aGVs\r\n bG8 =":   "hello",
		"aGVsbG8h":         "hello!",
		"aGVsbA":           "hell",
		"aGVsbA = =":       "hell",
		"":                 "",
		"=":                "",
		"aGVsb":            "",
		"aGVsbA===":        "",
		"aGVs=bG8=":        "",
		"aGVs:bG8=":        "",
		"aGVs\x0bbG8=":     "",
		"aGVsbG8=aGVsbG8=": "",
	} {
		got, err := Tags{"b": in}.Base64("b")
		if string(got) != want && err == nil || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
}

func TestParseTags(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want Tags
	}{
		{"a=1", Tags{"a": "1"}},
		{" a = 1 ;\r\n b=\t2 ; ", Tags{"a": "1", "b": "2"}},
		{"a=;b=x=y", Tags{"a": "", "b": "x=y"}},
		{"a=1 2", Tags{"a": "1 2"}},
		{"", nil},
		{";", nil},
		{"a", nil},
		{"a=1;;b=2", nil},
		{"a=1;a=2", nil},
		{"=1", nil},
		{"1a=1", nil},
		{"a-b=1", nil},
		{"a=\x00", nil},
		{"a=1;b", nil},
		{strings.Repeat("a=1;", 2), nil},
	} {
		got, err := ParseTags(tc.in)
		if (err == nil) != (tc.want != nil) {
			t.Errorf("%q: got %v, %v", tc.in, got, err)
		} else if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%q: %s", tc.in, d)
		}
	}
	var many strings.Builder
	for i := range MaxTags + 1 {
		fmt.Fprintf(&many, "a%d=1;", i)
	}
	if _, err := ParseTags(many.String()); err == nil {
		t.Error("too many tags")
	}
}

// TestFormatTags: what is folded is read back as it was, and no line is longer than lines are.
func TestFormatTags(t *testing.T) {
	tags := []Tag{
		{"v", "1"},
		{"d", strings.Repeat("a", 60) + ".example.org"},
		{"h", strings.TrimSuffix(strings.Repeat("some-name:", 40), ":")},
		{"bh", strings.Repeat("A", 44)},
		{"b", ""},
		{"s", "x"},
	}
	text := FormatTags("DKIM-Signature", tags)
	got, err := ParseTags(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range tags {
		if got.Word(want.Name) != want.Value {
			t.Errorf("%s: got %q", want.Name, got.Word(want.Name))
		}
	}
	for line := range strings.SplitSeq("DKIM-Signature: "+text, "\r\n") {
		if len(line) > 78 {
			t.Errorf("line of %d: %s", len(line), line)
		}
	}
}

// FuzzParseTags: tags have the names and values that they may.
func FuzzParseTags(f *testing.F) {
	f.Add("v=1; a=rsa-sha256;\r\n b=AAAA")
	f.Fuzz(func(t *testing.T, in string) {
		tags, err := ParseTags(in)
		if err != nil {
			return
		}
		for name, v := range tags {
			if !isTagName(name) || strings.ContainsAny(v, ";\x00") || len(tags) > MaxTags {
				t.Errorf("%q: %q=%q", in, name, v)
			}
			_, _ = tags.Base64(name)
			if n, ok := tags.Number(name); ok && n < 0 {
				t.Errorf("%q is %d", v, n)
			}
		}
	})
}

// FuzzParseKey: any record is a key of a length that may be, or a fault.
func FuzzParseKey(f *testing.F) {
	f.Add("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
	f.Add("p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALgSoqXVSEmfcIsOzw7oRuCCOwsmtX/SJnTWxYyj2leFxfS/AVJ+dYfY+hXqMsT7l+MZvvh/R1WzN4MO/kI/7XsCAwEAAQ==")
	f.Fuzz(func(t *testing.T, record string) {
		k, err := ParseKey(record)
		if err != nil {
			if _, ok := errors.AsType[*Fault](err); !ok {
				t.Errorf("%T", err)
			}
			return
		}
		if k.Bits > MaxRSABits || k.Public == nil {
			t.Errorf("%+v", k)
		}
		algo, _ := ParseAlgorithm("rsa-sha256")
		_ = k.Verify(algo, make([]byte, 32), make([]byte, (k.Bits+7)/8))
	})
}
