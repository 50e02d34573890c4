// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"fmt"
	"go/ast"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// MetricsPage documents every metric.
const MetricsPage = "docs/reference/metrics.md"

var metricRow = regexp.MustCompile("^\\| `(mailweir_[a-z0-9_]+)` \\| ([a-z]+) \\|([^|]*)\\|")

// metric is one metric as the source makes it.
type metric struct {
	where, name, help, kind string
	labels                  string // Sorted as in the source, comma separated.
}

// Metrics checks that every metric passes promlint and has a row in MetricsPage with its type and labels, and every row a
// metric. It reads the options of the constructors of client_golang, whose names have to be literals.
func Metrics(tree fs.FS) ([]string, error) {
	var found faults
	made := map[string]metric{}
	err := walkGo(tree, func(f goFile) {
		if f.test {
			return
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			m, ok := metricOf(n)
			if !ok {
				return true
			}
			m.where = f.name
			if !strings.HasPrefix(m.name, "mailweir_") {
				found.add(f.name, "line %d: a metric has a literal name that begins with mailweir_, not %q",
					f.set.Position(n.Pos()).Line, m.name)
				return true
			}
			made[m.name] = m
			return true
		})
	})
	if err != nil {
		return nil, err
	}
	if err := compareRows(tree, made, &found); err != nil {
		return nil, err
	}
	err = lint(made, &found)
	return found.sorted(), err
}

// metricOf reads a call such as prometheus.NewCounterVec(prometheus.CounterOpts{...}, []string{...}).
func metricOf(n ast.Node) (metric, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return metric{}, false
	}
	opts, ok := call.Args[0].(*ast.CompositeLit)
	if !ok {
		return metric{}, false
	}
	t, ok := opts.Type.(*ast.SelectorExpr)
	if !ok {
		return metric{}, false
	}
	kind, ok := strings.CutSuffix(t.Sel.Name, "Opts")
	if !ok || !slices.Contains([]string{"Counter", "Gauge", "Histogram", "Summary"}, kind) {
		return metric{}, false
	}
	m := metric{kind: strings.ToLower(kind)}
	for _, e := range opts.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch key, _ := kv.Key.(*ast.Ident); key.Name {
		case "Name":
			m.name = constant(kv.Value)
		case "Help":
			m.help = constant(kv.Value)
		}
	}
	m.labels = labelsOf(call)
	return m, true
}

func labelsOf(call *ast.CallExpr) string {
	if len(call.Args) < 2 {
		return ""
	}
	list, ok := call.Args[1].(*ast.CompositeLit)
	if !ok {
		return ""
	}
	var names []string
	for _, e := range list.Elts {
		names = append(names, constant(e))
	}
	return strings.Join(names, ", ")
}

func compareRows(tree fs.FS, made map[string]metric, found *faults) error {
	page, err := fs.ReadFile(tree, MetricsPage)
	if err != nil {
		return err
	}
	rows := metricRows(string(page))
	for name, m := range made {
		switch row, ok := rows[name]; {
		case !ok:
			found.add(m.where, "metric %s is not in %s", name, MetricsPage)
		case row.kind != m.kind || row.labels != m.labels:
			found.add(MetricsPage, "%s is a %s with the labels %q in the source, not a %s with %q", name, m.kind, m.labels, row.kind, row.labels)
		}
	}
	for name := range rows {
		if _, ok := made[name]; !ok {
			found.add(MetricsPage, "nothing in the source makes %s", name)
		}
	}
	return nil
}

// metricRows are the metrics that a page has rows of.
func metricRows(page string) map[string]metric {
	rows := map[string]metric{}
	for line := range strings.Lines(page) {
		if r := metricRow.FindStringSubmatch(line); r != nil {
			rows[r[1]] = metric{kind: r[2], labels: strings.TrimSpace(strings.ReplaceAll(r[3], "`", ""))}
		}
	}
	return rows
}

// lint hands the metrics to promlint, in the text form that it reads.
func lint(made map[string]metric, found *faults) error {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(made)) {
		m := made[name]
		fmt.Fprintf(&text, "# HELP %s %s\n# TYPE %s %s\n", name, m.help, name, m.kind)
		switch m.kind {
		case "histogram":
			fmt.Fprintf(&text, "%s_bucket{le=%s} 1\n%s_sum 1\n%s_count 1\n", name, strconv.Quote("+Inf"), name, name)
		case "summary":
			fmt.Fprintf(&text, "%s_sum 1\n%s_count 1\n", name, name)
		default:
			fmt.Fprintf(&text, "%s 1\n", name)
		}
	}
	problems, err := promlint.New(strings.NewReader(text.String())).Lint()
	for _, p := range problems {
		found.add(made[p.Metric].where, "metric %s: %s", p.Metric, p.Text)
	}
	return err
}
