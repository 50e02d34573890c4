// SPDX-License-Identifier: Apache-2.0

package quarantine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// clock is a clock that stands still until it is set.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

var morning = time.Date(2026, 11, 22, 9, 30, 15, 42_000_000, time.UTC)

// newStore opens a store in a folder of its own. It does not wait for the disk: TestPutOrder checks what is synced, and
// TestKilled and TestFullDisk do without this.
func newStore(t *testing.T, opts Options) (*Store, *clock) {
	t.Helper()
	c := &clock{morning}
	if opts.Now == nil {
		opts.Now = c.now
	}
	s := reopen(t, filepath.Join(t.TempDir(), "quarantine"), opts)
	s.sync = func(*os.File) error { return nil }
	return s, c
}

func reopen(t *testing.T, dir string, opts Options) *Store {
	t.Helper()
	s, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func testEnvelope(id string) *mail.Envelope {
	return &mail.Envelope{
		ID: id, Listener: "lmtp",
		Client:   mail.Client{Name: "mx.example.net", Addr: "2001:db8::1", Port: "25", Proto: "ESMTP", HELO: "mx", Ident: "4F8", Source: "REMOTE"},
		MailFrom: mail.ParsePath("<sender@example.net> SIZE=12 BODY=8BITMIME"),
		RcptTo:   []mail.Path{mail.ParsePath(`<"a b"@example.org> NOTIFY=NEVER`), mail.ParsePath("<J\xf6rg@example.org>")},
		Received: morning.Add(-time.Second),
	}
}

// testEntry is an entry about a virus, kept for two recipients.
func testEntry(id string) Entry {
	env := testEnvelope(id)
	findings := []filters.Finding{{Filter: "virus", Code: "virus.infected", Class: filters.Virus, Score: 0.5, Part: "1.2", Detail: "Eicar"}}
	d := policy.Disposition{
		Fate: policy.Quarantine, Store: []string{"virus"}, Policy: "default", Score: 0.5,
		Because: []policy.Reason{{Code: "virus.infected", Class: "virus", Rule: "default", Where: "f:1", Action: "quarantine", Fate: policy.Quarantine}},
	}
	return NewEntry(env, findings, env.RcptTo, []policy.Disposition{d, d})
}

const testMessage = "Subject: x\r\n\r\nbare\nline \x00\xff end, no line end"

// put puts the test message, which has to succeed.
func put(t *testing.T, s *Store, e Entry) ID {
	t.Helper()
	id, err := s.Put(t.Context(), e, strings.NewReader(testMessage), int64(len(testMessage)))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// files are the names below the store's folder, folders apart.
func files(t *testing.T, s *Store) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(s.root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPut(t *testing.T) {
	s, _ := newStore(t, Options{})
	id := put(t, s, testEntry("A1"))
	if want := ID("20261122-093015.042-A1"); id != want {
		t.Errorf("ID %s, want %s", id, want)
	}
	want := []string{"2026-11-22/20261122-093015.042-A1.eml", "2026-11-22/20261122-093015.042-A1.json"}
	if diff := cmp.Diff(want, files(t, s)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for _, name := range append(want, "2026-11-22", ".") {
		info, err := s.root.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		if perm := info.Mode().Perm(); info.IsDir() && perm&^0o750 != 0 || !info.IsDir() && perm&^0o640 != 0 {
			t.Errorf("%s has mode %s", name, info.Mode())
		}
	}
	f, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); string(got) != testMessage || err != nil {
		t.Errorf("message %q, %v, want %q", got, err, testMessage)
	}
}

func TestGet(t *testing.T) {
	s, _ := newStore(t, Options{})
	put := put(t, s, testEntry("A1"))
	got, err := s.Get(put)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(testMessage))
	because := []Reason{{Code: "virus.infected", Class: "virus", Rule: "default", Where: "f:1", Action: "quarantine"}}
	want := &Entry{
		Version: 1, ID: put, Time: morning, State: Kept, Shelves: []string{"virus"}, Size: int64(len(testMessage)), SHA256: hex.EncodeToString(sum[:]),
		Envelope: Envelope{
			ID: "A1", Listener: "lmtp", MailFrom: "<sender@example.net> SIZE=12 BODY=8BITMIME", Received: morning.Add(-time.Second),
			Client: Client{Name: "mx.example.net", Addr: "2001:db8::1", Port: "25", Proto: "ESMTP", HELO: "mx", Ident: "4F8", Source: "REMOTE"},
		},
		Recipients: []Recipient{
			{Path: `<"a b"@example.org> NOTIFY=NEVER`, Fate: "quarantine", Policy: "default", Score: 0.5, Because: because},
			{Path: "<J\xf6rg@example.org>", Fate: "quarantine", Policy: "default", Score: 0.5, Because: because},
		},
		Score:    0.5,
		Findings: []Finding{{Filter: "virus", Code: "virus.infected", Class: "virus", Score: 0.5, Part: "1.2", Detail: "Eicar"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Get (-want +got):\n%s", diff)
	}
	env := testEnvelope("A1")
	if diff := cmp.Diff(env, got.Mail()); diff != "" {
		t.Errorf("Mail (-want +got):\n%s", diff)
	}
}

// TestPutOrder: each file is on stable storage before its rename, and the folders before Put returns.
func TestPutOrder(t *testing.T) {
	s, _ := newStore(t, Options{})
	var got []string
	s.sync = func(f *os.File) error {
		name, _ := filepath.Rel(s.root.Name(), f.Name())
		got = append(got, name+": "+strings.Join(files(t, s), " "))
		return nil
	}
	put(t, s, testEntry("A1"))
	const base = "2026-11-22/20261122-093015.042-A1"
	want := []string{
		".: ",
		base + ".eml.tmp: " + base + ".eml.tmp",
		base + ".json.tmp: " + base + ".eml " + base + ".json.tmp",
		"2026-11-22: " + base + ".eml " + base + ".json",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what was synced, and the files then (-want +got):\n%s", diff)
	}
	got = nil
	put(t, s, testEntry("A2"))
	if len(got) != 3 {
		t.Errorf("the folder of the day was made again: %v", got)
	}
}

// TestPutFails: whatever goes wrong, it is told, and nothing is left.
func TestPutFails(t *testing.T) {
	broken := errors.New("broken")
	failAt := func(n int) func(*os.File) error {
		return func(f *os.File) error {
			if n--; n == 0 {
				return broken
			}
			return f.Sync()
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	size := int64(len(testMessage))
	tests := []struct {
		name string
		ctx  context.Context
		sync func(*os.File) error
		id   string
		r    io.Reader
		size int64
		want error // nil if any will do.
	}{
		{"sync of the store", t.Context(), failAt(1), "A1", strings.NewReader(testMessage), size, broken},
		{"sync of the message", t.Context(), failAt(2), "A1", strings.NewReader(testMessage), size, broken},
		{"sync of the entry", t.Context(), failAt(3), "A1", strings.NewReader(testMessage), size, broken},
		{"sync of the day", t.Context(), failAt(4), "A1", strings.NewReader(testMessage), size, broken},
		{"reading", t.Context(), (*os.File).Sync, "A1", io.MultiReader(strings.NewReader("x"), iotest.ErrReader(broken)), size, broken},
		{"too short", t.Context(), (*os.File).Sync, "A1", strings.NewReader(testMessage), size + 1, io.ErrUnexpectedEOF},
		{"too long", t.Context(), (*os.File).Sync, "A1", strings.NewReader(testMessage), size - 1, io.ErrUnexpectedEOF},
		{"cancelled", done, (*os.File).Sync, "A1", strings.NewReader(testMessage), size, context.Canceled},
		{"no ID", t.Context(), (*os.File).Sync, "", strings.NewReader(testMessage), size, nil},
		{"path in the ID", t.Context(), (*os.File).Sync, "../A1", strings.NewReader(testMessage), size, nil},
		{"long ID", t.Context(), (*os.File).Sync, strings.Repeat("A", 100), strings.NewReader(testMessage), size, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := newStore(t, Options{})
			s.sync = tt.sync
			id, err := s.Put(tt.ctx, testEntry(tt.id), tt.r, tt.size)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("Put = %s, %v, want error %v", id, err, tt.want)
			}
			if left := files(t, s); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
			s.sync = (*os.File).Sync
			put(t, s, testEntry("A1"))
		})
	}
}

// TestPutSame: entries for one message at one time do not overwrite each other, whatever is there of them.
func TestPutSame(t *testing.T) {
	s, _ := newStore(t, Options{})
	var got []ID
	for range 3 {
		got = append(got, put(t, s, testEntry("A1")))
	}
	const base = "20261122-093015.042-A1"
	want := []ID{base, base + "-2", base + "-3"}
	if !slices.Equal(got, want) {
		t.Errorf("IDs %v, want %v", got, want)
	}
	// Another process is about to write the fourth.
	if err := s.root.WriteFile("2026-11-22/"+base+"-4.eml.tmp", []byte("theirs"), fileMode); err != nil {
		t.Fatal(err)
	}
	if got := put(t, s, testEntry("A1")); got != base+"-5" {
		t.Errorf("ID %s, want %s-5", got, base)
	}
	if text, err := s.root.ReadFile("2026-11-22/" + base + "-4.eml.tmp"); string(text) != "theirs" {
		t.Errorf("the other's file is now %q, %v", text, err)
	}
	if got := len(files(t, s)); got != 4*2+1 {
		t.Errorf("%d files, want those of 4 entries and the other's: %v", got, files(t, s))
	}
	for n := 6; n <= maxSame; n++ {
		put(t, s, testEntry("A1"))
	}
	if _, err := s.Put(t.Context(), testEntry("A1"), strings.NewReader(""), 0); err == nil {
		t.Error("no end to entries for one message")
	}
}

// TestFolderVanishes: an operator's broom in the folder of today is no reason to refuse mail for the rest of it.
func TestFolderVanishes(t *testing.T) {
	s, _ := newStore(t, Options{})
	put(t, s, testEntry("A1"))
	if err := s.root.RemoveAll("2026-11-22"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(put(t, s, testEntry("A2"))); err != nil {
		t.Error(err)
	}
}

func TestNextDay(t *testing.T) {
	s, c := newStore(t, Options{})
	put(t, s, testEntry("A1"))
	c.t = time.Date(2026, 11, 23, 1, 0, 0, 0, time.FixedZone("CET", 3600)) // Midnight in UTC.
	id := put(t, s, testEntry("A2"))
	if id.day() != "2026-11-23" || id.Time() != c.t.UTC() {
		t.Errorf("ID %s of day %s at %s", id, id.day(), id.Time())
	}
	if _, err := s.Get(id); err != nil {
		t.Error(err)
	}
}

// TestEntryIsBounded: what a message makes filters find does not make its entry large.
func TestEntryIsBounded(t *testing.T) {
	env := testEnvelope("A1")
	var findings []filters.Finding
	var because []policy.Reason
	for range 5000 {
		findings = append(findings, filters.Finding{Code: "a.b", Class: filters.HTML, Score: math.NaN(), Detail: "x" + strings.Repeat("ä", 5000)})
		because = append(because, policy.Reason{Code: "a.b"})
	}
	d := policy.Disposition{Because: because}
	e := NewEntry(env, findings, env.RcptTo, []policy.Disposition{d, d})
	if len(e.Findings) != MaxFindings || e.Omitted != 4000 || len(e.Recipients[1].Because) != MaxReasons {
		t.Errorf("%d findings, %d left out, %d reasons", len(e.Findings), e.Omitted, len(e.Recipients[1].Because))
	}
	if got := e.Findings[0]; got.Detail != "x"+strings.Repeat("ä", MaxDetail/2-1) || got.Score != 0 {
		t.Errorf("detail of %d octets, score %v", len(got.Detail), got.Score)
	}
	s, _ := newStore(t, Options{})
	if _, err := s.Get(put(t, s, e)); err != nil {
		t.Error(err)
	}
}

func TestOpenFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(t.TempDir(), "no", "such", "folder")} {
		if s, err := Open(dir, Options{}); err == nil {
			_ = s.Close()
			t.Errorf("opened %s", dir)
		}
	}
}

func TestID(t *testing.T) {
	for _, ok := range []string{"20261122-093015.042-A1", "20261122-093015.042-a_B-2", "20261122-093015.042--"} {
		if id, err := ParseID(ok); err != nil || string(id) != ok {
			t.Errorf("ParseID(%q) = %q, %v", ok, id, err)
		}
	}
	s, _ := newStore(t, Options{})
	for _, bad := range []string{
		"", "A1", "20261122-093015.042", "20261122-093015.042-", "20261122-093015.042A1", "20261322-093015.042-A1",
		"20261122-093015.042-a/b", "20261122-093015.042-../../x", "20261122-093015.042-a.b", "../20261122-093015.042-A1",
		"20261122-093015.042-A1\x00", "20261122-093015.042-A1\n", "20261122-093015,042-A1", "20261122-093015.042-" + strings.Repeat("A", 100),
	} {
		if id, err := ParseID(bad); err == nil {
			t.Errorf("ParseID(%q) = %q", bad, id)
		}
		_, getErr := s.Get(ID(bad))
		f, openErr := s.Open(ID(bad))
		if f != nil {
			f.Close()
		}
		for name, err := range map[string]error{
			"Get": getErr, "Open": openErr, "Delete": s.Delete(ID(bad)), "MarkReleased": s.MarkReleased(ID(bad), nil, ""),
			"MarkOpened": s.MarkOpened(ID(bad), ""),
		} {
			if err == nil || !strings.Contains(err.Error(), "is no quarantine ID") {
				t.Errorf("%s(%q): error %v", name, bad, err)
			}
		}
	}
}

func TestNoSuchEntry(t *testing.T) {
	s, _ := newStore(t, Options{})
	const id = "20261122-093015.042-A1"
	for range 2 { // Without the folder of the day, and then with it.
		_, getErr := s.Get(id)
		_, openErr := s.Open(id)
		_, releaseErr := s.Release(t.Context(), id, nil, nil)
		for name, err := range map[string]error{
			"Get": getErr, "Open": openErr, "Release": releaseErr, "Delete": s.Delete(id), "MarkReleased": s.MarkReleased(id, nil, ""),
		} {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: error %v, want %v", name, err, fs.ErrNotExist)
			}
		}
		put(t, s, testEntry("B2"))
	}
}

func TestDelete(t *testing.T) {
	s, _ := newStore(t, Options{})
	id, other := put(t, s, testEntry("A1")), put(t, s, testEntry("A2"))
	f, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := s.Delete(id); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(id); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get after Delete: %v", err)
	}
	if got, err := io.ReadAll(f); string(got) != testMessage {
		t.Errorf("message that was open: %q, %v", got, err)
	}
	if left := files(t, s); len(left) != 2 || !strings.Contains(left[0], string(other)) {
		t.Errorf("left: %v, want the files of %s", left, other)
	}
}
