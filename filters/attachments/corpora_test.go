// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
)

// corpus calls each with the path and the text of every message in a folder of the corpora, or skips the test.
func corpus(t *testing.T, folder string, each func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(corpora.Dir(t, folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		each(path, text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// look gives the findings about a message of a corpus.
func look(t *testing.T, f filters.Filter, text []byte) []filters.Finding {
	t.Helper()
	msg, err := mail.Parse(bytes.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	found, err := f.Inspect(t.Context(), filtertest.Envelope(), msg)
	if err != nil {
		t.Fatal(err)
	}
	if err := msg.Close(); err != nil {
		t.Fatal(err)
	}
	return found
}

// TestHiddenNames: docs/reference/evasions.md 88 and 89: each message of the corpus has a file file.zip, under a name that is hard to read. Two have
// only file.png, to tell filters that see ghosts.
func TestHiddenNames(t *testing.T) {
	f := newFilter(t, withRules(Rule{Do: wordDeny, Name: []string{"*.zip"}}))
	n := 0
	corpus(t, "evasion/mime-is-broken/hide-filename.d", func(path string, text []byte) {
		n++
		want := !strings.Contains(filepath.Base(path), ".png-")
		if got := strings.Contains(codes(look(t, f, text)), codeDenied); got != want {
			t.Errorf("%s: denied is %v, want %v", filepath.Base(path), got, want)
		}
	})
	if n == 0 {
		t.Error("there are no messages")
	}
}

// TestHam: of a thousand honest messages less than one has a finding that is not about a rule of Outlook or Gmail.
func TestHam(t *testing.T) {
	f, err := New(DefaultOptions(), filters.Deps{Registerer: prometheus.NewRegistry(), Unpacker: filtertest.Unpacker(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"ham_modern", "spamham/spamassassin/easy-ham-1", "spamham/spamassassin/easy-ham-2", "spamham/spamassassin/hard-ham-1", "spamham/trec07p/ham"} {
		t.Run(folder, func(t *testing.T) {
			n, wrong, denied := 0, 0, 0
			corpus(t, folder, func(path string, text []byte) {
				n++
				for _, found := range look(t, f, text) {
					switch found.Code {
					case codeDenied:
						denied++
						t.Logf("%s: %s", filepath.Base(path), found.Detail)
					default:
						wrong++
						t.Logf("%s: %s: %s", filepath.Base(path), found.Code, found.Detail)
					}
				}
			})
			t.Logf("%d messages, %d findings denied, %d others", n, denied, wrong)
			if n == 0 || wrong*1000 >= n || denied*200 >= n {
				t.Errorf("too many findings, or no messages")
			}
		})
	}
}
