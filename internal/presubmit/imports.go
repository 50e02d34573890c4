// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// layer says what the packages of one folder may import. The longest folder that fits a package is its layer.
type layer struct {
	dir   string   // "mail", or "filters/*" for the folders below it.
	ours  []string // Our packages; "*" stands for all.
	other []string // Prefixes of packages that are neither ours nor the standard library's.
	never []string // Packages of the standard library that would break the layer's promise.
}

// layers is the import table of docs/design/plan.md. Arrows never go up: a package may import those of its layer's list, and
// what is not listed here imports nothing of ours.
func layers() []layer {
	logs := []string{"github.com/prometheus/client_golang", "github.com/sirupsen/logrus"}
	all := []string{"*"}
	readers := []string{"glob", "reload", "filetype", "filename", "markup", "qr", "qr/pictures", "urls", "lookalike", "notices"} // They know no filter.
	unpackers := []string{
		"github.com/nwaples/rardecode/v2", "github.com/bodgit/sevenzip", "github.com/ulikunitz/xz", "github.com/klauspost/compress",
		"github.com/pierrec/lz4/v4", "golang.org/x/text",
	}
	return []layer{
		{dir: "mail", other: []string{"golang.org/x/sys", "github.com/jhillyerd/enmime/v2"}},
		{dir: "scanners", other: logs},
		{dir: "scanners/*", ours: []string{"scanners", "mail", "reload"}, other: []string{"go.yaml.in/yaml/v3", "golang.org/x/sys", "github.com/google/go-cmp"}},
		{dir: "scanners/scannertest", ours: []string{"scanners", "internal/fake"}, other: []string{"go.uber.org/goleak", "github.com/google/go-cmp"}},
		{dir: "scanners/all", ours: []string{"scanners", "scanners/*"}},
		{dir: "resolver", other: []string{"github.com/miekg/dns"}},
		{dir: "resolver/dnslist", ours: []string{"resolver"}},
		{dir: "resolver/dnsmetrics", ours: []string{"resolver", "resolver/dnslist"}, other: logs},
		{dir: "resolver/dnstest", ours: []string{"resolver"}, other: []string{"github.com/miekg/dns"}},
		{dir: "authn", other: []string{"golang.org/x/net"}},
		{dir: "authn/*", ours: []string{"authn", "mail"}, other: []string{"golang.org/x/net"}},
		{dir: "authn/spf", ours: []string{"authn"}, other: []string{"blitiri.com.ar/go/spf"}},
		{dir: "authn/dkim", ours: []string{"authn", "authn/sig"}},
		{dir: "authn/arc", ours: []string{"authn", "authn/sig"}},
		{dir: "authn/check", ours: []string{"authn", "authn/*", "mail"}},
		{dir: "authn/outgoing", ours: []string{"authn", "authn/*", "mail"}},
		{dir: "authn/dmarc/report", ours: []string{"authn", "authn/*", "mail"}},
		{dir: "authn/dmarc/report/store", ours: []string{"authn/dmarc/report"}, other: []string{"modernc.org/sqlite"}},
		{dir: "facts", ours: []string{"mail", "markup", "urls", "lookalike", "authn", "authn/check"}, other: []string{"golang.org/x/text"}},
		{dir: "learn", ours: []string{"mail", "markup", "urls", "lookalike", "facts"}, other: []string{"golang.org/x/text"}},
		{dir: "learn/salearn", ours: []string{"mail", "markup", "urls"}, other: []string{"golang.org/x/text"}},
		{dir: "learn/store", ours: []string{"learn", "learn/salearn"}, other: []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5"}},
		{dir: "learn/store/postgrestest", other: []string{"github.com/jackc/pgx/v5"}},
		{dir: "seen"},
		{dir: "breaker"},
		{dir: "breaker/breakermetrics", ours: []string{"breaker", "filters"}, other: logs}, // filters for how metrics are registered.
		{dir: "breaker/breakertest", ours: []string{"breaker", "filters", "filters/filtertest", "internal/fake"}, other: []string{"go.uber.org/goleak"}},
		{dir: "glob"},
		{dir: "reload"},
		{dir: "filetype", other: []string{"github.com/gabriel-vasile/mimetype"}},
		{dir: "filename", other: []string{"golang.org/x/text"}},
		{dir: "unpack", ours: []string{"mail", "filetype", "unpack/*", "qr"}, other: unpackers}, // qr tells which pictures of a PDF file are worth taking out.
		{dir: "unpack/*", ours: []string{"unpack/*"}, other: unpackers},
		{dir: "unpack/ole/oletest", ours: []string{"unpack/ole"}},
		{dir: "markup", ours: []string{"mail", "unpack", "filetype"}, other: []string{"golang.org/x/text"}},
		{dir: "qr", other: []string{"github.com/makiuchi-d/gozxing"}},
		{dir: "qr/pictures", ours: []string{"qr", "mail", "unpack"}},
		{dir: "urls", other: []string{"golang.org/x/net"}},
		{dir: "lookalike", ours: []string{"urls"}, other: []string{"golang.org/x/text"}},
		{dir: "notices", other: []string{"golang.org/x/text"}},
		{dir: "filters", ours: []string{"mail", "scanners", "unpack", "resolver"}, other: append([]string{"golang.org/x/sync"}, logs...)},
		{dir: "filters/*", ours: append([]string{"filters", "mail", "unpack", "unpack/*", "resolver", "resolver/dnslist", "resolver/dnsmetrics", "authn", "authn/*", "authn/dmarc/report", "authn/dmarc/report/store", "facts", "learn", "learn/*", "seen", "breaker", "breaker/breakermetrics"}, readers...), other: append([]string{"golang.org/x/sync", "go.yaml.in/yaml/v3"}, logs...)},
		{
			dir: "filters/virus", ours: []string{"filters", "mail", "unpack", "scanners", "glob"},
			other: append([]string{"golang.org/x/sync"}, logs...),
		},
		{dir: "filters/filtertest", ours: []string{"filters", "mail", "unpack"}, other: append([]string{"go.uber.org/goleak", "github.com/google/go-cmp"}, logs...)},
		{dir: "filters/all", ours: []string{"filters", "filters/*"}},
		{dir: "policy", ours: []string{"filters", "mail", "markup", "notices", "internal/nearest"}, never: []string{"net", "net/http", "os", "os/exec"}},
		{dir: "proxy", ours: []string{"mail"}, other: append([]string{"github.com/emersion/go-smtp", "golang.org/x/sys"}, logs...)},
		{dir: "quarantine", ours: []string{"policy", "filters", "mail"}, other: append([]string{"golang.org/x/sys"}, logs...)},
		{
			dir:   "config",
			ours:  []string{"mail", "scanners", "scanners/*", "unpack", "filters", "filters/*", "policy", "quarantine", "resolver", "authn", "authn/*", "internal/nearest"},
			other: append([]string{"go.yaml.in/yaml/v3"}, logs...),
		},
		{
			dir: "gateway",
			ours: []string{
				"mail", "scanners", "scanners/*", "unpack", "filters", "filters/*", "policy", "proxy", "quarantine", "config",
				"resolver", "resolver/dnsmetrics", "authn", "authn/*",
			},
			other: append([]string{"golang.org/x/sync", "golang.org/x/sys"}, logs...),
		},
		{dir: "internal/nearest"},
		{dir: "internal/*", ours: all, other: all},
		{dir: "integration", ours: all, other: all},
		{dir: "integration/*", ours: all, other: all},
		{dir: "postfix-conf", ours: all},
		{dir: "cmd/*", ours: all, other: all},
	}
}

// Imports checks the import table. Test files are free: they may start servers and compare with anything.
func Imports(tree fs.FS) ([]string, error) {
	var found faults
	table := layers()
	err := walkGo(tree, func(f goFile) {
		if f.test {
			return
		}
		l, ok := layerOf(table, f.dir)
		if !ok {
			found.add(f.name, "folder %s is not in the import table", f.dir)
			return
		}
		for _, spec := range f.ast.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err == nil && !l.allows(name, f.dir) {
				found.add(f.name, "imports %s, which its layer %s may not", name, l.dir)
			}
		}
	})
	return found.sorted(), err
}

// layerOf finds the layer of a folder: its own line before the line of its parent with a star.
func layerOf(table []layer, dir string) (layer, bool) {
	for _, want := range []string{dir, path.Dir(dir) + "/*"} {
		for _, l := range table {
			if l.dir == want {
				return l, true
			}
		}
	}
	return layer{}, false
}

func (l layer) allows(name, dir string) bool {
	if own, ok := strings.CutPrefix(name, Module+"/"); ok {
		return matches(l.ours, own) && (own != dir)
	}
	first, _, _ := strings.Cut(name, "/")
	if !strings.Contains(first, ".") { // The standard library.
		return !matches(l.never, name)
	}
	for _, p := range l.other {
		if p == "*" || name == p || strings.HasPrefix(name, p+"/") {
			return true
		}
	}
	return false
}

// matches tells if name is in the list, which may hold "*" and "folder/*".
func matches(list []string, name string) bool {
	for _, p := range list {
		if p == "*" || p == name || p == path.Dir(name)+"/*" {
			return true
		}
	}
	return false
}
