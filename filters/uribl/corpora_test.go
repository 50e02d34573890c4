// SPDX-License-Identifier: Apache-2.0

package uribl_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/miekg/dns"

	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/filters/uribl"
	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// TestCorpora: real mail is read without an error, costs no more look-ups than the options say, and tells how many that are.
func TestCorpora(t *testing.T) {
	corpora.Dir(t)
	for _, dir := range []string{"ham_modern", "spam_modern", "phish", "spamham/spamassassin/easy-ham-1", "spamham/spamassassin/hard-ham-1", "spamham/spamassassin/spam-1"} {
		t.Run(dir, func(t *testing.T) {
			s := dnstest.Serve(t, dnstest.Nothing(t, dns.RcodeNameError, ". 0 IN SOA ns.test. root.test. 1 2 3 4 0"))
			f := newFilter(t, nil, dnstest.Resolver(t, nil, s), map[string]uribl.Zone{
				"d.test": {Score: 1, Ask: []string{"domains", "addresses"}}, "m.test": {Score: 1, Ask: []string{"emails"}},
			})
			var asked []int
			over := 0
			err := filepath.WalkDir(corpora.Dir(t, dir), func(path string, d fs.DirEntry, err error) error {
				if err != nil || !d.Type().IsRegular() || len(asked) == 1000 {
					return err
				}
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				msg := filtertest.Message(t, string(text))
				before := s.Asked()
				found, err := f.Inspect(t.Context(), filtertest.Envelope(), msg)
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
				for _, x := range found {
					if x.Code != "uribl.unasked" {
						t.Errorf("%s: %s: %s", path, x.Code, x.Detail)
					}
					over++
				}
				asked = append(asked, int(s.Asked()-before))
				return msg.Close()
			})
			if err != nil || len(asked) == 0 {
				t.Fatalf("%d messages, %v", len(asked), err)
			}
			slices.Sort(asked)
			n := len(asked)
			t.Logf("%d messages; questions to two lists: median %d, 90 %% %d, most %d; over the limits %d", n, asked[n/2], asked[n*9/10], asked[n-1], over)
			if asked[n-1] > 200 {
				t.Errorf("a message costs %d look-ups", asked[n-1])
			}
		})
	}
}
