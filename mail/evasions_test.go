// SPDX-License-Identifier: Apache-2.0

package mail_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// eicar is the EICAR test file; it never stands whole in a file of ours.
func eicar() []byte {
	return []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)
}

// corpus is a folder of the test mail, which is not part of the sources.
func corpus(t *testing.T, path ...string) []string {
	t.Helper()
	return corpora.Files(t, path...)
}

func parseFile(t *testing.T, name string) (*mail.Message, []byte) {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.Parse(bytes.NewReader(content), int64(len(content)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m, content
}

// ambiguous is the code of a defect that tells of two readings; "" if there is none.
func ambiguous(m *mail.Message) string {
	for _, d := range m.Defects() {
		if d.Ambiguous() {
			return d.Code
		}
	}
	return ""
}

// TestHiddenContent looks for the EICAR test file that each message of the pack hides from most programs: it is a leaf, or the message is said to have
// two readings, or not to be readable.
func TestHiddenContent(t *testing.T) {
	files := corpus(t, "evasion", "mime-is-broken", "hide-content.d", "*")
	u := &unpack.Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
	found, told := 0, 0
	for _, name := range files {
		m, _ := parseFile(t, name)
		c, err := u.Contents(t.Context(), m)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		switch {
		case slices.ContainsFunc(c.Leaves, func(l *unpack.Leaf) bool { return holds(t, l, eicar()) }):
			found++
		case ambiguous(m) != "" || len(c.Problems) > 0:
			told++
			t.Logf("not found but told: %s: %q %v", filepath.Base(name), ambiguous(m), c.Problems)
		default:
			t.Errorf("%s: nothing found, nothing told", filepath.Base(name))
		}
	}
	t.Logf("hidden content: %d messages, %d found, %d more said to be ambiguous", len(files), found, told)
}

// holds tells if the leaf's content is the one looked for, but for blanks around it.
func holds(t *testing.T, l *unpack.Leaf, want []byte) bool {
	t.Helper()
	if l.Size > 1<<16 || l.Sealed != "" {
		return false
	}
	b := make([]byte, l.Size)
	if _, err := l.Reader().Read(b); err != nil && l.Size > 0 {
		t.Error(err)
	}
	return bytes.Contains(b, want)
}

// TestHiddenNames looks for the names file.txt and file.zip of the two parts that each message of the pack disguises; those of the pack that have
// another name in plain view have that.
func TestHiddenNames(t *testing.T) {
	files := corpus(t, "evasion", "mime-is-broken", "hide-filename.d", "*")
	found, told := 0, 0
	for _, name := range files {
		m, content := parseFile(t, name)
		want := []string{"file.txt", "file.zip"}
		if bytes.Contains(content, []byte(".png valid(3)")) {
			want = []string{"file.png", "file.png"}
		}
		missing := ""
		for i, w := range want {
			p := m.Root().Children[i]
			if !slices.Contains(p.Filenames(), w) {
				missing += " " + w + " in " + strings.Join(p.Filenames(), ", ")
			}
		}
		switch {
		case missing == "":
			found++
		case ambiguous(m) != "":
			told++
		default:
			t.Errorf("%s: not found%s", filepath.Base(name), missing)
		}
	}
	t.Logf("hidden names: %d messages, %d found, %d more said to be ambiguous", len(files), found, told)
}
