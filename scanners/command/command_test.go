// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

const scriptProfile = `
name: script
product: a script
source: this test
program: /bin/false
args: ["{args}", "{file}"]
exit: {clean: [0], infected: [1], unscannable: [3]}
infected: ['(?m): (.+) FOUND$']
version: {args: [--version], patterns: ['(?m)^script .+$']}
`

// withScript makes a scanner of a program for /bin/sh, which finds the path of the content in $1.
func withScript(t testing.TB, script string) (s *Scanner, workDir string) {
	t.Helper()
	dir := t.TempDir()
	o := DefaultOptions()
	o.Profile, o.Program = filepath.Join(dir, "profile.yaml"), filepath.Join(dir, "program")
	for name, file := range map[string]struct {
		text string
		mode os.FileMode
	}{o.Profile: {scriptProfile, 0o600}, o.Program: {"#!/bin/sh\n" + script, 0o700}} {
		if err := os.WriteFile(name, []byte(file.text), file.mode); err != nil {
			t.Fatal(err)
		}
	}
	workDir = t.TempDir()
	s, err := New(o, scanners.Deps{WorkDir: workDir})
	if err != nil {
		t.Fatal(err)
	}
	return s, workDir
}

// grep is a program that finds EICAR.
func grep() string {
	return "if [ \"$1\" = --version ]; then echo 'script 1.0'; exit; fi\n" +
		"if grep -a -q -F '" + string(scannertest.EICAR()) + "' \"$1\"; then echo \"$1: " + scannertest.Signature + " FOUND\"; exit 1; fi\n"
}

func TestConformance(t *testing.T) {
	s, dir := withScript(t, grep())
	scannertest.Run(t, scannertest.Fixture{
		New: func(testing.TB, string) scanners.Scanner { return s },
	})
	wantEmpty(t, dir)
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left in the work folder: %v, %v", entries, err)
	}
}

