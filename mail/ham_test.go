// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
)

// TestHam reads legitimate mail below the folder in MAILWEIR_CORPORA: fewer than one message in a thousand may be said to have two readings.
func TestHam(t *testing.T) {
	dir := corpora.Dir(t)
	files, told := 0, 0
	for _, set := range []string{"ham_modern", "spamham/spamassassin/easy-ham-1", "spamham/spamassassin/easy-ham-2", "spamham/spamassassin/hard-ham-1", "spamham/trec07p/ham"} {
		n, k := 0, 0
		for _, name := range sample(t, filepath.Join(dir, set)) {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !isMail(content) {
				continue
			}
			n++
			m := parse(t, string(content))
			for _, d := range m.Defects() {
				if d.Ambiguous() {
					k++
					t.Logf("%s: %s in %s at %d: %s", strings.TrimPrefix(name, dir), d.Code, d.Part, d.Offset, d.Detail)
					break
				}
			}
		}
		t.Logf("%s: %d messages, %d said to be ambiguous", set, n, k)
		files, told = files+n, told+k
	}
	t.Logf("legitimate mail: %d messages, %d said to be ambiguous", files, told)
	if told*1000 >= files {
		t.Errorf("%d of %d, want fewer than one in a thousand", told, files)
	}
}

// isMail tells files that are mail from others that lie beside them: they begin with fields, one of which is From.
func isMail(content []byte) bool {
	head, _, _ := bytes.Cut(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	return bytes.Contains(append([]byte("\n"), bytes.ToLower(head)...), []byte("\nfrom:"))
}
