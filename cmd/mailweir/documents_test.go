// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// TestManPages: the manual pages in docs/man are what the program writes.
func TestManPages(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1795305600") // As scripts/docs has it.
	dir := t.TempDir()
	if _, stderr, err := mailweir(t, "man", dir); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	want, got := pages(t, dir), pages(t, "../../docs/man")
	for name := range want {
		if diff := cmp.Diff(want[name], got[name]); diff != "" {
			t.Errorf("docs/man/%s is stale, make docs rewrites it (-now +file):\n%s", name, diff)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("docs/man/%s is of no command", name)
		}
	}
}

func pages(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.8"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v, %v", dir, files, err)
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(file)] = string(text)
	}
	return all
}

// TestDocumentedCommands: what the documents say to run is a command of ours, with flags that it has.
func TestDocumentedCommands(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../../*.md", "../../docs/howto/*.md", "../../docs/reference/*.md", "../../filters/*/README.md", "../../scanners/*/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		files = append(files, found...)
	}
	calls := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range callsIn(string(text)) {
			calls++
			if fault := faultOf(call); fault != "" {
				t.Errorf("%s: %q: %s", file, call, fault)
			}
		}
	}
	if calls < 100 {
		t.Errorf("found %d commands in %d files", calls, len(files))
	}
}

// TestFaultyCommands: the test of the documents finds what it is to find.
func TestFaultyCommands(t *testing.T) {
	text := "Run `mailweir config chek`, then\n```sh\nrunuser -u mailweir -- mailweir dkim keygen --domian x\nmailweir --config x.yaml check -j 2 m.eml | grep -v x && mailweir reload\nmailweirx y\n```\n`mailweir_x` mailweir lern\n"
	var got []string
	for _, call := range callsIn(text) {
		got = append(got, call+": "+faultOf(call))
	}
	want := []string{
		"config chek: no such command", "dkim keygen --domian x: no flag --domian", "--config x.yaml check -j 2 m.eml: ", "reload: ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

var (
	inBackticks = regexp.MustCompile("`([^`]*)`")
	between     = regexp.MustCompile(`&&|[|;]`)                                                   // Commands of one line.
	ours        = regexp.MustCompile(`^(?:runuser -u \S+ -- |sudo -u \S+ )?mailweir ([a-z-].*)$`) // With the user that is to run it.
)

// callsIn are the arguments of our program in the shell blocks and the backticks of a page.
func callsIn(text string) []string {
	var calls []string
	open, shell := false, false
	for line := range strings.Lines(text) {
		if info, fence := strings.CutPrefix(strings.TrimSpace(line), "```"); fence {
			open, shell = !open, info == "sh"
			continue
		}
		var spans []string
		switch {
		case open && shell, !open && strings.HasPrefix(line, "    "):
			spans = []string{line}
		case !open:
			for _, m := range inBackticks.FindAllStringSubmatch(line, -1) {
				spans = append(spans, m[1])
			}
		}
		for _, span := range spans {
			span, _, _ = strings.Cut(span, " #") // A comment.
			for _, command := range between.Split(span, -1) {
				if m := ours.FindStringSubmatch(strings.TrimSpace(command)); m != nil {
					calls = append(calls, m[1])
				}
			}
		}
	}
	return calls
}

// faultOf is what is wrong with a call of the program, "" if nothing is.
func faultOf(call string) string {
	words := strings.Fields(call)
	root := rootCommand()
	root.InitDefaultCompletionCmd(words...)
	cmd, rest, err := root.Find(words)
	if err != nil || cmd.HasSubCommands() && slices.ContainsFunc(rest, func(w string) bool { return isWord(w) && !isArgument(rest, w) }) {
		return "no such command"
	}
	for _, w := range words {
		name, _, _ := strings.Cut(strings.TrimLeft(w, "-"), "=")
		if strings.HasPrefix(w, "--") && name != "" && name != "help" && !hasFlag(cmd, name) {
			return "no flag --" + name
		}
	}
	return ""
}

// isWord tells words that can be the name of a command from paths and placeholders.
func isWord(w string) bool {
	return strings.Trim(w, "abcdefghijklmnopqrstuvwxyz-") == "" && !strings.HasPrefix(w, "-")
}

// isArgument tells if a word stands behind a flag.
func isArgument(words []string, w string) bool {
	i := slices.Index(words, w)
	return i > 0 && strings.HasPrefix(words[i-1], "-")
}

func hasFlag(cmd *cobra.Command, name string) bool {
	return cmd.Flags().Lookup(name) != nil || cmd.InheritedFlags().Lookup(name) != nil || cmd.PersistentFlags().Lookup(name) != nil
}
