// SPDX-License-Identifier: Apache-2.0

package quarantine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
)

// sent is what a Sender was called with.
type sent struct {
	id      ID
	message string
	rcpts   []mail.Path
}

// sender is a next hop that takes the message for the first n recipients, or for all, and then has an error or none.
func (s *sent) sender(n int, err error) Sender {
	return func(_ context.Context, e *Entry, r *io.SectionReader, rcpts []mail.Path) ([]mail.Path, string, error) {
		text, readErr := io.ReadAll(r)
		if readErr != nil {
			return nil, "", readErr
		}
		*s = sent{e.ID, string(text), rcpts}
		return rcpts[:min(n, len(rcpts))], "250 2.0.0 Ok", err
	}
}

func TestRelease(t *testing.T) {
	others := []mail.Path{mail.NewPath("other@example.org")}
	original := testEnvelope("A1").RcptTo
	for _, tt := range []struct {
		name        string
		rcpts, want []mail.Path
	}{{"to the original recipients", nil, original}, {"to others", others, others}} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := newStore(t, Options{})
			id := put(t, s, testEntry("A1"))
			var got sent
			taken, err := s.Release(t.Context(), id, tt.rcpts, got.sender(9, nil))
			if err != nil || !slices.Equal(taken, tt.want) {
				t.Fatalf("Release = %v, %v, want %v", taken, err, tt.want)
			}
			if diff := cmp.Diff(sent{id, testMessage, tt.want}, got, cmp.AllowUnexported(sent{})); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			e, err := s.Get(id)
			if err != nil {
				t.Fatal(err)
			}
			want := Release{Time: morning, Reply: "250 2.0.0 Ok"}
			for _, p := range tt.want {
				want.Recipients = append(want.Recipients, Path(p.Raw))
			}
			if diff := cmp.Diff([]Release{want}, e.Releases); diff != "" || e.State != Released {
				t.Errorf("state %s, Releases (-want +got):\n%s", e.State, diff)
			}
		})
	}
}

// TestReleaseFails: only what the next hop took is marked.
func TestReleaseFails(t *testing.T) {
	s, _ := newStore(t, Options{})
	id := put(t, s, testEntry("A1"))
	refused := errors.New("452 4.3.1 full")
	var got sent
	if taken, err := s.Release(t.Context(), id, nil, got.sender(0, refused)); !errors.Is(err, refused) || len(taken) > 0 {
		t.Errorf("Release = %v, %v, want error %v", taken, err, refused)
	}
	if e, err := s.Get(id); err != nil || e.State != Kept || len(e.Releases) > 0 {
		t.Errorf("entry %+v, %v, want it unmarked", e, err)
	}
	taken, err := s.Release(t.Context(), id, nil, got.sender(1, refused))
	if !errors.Is(err, refused) || len(taken) != 1 {
		t.Errorf("Release = %v, %v, want one recipient and error %v", taken, err, refused)
	}
	e, err := s.Get(id)
	if err != nil || e.State != Released || len(e.Releases) != 1 || !slices.Equal(e.Releases[0].Recipients, []Path{e.Recipients[0].Path}) {
		t.Errorf("entry %+v, %v, want it marked for the first recipient", e, err)
	}
}

// TestReleaseUnmarked: that the message went out is not hidden by an error that follows.
func TestReleaseUnmarked(t *testing.T) {
	s, _ := newStore(t, Options{})
	id := put(t, s, testEntry("A1"))
	send := func(_ context.Context, _ *Entry, _ *io.SectionReader, rcpts []mail.Path) ([]mail.Path, string, error) {
		return rcpts, "250 2.0.0 Ok", s.Delete(id)
	}
	taken, err := s.Release(t.Context(), id, nil, send)
	if len(taken) != 2 || err == nil || !strings.Contains(err.Error(), "was sent, but is not marked as released") {
		t.Errorf("Release = %v, %v", taken, err)
	}
}

// TestReleaseChanged: a message that is not what was kept does not go out.
func TestReleaseChanged(t *testing.T) {
	for name, text := range map[string]string{
		"longer": testMessage + "x", "shorter": testMessage[1:], "other": strings.Replace(testMessage, "x", "y", 1),
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newStore(t, Options{})
			id := put(t, s, testEntry("A1"))
			if err := s.root.WriteFile(path(id, message), []byte(text), fileMode); err != nil {
				t.Fatal(err)
			}
			var got sent
			if _, err := s.Release(t.Context(), id, nil, got.sender(9, nil)); err == nil || got.id != "" {
				t.Errorf("error %v, sent %+v", err, got)
			}
		})
	}
}

