// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// planted is a check with a small tree that has one fault, and what the check has to say of it.
type planted struct {
	name  string
	check Check
	files map[string]string
	want  []string
}

const header = "// " + spdx + "\n\n"

func plantedFaults() []planted {
	kindsAll := map[string]string{
		"filters/all/all.go":   "package all\n",
		"scanners/all/all.go":  "package all\nimport _ \"" + Module + "/scanners/x\"\n",
		"scanners/x/x.go":      "package x\n",
		"scanners/x/x_test.go": "package x\nfunc f() { scannertest.Run() }\n",
		"scanners/x/README.md": "# x\n## Name\n## Description\n## Options\n## Examples\n## Limits\n",
	}
	with := func(name, text string) map[string]string {
		m := map[string]string{name: text}
		for k, v := range kindsAll {
			if _, ok := m[k]; !ok {
				m[k] = v
			}
		}
		return m
	}
	return []planted{
		{
			"arrow goes up", Imports,
			map[string]string{"mail/a.go": "package mail\nimport _ \"" + Module + "/filters\"\n"},
			[]string{"mail/a.go: imports " + Module + "/filters, which its layer mail may not"},
		},
		{
			"filter imports filter", Imports,
			map[string]string{"filters/a/a.go": "package a\nimport _ \"" + Module + "/filters/b\"\n"},
			[]string{"filters/a/a.go: imports " + Module + "/filters/b, which its layer filters/* may not"},
		},
		{
			"policy opens files", Imports,
			map[string]string{"policy/a.go": "package policy\nimport _ \"os\"\n"},
			[]string{"policy/a.go: imports os, which its layer policy may not"},
		},
		{
			"library in the wrong layer", Imports,
			map[string]string{"mail/a.go": "package mail\nimport _ \"github.com/emersion/go-smtp\"\n"},
			[]string{"mail/a.go: imports github.com/emersion/go-smtp, which its layer mail may not"},
		},
		{
			"folder without a layer", Imports,
			map[string]string{"misc/a.go": "package misc\n"},
			[]string{"misc/a.go: folder misc is not in the import table"},
		},
		{
			"hyphen", FileNames,
			map[string]string{"mail/a-b.go": "package mail\n", "mail/a_test.go": "package mail\n"},
			[]string{"mail/a-b.go: the name of a Go file is lower case, with digits and underscores"},
		},
		{
			"no SPDX line", Licence,
			map[string]string{
				"mail/a.go": "package mail\n// " + spdx + "\n", "mail/b.go": header + "package mail\n",
				"scripts/run": "#!/bin/sh\necho\n", "scripts/ok": "#!/bin/sh\n# " + spdx + "\n",
			},
			[]string{"mail/a.go: has no SPDX line on top", "scripts/run: has no SPDX line on top"},
		},
		{
			"init function", Inits,
			map[string]string{"mail/a.go": "package mail\ntype t int\nfunc (t) init() {}\nfunc init() {}\n"},
			[]string{"mail/a.go: line 4: no init functions (design note 007)"},
		},
		{
			"path of one machine", Words,
			map[string]string{"docs/a.md": "in /var/lib/mailweir/work/, C:/Users/x/ and ../work/x\nin /home/eve/x\n/Users/eve/\n", "b.bin": "\x00 /home/eve/x", "a.go": "// " + "TO" + "DO\n// see DESIGN section 2\n"},
			[]string{"a.go: line 1: work left undone", "a.go: line 2: a paper that is not in the tree; cite docs/", "docs/a.md: line 2: a path of one machine", "docs/a.md: line 3: a path of one machine"},
		},
		{
			"dead link", Links,
			map[string]string{
				"docs/a.md": "[a](b.md) [b](a.md#x) [c](https://example.org#z) [d](#y) [e](../c.md#what-is-it-2-x)\n```\n# x\n[e](f.md)\n```\n## Y\n",
				"c.md":      "### What is `it` (2)? x\n",
			},
			[]string{"docs/a.md: line 1: link to a.md#x leads nowhere", "docs/a.md: line 1: link to b.md leads nowhere"},
		},
		{
			"path that is gone", Paths,
			map[string]string{
				"docs/a.md":  "`mail/a.go` `mail/b.go` `text/plain` `TestA` `TestB` `docs/a.md` `bin/made` `other/x`\n",
				".gitignore": "/bin/\n", "bin/demo": "", "other/y": "",
				"mail/a_test.go": "package mail\nfunc TestA() {}\n", "mail/a.go": "package mail\n",
			},
			[]string{"docs/a.md: line 1: there is no mail/b.go", "docs/a.md: line 1: there is no other/x", "docs/a.md: line 1: there is no test TestB"},
		},
		{
			"cited page that is gone", Citations,
			map[string]string{
				"mail/a.go": "package mail\n// See docs/design/001-a.md and docs/b.md,\n// design note 001 and design note 002.\n", "docs/design/001-a.md": "",
			},
			[]string{"mail/a.go: cites design note 002, of which there are 0", "mail/a.go: cites docs/b.md, which is not there"},
		},
		{"all is well", Kinds, kindsAll, nil},
		{
			"not in the list", Kinds, with("scanners/all/all.go", "package all\n"),
			[]string{"scanners/x: is not in scanners/all"},
		},
		{
			"no conformance test", Kinds, with("scanners/x/x_test.go", "package x\n"),
			[]string{"scanners/x: does not run the conformance suite scannertest"},
		},
		{
			"section missing", Kinds, with("scanners/x/README.md", "## Name\n## Options\n## Examples\n## Limits\n"),
			[]string{"scanners/x/README.md: section \"Description\" is missing or out of order; the order is Name, Description, Options, Examples, Limits"},
		},
		{
			"code without a row", Findings,
			map[string]string{
				"filters/virus/a.go": "package virus\nvar a = \"virus.seen\"\nvar b = \"virus.new\"\nvar c = \"other.go\"\n",
				FindingsPage:         "| code |\n| `virus.seen` | x |\n| `virus.gone` | x |\n| `virus.seen` | y |\n| `header.nul` | z |\n| `param.gap` | z * |\n",
			},
			[]string{
				FindingsPage + ": header.nul is marked as ambiguous, and is not, or the other way round",
				FindingsPage + ": nothing in the source has the code header.nul",
				FindingsPage + ": nothing in the source has the code param.gap",
				FindingsPage + ": nothing in the source has the code virus.gone",
				FindingsPage + ": param.gap is marked as ambiguous, and is not, or the other way round",
				FindingsPage + ": virus.seen has 2 rows",
				"filters/virus/a.go: code virus.new is not in " + FindingsPage,
			},
		},
		{
			"README that has drifted", Readmes,
			map[string]string{
				ConfigPage: "## `listen`\n| `listen[].name` | text |  | x |\n## Scanners\n### `s`\n| `address` | text | `[a]` | x |\n## Filters\n### `f`\n| `delay` | duration | `5m` | x |\n" +
					"| `zones` | section by name | required | x |\n| `zones.NAME.delay` | duration | `7m` | x |\n| `zones.NAME.ask` | text |  | x |\n| `reports` | section |  | x |\n| `reports.to` | text | `\"\"` | x |\n| `left_out` | text | `x` | x |\n",
				MetricsPage:            "| `mailweir_f_a_total` | counter | `x` | A |\n| `mailweir_f_b` | gauge |  | B |\n| `mailweir_other` | gauge |  | B |\n",
				"scanners/s/README.md": "# s\n## Options\n| `address` | `a` | x |\n## Limits\n| `odd` | `a` | not an option |\n",
				"filters/f/README.md": "# f\n## Options\n| `delay` | `5m` | x |\n| `zones` | none | keys: `ask` |\n| `to` | none | x |\n| `gone` | `1` | x |\n\n| `delay` | `6m` | x |\n" +
					"## Metrics\n| `mailweir_f_a_total` | counter | | A |\n| `mailweir_f_c` | gauge |  | C |\n| `mailweir_other` | gauge | | B |\n## Limits\n",
			},
			[]string{
				"filters/f/README.md: default of delay is not 6m but 5m",
				"filters/f/README.md: " + ConfigPage + " has no option gone",
				"filters/f/README.md: " + MetricsPage + " has no metric mailweir_f_c",
				"filters/f/README.md: mailweir_f_a_total is a counter with the labels \"x\" in " + MetricsPage + ", not a counter with \"\"",
				"filters/f/README.md: metric mailweir_f_b of " + MetricsPage + " has no row",
				"filters/f/README.md: option left_out of " + ConfigPage + " is not named",
			},
		},
		{
			"README with other findings", Readmes,
			map[string]string{
				ConfigPage: "## Filters\n### `greylist`\n", MetricsPage: "",
				"filters/greylist/README.md": "# g\n## Findings\n| `greylist.wait` | spam | x |\n| `greylist.never` | grey | x |\n## Limits\n| `greylist.full` | spam | x |\n",
			},
			[]string{
				"filters/greylist/README.md: no row for greylist.full of class spam",
				"filters/greylist/README.md: no row for greylist.wait of class grey",
				"filters/greylist/README.md: the filter has no finding greylist.never",
			},
		},
		{
			"example that does not load", Examples,
			map[string]string{
				"README.md": "```yaml\nmax_hops: 7\n```\n```yml\nmax_hop: 7\n```\n```yaml\nmax_hop: 7\n```\n```yaml\nchain: []\n```\n",
			},
			[]string{
				"README.md: line 11: example: warning: /mailweir.yaml:1: chain: no filter; all mail passes without a look",
				"README.md: line 8: example: /mailweir.yaml:1: max_hop: unknown key, did you mean \"max_hops\"?",
			},
		},
		{
			"quote that has drifted", Quotes,
			map[string]string{
				"a/main.cf": "# why\na = b\n\nc = d\n",
				"README.md": "```cf a/main.cf\na = b\nc = d\n```\n```cf a/main.cf\na = b\n```\n```cf a/master.cf\n```\n",
			},
			[]string{"README.md: line 6: is not what a/main.cf holds", "README.md: line 9: quotes a/master.cf, which is not there"},
		},
		{
			"reply without a row", Replies,
			map[string]string{
				"proxy/a.go": "package proxy\nvar a = NewReply(421, \"4.3.2\", host+\" bye, id=\"+id)\nvar b = NewReply(500, \"5.5.2\", \"what\")\n" +
					"var c = NewReply(code, \"5.0.0\", \"any\")\n",
				RepliesPage: "| `421 4.3.2 HOST bye, id=ID` | x |\n| `550 5.0.0 never` | x |\n",
			},
			[]string{
				RepliesPage + ": nothing in the source says \"550 5.0.0 never\"",
				"proxy/a.go: line 3: reply \"500 5.5.2 what\" is not in " + RepliesPage,
			},
		},
		{
			"metric without a row", Metrics,
			map[string]string{
				"proxy/a.go": "package proxy\n" +
					"var a = prometheus.NewCounterVec(prometheus.CounterOpts{Name: \"mailweir_a_total\", Help: \"A.\"}, []string{\"x\", \"y\"})\n" +
					"var b = prometheus.NewGauge(prometheus.GaugeOpts{Name: \"mailweir_bees\", Help: \"B.\"})\n" +
					"var c = prometheus.NewCounter(prometheus.CounterOpts{Name: \"mailweir_c\", Help: \"C.\"})\n" +
					"var d = prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + \"d_total\", Help: \"D.\"})\n",
				MetricsPage: "| `mailweir_a_total` | counter | `x` | A |\n| `mailweir_c` | counter |  | C |\n| `mailweir_e` | gauge |  | E |\n",
			},
			[]string{
				MetricsPage + ": mailweir_a_total is a counter with the labels \"x, y\" in the source, not a counter with \"x\"",
				MetricsPage + ": nothing in the source makes mailweir_e",
				"proxy/a.go: line 5: a metric has a literal name that begins with mailweir_, not \"*d_total\"",
				"proxy/a.go: metric mailweir_bees is not in " + MetricsPage,
				"proxy/a.go: metric mailweir_c: counter metrics should have \"_total\" suffix",
			},
		},
	}
}

