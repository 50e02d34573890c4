// SPDX-License-Identifier: Apache-2.0

package spamham

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mailweir/mailweir/internal/corpora"
)

// tree writes files below a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestRead(t *testing.T) {
	const sa = "spamham/spamassassin/"
	root := tree(t, map[string]string{
		"spamham/trec07p/ham/inmail.10.eml": "A: ham\n\n", "spamham/trec07p/spam/inmail.9.eml": "A: spam\n\n", "spamham/trec07p/spam/README": "no message",
		sa + "easy-ham-1/1.eml": "Received: by a.test; Tue, 3 Sep 2002 10:00:00 +0000\nDate: Mon, 2 Sep 2002 10:00:00 +0000\n\n",
		sa + "easy-ham-2/1.eml": "From a@b.test Sun Sep 1 10:00:00 2002\nDate: Wed, 4 Sep 2002 10:00:00 +0000\n\n",
		sa + "hard-ham-1/1.eml": "Date: Wed, 4 Sep 02 10:00:00 EST (a zone)\n\n",
		sa + "spam-1/1.eml":     "Date: Sat, 31 Aug 2002 10:00:00\n\n",
		sa + "spam-2/1.eml":     "Date: Thu, 5 Sep 2002 10:00:00 +0000\n\n",
		"phish/b/1.eml":         "B: 1\n\n", "phish/a/2.email": "B: 2\n\n", "phish/a-b/3.eml": "B: 3\n\n", "phish/a/metadata.json": "{}",
		"ham_modern/README.md": "no message",
	})
	for _, tc := range []struct {
		name string
		want []Message
		err  string
	}{
		{name: TREC, want: []Message{{Name: "spamham/trec07p/spam/inmail.9.eml", Spam: true, Text: []byte("A: spam\n\n")}, {Name: "spamham/trec07p/ham/inmail.10.eml", Text: []byte("A: ham\n\n")}}},
		{name: SpamAssassin, want: []Message{
			{Name: sa + "spam-1/1.eml", Spam: true, Text: []byte("Date: Sat, 31 Aug 2002 10:00:00\n\n")},
			{Name: sa + "easy-ham-2/1.eml", Text: []byte("Date: Wed, 4 Sep 2002 10:00:00 +0000\n\n")},
			{Name: sa + "easy-ham-1/1.eml", Text: []byte("Received: by a.test; Tue, 3 Sep 2002 10:00:00 +0000\nDate: Mon, 2 Sep 2002 10:00:00 +0000\n\n")},
			{Name: sa + "hard-ham-1/1.eml", Text: []byte("Date: Wed, 4 Sep 02 10:00:00 EST (a zone)\n\n")},
			{Name: sa + "spam-2/1.eml", Spam: true, Text: []byte("Date: Thu, 5 Sep 2002 10:00:00 +0000\n\n")},
		}},
		{name: Phish, want: []Message{
			{Name: "phish/a-b/3.eml", Spam: true, Text: []byte("B: 3\n\n")},
			{Name: "phish/a/2.email", Spam: true, Text: []byte("B: 2\n\n")},
			{Name: "phish/b/1.eml", Spam: true, Text: []byte("B: 1\n\n")},
		}},
		{name: SpamModern, err: "no such file"},
		{name: HamModern, err: "no message in "},
		{name: "other", err: `no collection "other"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, err := Read(root, tc.name)
			if tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) || tc.err == "" && err != nil {
				t.Fatalf("error %v, want %q", err, tc.err)
			}
			var got []Message
			for _, m := range list {
				got = append(got, *m)
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreUnexported(Message{})); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNoPlace: a message whose place cannot be told is not put anywhere.
func TestNoPlace(t *testing.T) {
	for name, files := range map[string]map[string]string{
		TREC:         {"spamham/trec07p/ham/first.eml": "A: ham\n\n"},
		SpamAssassin: {"spamham/spamassassin/easy-ham-1/1.eml": "Date: soon\n\n"},
	} {
		if _, err := Read(tree(t, files), name); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestHalves(t *testing.T) {
	for name, want := range map[string][2]string{TREC: {"ab", "cde"}, SpamAssassin: {"ab", "cde"}, Phish: {"ace", "bd"}, HamModern: {"ace", "bd"}} {
		first, second := Halves(name, []byte("abcde"))
		if got := [2]string{string(first), string(second)}; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestNumbers: the collections are those that docs/reference/accuracy.md tells of.
func TestNumbers(t *testing.T) {
	root := corpora.Dir(t)
	for name, want := range map[string][2]int{TREC: {2585, 5005}, SpamAssassin: {4150, 1895}, Phish: {0, 2687}, SpamModern: {0, 105}, HamModern: {1544, 0}} {
		list, err := Read(root, name)
		if err != nil {
			t.Fatal(err)
		}
		var got [2]int
		for _, m := range list {
			if m.Spam {
				got[1]++
			} else {
				got[0]++
			}
		}
		if got != want {
			t.Errorf("%s: %d ham and %d spam, want %d and %d", name, got[0], got[1], want[0], want[1])
		}
	}
}
