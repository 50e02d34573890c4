// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
)

func TestReadReply(t *testing.T) {
	tests := []struct {
		name, in string
		want     Reply
		enhanced string
		bad      bool
	}{
		{name: "one line", in: "250 2.1.0 Ok\r\n", want: Reply{250, []string{"2.1.0 Ok"}}, enhanced: "2.1.0"},
		{name: "many lines", in: "550-5.7.1 one\r\n550 5.7.1 two\r\n", want: Reply{550, []string{"5.7.1 one", "5.7.1 two"}}, enhanced: "5.7.1"},
		{name: "code only", in: "250\r\n", want: Reply{250, []string{""}}},
		{name: "no enhanced code", in: "250 4.1.0 no\r\n", want: Reply{250, []string{"4.1.0 no"}}},
		{name: "bare CR inside", in: "250 a\rb\r\n", want: Reply{250, []string{"a?b"}}},
		{name: "code changes", in: "250-a\r\n550 b\r\n", bad: true},
		{name: "no code", in: "Hello\r\n", bad: true},
		{name: "code out of range", in: "199 x\r\n", bad: true},
		{name: "no separator", in: "250_x\r\n", bad: true},
		{name: "cut", in: "250-a\r\n", bad: true},
		{name: "cut in a line", in: "250 a", bad: true},
		{name: "empty line", in: "\r\n", bad: true},
		{name: "line too long", in: "250 " + strings.Repeat("x", maxReplyLine) + "\r\n", bad: true},
		{name: "too many lines", in: strings.Repeat("250-x\r\n", maxReplyLines) + "250 x\r\n", bad: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readReply(bufio.NewReaderSize(strings.NewReader(tt.in), maxReplyLine))
			if (err != nil) != tt.bad {
				t.Fatalf("readReply(%.60q): got %v, %v", tt.in, got, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || got.Enhanced() != tt.enhanced {
				t.Errorf("readReply(%.60q), enhanced %q (-want +got):\n%s", tt.in, got.Enhanced(), diff)
			}
		})
	}
}

func FuzzReply(f *testing.F) {
	f.Add([]byte("250-a\r\n250 b\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := readReply(bufio.NewReaderSize(bytes.NewReader(in), maxReplyLine))
		if err != nil {
			return
		}
		again, err := readReply(bufio.NewReaderSize(bytes.NewReader(r.Append(nil)), maxReplyLine+8))
		if err != nil || !cmp.Equal(r, again) {
			t.Fatalf("%q: got %+v and back %+v, %v", in, r, again, err)
		}
	})
}

func FuzzDotWriter(f *testing.F) {
	f.Add([]byte(".a\r\n.\r\nb"), uint8(2))
	f.Add([]byte("\r\n.\r\r\n.\n."), uint8(1))
	f.Fuzz(func(t *testing.T, body []byte, piece uint8) {
		w := &dotWriter{h: &Hop{}, lineStart: true}
		for p := body; len(p) > 0; {
			n := min(int(piece%5)+1, len(p))
			if _, err := w.Write(p[:n]); err != nil {
				t.Fatal(err)
			}
			p = p[n:]
		}
		w.finish()
		got, rest, ok := unstuff(string(w.buf) + ".\r\n")
		want := string(body)
		if want != "" && !strings.HasSuffix(want, "\r\n") {
			want += "\r\n"
		}
		if !ok || rest != "" || got != want {
			t.Fatalf("%q was written as %q: read back as %q, rest %q", body, w.buf, got, rest)
		}
	})
}

// A body that is larger than the buffer goes out piece by piece, and comes back as it was.
func TestDotWriterLarge(t *testing.T) {
	next := startSink(t)
	hop := dialHop(t, next.Addr())
	body := []byte(strings.Repeat(strings.Repeat("x", 3000)+"\r\n..\r\n.y\r\n", 300))
	err := hop.Deliver(mail.NewPath("a@example.org"), mail.NewPath("b@example.org"), func(w io.Writer) error {
		for p := body; len(p) > 0; {
			n := min(100_001, len(p))
			if _, err := w.Write(p[:n]); err != nil {
				return err
			}
			p = p[n:]
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := next.Messages()[0].Data; !bytes.Equal(got, body) {
		t.Errorf("got %d octets, want %d, or others", len(got), len(body))
	}
}

func TestDeliverIsNotDoneWithout250(t *testing.T) {
	next := startSink(t)
	hop := dialHop(t, next.Addr())
	wrong := errors.New("wrong")
	err := hop.Deliver(mail.NewPath("a@example.org"), mail.NewPath("b@example.org"), func(io.Writer) error { return wrong })
	if !errors.Is(err, wrong) || !hop.InData() {
		t.Errorf("got %v, in data %v", err, hop.InData())
	}
	hop.Close()
	if n := len(next.Messages()); n != 0 {
		t.Errorf("%d messages were delivered", n)
	}
}
