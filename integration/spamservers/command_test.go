// SPDX-License-Identifier: Apache-2.0

package spamservers

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// "mailweir learn --to spamd" teaches a real spamd by the config's filter: what is new is told once, and forgotten again.
func TestLearnCommand(t *testing.T) {
	sa := startSpamd(t)
	dir := t.TempDir()
	binary := filepath.Join(dir, "mailweir")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/mailweir").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	writeFile(t, filepath.Join(dir, "mailweir.yaml"), fmt.Sprintf(
		"listen: [{address: \"unix:%[1]s/in\", next_hop: \"unix:%[1]s/out\"}]\nwork_dir: %[1]s\nquarantine: {dir: %[1]s}\nchain: [[spamd: {servers: [%[2]q]}]]\n", dir, sa.tcp()))
	for i := range 3 {
		writeFile(t, filepath.Join(dir, "junk", fmt.Sprintf("%d.eml", i)),
			fmt.Sprintf("From: a@example.org\r\nMessage-ID: <%d@example.org>\r\nSubject: pills %d\r\n\r\nCheap pills, offer number %d, buy them now.\r\n", i, i, i))
	}
	for _, step := range []struct{ verb, want string }{
		{"spam", "told spamd: new 3, nothing new 0, not taken 0"},
		{"spam", "told spamd: new 0, nothing new 3, not taken 0"},
		{"forget", "told spamd: new 3, nothing new 0, not taken 0"},
		{"ham", "told spamd: new 3, nothing new 0, not taken 0"},
	} {
		cmd := exec.CommandContext(t.Context(), binary, "learn", step.verb, "--config", filepath.Join(dir, "mailweir.yaml"), "--to", "spamd", filepath.Join(dir, "junk"))
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), step.want) {
			t.Errorf("%s: %v\n%s\nwant %s", step.verb, err, out, step.want)
		}
	}
}