// TestReleaseOfWrongSize: no part of a message goes out for the whole.
func TestReleaseOfWrongSize(t *testing.T) {
	s, _ := newStore(t, Options{})
	id := put(t, s, testEntry("A1"))
	if err := s.update(id, func(e *Entry) { e.Size-- }); err != nil {
		t.Fatal(err)
	}
	var got sent
	if _, err := s.Release(t.Context(), id, nil, got.sender(9, nil)); err == nil || got.id != "" {
		t.Errorf("error %v, sent %+v", err, got)
	}
}

func TestMarkReleased(t *testing.T) {
	s, _ := newStore(t, Options{})
	id := put(t, s, testEntry("A1"))
	if err := s.MarkReleased(id, nil, strings.Repeat("x", 2*MaxDetail)); err != nil {
		t.Fatal(err)
	}
	e, err := s.Get(id)
	if err != nil || len(e.Releases[0].Reply) != MaxDetail {
		t.Errorf("%+v, %v, want the reply cut", e, err)
	}
	if err := s.root.WriteFile(path(id, entry), []byte(`{"version": 2, "hold": true}`), fileMode); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkReleased(id, nil, ""); err == nil {
		t.Error("an entry of a later version was changed")
	}
	if text, err := s.root.ReadFile(path(id, entry)); string(text) != `{"version": 2, "hold": true}` {
		t.Errorf("entry is now %s, %v", text, err)
	}
}

func TestMarkOpened(t *testing.T) {
	s, c := newStore(t, Options{})
	id := put(t, s, testEntry("A1"))
	for i, who := range []string{"root", strings.Repeat("x", 2*MaxDetail)} {
		c.t = morning.Add(time.Duration(i) * time.Minute)
		if err := s.MarkOpened(id, who); err != nil {
			t.Fatal(err)
		}
	}
	e, err := s.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	want := []Opening{{morning, "root"}, {morning.Add(time.Minute), strings.Repeat("x", MaxDetail)}}
	if diff := cmp.Diff(want, e.Openings); diff != "" || e.State != Kept {
		t.Errorf("state %s, Openings (-want +got):\n%s", e.State, diff)
	}
}

// TestMarkReleasedAtOnce: the daemon and the command line do not overwrite each other's marks.
func TestMarkReleasedAtOnce(t *testing.T) {
	s, _ := newStore(t, Options{})
	id := put(t, s, testEntry("A1"))
	const each = 10
	var wg sync.WaitGroup
	for i := range 4 {
		other := reopen(t, s.root.Name(), s.opts)
		wg.Go(func() {
			for n := range each {
				if err := other.MarkReleased(id, nil, fmt.Sprintf("%d.%d", i, n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	e, err := s.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	replies := make(map[string]bool)
	for _, r := range e.Releases {
		replies[r.Reply] = true
	}
	if len(replies) != 4*each {
		t.Errorf("%d marks, want %d", len(replies), 4*each)
	}
}

func TestReleaseEdit(t *testing.T) {
	e := testEntry("A1")
	e.ID = "20261122-093015.042-A1"
	got := e.ReleaseEdit(morning)
	want := mail.AddField{Name: "Mailweir-Released", Value: "20261122-093015.042-A1; Sun, 22 Nov 2026 09:30:15 +0000"}
	if got != mail.Edit(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestMarkKeepsTheOwner: what an administrator marks stays readable for mailweir's own user.
func TestMarkKeepsTheOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root writes for others")
	}
	s, _ := newStore(t, Options{})
	id := put(t, s, testEntry("A1"))
	if err := s.root.Chown(path(id, entry), 10024, 10025); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkOpened(id, "admin"); err != nil {
		t.Fatal(err)
	}
	info, err := s.root.Lstat(path(id, entry))
	if err != nil {
		t.Fatal(err)
	}
	if st := info.Sys().(*syscall.Stat_t); st.Uid != 10024 || st.Gid != 10025 {
		t.Errorf("the entry belongs to %d:%d now", st.Uid, st.Gid)
	}
}
