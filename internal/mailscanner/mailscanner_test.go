// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/config"
)

var update = flag.Bool("update", false, "rewrite the files of what is wanted")

// environment is the environment of the tests.
func environment(name string) (string, bool) {
	v, ok := map[string]string{"HOSTNAME": "mx.example.org", "SITE": "the site"}[name]
	return v, ok
}

// TestImport compares the config and the warnings of each folder of testdata with what is wanted, and wants mailweir to load the config.
func TestImport(t *testing.T) {
	for _, name := range []string{"plain", "rulesets", "files", "odd", "spam", "counted"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("testdata", name)
			res, err := Import(dir, Options{Env: environment})
			if err != nil {
				t.Fatal(err)
			}
			load(t, res.Config)
			got := told(t, dir, res)
			file := filepath.Join("testdata", name+".want")
			if *update {
				if err := os.WriteFile(file, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// told is the result as text, with the folder cut out.
func told(t *testing.T, dir string, res *Result) []byte {
	t.Helper()
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.Write(bytes.ReplaceAll(res.Config, []byte(abs), []byte("DIR")))
	fmt.Fprintf(&b, "---\ncarried %d, no equivalent %d, defaults %d, unknown %d, policies %d\n",
		res.Carried, res.NoEquivalent, res.Defaults, res.Unknown, res.Policies)
	for _, w := range res.Warnings {
		b.WriteString(strings.ReplaceAll(w, abs, "DIR") + "\n")
	}
	return b.Bytes()
}

// load wants the config to be one that mailweir loads without a fault or a warning.
func load(t *testing.T, text []byte) *config.Config {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "mailweir.yaml")
	text = fmt.Appendf(bytes.Clone(text), "work_dir: %s\nquarantine: {dir: %s}\n", dir, dir)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, w := range c.Warnings {
		t.Error(w)
	}
	return c
}
