// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// modules are our direct dependencies, each with the reason why it is not written by us.
func modules() map[string]string {
	return map[string]string{
		"github.com/emersion/go-msgauth":      "Authentication-Results; DKIM, for the proof that what leaves still verifies",
		"github.com/emersion/go-smtp":         "the SMTP and LMTP server state machine, behind our own connection (design note 008)",
		"github.com/google/go-cmp":            "readable differences in tests",
		"github.com/jhillyerd/enmime/v2":      "charsets and encoded words of single leaves",
		"github.com/prometheus/client_golang": "metrics in the form that operators collect",
		"github.com/sirupsen/logrus":          "log entries with fields, as text or JSON",
		"github.com/spf13/cobra":              "subcommands, their help, completion and man pages",
		"go.uber.org/goleak":                  "tests that no goroutine is left behind",
		"go.yaml.in/yaml/v3":                  "YAML nodes with line numbers, for our own strict decoder",
		"golang.org/x/sync":                   "singleflight and semaphores",
		"golang.org/x/sys":                    "files without a name, fsync of folders, peer credentials",
		"pgregory.net/rapid":                  "property tests with shrinking",
	}
}

// Modules checks that go.mod and the list of direct dependencies agree.
func Modules(tree fs.FS) ([]string, error) {
	text, err := fs.ReadFile(tree, "go.mod")
	if err != nil {
		return nil, err
	}
	var found faults
	listed := modules()
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(f) < 2 || !strings.HasPrefix(f[1], "v") || slices.Contains(f, "indirect") {
			continue
		}
		if _, ok := listed[f[0]]; !ok {
			found.add("go.mod", "direct dependency %s has no reason in the list of package presubmit", f[0])
		}
		delete(listed, f[0])
	}
	for name := range maps.Keys(listed) {
		found.add("go.mod", "%s is in the list of package presubmit, but it is no direct dependency", name)
	}
	return found.sorted(), nil
}
