// SPDX-License-Identifier: Apache-2.0

package filters

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// opens is a filter that has the message unpacked, and finds nothing.
type opens struct{ u *unpack.Unpacker }

func (o opens) Inspect(ctx context.Context, _ *mail.Envelope, msg *mail.Message) ([]Finding, error) {
	_, err := o.u.Contents(ctx, msg)
	return nil, err
}

func attachment(name, content string) string {
	return fmt.Sprintf("Content-Type: application/octet-stream; name=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
		name, base64.StdEncoding.EncodeToString([]byte(content)))
}

// sealedZip is an archive with one member that needs a password nobody knows.
func sealedZip(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	m, err := w.Create("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Write([]byte("0123456789abcdef")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	zip := b.Bytes()
	record := bytes.Index(zip, []byte("PK\x01\x02"))
	zip[6] |= 1
	zip[record+8] |= 1
	zip[record+16] ^= 1 // Not the checksum of what comes out.
	return string(zip)
}

// What could not be opened is a finding of the chain, once however many filters have looked, and not at all if none did.
func TestContentFindings(t *testing.T) {
	inner := "Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"
	twoWays := "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(inner)) + "\r\n"
	tests := []struct {
		name, text string
		want       []string
	}{
		{"clean", attachment("a.txt", "x"), nil},
		{"encrypted", attachment("e.zip", sealedZip(t)), []string{"content.encrypted encrypted 1 e.zip/a: e.zip/a: needs a password"}},
		{"read in two ways", twoWays, []string{
			"content.ambiguous ambiguous 1 part 1: part 1: the message inside can be read in two ways: mime.two_boundaries",
			"content.ambiguous ambiguous 1 part 1: part 1: the message inside can be read in two ways: mime.no_parts",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := &unpack.Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
			for name, stages := range map[string][]Stage{
				"in one stage": {{{Name: "a", Filter: opens{u}}, {Name: "b", Filter: opens{u}}}},
				"in two":       {{{Name: "a", Filter: opens{u}}}, {{Name: "b", Filter: opens{u}}}},
				"not at all":   {{{Name: "a", Filter: finds()}}},
			} {
				c, err := NewChain(stages, ChainConfig{Unpacker: u})
				if err != nil {
					t.Fatal(err)
				}
				msg, err := mail.Parse(bytes.NewReader([]byte(tt.text)), int64(len(tt.text)), mail.NewBudget(mail.DefaultLimits(), nil))
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, f := range c.Run(t.Context(), nil, msg, nil).Findings {
					if f.Filter == reader && f.Code != "mime.ambiguous" {
						got = append(got, fmt.Sprintf("%s %s %s %s: %s", f.Code, f.Class, f.Part, f.File, f.Detail))
					}
				}
				want := tt.want
				if name == "not at all" {
					want = nil
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s (-want +got):\n%s", name, d)
				}
				if err := msg.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A kind of problem that nobody knows is no answer.
func TestUnknownProblemIsAFailure(t *testing.T) {
	got := contentFindings(&unpack.Contents{Problems: []unpack.Problem{{Kind: "new"}}})
	if len(got) != 1 || got[0].Class != Failure {
		t.Errorf("got %+v", got)
	}
}

// Findings about what is signed say so, with the outermost entity that is.
func TestSignedFindings(t *testing.T) {
	text := "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n" +
		"--s\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nx\r\n--i--\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\ny\r\n--s--\r\n" +
		"--m\r\n\r\nz\r\n--m--\r\n"
	msg, err := mail.Parse(bytes.NewReader([]byte(text)), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	got := signed(msg, []Finding{{Part: "1.1.1.1"}, {Part: "1.1"}, {Part: "1.2"}, {Part: ""}})
	for i, want := range []mail.PartID{"1.1", "1.1", "", ""} {
		if got[i].Signed != want {
			t.Errorf("part %s: got %q, want %q", got[i].Part, got[i].Signed, want)
		}
	}
}
