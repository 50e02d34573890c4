// SPDX-License-Identifier: Apache-2.0

package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/scanners"
)

// want is a case of testdata/PROFILE: NAME.out is what a program has said, NAME.want how it reads.
type want struct {
	Source    string `yaml:"source"` // Whether it is captured here, published by others, documented or composed, and where from.
	Exit      int    `yaml:"exit"`
	Verdict   string `yaml:"verdict"`
	Signature string `yaml:"signature"`
	Reason    string `yaml:"reason"`
	Error     string `yaml:"error"`  // "-" is any.
	Engine    string `yaml:"engine"` // The case is about the version command.
}

func TestProfiles(t *testing.T) {
	for _, name := range Profiles() {
		t.Run(name, func(t *testing.T) {
			p, err := loadProfile(name)
			if err != nil {
				t.Fatal(err)
			}
			if p.Name != name || p.Product == "" || p.Source == "" {
				t.Errorf("name %q, product %q, source %q: want the file's name and the others set", p.Name, p.Product, p.Source)
			}
			verdicts := map[string]bool{}
			cases, err := filepath.Glob("testdata/" + name + "/*.want")
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range cases {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".want"), func(t *testing.T) {
					verdicts[testCase(t, p, file)] = true
				})
			}
			// clamdscan says the same as clamscan, and is tested with the program itself.
			if name != "clamdscan" && (!verdicts["clean"] || !verdicts["infected"]) {
				t.Errorf("testdata has the verdicts %v, want clean and infected", verdicts)
			}
		})
	}
}

func testCase(t *testing.T, p *profile, file string) (verdict string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var w want
	if err := yaml.Unmarshal(text, &w); err != nil || w.Source == "" {
		t.Fatalf("%s: %v, source %q", file, err, w.Source)
	}
	said, err := os.ReadFile(strings.TrimSuffix(file, ".want") + ".out")
	if err != nil {
		t.Fatal(err)
	}
	out := output{code: w.Exit, text: said}
	if w.Engine != "" {
		if got, err := p.engine(out); err != nil || got != w.Engine {
			t.Errorf("got %q, %v, want %q", got, err, w.Engine)
		}
		return ""
	}
	got, err := p.judge(out)
	wantReport := scanners.Report{Signature: w.Signature, Reason: w.Reason}
	for v := scanners.None; v <= scanners.Unscannable && w.Error == ""; v++ {
		if v.String() == w.Verdict {
			wantReport.Verdict = v
		}
	}
	if got != wantReport {
		t.Errorf("got %+v, want %+v", got, wantReport)
	}
	switch {
	case (err == nil) != (w.Error == ""):
		t.Errorf("got error %v, want %q", err, w.Error)
	case err != nil && w.Error != "-" && err.Error() != w.Error:
		t.Errorf("got error %q, want %q", err, w.Error)
	}
	return w.Verdict
}

