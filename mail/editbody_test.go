// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// replaceIn is an edit that puts one text in the place of another, which must be in the part's Source.
func replaceIn(t testing.TB, m *Message, id PartID, old, with string) EditBody {
	t.Helper()
	src, err := m.Part(id).Source(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	i := int64(strings.Index(string(src.Text), old))
	if i < 0 {
		t.Fatalf("%q is not in %q", old, src.Text)
	}
	return EditBody{id, []BodyChange{{i, i + int64(len(old)), with}}}
}

func TestEditBody(t *testing.T) {
	html := "MIME-Version: 1.0\nContent-Type: text/html; charset=%s\nContent-Transfer-Encoding: %s\nX-Last: y\n\n%s"
	mail := func(charset, encoding, body string) string { return fmt.Sprintf(html, charset, encoding, body) }
	long := strings.Repeat("y", 100)
	for _, c := range []struct{ name, in, old, with, want string }{
		{"7bit", mail("us-ascii", "7bit", "one\ntwo\nthree\n"), "two", "2", mail("us-ascii", "7bit", "one\n2\nthree\n")},
		{"7bit, delete", mail("us-ascii", "7bit", "one\ntwo\nthree\n"), "two\n", "", mail("us-ascii", "7bit", "one\nthree\n")},
		{"7bit that must be more", mail("us-ascii", "7bit", "one=\ntwo\n"), "two", "zwö", mail("us-ascii", "quoted-printable", "one=3D\nzw=C3=B6\n")},
		{"8bit", mail("utf-8", "8bit", "für\ntwo\n"), "two", "zwö", mail("utf-8", "8bit", "für\nzwö\n")},
		{"8bit, lines", mail("utf-8", "8bit", "für\ntwo\n"), "two", "1\n2\r\n3", mail("utf-8", "8bit", "für\n1\n2\n3\n")},
		{"too long a line", mail("utf-8", "7bit", "two\n"), "two", strings.Repeat(long, 10), ""},
		{"base64", mail("utf-8", "base64", "PGI+dHdvPC9iPg0K\n"), "two", "1\n2", mail("utf-8", "base64", "PGI+MQ0KMjwvYj4NCg==\n")},
		{"odd base64", mail("utf-8", "base64", "PGI+d#HdvP\nC9iPg0K\n"), "two", "1", mail("utf-8", "base64", "PGI+MTwvYj4NCg==\n")},
		{"quoted-printable: other lines stay", mail("utf-8", "quoted-printable", "=41=\nB two =\n=41\n=41\n"), "two", "z=w", mail("utf-8", "quoted-printable", "=41=\nB z=3Dw =\n=41\n=41\n")},
		{"quoted-printable: over lines", mail("utf-8", "quoted-printable", "=41=\nB two =\n=41\n=41\n"), "two A\nA", "z", mail("utf-8", "quoted-printable", "=41=\nB z\n")},
		{"quoted-printable: line end goes", mail("utf-8", "quoted-printable", "=41\ntwo\n=41\n"), "two\n", "z", mail("utf-8", "quoted-printable", "=41\nz=\n=41\n")},
		{"quoted-printable: the end goes", mail("utf-8", "quoted-printable", "=42\n=41=\ntwo"), "two", "", mail("utf-8", "quoted-printable", "B\nA")},
		{"quoted-printable: long, dashes", mail("utf-8", "quoted-printable", "two"), "two", long + "\n--b", mail("utf-8", "quoted-printable", strings.Repeat("y", 75)+"=\n"+strings.Repeat("y", 25)+"\n=2D-b")},
		{"uuencode", mail("utf-8", "x-uuencode", "begin 644 a\n#86)C\n`\nend\n"), "b", "x", mail("utf-8", "base64", "YXhj\n")},
		{"iso-8859-1", mail("iso-8859-1", "8bit", "f\xfcr two\n"), "two", "2", mail("iso-8859-1", "8bit", "f\xfcr 2\n")},
		{
			"charset that is not transparent", mail("iso-2022-jp; X=\"a b\"", "7bit", "\x1b$B$\"\x1b(B two\n"), "two", "2",
			mail("utf-8; x=\"a b\"", "quoted-printable", "=E3=81=82 2\n"),
		},
		{"utf-16", mail("utf-16", "base64", "/v8APABiAD4AdAB3AG8="), "two", "2", mail("utf-8", "base64", "PGI+Mg==")},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse(t, c.in)
			e := replaceIn(t, m, "1", c.old, c.with)
			src, _ := m.Root().Source(1 << 20)
			got := write(t, m, e)
			if c.want != "" && got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			after, err := parse(t, got).Root().Source(1 << 20)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Replace(string(src.Text), c.old, c.with, 1)
			if strings.ReplaceAll(string(after.Text), "\r\n", "\n") != strings.ReplaceAll(want, "\r\n", "\n") || after.Recoded {
				t.Errorf("got text %q, want %q", after.Text, want)
			}
		})
	}
}

