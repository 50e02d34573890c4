// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// checkRebuilt rebuilds a message and checks what must hold of any: the result has one reading, rebuilding it again changes nothing, and a message that
// was not ambiguous still has the same leaves.
func checkRebuilt(t testing.TB, content []byte) string {
	t.Helper()
	m := parse(t, string(content))
	got := write(t, m, Rebuild{})
	after := parse(t, got)
	for _, d := range after.Defects() {
		if d.Ambiguous() || strings.HasPrefix(d.Code, "header.") || strings.HasPrefix(d.Code, "line.") {
			t.Errorf("%s in %s: %s", d.Code, d.Part, d.Detail)
		}
	}
	if again := write(t, after, Rebuild{}); again != got {
		t.Errorf("rebuilt\n%s\nrebuilt again\n%s", got, again)
	}
	decodes := strings.Contains(defectList(m), "mime.encoded_message")
	endsLines := strings.Contains(defectList(m), "line.cr_only")
	if m.Root().clean() && !decodes && !endsLines {
		if got, want := leafTexts(t, after), leafTexts(t, m); !slices.Equal(got, want) {
			t.Errorf("got leaves %q, want %q", got, want)
		}
	}
	for p := range after.Parts() {
		if names := p.Filenames(); len(names) > 1 && !p.Protected() {
			t.Errorf("part %s: names %q", p.ID, names)
		}
	}
	return got
}

// leafTexts are type, name and body of all leaves, with line ends made alike.
func leafTexts(t testing.TB, m *Message) []string {
	t.Helper()
	var list []string
	for p := range m.Parts() {
		b, err := io.ReadAll(p.Open())
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p.MediaType+" "+cutUTF8(strings.ToValidUTF8(p.Filename(), "\uFFFD"), maxNameOctets)+"\n"+noCR(b))
	}
	return list
}

func TestRebuildGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			checkRebuilt(t, content)
		})
	}
}

var ourBoundary = regexp.MustCompile(`=_[0-9a-f]{32}_`)

// shown is a rebuilt message with short boundaries.
func shown(s string) string {
	return strings.ReplaceAll(ourBoundary.ReplaceAllString(s, "M"), ";\n boundary=", "; boundary=")
}

