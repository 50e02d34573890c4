// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParse: no file makes the decoder panic or take for ever; what is wrong is told as Faults, each in one line with its
// file, and what is right survives Dump and Load.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.yaml", "testdata/good/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	base := f.TempDir()
	k := builtin()
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 || strings.Contains(string(data), filePrefix) {
			return // Files of the host are not part of this.
		}
		d := Default()
		d.Hostname, d.WorkDir, d.Quarantine.Dir = "mx.example.org", base, base
		c, err := parse("f.yaml", data, d, k)
		if err != nil {
			checkFaults(t, err)
			return
		}
		first := dump(t, c)
		again, err := parse("dump.yaml", []byte(first), Default(), k)
		if err != nil {
			t.Fatalf("dump does not load: %v\n%s", err, first)
		}
		if second := dump(t, again); second != first {
			t.Fatalf("dump of the dump differs:\n%s\n%s", first, second)
		}
	})
}

func checkFaults(t *testing.T, err error) {
	t.Helper()
	var faults Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("error of type %T: %v", err, err)
	}
	last := 0
	for _, f := range faults {
		if line := f.Error(); strings.ContainsAny(line, "\n\r\x00") || !strings.HasPrefix(line, "f.yaml") {
			t.Errorf("fault is not one line of its file: %q", line)
		}
		if f.Line < last && f.Line != 0 {
			t.Errorf("fault of line %d behind one of line %d", f.Line, last)
		}
		last = f.Line
	}
}