// clamscan makes a scanner of the real program with one signature.
func clamscan(t *testing.T, args ...string) *Scanner {
	t.Helper()
	if _, err := exec.LookPath("/usr/bin/clamscan"); err != nil {
		t.Skip("no /usr/bin/clamscan; apt-get install clamav")
	}
	db := t.TempDir()
	signature := fmt.Sprintf("Eicar-Signature:0:*:%x\n", scannertest.EICAR())
	if err := os.WriteFile(filepath.Join(db, "test.ndb"), []byte(signature), 0o600); err != nil {
		t.Fatal(err)
	}
	o := DefaultOptions()
	o.Profile, o.Args = "clamscan", append([]string{"--database=" + db}, args...)
	s, err := New(o, scanners.Deps{WorkDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestClamscan(t *testing.T) {
	s := clamscan(t)
	tests := []struct {
		name, content string
		want          scanners.Report
	}{
		{"clean", "hello\n", scanners.Report{Verdict: scanners.Clean}},
		{"empty", "", scanners.Report{Verdict: scanners.Clean}},
		{"infected", "x" + string(scannertest.EICAR()), scanners.Report{Verdict: scanners.Infected, Signature: "Eicar-Signature.UNOFFICIAL"}},
	}
	for _, tt := range tests {
		got, err := s.Scan(t.Context(), strings.NewReader(tt.content), int64(len(tt.content)))
		if err != nil || got != tt.want {
			t.Errorf("%s: got %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
	if engine, err := s.Probe(t.Context()); err != nil || !strings.HasPrefix(engine, "ClamAV ") {
		t.Errorf("Probe: got %q, %v", engine, err)
	}
	limited := clamscan(t, "--max-filesize=100")
	got, err := limited.Scan(t.Context(), strings.NewReader(strings.Repeat("x", 1000)), 1000)
	if err != nil || got.Verdict != scanners.Unscannable || !strings.HasPrefix(got.Reason, "Heuristics.Limits.Exceeded") {
		t.Errorf("over the limit: got %+v, %v, want unscannable", got, err)
	}
	broken := clamscan(t, "--database=/nonexistent")
	if got, err := broken.Scan(t.Context(), strings.NewReader("x"), 1); err == nil || !strings.Contains(err.Error(), "exit code 2") {
		t.Errorf("no database: got %+v, %v, want exit code 2", got, err)
	}
}

func TestClamdscan(t *testing.T) {
	if _, err := exec.LookPath("/usr/bin/clamdscan"); err != nil {
		t.Skip("no /usr/bin/clamdscan; apt-get install clamdscan")
	}
	socket, _ := scannertest.StartClamd(t)
	o := DefaultOptions()
	o.Profile, o.Args = "clamdscan", []string{"--config-file=" + filepath.Join(filepath.Dir(socket), "clamd.conf")}
	s, err := New(o, scanners.Deps{WorkDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]scanners.Report{
		"hello\n":                         {Verdict: scanners.Clean},
		"":                                {Verdict: scanners.Clean},
		"x" + string(scannertest.EICAR()): {Verdict: scanners.Infected, Signature: scannertest.ClamdSignature},
	} {
		got, err := s.Scan(t.Context(), strings.NewReader(content), int64(len(content)))
		if err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", content, got, err, want)
		}
	}
}

func TestFileIsPrivateAndRemoved(t *testing.T) {
	s, dir := withScript(t, `case "$1" in "$TMPDIR"/mailweir-scan-*) ;; *) exit 9;; esac
[ "$(stat -c %a "$1")" = 600 ] || exit 8
[ "$(cat "$1")" = content ] || exit 7
[ "$#" = 1 ] || exit 6
`)
	got, err := s.Scan(t.Context(), strings.NewReader("content"), 7)
	if err != nil || got.Verdict != scanners.Clean {
		t.Errorf("got %+v, %v, want clean", got, err)
	}
	wantEmpty(t, dir)
	for _, script := range []string{"exit 99\n", "kill -9 $$\n", "rm \"$1\"; exit 0\n"} {
		s, dir := withScript(t, script)
		if _, err := s.Scan(t.Context(), strings.NewReader("content"), 7); (err == nil) != strings.HasPrefix(script, "rm") {
			t.Errorf("%s: got %v", script, err)
		}
		wantEmpty(t, dir)
	}
}

func TestEnds(t *testing.T) {
	tests := []struct {
		name, script string
		want         scanners.Report
		err          string
	}{
		{"unscannable by code", "exit 3\n", scanners.Report{Verdict: scanners.Unscannable, Reason: "exit code 3 of the scanner"}, ""},
		{"unknown code", "echo oops >&2; exit 4\n", scanners.Report{}, "command script: exit code 4: oops"},
		{"killed", "kill -9 $$\n", scanners.Report{}, "command script: program ended by signal: killed"},
		{"killed though it found something", "echo 'x: A FOUND'; kill -9 $$\n", scanners.Report{}, "command script: program ended by signal: killed"},
		{"talks too much", "yes | head -c 3000000\n", scanners.Report{Verdict: scanners.Unscannable, Reason: "the scanner said more than 1048576 octets"}, ""},
		{"talks to standard error", "echo 'x: A FOUND' >&2; exit 1\n", scanners.Report{Verdict: scanners.Infected, Signature: "A"}, ""},
		{"leaves a process behind", "sleep 1000 & exit 0\n", scanners.Report{Verdict: scanners.Clean}, ""},
		{"leaves a silent process behind", "sleep 1000 >/dev/null 2>&1 & exit 0\n", scanners.Report{Verdict: scanners.Clean}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := withScript(t, "echo $$ >\"${0%/*}/pid\"\n"+tt.script)
			got, err := s.Scan(t.Context(), strings.NewReader("x"), 1)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("got error %v, want %q", err, tt.err)
			}
			wantNoGroup(t, s)
		})
	}
}

// wantNoGroup wants that nothing is left of the group of the process that has written its number beside the program.
func wantNoGroup(t *testing.T, s *Scanner) {
	t.Helper()
	pid, err := os.ReadFile(filepath.Join(filepath.Dir(s.profile.Program), "pid"))
	if err != nil {
		t.Fatal(err)
	}
	// A killed process is listed until its new parent has taken notice.
	var left []byte
	for range 100 {
		left, _ = exec.Command("pgrep", "-r", "R,S,D,T", "-g", strings.TrimSpace(string(pid))).Output()
		if len(left) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("left running: %s", left)
}

func TestDeadline(t *testing.T) {
	for name, script := range map[string]string{
		"waits":              "sleep 1000\n",
		"has children":       "sleep 1000 & sleep 1000 | sleep 1000\n",
		"ignores SIGTERM":    "trap '' TERM INT HUP; while :; do sleep 1000; done\n",
		"talks without end":  "yes\n",
		"closes its outputs": "exec >/dev/null 2>&1; sleep 1000\n",
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := withScript(t, "echo $$ >\"${0%/*}/pid\"; mkfifo \"${0%/*}/started\" && : >\"${0%/*}/started\"\n"+script)
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				defer cancel()
				awaitStart(ctx, filepath.Join(filepath.Dir(s.profile.Program), "started"))
			}()
			got, err := s.Scan(ctx, strings.NewReader("x"), 1)
			if !errors.Is(err, context.Canceled) || got != (scanners.Report{}) {
				t.Errorf("got %+v, %v, want context.Canceled", got, err)
			}
			wantNoGroup(t, s)
			wantEmpty(t, dir)
		})
	}
}

// awaitStart waits until a program opens the named pipe that it has made.
func awaitStart(ctx context.Context, pipe string) {
	for ctx.Err() == nil {
		if f, err := os.Open(pipe); err == nil {
			f.Close()
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestWaitsForAFreePlace(t *testing.T) {
	s, _ := withScript(t, "exit 0\n")
	for range cap(s.free) {
		s.free <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.run(ctx, s.profile.Program, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("no place and cancelled: got %v", err)
	}
	<-s.free
	if _, err := s.run(t.Context(), s.profile.Program, nil); err != nil {
		t.Errorf("one place: %v", err)
	}
	if len(s.free) != cap(s.free)-1 {
		t.Errorf("%d of %d places taken, want the one given back", len(s.free), cap(s.free))
	}
}

func TestSurroundings(t *testing.T) {
	t.Setenv("SECRET", "of mailweir")
	dir := t.TempDir()
	tests := []struct {
		program string
		args    []string
		want    string
	}{
		{"/usr/bin/env", nil, "PATH=/usr/local/bin:/usr/bin:/bin\nLC_ALL=C\nLANG=C\nHOME=" + dir + "\nTMPDIR=" + dir + "\n"},
		{"/bin/pwd", nil, dir + "\n"},
		{"/bin/cat", nil, ""},
		{"/bin/echo", []string{"$(id)", ";", "a b", "*"}, "$(id) ; a b *\n"},
		{"/bin/sh", []string{"-c", "until [ $(ulimit -c) = 0 ] && [ $(ulimit -t) = 600 ]; do :; done; ulimit -Hc"}, "0\n"},
	}
	for _, tt := range tests {
		out, err := run(t.Context(), dir, tt.program, tt.args)
		if err != nil || out.code != 0 || string(out.text) != tt.want {
			t.Errorf("%s %q: got %d %q, %v, want %q", tt.program, tt.args, out.code, out.text, err, tt.want)
		}
	}
}

func TestProbeErrors(t *testing.T) {
	for script, want := range map[string]string{
		"echo 'script 1.0, 2026-01-01'\n": "",
		"echo 'script 1.0'; exit 1\n":     "command script: version: exit code 1: script 1.0",
		"echo nothing\n":                  "command script: version: no (?m)^script .+$: nothing",
	} {
		s, _ := withScript(t, script)
		got, err := s.Probe(t.Context())
		if want == "" && (err != nil || got != "script 1.0, 2026-01-01") || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: got %q, %v, want %q", script, got, err, want)
		}
	}
}

func TestOptions(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name string
		o    Options
		dir  string
		want string
	}{
		{"no profile", DefaultOptions(), dir, `command: profile "": want an absolute path or one of`},
		{"relative program", Options{Profile: "drweb", Program: "x", Parallel: 1}, dir, `command: program "x": want an absolute path`},
		{"none at once", Options{Profile: "drweb", Program: "/bin/true"}, dir, "command: parallel 0: want 1 to 1000"},
		{"no program", Options{Profile: "drweb", Program: "/nonexistent", Parallel: 1}, dir, "command: profile drweb: "},
		{"no folder", Options{Profile: "drweb", Program: "/bin/true", Parallel: 1}, "", `command: folder "": want an absolute path`},
		{"no group", Options{Profile: "drweb", Program: "/bin/true", Parallel: 1, Group: "no-such-group"}, dir, "command: group: unknown group no-such-group"},
		{"good", Options{Profile: "drweb", Program: "/bin/true", Parallel: 1, Args: []string{"-x"}}, dir, ""},
	}
	for _, tt := range tests {
		_, err := New(tt.o, scanners.Deps{WorkDir: tt.dir})
		if (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestExpand(t *testing.T) {
	got := expand([]string{"-a", argsWord, "--in={file}", "{args}x"}, []string{"b", "{file}"}, "/w/f")
	if want := "-a|b|{file}|--in=/w/f|{args}x"; strings.Join(got, "|") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}