func TestRebuild(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"regular", "From: a\nX: y\n  z\nContent-Type: text/plain\n\nbody\n", "From: a\nX: y\n  z\nContent-Type: text/plain\nMIME-Version: 1.0\n\nbody\n"},
		{"no MIME", "From: a\n\nbody\n", "From: a\n\nbody\n"},
		{"header section", "From a Fri Nov 20 10:00:00 2026\nFrom : a\njunk\nX: b\rY: c\x00\n \n d\nTo: b\n\nbody\n", "From: a\nX: bY: c   d\nTo: b\n\nbody\n"},
		{
			"content fields", "MIME-Version: 1.0 (x)\nContent-Type: TEXT/HTML; name=a.exe; charset=utf-8; name=\"b.txt\"\nContent-Type: image/png\nContent-ID: <1>\nContent-ID: <2>\n" +
				"Content-Disposition: ATTACHMENT; x=1; filename=\"a.exe\"; filename*0*=''b%2E; filename*1=txt\nContent-Disposition: inline\nMIME-Version: 1.0\n\nbody\n",
			"MIME-Version: 1.0\nContent-Type: text/html; name=b.txt; charset=utf-8\nContent-ID: <1>\nContent-Disposition: attachment; filename=b.txt; x=1\n\nbody\n",
		},
		{"encoding", "Content-Transfer-Encoding: x-what\n\nbody\n", "Content-Transfer-Encoding: 7bit\nMIME-Version: 1.0\n\nbody\n"},
		{"encodings", "Content-Transfer-Encoding: (x) base64\nContent-Transfer-Encoding: 7bit\n\nYm#9\nkeQo=", "Content-Transfer-Encoding: base64\nMIME-Version: 1.0\n\nYm9keQo=\n"},
		{"8-bit", "Subject: ü\n\nü\n", "Subject: ü\nContent-Transfer-Encoding: 8bit\nMIME-Version: 1.0\n\nü\n"},
		{"CR before line ends", "Content-Transfer-Encoding: quoted-printable\n\nx=0D=0D\ny=0D\r\r\nz\n", "Content-Transfer-Encoding: quoted-printable\nMIME-Version: 1.0\n\nx\ny\nz\n"},
		{"CR before a line end", "A: b\n\nx\r\r\r\ny\n", "A: b\n\nx\ny\n"},
		{"CR before CRLF", "A: b\r\n\r\nx\r\r\n", "A: b\r\nContent-Transfer-Encoding: quoted-printable\r\nMIME-Version: 1.0\r\n\r\nx=0D\r\n"},
		{"bare CR", "A: b\n\nx\ry\n", "A: b\nContent-Transfer-Encoding: quoted-printable\nMIME-Version: 1.0\n\nx=0Dy\n"},
		{"long line", "A: b\n\n" + strings.Repeat("x", 999), "A: b\nContent-Transfer-Encoding: quoted-printable\nMIME-Version: 1.0\n\n" + strings.Repeat(strings.Repeat("x", 75)+"=\n", 13) + strings.Repeat("x", 24)},
		{"uuencode", "Content-Type: a/b\nContent-Transfer-Encoding: uuencode\n\nbegin 644 a\n#86)C\n`\nend\n", "Content-Type: a/b\nContent-Transfer-Encoding: base64\nMIME-Version: 1.0\n\nYWJj\n"},
		{
			"multipart", "Content-Type: multipart/mixed; boundary=a; boundary=b\n\npreamble\n--a\n\none\n--a\nContent-Type: text/html\n\ntwo\n--ax\n--a--\nepilogue\n",
			"Content-Type: multipart/mixed; boundary=\"M1=\"\nMIME-Version: 1.0\n\n--M1=\n\none\n--M1=\nContent-Type: text/html\n\ntwo\n--ax\n--M1=--\n",
		},
		{
			"left out", "Content-Type: multipart/mixed; boundary=a\n\n--b\nContent-Type: text/html\n\n--a\n\none\n--a--\n",
			"Content-Type: multipart/mixed; boundary=\"M1=\"\nMIME-Version: 1.0\nMailweir-Left-Out: 35 octets outside of body parts\n\n--M1=\n\none\n--M1=--\n",
		},
		{
			"long boundary of what is signed", "Content-Type: multipart/signed; boundary=\"=" + strings.Repeat("x", 68) + "\"\n\n--=" + strings.Repeat("x", 68) + "\n\none\n--=" + strings.Repeat("x", 68) + "--\n",
			"Content-Type: multipart/signed; boundary=\"=" + strings.Repeat("x", 68) + "\"\nMIME-Version: 1.0\n\n--=" + strings.Repeat("x", 68) + "\n\none\n--=" + strings.Repeat("x", 68) + "--\n",
		},
		{"no boundary", "Content-Type: multipart/mixed; x=y\n\n--a\n\none\n--a--\n", "Content-Type: text/plain\nMIME-Version: 1.0\n\n--a\n\none\n--a--\n"},
		{
			"encoded multipart", "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\nLS1iCgpvbmUKLS1iCgp0d28KLS1iLS0K\n",
			"Content-Type: multipart/mixed; boundary=\"M1=\"\nContent-Transfer-Encoding: 7bit\nMIME-Version: 1.0\n\n--M1=\n\none\n--M1=\n\ntwo\n--M1=--\n",
		},
		{
			"encoded message", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTogYQp4CgpUbzogYgoKYm9keQo=\n",
			"Content-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\nMIME-Version: 1.0\n\nFrom: a\n\nx\n\nTo: b\n\nbody\n",
		},
		{
			"nested", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Transfer-Encoding: 7bit\n\nü\n--b--\n--b\nContent-Type: message/rfc822\n\nFrom: a\n\nx\n--b--\n",
			"Content-Type: multipart/mixed; boundary=\"M1=\"\nContent-Transfer-Encoding: 8bit\nMIME-Version: 1.0\n\n--M1=\n" +
				"Content-Type: multipart/alternative; boundary=\"M2=\"\nContent-Transfer-Encoding: 8bit\n\n--M2=\nContent-Transfer-Encoding: 8bit\n\nü\n--M2=--\n--M1=\nContent-Type: message/rfc822\n\nFrom: a\n\nx\n--M1=--\n",
		},
		{
			"signed", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/Signed; micalg=x; boundary=\"b\"\n\npreamble\n--b\nContent-Type:text/plain\n\nsig=ned\n--b\nContent-Type: x/y\n\nx\n--b--\nend\n--a--\n",
			"Content-Type: multipart/mixed; boundary=\"M1=\"\nMIME-Version: 1.0\n\n--M1=\nContent-Type: multipart/signed; micalg=x; boundary=b\n\npreamble\n--b\nContent-Type:text/plain\n\nsig=ned\n--b\nContent-Type: x/y\n\nx\n--b--\nend\n--M1=--\n",
		},
		{
			"signed and ambiguous", "Content-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: text/plain\nContent-Type: text/html\n\nx\n--b\n\ny\n--b--\n",
			"Content-Type: multipart/signed; boundary=\"M1=\"\nMIME-Version: 1.0\n\n--M1=\nContent-Type: text/plain\n\nx\n--M1=\n\ny\n--M1=--\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := shown(checkRebuilt(t, []byte(c.in)))
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// Other edits come first, whatever their order.
func TestRebuildWithOthers(t *testing.T) {
	got := write(t, parse(t, partsMail), Rebuild{}, AddField{"A", "1"}, EditBody{"1.1", []BodyChange{{0, 3, "1"}}}, DropEntity{"1.2"})
	want := "A: 1\nSubject: x\nContent-Type: multipart/mixed; boundary=\"M1=\"\nMIME-Version: 1.0\n\n--M1=\nContent-Type: text/plain\n\n1\n--M1=\nContent-Type: message/rfc822\n\nFrom: c@example.org\nContent-Type: text/html\nMIME-Version: 1.0\n\n<p>\n--M1=--\n"
	if got := shown(got); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What a limit keeps from being read becomes a file that no client looks into.
func TestRebuildUnread(t *testing.T) {
	l := DefaultLimits()
	l.Depth = 1
	in := "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n--a--\n"
	m, err := Parse(strings.NewReader(in), int64(len(in)), NewBudget(l, nil))
	if err != nil {
		t.Fatal(err)
	}
	got := shown(write(t, m, Rebuild{}))
	want := "Content-Type: multipart/mixed; boundary=\"M1=\"\nMIME-Version: 1.0\n\n--M1=\nContent-Type: application/octet-stream\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nLS1iCgp4Ci0tYi0t\n--M1=--\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRebuildErrors(t *testing.T) {
	content := "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Transfer-Encoding: base64\n\nYWJj\n--a\n\nx\n--a--\n"
	for n := range len(write(t, parse(t, content), Rebuild{})) {
		if err := parse(t, content).Write(&shortWriter{n}, []Edit{Rebuild{}}); err == nil {
			t.Errorf("room for %d: no error", n)
		}
	}
}

// Messages in quoted-printable inside one another need not become shorter: what is kept of them is bounded, and the rest is text.
func TestRebuildKeepsLittle(t *testing.T) {
	in := strings.Repeat("Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n", 10) + "Subject: x\n\n" + strings.Repeat("some text\n", 10_000)
	m := parse(t, write(t, parse(t, in), Rebuild{}))
	p, depth := m.Root(), 0
	for ; !p.IsLeaf(); p = p.Children[0] {
		depth++
	}
	if depth != maxDecoded || p.MediaType != "text/plain" || p.End-p.Body < 100_000 {
		t.Errorf("%d messages inside one another are left, then %s of %d octets", depth, p.MediaType, p.End-p.Body)
	}
}
