// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
)

// corpus calls each for the HTML parts of all messages below a folder of the corpora.
func corpus(t *testing.T, dir string, each func(name string, src *mail.Source, media string)) (messages int) {
	t.Helper()
	err := filepath.WalkDir(corpora.Dir(t, dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		msg, err := mail.Parse(strings.NewReader(string(b)), int64(len(b)), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			return err
		}
		messages++
		parts(msg.Root(), func(p *mail.Part) {
			if src, err := p.Source(MaxSource); err == nil {
				each(path, src, p.MediaType)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

func parts(p *mail.Part, each func(*mail.Part)) {
	if p.IsLeaf() {
		switch p.MediaType {
		case "text/html", "image/svg+xml", "application/xhtml+xml", "text/x-amp-html":
			each(p)
		}
	}
	for _, c := range p.Children {
		parts(c, each)
	}
}

// TestHam counts what is found in ordinary mail: nothing that a reader would miss may be called dangerous.
func TestHam(t *testing.T) {
	for _, dir := range []string{"ham_modern", "spamham/spamassassin/easy-ham-1", "spamham/spamassassin/easy-ham-2", "spamham/spamassassin/hard-ham-1"} {
		counts := map[Kind]int{}
		bad := map[string]bool{}
		docs, unreadable, octets := 0, 0, 0
		n := corpus(t, dir, func(name string, src *mail.Source, media string) {
			docs++
			octets += len(src.Text)
			p := Scan(src.Text, media)
			seen := map[Kind]bool{}
			if p.Unreadable != "" {
				unreadable++
				t.Logf("%s: unreadable: %s", name, p.Unreadable)
				bad[name] = true
			}
			for _, d := range p.Dangers {
				if !seen[d.Kind] {
					counts[d.Kind]++
					if d.Kind != Remote && d.Kind != WebBug {
						t.Logf("%s: %s: %s", name, d.Kind, d.Detail)
						bad[name] = true
					}
				}
				seen[d.Kind] = true
			}
		})
		t.Logf("%s: %d messages, %d texts, %d octets, %d messages with dangers, unreadable %d, kinds %v", dir, n, docs, octets, len(bad), unreadable, counts)
	}
}

// TestCorpora: what was disarmed holds no danger, over all mail that there is.
func TestCorpora(t *testing.T) {
	for _, dir := range []string{"evasion", "mime", "attach", "phish", "ham_modern", "spamham/spamassassin"} {
		texts, unreadable, unsure := 0, 0, 0
		corpus(t, dir, func(name string, src *mail.Source, media string) {
			texts++
			p := Scan(src.Text, media)
			checkOffsets(t, p, int64(len(src.Text)))
			if p.Unreadable != "" {
				unreadable++
				t.Logf("%s: unreadable: %s", name, p.Unreadable)
				return
			}
			checkApart(t, p, nil)
			if again := Scan(p.Disarm(Kinds()...), media); len(again.Dangers) > 0 || again.Unreadable != "" {
				unsure++
				t.Errorf("%s: disarmed it has %+v %s", name, again.Dangers, again.Unreadable)
			}
		})
		t.Logf("%s: %d texts, %d unreadable, %d dangerous when disarmed", dir, texts, unreadable, unsure)
	}
}
