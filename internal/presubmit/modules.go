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
		"blitiri.com.ar/go/spf":               "SPF evaluation (RFC 7208), behind our own limits",
		"github.com/bodgit/sevenzip":          "7z archives, behind our own check of the header and our own coders",
		"github.com/chromedp/cdproto":         "the words of the protocol that the tests speak to a browser",
		"github.com/chromedp/chromedp":        "tests that load disarmed HTML in a real browser",
		"github.com/emersion/go-msgauth":      "DKIM in tests: the judge of our own verifier and signer",
		"github.com/emersion/go-smtp":         "the SMTP and LMTP server state machine, behind our own connection (design note 008)",
		"github.com/gabriel-vasile/mimetype":  "what content is, for the formats that our own table does not have",
		"github.com/google/go-cmp":            "readable differences in tests",
		"github.com/jackc/pgx/v5":             "PostgreSQL, for what several hosts learn together",
		"github.com/jhillyerd/enmime/v2":      "charsets and encoded words of single leaves",
		"github.com/klauspost/compress":       "the decoder of zstd",
		"github.com/makiuchi-d/gozxing":       "QR codes in images",
		"github.com/miekg/dns":                "DNS messages, and name servers for tests",
		"github.com/nwaples/rardecode/v2":     "RAR archives, of which no free description exists",
		"github.com/pierrec/lz4/v4":           "the decoder of lz4",
		"github.com/prometheus/client_golang": "metrics in the form that operators collect",
		"github.com/sirupsen/logrus":          "log entries with fields, as text or JSON",
		"github.com/spf13/cobra":              "subcommands, their help, completion and man pages",
		"github.com/ulikunitz/xz":             "the decoders of LZMA and LZMA2, for xz, lzip, 7z and zip",
		"go.uber.org/goleak":                  "tests that no goroutine is left behind",
		"go.yaml.in/yaml/v3":                  "YAML nodes with line numbers, for our own strict decoder",
		"golang.org/x/net":                    "host names (IDNA) and the Public Suffix List",
		"golang.org/x/sync":                   "singleflight and semaphores",
		"golang.org/x/sys":                    "files without a name, fsync of folders, peer credentials",
		"golang.org/x/text":                   "charsets, and Unicode normal forms",
		"modernc.org/sqlite":                  "SQLite without cgo, for what was learned and counted",
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
