// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/all"
)

// ConfigPage is the reference of the config, which the config's own test holds against the options of the program.
const ConfigPage = "docs/reference/config.md"

var (
	optionRow  = regexp.MustCompile("^\\| `([^`]+)` \\|([^|]*)\\|([^|]*)\\|")
	kindTitle  = regexp.MustCompile("^### `([^`]+)`")
	findingRow = regexp.MustCompile("^\\| `([a-z]+\\.[a-z0-9_]+)` \\| ([a-z]+) \\|")
	backticks  = regexp.MustCompile("`([^`]+)`")
)

// option is a key of a kind of filter or scanner.
type option struct{ key, preset string }

// last is the last part of a key: "score" of "zones.NAME.score".
func (o option) last() string { return o.key[strings.LastIndexByte(o.key, '.')+1:] }

// Readmes checks that the section Options of each filter's and scanner's README names every key that ConfigPage has, and no other, and that a default in
// backticks is the one there; that the section Metrics of a filter has the rows of MetricsPage that begin with its name, and no other; and that its section Findings has
// a row with the class for each code that the filter lists, and no other.
func Readmes(tree fs.FS) ([]string, error) {
	var found faults
	options, err := documentedOptions(tree)
	if err != nil {
		return nil, err
	}
	page, err := fs.ReadFile(tree, MetricsPage)
	if err != nil {
		return nil, err
	}
	metrics := metricRows(string(page))
	for _, dir := range slices.Sorted(maps.Keys(options)) {
		name := path.Join(dir, "README.md")
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			continue // Kinds tells that.
		}
		checkOptions(name, sectionOf(string(text), "Options"), options[dir], &found)
		if path.Dir(dir) == "filters" {
			checkMetrics(name, metricRows(sectionOf(string(text), "Metrics")), metrics, "mailweir_"+path.Base(dir)+"_", &found)
			checkCodes(name, sectionOf(string(text), "Findings"), path.Base(dir), &found)
		}
	}
	return found.sorted(), nil
}

// documentedOptions are the keys of each kind by its folder, as ConfigPage has them.
func documentedOptions(tree fs.FS) (map[string][]option, error) {
	page, err := fs.ReadFile(tree, ConfigPage)
	if err != nil {
		return nil, err
	}
	kinds := map[string][]option{}
	top, dir := "", ""
	for line := range strings.Lines(string(page)) {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			top, dir = strings.ToLower(strings.TrimSpace(title)), ""
		}
		if m := kindTitle.FindStringSubmatch(line); m != nil {
			dir = top + "/" + m[1]
			kinds[dir] = nil
		}
		if m := optionRow.FindStringSubmatch(line); m != nil && dir != "" && strings.TrimSpace(m[2]) != "section" {
			kinds[dir] = append(kinds[dir], option{m[1], literal(m[3])})
		}
	}
	return kinds, nil
}

func checkOptions(name, section string, want []option, found *faults) {
	named := map[string]bool{}
	for _, m := range backticks.FindAllStringSubmatch(section, -1) {
		named[m[1]] = true
	}
	for _, o := range want {
		if !named[o.key] && !named[o.last()] {
			found.add(name, "option %s of %s is not named", o.key, ConfigPage)
		}
	}
	for line := range strings.Lines(section) {
		m := optionRow.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		of := slices.DeleteFunc(slices.Clone(want), func(o option) bool { return m[1] != o.key && m[1] != o.last() })
		switch preset := strings.TrimSpace(m[2]); {
		case len(of) == 0 && !slices.ContainsFunc(want, func(o option) bool { return strings.HasPrefix(o.key, m[1]+".") || strings.HasPrefix(o.key, m[1]+"[") }):
			found.add(name, "%s has no option %s", ConfigPage, m[1])
		case len(of) > 0 && strings.HasPrefix(preset, "`") && !slices.ContainsFunc(of, func(o option) bool { return o.preset == "" || o.preset == literal(preset) }):
			found.add(name, "default of %s is not %s but %s", m[1], literal(preset), of[0].preset)
		}
	}
}

// literal is a default without what one page has around it and another one not.
func literal(cell string) string { return strings.Trim(strings.TrimSpace(cell), "`[]") }

func checkMetrics(name string, got, want map[string]metric, prefix string, found *faults) {
	for metric, m := range want {
		row, ok := got[metric]
		switch {
		case !ok && strings.HasPrefix(metric, prefix):
			found.add(name, "metric %s of %s has no row", metric, MetricsPage)
		case ok && row != m:
			found.add(name, "%s is a %s with the labels %q in %s, not a %s with %q", metric, m.kind, m.labels, MetricsPage, row.kind, row.labels)
		}
	}
	for metric := range got {
		if _, ok := want[metric]; !ok {
			found.add(name, "%s has no metric %s", MetricsPage, metric)
		}
	}
}

// checkCodes holds the rows of a section Findings against what the filter lists. A kind that the program does not know has nothing to be held against.
func checkCodes(name, section, filter string, found *faults) {
	kinds := all.Kinds()
	i := slices.IndexFunc(kinds, func(k filters.Kind) bool { return k.Name == filter })
	if i < 0 {
		return
	}
	rows := map[string]string{}
	for line := range strings.Lines(section) {
		if m := findingRow.FindStringSubmatch(line); m != nil {
			rows[m[1]] = m[2]
		}
	}
	for _, c := range kinds[i].Codes {
		if class, ok := rows[c.Name]; !ok || class != string(c.Class) {
			found.add(name, "no row for %s of class %s", c.Name, c.Class)
		}
		delete(rows, c.Name)
	}
	for code := range rows {
		found.add(name, "the filter has no finding %s", code)
	}
}

// sectionOf is what stands between a title of the second level and the next one.
func sectionOf(text, title string) string {
	_, section, _ := strings.Cut(text, "\n## "+title+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}
