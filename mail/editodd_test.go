// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Edits of entities that are odd, or of which little is there: what is written holds what was asked for and nothing more.
func TestEditOddEntities(t *testing.T) {
	change := func(id PartID, start, end int64, with string) Edit {
		return EditBody{id, []BodyChange{{start, end, with}}}
	}
	digest := "Content-Type: multipart/digest; boundary=b\n\n--b\njunk\n--b--\n"
	long := "=" + strings.Repeat("x", 68)
	for _, c := range []struct {
		name, in string
		edits    []Edit
		want     string
	}{
		{"body behind no empty line", "Subject: x\n", []Edit{change("1", 0, 0, "A: b\n")}, "Subject: x\n\nA: b\n"},
		{"body behind a field without a line end", "Subject: x", []Edit{RewriteBody{"1", []byte("A: b\n")}}, "Subject: x\r\n\r\nA: b\r\n"},
		{"body that looks like a field", "Subject: x\nno field\n", []Edit{change("1", 0, 0, "A: b\n")}, "Subject: x\n\nA: b\nno field\n"},
		{"body without a header section", "no field\n", []Edit{change("1", 0, 2, "A: b\nyes")}, "\nA: b\nyes field\n"},
		{"the same, with a field", "no field\n", []Edit{change("1", 0, 2, "A: b\nyes"), AddField{"B", "c"}}, "B: c\n\nA: b\nyes field\n"},
		{"nothing to change", "no field\n", []Edit{EditBody{"1", nil}}, "no field\n"},
		{
			"messages without header sections", digest,
			[]Edit{RenameEntity{"1.1.1", "b"}, RenameEntity{"1.1", "a"}},
			"Content-Type: multipart/digest; boundary=b\n\n--b\nContent-Disposition: attachment; filename=a\nContent-Type: message/rfc822; name=a\n\n" +
				"MIME-Version: 1.0\nContent-Disposition: attachment; filename=b\nContent-Type: text/plain; name=b\n\njunk\n--b--\n",
		},
		{
			"name of a multipart keeps its boundary", "Content-Type: multipart/mixed; boundary=\"" + long + "\"\n\n--" + long + "\n\nx\n--" + long + "--\n",
			[]Edit{RenameEntity{"1", "a"}},
			"Content-Type: multipart/mixed;\n boundary=\"" + long + "\";\n name=a\nMIME-Version: 1.0\nContent-Disposition: attachment; filename=a\n\n--" + long + "\n\nx\n--" + long + "--\n",
		},
		{
			"boundary in two forms", "Content-Type: multipart/mixed; boundary=a; boundary*=''b\n\n--a\n\nx\n--a--\n",
			[]Edit{RenameEntity{"1", "n"}},
			"Content-Type: multipart/mixed; boundary=a; name=n\nMIME-Version: 1.0\nContent-Disposition: attachment; filename=n\n\n--a\n\nx\n--a--\n",
		},
		{
			"boundary with a quote", "Content-Type: multipart/mixed; boundary=\"a\\\"\\\\ b\"\n\n--a\"\\ b\n\nx\n--a\"\\ b--\n",
			[]Edit{RenameEntity{"1", "n"}},
			"Content-Type: multipart/mixed; boundary=\"a\\\"\\\\ b\"; name=n\nMIME-Version: 1.0\nContent-Disposition: attachment; filename=n\n\n--a\"\\ b\n\nx\n--a\"\\ b--\n",
		},
		{
			"message that breaks off", "A: b\nContent-Type: message/rfc822",
			[]Edit{change("1.1", 0, 0, "x"), RenameEntity{"1", "n"}},
			"A: b\nContent-Type: message/rfc822; name=n\nMIME-Version: 1.0\nContent-Disposition: attachment; filename=n\n\n\nx",
		},
		{"alike among others", "\nabc", []Edit{change("1", 1, 1, "x"), change("1", 1, 1, "y"), change("1", 1, 1, "x")}, "\naxybc"},
		{
			"other line ends in what is no text", "Content-Type: application/xhtml+xml\n\n<a>\n",
			[]Edit{change("1", 3, 3, "\r\n")},
			"Content-Type: application/xhtml+xml\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nPGE+DQoK\n",
		},
		{"the last replacement counts", partsMail, []Edit{
			ReplaceEntity{"1", "text/plain", "", []byte("first")}, ReplaceEntity{"1", "text/plain", "", []byte("last")},
		}, "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: inline\nContent-Transfer-Encoding: 7bit\n\nlast"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := write(t, parse(t, c.in), c.edits...); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// What comes later has the last word about an entity, whatever is to become of it.
func TestReplaceDroppedEntity(t *testing.T) {
	drop, text := DropEntity{"1.1"}, ReplaceEntity{"1.1", "text/plain", "", []byte("gone")}
	for _, c := range []struct {
		name  string
		edits []Edit
		want  string
	}{
		{"replaced", []Edit{drop, text}, "gone"},
		{"dropped", []Edit{text, drop}, "AAAA"},
		{"dropped twice, then replaced", []Edit{drop, drop, text}, "gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parse(t, write(t, parse(t, partsMail), c.edits...))
			if got := string(octetsOf(t, m.Part("1.1").Raw())); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A file name that is too long for a field is cut, and cannot break out of it.
func TestReplaceLongName(t *testing.T) {
	for _, name := range []string{strings.Repeat("x", 1000), strings.Repeat("ü", 1000), "=?utf-8?q?a?=", "a%2eb", "a'b"} {
		p := parse(t, write(t, parse(t, partsMail), ReplaceEntity{"1.1", "text/plain", name, nil})).Part("1.1")
		if names := p.Filenames(); len(names) != 1 || names[0] != cutUTF8(name, maxNameOctets) || len(p.Header[1].Raw) > maxLine {
			t.Errorf("%.20q: got %q", name, names)
		}
	}
}

// What a limit kept from being read is never edited: nobody knows what is in it.
func TestUnreadIsProtected(t *testing.T) {
	l := DefaultLimits()
	l.Parts = 2
	m := parseLimits(t, "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n", l)
	if one, two := m.Part("1.1"), m.Part("1.2"); one.Protected() || !two.Protected() || two.Seal() != nil {
		t.Errorf("protected: %v, %v, seal %v", one.Protected(), two.Protected(), two.Seal())
	}
	after := parse(t, write(t, m, RenameEntity{"1.2", "a.txt"}))
	if names := after.Part("1.2").Filenames(); len(names) != 1 || names[0] != "a.txt" {
		t.Errorf("names %q", names)
	}
}

// One message is written by several goroutines at once, each with edits of its own.
func TestWriteAtOnce(t *testing.T) {
	m := parse(t, partsMail)
	var all sync.WaitGroup
	got := make([]bytes.Buffer, 8)
	for i := range got {
		all.Go(func() {
			edits := []Edit{EditBody{"1.1", []BodyChange{{0, 3, fmt.Sprint(i)}}}, RenameEntity{"1.2", fmt.Sprint(i)}, Rebuild{}}
			if err := m.Write(&got[i], edits); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range got {
		m := parse(t, got[i].String())
		if want := fmt.Sprint(i); string(octetsOf(t, m.Part("1.1").Open())) != want || m.Part("1.2").Filename() != want {
			t.Errorf("%d: got\n%s", i, &got[i])
		}
	}
}

// Of bodies that are long and written as a whole the second is made when its turn comes, also if the message is rebuilt then.
func TestEditLongBodies(t *testing.T) {
	long := strings.Repeat("some text\r\n", maxKept/20)
	part := "--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" + string(appendBase64(nil, []byte(long), "\r\n", true))
	m := parse(t, "Content-Type: multipart/mixed; boundary=b\r\n\r\n"+part+part+"--b--\r\n")
	edits := []Edit{EditBody{"1.1", []BodyChange{{0, 4, "one"}}}, RewriteBody{"1.2", []byte("two" + long)}}
	for _, list := range [][]Edit{edits, append(edits, Rebuild{})} {
		after := parse(t, write(t, m, list...))
		if got := string(octetsOf(t, after.Part("1.1").Open())); got != "one"+long[4:] {
			t.Errorf("%d edits: first body of %d octets, %.20q", len(list), len(got), got)
		}
		if got := string(octetsOf(t, after.Part("1.2").Open())); got != "two"+long {
			t.Errorf("%d edits: second body of %d octets, %.20q", len(list), len(got), got)
		}
	}
}

// A boundary that no field of ours can hold keeps nothing from being edited, and the structure stays.
func TestEditOddBoundary(t *testing.T) {
	for _, boundary := range []string{"b\x00c", "b\xffc", "b\u00fcc", "b\tc"} {
		head := "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\n"
		in := head + "\n--" + boundary + "\nContent-Type: text/html; charset=utf-16le; boundary=\"" + boundary + "\"\nContent-Transfer-Encoding: base64\n\nPABiAD4AeAA=\n--" + boundary + "--\n"
		m := parse(t, in)
		after := parse(t, write(t, m, RenameEntity{"1", "a"}, EditBody{"1.1", []BodyChange{{0, 3, "<i>"}}}))
		p := after.Part("1.1")
		if p == nil || p.MediaType != "text/html" || string(octetsOf(t, p.Open())) != "<i>x" || after.Root().Filename() != "a" {
			t.Errorf("boundary %q: got %q", boundary, octetsOf(t, after.Reader()))
		}
	}
}

// A line end in a boundary, which only the form of RFC 2231 can bring, begins no field.
func TestEditBoundaryWithLineEnd(t *testing.T) {
	m := parse(t, "Content-Type: text/plain; boundary*=''b%0AX-Y:%20z\n\nx\n")
	got := write(t, m, RenameEntity{"1", "a"})
	if after := parse(t, got); len(after.Header().Values("X-Y")) > 0 || after.Root().Filename() != "a" {
		t.Errorf("got %q", got)
	}
}

// To read a body for editing takes no more memory than the body.
func TestSourceMemory(t *testing.T) {
	long := strings.Repeat("some text\r\n", 400_000)
	m := parse(t, "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"+string(appendBase64(nil, []byte(long), "\r\n", true)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	src, err := m.Root().Source(1 << 30)
	runtime.ReadMemStats(&after)
	if err != nil || string(src.Text) != long {
		t.Fatalf("got %d octets, %v", len(src.Text), err)
	}
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(len(long)+len(long)/8); got > most {
		t.Errorf("took %d octets for a body of %d", got, len(long))
	}
}
