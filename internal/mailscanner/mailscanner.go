// SPDX-License-Identifier: Apache-2.0

// Package mailscanner reads the configuration of MailScanner 5 and writes a config of mailweir that means the same. What has no equivalent
// stands in the result as a comment, with file, line and reason. It reads nothing outside of the folder that it is given, runs nothing and
// connects to nothing. The command "mailweir import mailscanner" calls it.
package mailscanner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mailweir/mailweir/filters/attachments"
	"github.com/mailweir/mailweir/filters/spamd"
)

// Options are what the import needs to know of the host.
type Options struct {
	Env func(name string) (value string, ok bool) // For $NAME and ${NAME} in MailScanner's files; nil for an empty environment.
}

// Result is the outcome of an import.
type Result struct {
	Config       []byte   // The config: YAML with comments, UTF-8, at most 1 MiB.
	Policies     int      // Policies in it.
	Carried      int      // Settings of MailScanner.conf that are in the config.
	NoEquivalent int      // Settings that have none.
	Defaults     int      // Of those without equivalent: the ones that have MailScanner's own default.
	Unknown      int      // Settings that nobody knows, and lines that make no sense.
	Warnings     []string // What is weaker or otherwise than it was, as file:line: text.
}

// mainFile is the file in the folder where all begins.
const mainFile = "MailScanner.conf"

// maxConfig is how many octets mailweir reads of its config.
const maxConfig = 1 << 20

// ErrTooLarge is the error for a result that mailweir would not read.
var ErrTooLarge = errors.New("the config would be larger than 1 MiB; move long lists of addresses out of the rulesets first")

// Import reads the configuration in a folder such as /etc/MailScanner. Files of MailScanner's that are missing or make no sense are told
// in Warnings; an error means that there is no MailScanner.conf, that a limit was hit, or that a file could not be read. Faults name file and
// line.
func Import(dir string, o Options) (*Result, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	src := newSource(root, abs, o.Env)
	conf, err := readConf(src)
	if err != nil {
		return nil, err
	}
	im := &importer{src: src, conf: conf, notes: newNotes()}
	return im.run()
}

// importer does one import.
type importer struct {
	src      *source
	conf     *conf
	notes    *notes
	rulesets map[string]*ruleset // By the key of the setting.
	views    []view              // One for each policy; the last is the default.
	lists    []fileList
	used     int // Rules for files, of all lists.
	senders  senders
	dns      dnsLists
}

func (im *importer) run() (*Result, error) {
	if err := im.readRulesets(); err != nil {
		return nil, err
	}
	im.views = im.cells()
	specs, err := im.policies()
	if err != nil {
		return nil, err
	}
	daemon, err := im.planSpamd(specs)
	if err != nil {
		return nil, fmt.Errorf("the options of spamd that were made are not sound: %w", err)
	}
	sites, err := im.sites()
	if err != nil {
		return nil, err
	}
	options, err := im.options()
	if err != nil {
		return nil, err
	}
	w := &writer{}
	res := im.count()
	res.Policies = len(specs)
	im.write(w, &made{specs, sites, options, daemon}, res)
	if len(w.text) > maxConfig {
		return nil, fmt.Errorf("%s: %w", im.src.dir, ErrTooLarge)
	}
	res.Config = w.text
	res.Warnings = im.notes.warnings()
	return res, nil
}

// made is what the config is written from.
type made struct {
	specs []*spec
	sites map[string][]string
	files *attachments.Options
	spamd *spamd.Options // Nil if it is not asked.
}

// count tells how the settings of the file fared.
func (im *importer) count() *Result {
	res := &Result{Unknown: len(im.conf.odd)}
	for _, e := range im.conf.given() {
		switch {
		case e.setting == nil:
			res.Unknown++
		case e.setting.mapped():
			res.Carried++
		default:
			res.NoEquivalent++
			if e.isDefault() {
				res.Defaults++
			}
		}
	}
	return res
}
