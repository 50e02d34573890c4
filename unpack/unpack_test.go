// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
)

// message makes a message with one attachment, in base64.
func message(name string, content []byte) []byte {
	return fmt.Appendf(nil, "Content-Type: application/octet-stream; name=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
		name, base64.StdEncoding.EncodeToString(content))
}

func parse(t testing.TB, text []byte, l mail.Limits) *mail.Message {
	t.Helper()
	msg, err := mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(l, nil))
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// found is a leaf as a test sees it.
type found struct{ place, content string }

// contents walks; the message is closed when the test ends.
func contents(t testing.TB, u *Unpacker, msg *mail.Message) *Contents {
	t.Helper()
	c, err := u.Contents(t.Context(), msg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := msg.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func read(t testing.TB, l *Leaf) string {
	t.Helper()
	b, err := io.ReadAll(l.Reader())
	if err != nil {
		t.Fatalf("%s: %v", l, err)
	}
	return string(b)
}

// walkMessage walks and collects; it fails the test if the closed message keeps memory.
func walkMessage(t testing.TB, msg *mail.Message) ([]found, []Problem) {
	t.Helper()
	u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
	c := contents(t, u, msg)
	var all []found
	for _, l := range c.Leaves {
		all = append(all, found{l.String(), read(t, l)})
	}
	if err := msg.Close(); err != nil {
		t.Error(err)
	}
	if n := u.Spooler.Used(); n != 0 {
		t.Errorf("spools are still open: %d octets", n)
	}
	return all, c.Problems
}

func walkFile(t testing.TB, zip []byte) ([]found, []Problem) {
	t.Helper()
	all, problems := walkMessage(t, parse(t, message("f", zip), mail.DefaultLimits()))
	if len(all) == 0 || all[0].content != string(zip) {
		t.Fatal("the file itself was not visited first")
	}
	return all[1:], problems
}

func checkLeaves(t testing.TB, leaves []found, want []string) {
	t.Helper()
	var got []string
	for i, l := range leaves {
		s := strings.TrimPrefix(l.place, "f/") + "=" + l.content
		if i < len(want) && strings.HasSuffix(want[i], "=") && strings.HasPrefix(s, want[i]) {
			s = want[i] // The content does not matter.
		}
		got = append(got, s)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("leaves (-want +got):\n%s", d)
	}
}

func checkProblems(t testing.TB, problems []Problem, want []string) {
	t.Helper()
	var got []string
	for i, p := range problems {
		s := fmt.Sprintf("%s %s: %s", p.Kind, strings.Join(p.Names, "/"), p.Detail)
		if i < len(want) && strings.HasPrefix(s, want[i]) {
			s = want[i]
		}
		got = append(got, s)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
}

func TestWalkLeaves(t *testing.T) {
	zip := zipBytes(stored("in", "packed"))
	text := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\n\r\nplain\r\n" +
		"--b\r\nContent-Type: text/plain; name=q.txt\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\n\r\n" + string(message("z.zip", zip)) +
		"--b--\r\n"
	got, problems := walkMessage(t, parse(t, []byte(text), mail.DefaultLimits()))
	want := []found{
		{"part 1.1", "plain"},
		{"q.txt", "a=b"},
		{"z.zip", string(zip)},
		{"z.zip/in", "packed"},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(found{})); d != "" {
		t.Errorf("leaves (-want +got):\n%s", d)
	}
	checkProblems(t, problems, nil)
}

// Leaves are readable until the message is closed, and all who ask get the same ones.
func TestContentsAreShared(t *testing.T) {
	u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
	msg := parse(t, message("z", zipBytes(stored("a", "one"), stored("b", "two"))), mail.DefaultLimits())
	c := contents(t, u, msg)
	if again := contents(t, u, msg); again != c {
		t.Error("walked twice")
	}
	for i, want := range []string{"", "one", "two"} {
		if got := read(t, c.Leaves[i]); i > 0 && got != want {
			t.Errorf("%s: got %q, want %q", c.Leaves[i], got, want)
		}
	}
	if l := c.Leaves[2]; l.Within != c.Leaves[0] || l.By != "zip" || l.Kept != Archive || l.Depth != 1 || len(l.Aliases) == 0 || l.Aliases[0] != "b" {
		t.Errorf("got %+v", l)
	}
	if err := msg.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Leaves[1].Content.ReadAt(make([]byte, 1), 0); !errors.Is(err, mail.ErrSpoolClosed) {
		t.Errorf("after Close: got %v, want %v", err, mail.ErrSpoolClosed)
	}
	if n := u.Spooler.Used(); n != 0 {
		t.Errorf("spools are still open: %d octets", n)
	}
}

// An identity-encoded body is read where it is.
func TestNoCopy(t *testing.T) {
	u := &Unpacker{Spooler: &mail.Spooler{Dir: t.TempDir() + "/missing"}} // A copy would fail.
	c := contents(t, u, parse(t, []byte("Content-Transfer-Encoding: 8bit\r\n\r\nbody\r\n"), mail.DefaultLimits()))
	if len(c.Leaves) != 1 || read(t, c.Leaves[0]) != "body\r\n" {
		t.Errorf("got %v", c.Leaves)
	}
}

func TestWalkErrors(t *testing.T) {
	msg := message("z", zipBytes(stored("a", "one")))
	t.Run("context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
		if _, err := u.walk(ctx, parse(t, msg, mail.DefaultLimits())); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		if n := u.Spooler.Used(); n != 0 {
			t.Errorf("spools are still open: %d octets", n)
		}
	})
	t.Run("spool", func(t *testing.T) {
		u := &Unpacker{Spooler: &mail.Spooler{Dir: t.TempDir() + "/missing"}}
		if _, err := u.Contents(t.Context(), parse(t, msg, mail.DefaultLimits())); err == nil {
			t.Error("a walk that could not spool has no error")
		}
	})
	t.Run("read", func(t *testing.T) {
		r := &failing{Reader: bytes.NewReader(msg)}
		m, err := mail.Parse(r, int64(len(msg)), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			t.Fatal(err)
		}
		r.err = errors.New("disk")
		u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
		if _, err := u.Contents(t.Context(), m); !errors.Is(err, r.err) {
			t.Errorf("got %v, want %v", err, r.err)
		}
	})
}

// failing is a message whose disk fails once err is set.
type failing struct {
	*bytes.Reader
	err error
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Reader.ReadAt(p, off)
}

// Leaves of messages inside are leaves, however they hide.
func TestLeavesInside(t *testing.T) {
	for name, inner := range map[string]string{
		"leaf":               "Content-Type: text/plain\r\n\r\nread me",
		"undeclared part":    "From: a\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nread me",
		"part in a preamble": "Content-Type: multipart/mixed; boundary=b\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\nread me\r\n--c--\r\n--b\r\n\r\nx\r\n--b--\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			leaves, _ := walkMessage(t, parse(t, encoded([]byte(inner), 2), mail.DefaultLimits()))
			if !slices.ContainsFunc(leaves, func(l found) bool { return l.content == "read me" }) {
				t.Errorf("not seen in %q", leaves)
			}
		})
	}
}