func TestPlantedFaults(t *testing.T) {
	for _, p := range plantedFaults() {
		t.Run(p.name, func(t *testing.T) {
			tree := fstest.MapFS{}
			for name, text := range p.files {
				tree[name] = &fstest.MapFile{Data: []byte(text)}
			}
			got, err := p.check(tree)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(p.want, got); d != "" {
				t.Errorf("faults (-want +got):\n%s", d)
			}
		})
	}
}

func TestPlantedModules(t *testing.T) {
	mod := "module x\n\nrequire (\n\tgithub.com/new/thing v1.0.0\n\tgithub.com/deep/thing v1.0.0 // indirect\n"
	for name := range modules() {
		if name != "golang.org/x/sync" {
			mod += "\t" + name + " v1.0.0\n"
		}
	}
	got, err := Modules(fstest.MapFS{"go.mod": {Data: []byte(mod + ")\n")}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"go.mod: direct dependency github.com/new/thing has no reason in the list of package presubmit",
		"go.mod: golang.org/x/sync is in the list of package presubmit, but it is no direct dependency",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("faults (-want +got):\n%s", d)
	}
}

// root is the top of the tree, as seen from this package.
func root() fs.FS { return os.DirFS("../..") }

func TestTree(t *testing.T) {
	checks := map[string]Check{
		"Imports": Imports, "Modules": Modules, "FileNames": FileNames, "Licence": Licence, "Inits": Inits, "Words": Words,
		"Links": Links, "Paths": Paths, "Citations": Citations, "Kinds": Kinds, "Findings": Findings, "Replies": Replies,
		"Metrics": Metrics, "Examples": Examples, "Quotes": Quotes, "Readmes": Readmes,
	}
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			got, err := check(root())
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range got {
				t.Error(fault)
			}
		})
	}
}

// TestSizes reports the size budget; it enforces nothing.
func TestSizes(t *testing.T) {
	s, err := Measure(root())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Files) == 0 || len(s.Functions) == 0 {
		t.Fatal("measured nothing")
	}
	t.Log(s)
}
