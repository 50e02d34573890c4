// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
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

// walkMessage walks and collects; it fails the test if spools are left open.
func walkMessage(t testing.TB, msg *mail.Message) ([]found, []Problem) {
	t.Helper()
	u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
	var all []found
	problems, err := u.Walk(t.Context(), msg, func(l Leaf) error {
		b, err := io.ReadAll(l.Reader())
		all = append(all, found{l.String(), string(b)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := u.Spooler.Used(); n != 0 {
		t.Errorf("spools are still open: %d octets", n)
	}
	return all, problems
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

// A held leaf stays readable after visit, and is closed when it is released.
func TestHold(t *testing.T) {
	u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
	var held []Leaf
	var release []func()
	_, err := u.Walk(t.Context(), parse(t, message("z", zipBytes(stored("a", "one"), stored("b", "two"))), mail.DefaultLimits()), func(l Leaf) error {
		held, release = append(held, l), append(release, l.Hold())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"z=", "z/a=one", "z/b=two"} {
		b, err := io.ReadAll(held[i].Reader())
		if got := held[i].String() + "=" + string(b); err != nil || i > 0 && got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		release[i]()
		if _, err := held[i].Content.ReadAt(make([]byte, 1), 0); !errors.Is(err, mail.ErrSpoolClosed) {
			t.Errorf("after release: got %v, want %v", err, mail.ErrSpoolClosed)
		}
	}
}

// An identity-encoded body is read where it is.
func TestNoCopy(t *testing.T) {
	u := &Unpacker{} // Without a Spooler a copy would panic.
	msg := parse(t, []byte("Content-Transfer-Encoding: 8bit\r\n\r\nbody\r\n"), mail.DefaultLimits())
	n := 0
	if _, err := u.Walk(t.Context(), msg, func(l Leaf) error { n += int(l.Size); return nil }); err != nil || n != 6 {
		t.Errorf("got %d octets, %v, want 6", n, err)
	}
}

func TestWalkErrors(t *testing.T) {
	errVisit := errors.New("visit")
	msg := message("z", zipBytes(stored("a", "one")))
	t.Run("visit", func(t *testing.T) {
		for _, at := range []string{"z", "z/a"} {
			u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
			_, err := u.Walk(t.Context(), parse(t, msg, mail.DefaultLimits()), func(l Leaf) error {
				if l.String() == at {
					return errVisit
				}
				return nil
			})
			if !errors.Is(err, errVisit) {
				t.Errorf("visit of %s: got %v, want %v", at, err, errVisit)
			}
			if n := u.Spooler.Used(); n != 0 {
				t.Errorf("spools are still open: %d octets", n)
			}
		}
	})
	t.Run("context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
		_, err := u.Walk(ctx, parse(t, msg, mail.DefaultLimits()), func(Leaf) error { cancel(); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	})
	t.Run("spool", func(t *testing.T) {
		u := &Unpacker{Spooler: &mail.Spooler{Dir: t.TempDir() + "/missing"}}
		if _, err := u.Walk(t.Context(), parse(t, msg, mail.DefaultLimits()), func(Leaf) error { return nil }); err == nil {
			t.Error("a walk that could not spool has no error")
		}
	})
	t.Run("read", func(t *testing.T) {
		text := message("z", zipBytes(stored("a", "one")))
		r := &failing{Reader: bytes.NewReader(text)}
		m, err := mail.Parse(r, int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			t.Fatal(err)
		}
		r.err = errors.New("disk")
		u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
		if _, err := u.Walk(t.Context(), m, func(Leaf) error { return nil }); !errors.Is(err, r.err) {
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

// A held leaf of a message inside stays readable although the message's own content is no longer held by the walk.
func TestHoldInside(t *testing.T) {
	for name, inner := range map[string]string{
		"leaf":               "Content-Type: text/plain\r\n\r\nread me",
		"undeclared part":    "From: a\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nread me",
		"part in a preamble": "Content-Type: multipart/mixed; boundary=b\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\nread me\r\n--c--\r\n--b\r\n\r\nx\r\n--b--\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
			var held []Leaf
			var release []func()
			_, err := u.Walk(t.Context(), parse(t, encoded([]byte(inner), 2), mail.DefaultLimits()), func(l Leaf) error {
				held, release = append(held, l), append(release, l.Hold())
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			seen := false
			for i, l := range held {
				b, err := io.ReadAll(l.Reader())
				if err != nil {
					t.Errorf("%s: %v", l, err)
				}
				seen = seen || string(b) == "read me"
				release[i]()
			}
			if n := u.Spooler.Used(); n != 0 || !seen {
				t.Errorf("seen %t, %d octets still open", seen, n)
			}
		})
	}
}
