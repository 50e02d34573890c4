// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/phishing"
)

// sites are the lists of sites for the filter phishing, by option. MailScanner's own files serve where the filter can read them.
func (im *importer) sites() (map[string][]string, error) {
	out := map[string][]string{}
	v := im.views[len(im.views)-1]
	for _, o := range [][2]string{{"safe_sites", "phishingsafesitesfile"}, {"bad_sites", "phishingbadsitesfile"}} {
		option, key := o[0], o[1]
		for name := range strings.FieldsSeq(v.get(key)) {
			full, err := im.siteList(name)
			if isLimit(err) {
				return nil, err
			}
			if errors.Is(err, fs.ErrNotExist) && im.conf.entries[key] == nil {
				continue
			}
			if err != nil {
				im.warn(key, "%v; a list has one host name on a line, comments behind #, and *.name for all below", err)
				continue
			}
			im.note(key, "is used where it is; copy it, if MailScanner goes")
			out[option] = append(out[option], full)
		}
	}
	return out, nil
}

// siteList is the absolute path of a list that the filter can read.
func (im *importer) siteList(name string) (string, error) {
	rel, err := im.src.rel(name)
	if err != nil {
		return "", err
	}
	f, err := im.src.open(rel)
	if err != nil {
		return "", err
	}
	_ = f.Close()
	full := filepath.Join(im.src.dir, filepath.FromSlash(rel))
	o := phishing.DefaultOptions()
	o.BadSites = []string{full}
	if _, err := phishing.New(o, filters.Deps{Registerer: prometheus.NewRegistry()}); err != nil {
		return "", err
	}
	if printable(full) != full {
		return "", errOddName
	}
	return full, nil
}