// What other edits do to the same entities goes together with changes of bodies.
func TestEditBodyWithOthers(t *testing.T) {
	edit := func(id PartID, start, end int64, with string) Edit {
		return EditBody{id, []BodyChange{{start, end, with}}}
	}
	gone := ReplaceEntity{"1", "text/plain", "", []byte("gone")}
	for _, c := range []struct {
		name     string
		edits    []Edit
		old, new string
	}{
		{"two of one part", []Edit{edit("1.1", 2, 3, "E"), edit("1.1", 0, 1, "O")}, "one", "OnE"},
		{"overlapping", []Edit{edit("1.1", 1, 3, "x"), edit("1.1", 0, 2, "y")}, "one", "yx"},
		{"the same twice", []Edit{edit("1.1", 1, 1, "x"), edit("1.1", 1, 1, "x")}, "one", "oxne"},
		{"insert and replace", []Edit{edit("1.1", 1, 2, "x"), edit("1.1", 1, 1, "y")}, "one", "oyxe"},
		{"insert into what is replaced", []Edit{edit("1.1", 0, 3, "x"), edit("1.1", 1, 1, "y")}, "one", "xy"},
		{"no change", []Edit{EditBody{"1.1", nil}}, "one", "one"},
		{"rewrite", []Edit{RewriteBody{"1.1", []byte("new")}, edit("1.1", 0, 1, "x"), RewriteBody{"1.1", []byte("new")}}, "one", "new"},
		{"rewrite what must be encoded", []Edit{RewriteBody{"1.1", []byte("\x00")}}, "text/plain\n\none", "text/plain\nContent-Transfer-Encoding: quoted-printable\n\n=00"},
		{"rewrite base64", []Edit{RewriteBody{"1.2", []byte("abc")}}, "AAAA", "YWJj"},
		{"a line that is a delimiter", []Edit{edit("1.1", 0, 0, "x\n--b\n\n")}, "text/plain\n\none", "text/plain\nContent-Transfer-Encoding: quoted-printable\n\nx\n=2D-b\n\none"},
		{"in a nested message", []Edit{edit("1.3.1", 1, 2, "b")}, "<p>", "<b>"},
		{
			"field of a nested message",
			[]Edit{edit("1.3.1", 1, 2, "ü")},
			"text/html\n\n<p>",
			"text/html\nMIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\n<=C3=BC>",
		},
		{"with a field", []Edit{edit("1.1", 0, 3, "1"), TagSubject{"T"}}, "x\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n--b\nContent-Type: text/plain\n\none", "T x\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n--b\nContent-Type: text/plain\n\n1"},
		{"in what is dropped", []Edit{edit("1.1", 0, 3, "1"), DropEntity{"1.1"}}, "--b\nContent-Type: text/plain\n\none\n", ""},
		{"replaced in what is dropped", []Edit{ReplaceEntity{"1.3.1", "text/plain", "", nil}, DropEntity{"1.3"}, edit("1.3.1", 0, 1, "")}, partsMail[strings.Index(partsMail, "--b\nContent-Type: message"):strings.Index(partsMail, "--b--")], ""},
		{
			"in what is replaced",
			[]Edit{gone, edit("1.1", 0, 3, "1"), DropEntity{"1.2"}, RenameEntity{"1.3", "x"}},
			partsMail,
			"Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: inline\nContent-Transfer-Encoding: 7bit\n\ngone",
		},
		{
			"name, the last counts",
			[]Edit{RenameEntity{"1.2", "b"}, RenameEntity{"1.2", "a.txt"}, RewriteBody{"1.2", []byte("abc")}},
			"image/png\nContent-Transfer-Encoding: base64\n\nAAAA",
			"image/png; name=a.txt\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=a.txt\n\nYWJj",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := strings.Replace(partsMail, c.old, c.new, 1)
			for _, f := range []func(string) string{crlf, func(s string) string { return s }} {
				got := write(t, parse(t, f(partsMail)), c.edits...)
				if !strings.Contains(partsMail, c.old) || got != f(want) {
					t.Errorf("got\n%s\nwant\n%s", got, f(want))
				}
				if d := defectList(parse(t, got)); d != "" {
					t.Errorf("defects of what was written: %s", d)
				}
			}
		})
	}
}