func TestBadProfiles(t *testing.T) {
	const good = `
name: x
program: /usr/bin/x
args: ["{file}"]
exit: {clean: [0], infected: [1]}
version: {args: [-v], patterns: [x]}
`
	tests := []struct{ name, old, new, want string }{
		{"good", "", "", ""},
		{"unknown key", "name: x", "name: x\ncolour: red", "field colour not found"},
		{"no name", "name: x", "", "name: want one"},
		{"relative program", "/usr/bin/x", "x", `program "x": want an absolute path`},
		{"no file", "{file}", "file", "args: want {file} once"},
		{"file twice", `["{file}"]`, `["{file}", "-o{file}"]`, "args: want {file} once"},
		{"no clean", "clean: [0], ", "", "exit: clean: want at least one code"},
		{"no infected", ", infected: [1]", "", "want exit codes or patterns for infected"},
		{"clean and infected", "infected: [1]", "infected: [0, 1]", "exit: code 0 is clean and something else"},
		{"clean and infected by a bit", "clean: [0], infected: [1]", "clean: [0, 3], infected_bits: 2", "exit: code 3 is clean and something else"},
		{"clean and unscannable", "infected: [1]", "infected: [1], unscannable: [0]", "exit: code 0 is clean and something else"},
		{"no version", "version: {args: [-v], patterns: [x]}", "", "version: want args and patterns"},
		{"bad pattern", "patterns: [x]", `patterns: ["("]`, "missing closing"},
		{"two groups", "patterns: [x]", `patterns: ["(a)(b)"]`, "want at most one group"},
		{"long pattern", "patterns: [x]", "patterns: [" + strings.Repeat("x", maxPattern+1) + "]", "pattern of more than 1000 octets"},
		{"not YAML", good, "\t", "found character"},
		{"relative version program", "{args: [-v]", "{program: v, args: [-v]", `version: program "v": want an absolute path`},
		{"long", good, strings.Repeat("# \n", maxProfile/3+1), "longer than 65536 octets"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "profile.yaml")
			if err := os.WriteFile(file, []byte(strings.Replace(good, tt.old, tt.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := loadProfile(file)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := loadProfile("clamscam"); err == nil || !strings.HasPrefix(err.Error(), `profile "clamscam": want an absolute path or one of antivir avast `) {
		t.Errorf("got %v", err)
	}
	if _, err := loadProfile("/nonexistent/x.yaml"); err == nil {
		t.Error("missing file: no error")
	}
}

// TestJudge is about what the cases of testdata do not show.
func TestJudge(t *testing.T) {
	const head = "name: x\nprogram: /x\nargs: ['{file}']\nversion: {args: [-v], patterns: ['v(.*)']}\n"
	tests := []struct {
		name, rules string
		out         output
		want        scanners.Report
		err         string
	}{
		{
			"infected beats the code for clean", "exit: {clean: [0]}\ninfected: ['bad (\\S+)']",
			output{code: 0, text: []byte("bad X")},
			scanners.Report{Verdict: scanners.Infected, Signature: "X"},
			"",
		},
		{
			"a code that is not listed beats infected", "exit: {clean: [0]}\ninfected: ['bad (\\S+)']",
			output{code: 7, text: []byte("bad X")},
			scanners.Report{},
			"exit code 7: bad X",
		},
		{
			"a name is better than none", "exit: {clean: [0]}\ninfected: ['total [1-9]', 'bad (\\S+)']",
			output{text: []byte("total 1\nbad X")},
			scanners.Report{Verdict: scanners.Infected, Signature: "X"},
			"",
		},
		{
			"malware beside what was not scanned", "exit: {clean: [0], infected: [1]}\ninfected: ['bad (\\S+)']\nnot_scanned: ['^Limit']",
			output{code: 1, text: []byte("bad Limit\nbad X")},
			scanners.Report{Verdict: scanners.Infected, Signature: "X"},
			"",
		},
		{
			"ignored, but the code says infected", "exit: {clean: [0], infected: [1]}\ninfected: ['result (\\S+)']\nignored: ['^OK$']",
			output{code: 1, text: []byte("result OK")},
			scanners.Report{Verdict: scanners.Infected, Signature: "unnamed"},
			"",
		},
		{
			"output cut", "exit: {clean: [0], infected: [1]}",
			output{code: 0, cut: true},
			scanners.Report{Verdict: scanners.Unscannable, Reason: "the scanner said more than 1048576 octets"},
			"",
		},
		{
			"output cut, infected", "exit: {clean: [0], infected: [1]}",
			output{code: 1, cut: true},
			scanners.Report{Verdict: scanners.Infected, Signature: "unnamed"},
			"",
		},
		{
			"signature that does not print", "exit: {clean: [0]}\ninfected: ['bad (.*)']",
			output{text: []byte("bad \x1b\x07")},
			scanners.Report{Verdict: scanners.Infected, Signature: "unnamed"},
			"",
		},
		{
			"one of two patterns for clean", "exit: {clean: [0], infected: [1]}\nclean: ['a', 'b']",
			output{text: []byte("a")},
			scanners.Report{},
			"exit code 0, but no b: a",
		},
		{
			"both patterns for clean", "exit: {clean: [0], infected: [1]}\nclean: ['a', 'b']",
			output{text: []byte("ab")},
			scanners.Report{Verdict: scanners.Clean},
			"",
		},
		{
			"negative code", "exit: {clean: [0], infected_bits: 1}",
			output{code: -1},
			scanners.Report{},
			"exit code -1: ",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "profile.yaml")
			if err := os.WriteFile(file, []byte(head+tt.rules), 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := loadProfile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.judge(tt.out)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("got error %v, want %q", err, tt.err)
			}
		})
	}
}

// FuzzJudge runs all built-in profiles over one output: clean needs a code that is listed for it and no pattern that speaks
// against it.
func FuzzJudge(f *testing.F) {
	cases, err := filepath.Glob("testdata/*/*.out")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range cases {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, 0)
		f.Add(text, 1)
	}
	var all []*profile
	for _, name := range Profiles() {
		p, err := loadProfile(name)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, p)
	}
	f.Fuzz(func(t *testing.T, text []byte, code int) {
		for _, p := range all {
			got, err := p.judge(output{code: code, text: text})
			if (err == nil) == (got.Verdict == scanners.None) {
				t.Fatalf("%s: got %+v with error %v", p.Name, got, err)
			}
			if got.Verdict == scanners.Clean {
				checkClean(t, p, text, code)
			}
			for _, s := range []string{got.Signature, got.Reason} {
				if s != scanners.Line(s) {
					t.Fatalf("%s: not one line: %q", p.Name, s)
				}
			}
			if got.Verdict == scanners.Infected && got.Signature == "" || got.Verdict == scanners.Unscannable && got.Reason == "" {
				t.Fatalf("%s: got %+v", p.Name, got)
			}
		}
	})
}

func checkClean(t *testing.T, p *profile, text []byte, code int) {
	t.Helper()
	listed := false
	for _, c := range p.Exit.Clean {
		listed = listed || c == code
	}
	if !listed {
		t.Fatalf("%s: clean by code %d", p.Name, code)
	}
	for _, pattern := range append(append([]pattern(nil), p.Unscannable...), p.Infected...) {
		name, found := pattern.find(text)
		if found && !matches(p.Ignored, scanners.Line(name)) {
			t.Fatalf("%s: clean, but %s: %q", p.Name, pattern, text)
		}
	}
}
