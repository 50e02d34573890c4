// SPDX-License-Identifier: Apache-2.0

package filtertest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

const flawVariable = "FILTERTEST_FLAW"

// flaws are filters that break the contract in one way each, and the case of the suite that has to find it.
var flaws = map[string]string{
	"none":                        "",
	"nil is clean":                "nil_message",
	"code without a document":     "messages",
	"class of its own":            "messages",
	"part that is not there":      "messages",
	"explains nothing":            "messages",
	"fails":                       "messages",
	"out of time is clean":        "cancelled",
	"says less the second time":   "concurrent",
	"leaves a goroutine":          "end",
	"finds nothing to talk about": "",
}

// toy is a filter that finds one thing in every message, and has a flaw.
type toy struct {
	flaw  string
	calls atomic.Int64
}

func (f *toy) Inspect(ctx context.Context, _ *mail.Envelope, msg *mail.Message) ([]filters.Finding, error) {
	if msg == nil {
		if f.flaw == "nil is clean" {
			return nil, nil
		}
		return nil, errors.New("no message")
	}
	found := filters.Finding{Code: "test.found", Class: filters.Spam, Part: "1", Detail: "found"}
	switch f.flaw {
	case "code without a document":
		found.Code = "test.other"
	case "class of its own":
		found.Class = "own"
	case "part that is not there":
		found.Part = "9.9"
	case "explains nothing":
		found.Detail = ""
	case "fails":
		found.Class = filters.Failure
	case "leaves a goroutine":
		go func() { select {} }()
	case "finds nothing to talk about":
		return nil, ctx.Err()
	}
	if ctx.Err() != nil && f.flaw == "out of time is clean" || f.calls.Add(1) > 1 && f.flaw == "says less the second time" {
		return nil, nil
	}
	return []filters.Finding{found}, ctx.Err()
}

// TestRun runs the suite on filters with one flaw each, in a process of its own because the suite has to fail.
func TestRun(t *testing.T) {
	if flaw, ok := os.LookupEnv(flawVariable); ok {
		Run(t, Suite{New: func(testing.TB) filters.Filter { return &toy{flaw: flaw} }})
		return
	}
	dir := t.TempDir()
	readme := "# test\n\n## Findings\n\n| code |\n|---|\n| `test.found` | x |\n\n## Metrics\n\n| `test.other` |\n"
	if err := os.WriteFile(dir+"/README.md", []byte(readme), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for flaw, want := range flaws {
		t.Run(flaw, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestRun$")
			cmd.Dir, cmd.Env = dir, append(os.Environ(), flawVariable+"="+flaw)
			out, err := cmd.CombinedOutput()
			if (err == nil) != (want == "") {
				t.Errorf("the suite ended with %v:\n%s", err, out)
			}
			if want != "" && !bytes.Contains(out, []byte("--- FAIL: TestRun/"+want)) {
				t.Errorf("case %q does not find it:\n%s", want, out)
			}
		})
	}
}