func TestEditBodyErrors(t *testing.T) {
	signed := "Content-Type: multipart/signed; boundary=b\n\n--b\n\none\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n"
	for _, c := range []struct {
		name, in string
		edits    []Edit
		want     string
	}{
		{"no such part", partsMail, []Edit{EditBody{"1.9", nil}}, `edit "edit body of 1.9, 0 changes": there is no such entity`},
		{"no leaf", partsMail, []Edit{RewriteBody{"1", nil}}, `edit "rewrite body of 1, 0 octets": it holds other entities`},
		{"signed", signed, []Edit{EditBody{"1.1", nil}}, `edit "edit body of 1.1, 0 changes": it is signed or encrypted`},
		{"name of signed", signed, []Edit{RenameEntity{"1.2", "x"}}, `edit "rename entity 1.2 to \"x\"": it is signed or encrypted`},
		{"no name", partsMail, []Edit{RenameEntity{"1.2", ""}}, `edit "rename entity 1.2 to \"\"": no name`},
		{"name of nothing", partsMail, []Edit{RenameEntity{"1.4", ""}}, `edit "rename entity 1.4 to \"\"": there is no such entity`},
		{"two bodies", partsMail, []Edit{RewriteBody{"1.2", nil}, RewriteBody{"1.2", []byte("a")}}, `edit "rewrite body of 1.2, 1 octets": it has another new body already`},
		{"behind the end", partsMail, []Edit{EditBody{"1.1", []BodyChange{{0, 4, ""}}}}, `edit "edit body of 1.1, 1 changes": octets 0 to 4 of a body of 3`},
		{"backwards", partsMail, []Edit{EditBody{"1.1", []BodyChange{{2, 1, ""}}}}, `edit "edit body of 1.1, 1 changes": octets 2 to 1 of a body`},
		{"before the start", partsMail, []Edit{EditBody{"1.1", []BodyChange{{-1, 1, ""}}}}, `edit "edit body of 1.1, 1 changes": octets -1 to 1 of a body`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := parse(t, crlf(c.in)).Write(io.Discard, c.edits)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestSource(t *testing.T) {
	m := parse(t, "Content-Type: text/html; charset=utf-16\nContent-Transfer-Encoding: base64\n\n/v8APABiAD4=")
	if _, err := m.Root().Source(7); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want %v", err, ErrTooLarge)
	}
	s, err := m.Root().Source(8)
	if err != nil || string(s.Text) != "<b>" || !s.Recoded || s.Charset != "utf-8" {
		t.Errorf("got %+v, %v", s, err)
	}
	if _, err := parse(t, partsMail).Root().Source(1000); err == nil {
		t.Error("no error for a multipart")
	}
}

// Edits of one kind with different content are different values, also in the form that is compared.
func TestEditsTellApart(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range []Edit{
		EditBody{"1", nil},
		EditBody{"1.1", nil},
		EditBody{"1", []BodyChange{{1, 2, "a"}}},
		EditBody{"1", []BodyChange{{1, 2, "b"}}},
		EditBody{"1", []BodyChange{{1, 3, "a"}}},
		RewriteBody{"1", []byte("a")},
		RewriteBody{"1", []byte("b")},
		RewriteBody{"1.1", []byte("a")},
		RenameEntity{"1", "a"},
		RenameEntity{"1", "b"},
	} {
		s := fmt.Sprintf("%#v", e)
		if seen[s] {
			t.Errorf("%s twice", s)
		}
		seen[s] = true
	}
}

// TestEditBodyAtRandom edits bodies of all encodings at random places: the text read back is that asked for, the rest of the message is as it was.
func TestEditBodyAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		in := crlf(randomMail(r))
		m := parse(t, in)
		src, err := m.Part("1.1").Source(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		list := randomChanges(r, int64(len(src.Text)))
		want, err := applied(src.Text, mergeChanges(list))
		if err != nil {
			t.Fatal(err)
		}
		got := write(t, m, EditBody{"1.1", list[:len(list)/2]}, EditBody{"1.1", list[len(list)/2:]})
		after := parse(t, got)
		src, err = after.Part("1.1").Source(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		if noCR(src.Text) != noCR(want) {
			t.Fatalf("%q\nwith %+v\ngot  %q\nwant %q", in, list, src.Text, want)
		}
		const head, tail = "text/html", "\r\n--b\r\n\r\nother"
		if before, _, _ := strings.Cut(in, head); !strings.HasPrefix(got, before) || !strings.HasSuffix(got, in[strings.LastIndex(in, tail):]) {
			t.Fatalf("%q\nwith %+v\ngot %q", in, list, got)
		}
		if d := defectList(after); d != "" {
			t.Fatalf("%q\nwith %+v\ndefects %s", in, list, d)
		}
	}
}

// noCR is text without CR: a change may begin or end inside a line end.
func noCR(b []byte) string { return strings.ReplaceAll(string(b), "\r", "") }

// randomMail has a body part of random text in a random encoding.
func randomMail(r *rand.Rand) string {
	text := "x" + randomText(r, 200)
	encoding := []string{"7bit", "8bit", "quoted-printable", "base64"}[r.IntN(4)]
	switch encoding {
	case "base64":
		text = string(appendBase64(nil, []byte(crlf(text)), "\n", r.IntN(2) == 0))
	case "quoted-printable":
		q := qpWriter{lineEnd: "\n", text: true}
		q.write([]byte(text), false)
		text = strings.ReplaceAll(string(q.out), "=3D", []string{"=3D", "=3d", "=3D=\n"}[r.IntN(3)])
	case "7bit":
		text = strings.ReplaceAll(text, "ü", "u")
	}
	return "Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: " + encoding + "\n\n" +
		strings.ReplaceAll(text, "\n--b", "\n-b") + "\n--b\n\nother\n--b--\nepilogue\n"
}

func randomText(r *rand.Rand, most int) string {
	words := []string{"word", " ", "\n", "=", "ü", "--b", "<a>", "From ", ".", "\t", strings.Repeat("long", 30)}
	var b strings.Builder
	for n := r.IntN(most); b.Len() < n; {
		b.WriteString(words[r.IntN(len(words))])
	}
	return b.String()
}

func randomChanges(r *rand.Rand, size int64) []BodyChange {
	var list []BodyChange
	for range 1 + r.IntN(5) {
		start := r.Int64N(size + 1)
		list = append(list, BodyChange{start, min(size, start+r.Int64N(20)), randomText(r, 30)})
	}
	return list
}
