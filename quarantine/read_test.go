// SPDX-License-Identifier: Apache-2.0

package quarantine

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// list gives the IDs of the messages that a filter lets through; those of entries with an error have a "!".
func list(s *Store, f Filter) string {
	var ids []string
	for e, err := range s.List(f) {
		switch {
		case e == nil:
			ids = append(ids, "error")
		case err != nil:
			ids = append(ids, "!"+string(e.ID[len(idTime)+1:]))
		default:
			ids = append(ids, e.Envelope.ID)
		}
	}
	return strings.Join(ids, " ")
}

func TestList(t *testing.T) {
	s, c := newStore(t, Options{})
	for i := range 5 { // A0 two days ago, A1 and A2 yesterday, A3 and A4 today, a minute apart.
		c.t = morning.AddDate(0, 0, (i+1)/2-2).Add(time.Duration(i) * time.Minute)
		env := testEnvelope(fmt.Sprintf("A%d", i))
		class, shelf := filters.Virus, "virus"
		if i%2 == 1 {
			class, shelf = filters.HTML, "odd"
			env.MailFrom = mail.Path{}
			env.RcptTo = env.RcptTo[:1]
		}
		d := policy.Disposition{Store: []string{shelf}, Because: []policy.Reason{{Class: "high_spam"}}}
		put(t, s, NewEntry(env, []filters.Finding{{Class: class}}, env.RcptTo, []policy.Disposition{d, d}[:len(env.RcptTo)]))
	}
	tests := []struct {
		name   string
		filter Filter
		want   string
	}{
		{"all", Filter{}, "A4 A3 A2 A1 A0"},
		{"limit", Filter{Limit: 2}, "A4 A3"},
		{"limit of those let through", Filter{Class: "virus", Limit: 2}, "A4 A2"},
		{"since", Filter{Since: morning.AddDate(0, 0, -1).Add(2 * time.Minute)}, "A4 A3 A2"},
		{"since a day", Filter{Since: morning.Truncate(24 * time.Hour)}, "A4 A3"},
		{"until", Filter{Until: morning.Add(4 * time.Minute)}, "A3 A2 A1 A0"},
		{"until a day", Filter{Until: morning.AddDate(0, 0, -1).Truncate(24 * time.Hour)}, "A0"},
		{"between, in another zone", Filter{Since: morning.AddDate(0, 0, -1).In(time.FixedZone("", 5*3600)), Until: morning.In(time.FixedZone("", -12*3600))}, "A2 A1"},
		{"message", Filter{Message: "A3"}, "A3"},
		{"no such message", Filter{Message: "A"}, ""},
		{"from", Filter{From: "*@example.net"}, "A4 A2 A0"},
		{"from null", Filter{From: "<>"}, "A3 A1"},
		{"rcpt", Filter{Rcpt: "*rg@example.org"}, "A4 A2 A0"},
		{"rcpt, the first", Filter{Rcpt: "a*@example.org"}, "A4 A3 A2 A1 A0"},
		{"class", Filter{Class: "html"}, "A3 A1"},
		{"class of a reason", Filter{Class: "high_spam"}, "A4 A3 A2 A1 A0"},
		{"no such class", Filter{Class: "spam"}, ""},
		{"shelf", Filter{Shelf: "odd"}, "A3 A1"},
		{"no such shelf", Filter{Shelf: "even"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := list(s, tt.filter); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestListEndsWhenAsked: who breaks off the loop gets no more.
func TestListEndsWhenAsked(t *testing.T) {
	s, _ := newStore(t, Options{})
	put(t, s, testEntry("A1"))
	put(t, s, testEntry("A2"))
	for range s.List(Filter{}) {
		break
	}
}

// TestListOdd: what is damaged is shown; what is not ours, or not complete, is not.
func TestListOdd(t *testing.T) {
	s, _ := newStore(t, Options{})
	put(t, s, testEntry("A5"))
	const base = "2026-11-22/20261122-093015.042-"
	for name, text := range map[string]string{
		base + "A1.json":              `{`,
		base + "A2.json":              `{"version": 1, "id": "20261122-093015.042-A5"}`,
		base + "A3.json":              `{"version": 2, "id": 7, "envelope": {"id": "A3"}}`,
		base + "A4.json":              `{"id": "20261122-093015.042-A4"}`,
		base + "A6.eml":               `half`,
		base + "A7.json.tmp":          `{}`,
		"2026-11-22/notes.json":       `{}`,
		"2026-11-22/.json":            `{}`,
		"20261122-093015.042-A8.json": `{}`,
		"2026-11-21":                  `a file`,
	} {
		if err := s.root.WriteFile(name, []byte(text), fileMode); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.root.Mkdir("lost+found", 0o700); err != nil {
		t.Fatal(err)
	}
	got := list(s, Filter{})
	want := "A5 !A4 A3 !A2 !A1 error"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestOldEntries: what earlier versions kept can be read by this one.
func TestOldEntries(t *testing.T) {
	s := reopen(t, "testdata/store", Options{})
	e, err := s.Get("20261122-093015.042-A1")
	if err != nil {
		t.Fatal(err)
	}
	want := testEntry("A1")
	want.Version, want.ID, want.Time, want.State, want.Size = 1, e.ID, morning, Released, 21
	want.SHA256 = "9e9ebcf817d4c464fced30ac036fc661ae1cd7ee1b2f0dffaad0c64c4f832675"
	for i := range want.Recipients {
		want.Recipients[i].Score = 0 // It was not kept yet.
	}
	want.Releases = []Release{{Time: morning.Add(time.Hour), Recipients: []Path{"<a@example.org>"}, Reply: "250 2.0.0 Ok: queued as 4F9"}}
	if diff := cmp.Diff(&want, e); diff != "" {
		t.Errorf("Get (-want +got):\n%s", diff)
	}
	f, err := s.Open(e.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := e.verify(f); err != nil {
		t.Error(err)
	}
}

func FuzzEntry(f *testing.F) {
	text, err := os.ReadFile("testdata/store/2026-11-22/20261122-093015.042-A1.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"version": 2, "id": 7}`))
	f.Add([]byte(`{"version": 1, "recipients": [{"path": {"base64": "AA=="}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := unmarshal(text)
		if err != nil {
			return
		}
		if e.Version < 1 {
			t.Fatalf("version %d", e.Version)
		}
		e.Mail()
		e.HasClass("virus")
		if e.Version != version {
			return
		}
		// What was read is written such that it reads the same.
		written, err := marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		again, err := unmarshal(written)
		if err != nil {
			t.Fatal(err)
		}
		rewritten, err := marshal(again)
		if err != nil || !bytes.Equal(written, rewritten) {
			t.Fatalf("%v\n%s\n%s", err, written, rewritten)
		}
	})
}
