// SPDX-License-Identifier: Apache-2.0

package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the .want files and the reference")

// testDefaults are the defaults with folders that exist on every host.
func testDefaults(t *testing.T) *Config {
	t.Helper()
	c := Default()
	c.Hostname = "mx.example.org"
	c.WorkDir, c.Quarantine.Dir = t.TempDir(), t.TempDir()
	return c
}

// TestBad loads each file of testdata/bad and compares all its faults with the .want file beside it.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("testdata/bad has %d files (%v), want 40 at least", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lists := listsDir(t)
			text := strings.ReplaceAll(string(data), "LISTS", lists)
			_, err = parse(filepath.Base(file), []byte(text), testDefaults(t), builtin())
			if err == nil {
				t.Fatal("no fault found")
			}
			got := strings.ReplaceAll(err.Error(), lists, "LISTS") + "\n"
			wantFile := strings.TrimSuffix(file, ".yaml") + ".want"
			if *update {
				if err := os.WriteFile(wantFile, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wantFile)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}
