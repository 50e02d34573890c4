// SPDX-License-Identifier: Apache-2.0

// Package content tests the filters that look into messages, together and over folders of other people's mail and files, which are
// no part of the project: MAILWEIR_CORPORA names where they lie.
package content

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/gateway"
	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// What one file may cost. The time is held where MAILWEIR_TIMES is set, as "make torture" does: with the race detector, or beside other tests, it
// tells nothing.
const (
	maxTime   = 2 * time.Second
	maxMemory = 100 << 20
)

// TestTortureContent has every file of the corpora mime, evasion and attach looked into, and prints a table of what was found by set.
func TestTortureContent(t *testing.T) {
	root := corpora.Dir(t)
	e := newEngine(t)
	var table strings.Builder
	table.WriteString("| Set | Files | Leaves | Flagged | Ambiguous | Unscannable | Encrypted | File | HTML | Macro | Phishing | Slowest | Most memory |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, corpus := range []string{"mime", "evasion", "attach"} {
		sets, err := os.ReadDir(filepath.Join(root, corpus))
		if err != nil {
			t.Logf("no corpus %s: %v", corpus, err)
			continue
		}
		for _, set := range sets {
			name := corpus + "/" + set.Name()
			t.Run(name, func(t *testing.T) {
				row := torture(t, e, filepath.Join(root, name), corpus == "attach")
				fmt.Fprintf(&table, "| %s %s\n", name, row)
			})
		}
	}
	t.Logf("results by set:\n%s", table.String())
}

// lookers are the filters that look at content by themselves.
func lookers() []string { return []string{"attachments", "html", "macros", "phishing"} }

// newEngine has all filters that look at content, with their defaults.
func newEngine(t testing.TB) *gateway.Engine { return engineOf(t, lookers()...) }

func engineOf(t testing.TB, chain ...string) *gateway.Engine {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "mailweir.yaml")
	text := fmt.Sprintf("listen: [{address: \"unix:%s/in\", next_hop: \"unix:%s/out\"}]\nwork_dir: %s\nquarantine: {dir: %s}\nchain: [[%s]]\n",
		dir, dir, dir, dir, strings.Join(chain, ", "))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	e, err := gateway.NewEngine(cfg, filters.LogOrNone(nil), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// tally is what was seen of one set.
type tally struct {
	files, leaves, flagged int
	classes                map[filters.Class]int // Messages with a finding of the class.
	slowest                time.Duration
	slow                   string
	memory                 int64
	large                  string
}

func (s *tally) String() string {
	c := s.classes
	return fmt.Sprintf("| %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d ms %s | %d MiB %s |", s.files, s.leaves, s.flagged,
		c[filters.Ambiguous], c[filters.Unscannable], c[filters.Encrypted], c[filters.File], c[filters.HTML], c[filters.Macro], c[filters.Phishing],
		s.slowest.Milliseconds(), s.slow, s.memory>>20, s.large)
}

// torture looks into every file of a folder. Files that are no messages are attached to one.
func torture(t *testing.T, e *gateway.Engine, dir string, attach bool) *tally {
	s := &tally{classes: map[filters.Class]int{}}
	for file := range files(t, dir) {
		name, err := filepath.Rel(dir, file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if attach {
			text = attached(filepath.Base(file), text)
		}
		s.look(t, e, name, text)
	}
	return s
}

func files(t *testing.T, dir string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			all[path] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func attached(name string, content []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: a@example.org\r\nSubject: a file\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n", name)
	for rest := content; len(rest) > 0; {
		n := min(len(rest), 57)
		b.WriteString(base64.StdEncoding.EncodeToString(rest[:n]) + "\r\n")
		rest = rest[n:]
	}
	return b.Bytes()
}

func (s *tally) look(t *testing.T, e *gateway.Engine, name string, text []byte) {
	env := &mail.Envelope{ID: "torture", MailFrom: mail.NewPath("a@example.org"), RcptTo: []mail.Path{mail.NewPath("b@example.net")}}
	peak := watchMemory()
	began := time.Now()
	a, err := e.Inspect(t.Context(), env, bytes.NewReader(text), int64(len(text)))
	took := time.Since(began)
	memory := peak()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	defer func() {
		if p := a.Release(); p != nil {
			<-p
		}
	}()
	s.count(a)
	if took > s.slowest {
		s.slowest, s.slow = took, name
	}
	if memory > s.memory {
		s.memory, s.large = memory, name
	}
	if late := took > maxTime && os.Getenv("MAILWEIR_TIMES") != ""; late || memory > maxMemory {
		t.Errorf("%s: took %v and %d MiB", name, took, memory>>20)
	}
	for _, f := range a.Result.Findings {
		if f.Class == filters.Failure {
			t.Errorf("%s: no answer: %s: %s", name, f.Code, f.Detail)
		}
	}
	in, err := e.Unpacker.Contents(context.Background(), a.Message)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	s.leaves += len(in.Leaves)
	for _, l := range unaccounted(in) {
		t.Errorf("%s: %s is of type %s, and nobody says what became of what is in it", name, l, l.Type.Name)
	}
}

func (s *tally) count(a *gateway.Account) {
	s.files++
	seen := map[filters.Class]bool{}
	for _, f := range a.Result.Findings {
		seen[f.Class] = true
	}
	if len(seen) > 0 {
		s.flagged++
	}
	for c := range maps.Keys(seen) {
		s.classes[c]++
	}
}

// unaccounted are the containers that were neither opened nor named, with what is in them, as what could not be. A few octets hold no
// file; and another reading of a body is not held to be an archive.
func unaccounted(in *unpack.Contents) []*unpack.Leaf {
	opened := map[*unpack.Leaf]bool{}
	for _, l := range in.Leaves {
		opened[l.Within] = true
	}
	return slices.DeleteFunc(slices.Clone(in.Leaves), func(l *unpack.Leaf) bool {
		return l.Type.Group != filetype.Archive || l.Size <= 64 || l.Empty || opened[l] || l.Kept == unpack.Reading || named(in.Problems, l.Place)
	})
}

// named tells if a problem is about the place or something in it.
func named(problems []unpack.Problem, at unpack.Place) bool {
	return len(problems) == unpack.MaxProblems || slices.ContainsFunc(problems, func(p unpack.Problem) bool {
		return strings.HasPrefix(p.Place.String(), at.String())
	})
}

// watchMemory begins to watch the heap; the function it returns gives the most that it grew.
func watchMemory() func() int64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	now := func() int64 {
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	before, most := now(), int64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, now()-before)
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-stopped
		return most
	}
}
