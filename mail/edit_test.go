// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

const simpleMail = "Received: x\nFrom: a@example.org\nSubject: Hello\nMailweir-Status: clean\nX-A: 1\nx-a : 2\n\nbody\n"

func TestEdits(t *testing.T) {
	long := strings.Repeat("word ", 197) + "end"
	for _, c := range []struct {
		name, in string
		edits    []Edit
		want     string
	}{
		{"none", simpleMail, nil, simpleMail},
		{"add fields in order", simpleMail, []Edit{AddField{"X-1", "a"}, AddField{"X-2", "b"}}, "X-1: a\nX-2: b\n" + simpleMail},
		{
			"remove fields", simpleMail,
			[]Edit{RemoveFields{[]string{"X-A", "mailweir-*"}}},
			"Received: x\nFrom: a@example.org\nSubject: Hello\n\nbody\n",
		},
		{"remove fields by prefix and name", "A-1: x\nB: y\nC: z\n\n", []Edit{RemoveFields{[]string{"a-*", "B"}}}, "C: z\n\n"},
		{"remove none", simpleMail, []Edit{RemoveFields{[]string{"X", "X-", "Y*"}}}, simpleMail},
		{
			"remove all", "A: 1\nB: 2\n\nbody\n",
			[]Edit{RemoveFields{[]string{"*"}}},
			"\nbody\n",
		},
		{"remove twice the same", "A: 1\nB: 2\n\n", []Edit{RemoveFields{[]string{"A"}}, RemoveFields{[]string{"A*"}}}, "B: 2\n\n"},
		{"replace field", "A: 1\nB: 2\n x\nB: 3\n\n", []Edit{ReplaceField{"b", "new"}}, "A: 1\nb: new\nB: 3\n\n"},
		{"replace a field that is not there", "A: 1\n\n", []Edit{ReplaceField{"B", "new"}}, "B: new\nA: 1\n\n"},
		{"tag", simpleMail, []Edit{TagSubject{"[Spam]"}}, strings.Replace(simpleMail, "Hello", "[Spam] Hello", 1)},
		{"two tags", "Subject: x\n\n", []Edit{TagSubject{"[A]"}, TagSubject{"[B]"}}, "Subject: [A] [B] x\n\n"},
		{"tag that is there", "Subject: [Spam] x\n\n", []Edit{TagSubject{"[Spam]"}}, "Subject: [Spam] x\n\n"},
		{"tag that is there, encoded", "Subject: =?utf-8?q?=5BSpam=5D_x?=\n\n", []Edit{TagSubject{"[Spam]"}}, "Subject: =?utf-8?q?=5BSpam=5D_x?=\n\n"},
		{"tag in a reply", "Subject: Re: [Spam] x\n\n", []Edit{TagSubject{"[Spam]"}}, "Subject: [Spam] Re: [Spam] x\n\n"},
		{"tag without Subject", "A: 1\n\n", []Edit{TagSubject{"[Spam]"}}, "Subject: [Spam]\nA: 1\n\n"},
		{"tag each Subject", "Subject: a\nSubject: b\n\n", []Edit{TagSubject{"!"}}, "Subject: ! a\nSubject: ! b\n\n"},
		{"tag without a blank", "Subject:x\n\n", []Edit{TagSubject{"!"}}, "Subject: ! x\n\n"},
		{"tag an empty Subject", "Subject:\n\n", []Edit{TagSubject{"!"}}, "Subject: ! \n\n"},
		{"tag a folded Subject", "Subject:\n x\n\n", []Edit{TagSubject{"!"}}, "Subject: ! \n x\n\n"},
		{"tag a Subject of one long line", "Subject: " + long + "\n\n", []Edit{TagSubject{"[Spam]"}}, "Subject: [Spam]\n " + long + "\n\n"},
		{"tag beyond ASCII", "Subject: x\n\n", []Edit{TagSubject{"§"}}, "Subject: =?utf-8?q?=C2=A7_?= x\n\n"},
		{"field beyond ASCII", "A: 1\n\n", []Edit{AddField{"B", "ü x"}}, "B: =?utf-8?q?=C3=BC_x?=\nA: 1\n\n"},
		{"field on top of nothing", "", []Edit{AddField{"A", "1"}}, "A: 1\n"},
		{"field on top of a body", "no header section\n", []Edit{AddField{"A", "1"}, AddField{"B", "2"}}, "A: 1\nB: 2\n\nno header section\n"},
		{"field on top of an empty line", "\nbody\n", []Edit{AddField{"A", "1"}}, "A: 1\n\nbody\n"},
		{"field on top of a header section without end", "B: 1\nbody without an empty line\n", []Edit{AddField{"A", "1"}}, "A: 1\nB: 1\nbody without an empty line\n"},
		{"field below an mbox line", "From a Fri Nov 20 10:00:00 2026\nB: 1\n\n", []Edit{AddField{"A", "1"}}, "From a Fri Nov 20 10:00:00 2026\nA: 1\nB: 1\n\n"},
		{"field below a line that would join it", " x\nSubject: y\n\n", []Edit{AddField{"A", "1"}}, " x\nA: 1\nSubject: y\n\n"},
		{
			"folding", "A: 1\n\n",
			[]Edit{AddField{"Authentication-Results", "mx.example.org; spf=pass smtp.mailfrom=a@example.org; dkim=pass header.d=example.org; dmarc=pass"}},
			"Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=a@example.org;\n dkim=pass header.d=example.org; dmarc=pass\nA: 1\n\n",
		},
		{"folding of its own", "A: 1\n\n", []Edit{AddField{"B", "x;\r\n y;\n\tz"}}, "B: x;\n y;\n\tz\nA: 1\n\n"},
		{"nothing to fold at", "A: 1\n\n", []Edit{AddField{"B", strings.Repeat("x", 90)}}, "B: " + strings.Repeat("x", 90) + "\nA: 1\n\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := write(t, parse(t, crlf(c.in)), c.edits...); got != crlf(c.want) {
				t.Errorf("got %q, want %q", got, crlf(c.want))
			}
			if got := write(t, parse(t, c.in), c.edits...); c.in != "" && got != c.want {
				t.Errorf("with LF: got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRemoveField(t *testing.T) {
	m := parse(t, crlf("A: 1\nA: 2\n b\nA: 3\n\n"))
	if got, want := write(t, m, RemoveField{m.Header()[1].Offset}), crlf("A: 1\nA: 3\n\n"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

const partsMail = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n--b\nContent-Type: text/plain\n\none\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAAA\n--b\nContent-Type: message/rfc822\n\nFrom: c@example.org\nContent-Type: text/html\n\n<p>\n--b--\nepilogue\n"

func TestEntityEdits(t *testing.T) {
	const png = "--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAAA\n"
	const text = "--b\nContent-Type: text/plain\n\none\n"
	const nested = "--b\nContent-Type: message/rfc822\n\nFrom: c@example.org\nContent-Type: text/html\n\n<p>\n"
	for _, c := range []struct {
		name     string
		edits    []Edit
		old, new string
	}{
		{"drop the first", []Edit{DropEntity{"1.1"}}, text, ""},
		{"drop one twice", []Edit{DropEntity{"1.2"}, DropEntity{"1.2"}}, png, ""},
		{"drop the last", []Edit{DropEntity{"1.3"}}, nested, ""},
		{"drop two", []Edit{DropEntity{"1.2"}, DropEntity{"1.1"}}, text + png, ""},
		{
			"drop all",
			[]Edit{DropEntity{"1.2"}, DropEntity{"1.1"}, DropEntity{"1.3"}},
			text + png + nested,
			"--b\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: inline\nContent-Transfer-Encoding: 7bit\n\n\n",
		},
		{
			"replace",
			[]Edit{ReplaceEntity{"1.2", "text/plain", "removed.txt", []byte("It was\na virus.\n")}},
			png,
			"--b\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename=removed.txt\nContent-Transfer-Encoding: 7bit\n\nIt was\na virus.\n\n",
		},
		{
			"replace by what is no plain text",
			[]Edit{ReplaceEntity{"1.1", "text/plain", "", []byte("für")}},
			text,
			"--b\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\nZsO8cg==\n\n",
		},
		{
			"replace by what looks like a delimiter",
			[]Edit{ReplaceEntity{"1.1", "text/plain", "", []byte("--b--\n")}},
			text,
			"--b\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\nLS1iLS0K\n\n",
		},
		{
			"replace by binary",
			[]Edit{ReplaceEntity{"1.1", "application/pdf", "ü.pdf", []byte("%PDF")}},
			text,
			"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''%C3%BC.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg==\n\n",
		},
		{
			"replace a nested message: its other fields stay",
			[]Edit{ReplaceEntity{"1.3.1", "text/plain", "", []byte("gone")}},
			nested,
			"--b\nContent-Type: message/rfc822\n\nFrom: c@example.org\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: inline\nContent-Transfer-Encoding: 7bit\n\ngone\n",
		},
		{
			"replace all: the other fields stay",
			[]Edit{ReplaceEntity{"1", "text/plain", "", []byte("gone")}},
			partsMail,
			"Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: inline\nContent-Transfer-Encoding: 7bit\n\ngone",
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

func TestReplaceHeadless(t *testing.T) {
	for _, in := range []string{"just text\n", "", "Subject: no line end", "Subject: x\nbody without an empty line\n"} {
		got := write(t, parse(t, in), AddField{"A", "1"}, ReplaceEntity{"1", "text/plain", "", []byte("gone")})
		m := parse(t, got)
		text, err := m.Root().Text(100)
		if err != nil || text != "gone" || m.Header().Get("A") != "1" || len(m.Defects()) > 0 {
			t.Errorf("%q: got %q, %v, %v", in, got, err, m.Defects())
		}
	}
}

func TestWrap(t *testing.T) {
	in := crlf(partsMail)
	in = crlf("Received: from a\n\tby b\nMessage-ID: <1@example.org>\nX-Other: y\n") + in
	got := write(t, parse(t, in), AddField{"X-Spam-Flag", "YES"}, WrapMessage{"This was judged to be spam.\n"}, TagSubject{"[Spam]"}, RemoveFields{[]string{"Message-ID"}})
	m := parse(t, got)
	if len(m.Defects()) > 0 {
		t.Errorf("defects: %v", m.Defects())
	}
	top := regexp.MustCompile(`boundary="[^"]*"`).ReplaceAllString(got[:m.Root().Body], "boundary=*")
	want := crlf("X-Spam-Flag: YES\nReceived: from a\n\tby b\nSubject: [Spam] x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=*\nContent-Transfer-Encoding: 8bit\n\n")
	if top != want {
		t.Errorf("header section %q, want %q", top, want)
	}
	if text, err := m.Part("1.1").Text(100); err != nil || text != crlf("This was judged to be spam.\n") {
		t.Errorf("text %q, %v", text, err)
	}
	inner, err := io.ReadAll(m.Part("1.2").Raw())
	if want := strings.Replace(strings.Replace(in, "Subject: x", "Subject: [Spam] x", 1), "Message-ID: <1@example.org>\r\n", "", 1); err != nil || string(inner) != want {
		t.Errorf("attached %q, want %q", inner, want)
	}
	again := write(t, parse(t, in), WrapMessage{""})
	if b := parse(t, again).Root().Params["boundary"]; strings.Contains(got, b) || b == "" {
		t.Errorf("boundary %q twice", b)
	}
}

// TestWriteTwice: a message is written once to be signed and once to be sent, and has to be the same each time.
func TestWriteTwice(t *testing.T) {
	for _, edits := range [][]Edit{
		{WrapMessage{"text"}},
		{Rebuild{}},
		{Rebuild{}, WrapMessage{"text"}, TagSubject{"[x]"}},
		{ReplaceEntity{Part: "1.1", MediaType: "text/plain", Body: []byte("removed")}, AddField{"X", "y"}},
	} {
		m := parse(t, crlf(partsMail))
		if first, second := write(t, m, edits...), write(t, m, edits...); first != second {
			t.Errorf("%v: got %q, then %q", edits, first, second)
		}
		plain := write(t, m, edits...)
		if signed := write(t, m, append([]Edit{AddField{"DKIM-Signature", "v=1"}}, edits...)...); signed != "DKIM-Signature: v=1\r\n"+plain {
			t.Errorf("%v: got %q with a field on top, without %q", edits, signed, plain)
		}
	}
}

func TestWrapHostileField(t *testing.T) {
	m := parse(t, "Subject: a\rX-Hidden: b\r\nFrom: c@example.org\r\n\r\nbody\r\n")
	got := write(t, m, WrapMessage{""})
	if want := "Subject: aX-Hidden: b\r\nFrom: c@example.org\r\nMIME-Version: 1.0\r\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEditErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		edits []Edit
		want  string
	}{
		{"LF", []Edit{AddField{"A", "x\nB: y"}}, `edit "add field A: x\nB: y": field A: LF in the value`},
		{"LF at the end", []Edit{AddField{"A", "x\n"}}, `edit "add field A: x\n": field A: LF in the value`},
		{"empty line", []Edit{AddField{"A", "x\n \ny"}}, `edit "add field A: x\n \ny": field A: empty line in the value`},
		{"CR", []Edit{AddField{"A", "x\ry"}}, `edit "add field A: x\ry": field A: CR in the value`},
		{"NUL", []Edit{AddField{"A", "x\x00"}}, `edit "add field A: x\x00": field A: NUL in the value`},
		{"name", []Edit{AddField{"A B", "x"}}, `edit "add field A B: x": field name "A B"`},
		{"name with a colon", []Edit{AddField{"A:", "x"}}, `edit "add field A:: x": field name "A:"`},
		{"empty name", []Edit{ReplaceField{"", "x"}}, `edit "replace field : x": field name ""`},
		{"tag", []Edit{TagSubject{"x\r\nB: y"}}, `edit "tag subject x\r\nB: y": CR, LF or NUL in the tag`},
		{"no field there", []Edit{RemoveField{1}}, `edit "remove field at 1": no field begins there`},
		{"no entity to drop", []Edit{DropEntity{"1.9"}}, `edit "drop entity 1.9": there is no such entity`},
		{"no entity to replace", []Edit{ReplaceEntity{Part: "2", MediaType: "text/plain"}}, `edit "replace entity 2 by text/plain \"\", 0 octets": there is no such entity`},
		{"drop the message", []Edit{DropEntity{"1"}}, `edit "drop entity 1": it is no body part of a multipart`},
		{"drop a nested message", []Edit{DropEntity{"1.3.1"}}, `edit "drop entity 1.3.1": it is no body part of a multipart`},
		{"media type", []Edit{ReplaceEntity{Part: "1.1", MediaType: "text/plain\r\nX: y"}}, `edit "replace entity 1.1 by text/plain\r\nX: y \"\", 0 octets": media type "text/plain\r\nX: y"`},
		{"wrap twice", []Edit{WrapMessage{}, WrapMessage{}}, `edit "wrap message": the message is wrapped already`},
		{"overlap of fields", []Edit{ReplaceField{"Subject", "y"}, RemoveFields{[]string{"Subject"}}}, `edits "replace field Subject: y" and "remove fields Subject" overlap at octet 0`},
		{"tag what is replaced", []Edit{TagSubject{"!"}, ReplaceField{"Subject", "y"}}, `edits "replace field Subject: y" and "tag subject !" overlap at octet 8`},
		{"out of range", []Edit{rawEdit{10, 1 << 20, ""}}, `edit "raw": octets 10 to 1048576 of a message of 285`},
		{"backwards", []Edit{rawEdit{10, 9, ""}}, `edit "raw": octets 10 to 9 of a message of 285`},
		{"top within a replaced range", []Edit{AddField{"A", "1"}, rawEdit{0, 5, "x"}, rawEdit{2, 2, "y"}}, `edits "raw" and "raw" overlap at octet 2`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			err := parse(t, crlf(partsMail)).Write(&b, c.edits)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if b.Len() > 0 {
				t.Errorf("%d octets were written", b.Len())
			}
		})
	}
}

// A file name cannot break out of its field.
func TestReplaceHostileName(t *testing.T) {
	for _, name := range []string{"a\r\nX: y", "a\"; x=\"b", "a\x00b", strings.Repeat("long ", 60)} {
		got := write(t, parse(t, crlf(partsMail)), ReplaceEntity{"1.1", "text/plain", name, []byte("gone")})
		p := parse(t, got).Part("1.1")
		if len(p.Header) != 3 || p.Filename() != cutUTF8(name, maxNameOctets) {
			t.Errorf("%q: got %q, header %v", name, p.Filename(), p.Header)
		}
	}
}

type shortWriter struct{ n int }

var errFull = errors.New("no space")

func (w *shortWriter) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrors(t *testing.T) {
	content := crlf(partsMail)
	for n := range len(content) {
		if err := parse(t, content).Write(&shortWriter{n}, []Edit{AddField{"A", "1"}}); !errors.Is(err, errFull) {
			t.Errorf("room for %d: got %v", n, err)
		}
	}
}

// rawEdit replaces octets.
type rawEdit struct {
	start, end int64
	with       string
}

func (e rawEdit) String() string       { return "raw" }
func (e rawEdit) Apply(d *Draft) error { return d.Replace(e.start, e.end, []byte(e.with)) }
