// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorder is a test that says how it ended.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Helper() {}

func (r *recorder) Skip(args ...any) { r.end("skip: " + fmt.Sprint(args...)) }

func (r *recorder) Fatal(args ...any) { r.end("fail: " + fmt.Sprint(args...)) }

func (r *recorder) Fatalf(format string, args ...any) { r.end("fail: " + fmt.Sprintf(format, args...)) }

func (r *recorder) end(said string) {
	r.said = said
	runtime.Goexit()
}

// ended is how a test ends that does this; "" if it goes on to its end.
func ended(f func(t testing.TB)) string {
	r, done := &recorder{}, make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.said
}

func TestCorpora(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"mime/a", "empty"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"mime/a/1.eml", "mime/a/2.eml"} {
		if err := os.WriteFile(filepath.Join(root, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir := func(path ...string) func(testing.TB) { return func(t testing.TB) { t.Helper(); Dir(t, path...) } }
	files := func(path ...string) func(testing.TB) { return func(t testing.TB) { t.Helper(); Files(t, path...) } }
	for _, tc := range []struct {
		name, env string
		call      func(testing.TB)
		want      string // What the test says at its end.
	}{
		{"not set", "", dir("mime"), "skip: MAILWEIR_CORPORA does not name"},
		{"files, not set", "", files("mime/a/*.eml"), "skip: MAILWEIR_CORPORA does not name"},
		{"there", root, dir("mime", "a"), ""},
		{"all", root, dir(), ""},
		{"files", root, files("mime", "a/*.eml"), ""},
		{"set to what is not there", root + "/x", dir(), "fail: MAILWEIR_CORPORA is set: open"},
		{"folder missing", root, dir("phish"), "fail: MAILWEIR_CORPORA is set: open"},
		{"a file", root, dir("mime/a/1.eml"), "fail: MAILWEIR_CORPORA is set: "},
		{"folder empty", root, dir("empty"), "fail: MAILWEIR_CORPORA is set: there is nothing in "},
		{"no file fits", root, files("mime/*.eml"), "fail: MAILWEIR_CORPORA is set: there is no mime/*.eml"},
		{"bad pattern", root, files("[a"), "fail: syntax error in pattern"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv(Env, tc.env)
			got := ended(tc.call)
			if !strings.HasPrefix(got, tc.want) || tc.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	t.Setenv(Env, root)
	want := []string{filepath.Join(root, "mime/a/1.eml"), filepath.Join(root, "mime/a/2.eml")}
	if diff := cmp.Diff(want, Files(t, "mime/a/*")); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if got := Dir(t, "mime", "a"); got != filepath.Join(root, "mime/a") {
		t.Errorf("got %s", got)
	}
}
