// SPDX-License-Identifier: Apache-2.0

package presubmit

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/config"
)

// ourFile is a file below the folder of the configuration, as examples name them.
var ourFile = regexp.MustCompile(`/etc/mailweir/[A-Za-z0-9_./-]+`)

// Examples checks that every block of Markdown marked yaml is a config that loads without a warning. A block may leave out the listeners, and the chain.
// The files and folders that it names below /etc/mailweir and /var/lib/mailweir are made in a temporary folder, those that end in .pem
// with a key. YAML that is not a config of ours is marked yml.
func Examples(tree fs.FS) ([]string, error) {
	var found faults
	err := eachBlock(tree, func(name string, b block) {
		if b.info != "yaml" {
			return
		}
		if err := load(b.text); err != nil {
			found.add(name, "line %d: example: %v", b.line, err)
		}
	})
	return found.sorted(), err
}

func load(text string) error {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, d := range []string{"work", "quarantine", "etc"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			return err
		}
	}
	for _, f := range ourFile.FindAllString(text, -1) {
		var content []byte
		if path.Ext(f) == ".pem" { // A key, which has to be one.
			if content, err = dkim.GenerateKey(sig.KeyEd25519, 0); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "etc", path.Base(f)), content, 0o600); err != nil {
			return err
		}
	}
	text = ourFile.ReplaceAllStringFunc(text, func(f string) string { return filepath.Join(dir, "etc", path.Base(f)) })
	text = strings.ReplaceAll(text, "/var/lib/mailweir", dir)
	lines := "\n" + text
	if !strings.Contains(lines, "\nlisten:") {
		text += "listen: [{address: 127.0.0.1:10024, next_hop: 127.0.0.1:10025}]\n"
	}
	if !strings.Contains(lines, "\nwork_dir:") {
		text += fmt.Sprintf("work_dir: %s/work\n", dir)
	}
	if !strings.Contains(lines, "\nquarantine:") {
		text += fmt.Sprintf("quarantine: {dir: %s/quarantine}\n", dir)
	}
	file := filepath.Join(dir, "mailweir.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	c, err := config.Load(file)
	if err != nil {
		return fmt.Errorf("%s", strings.ReplaceAll(err.Error(), dir, ""))
	}
	for _, w := range c.Warnings {
		if strings.Contains(lines, "\nchain:") || !strings.Contains(w, "no filter") {
			return fmt.Errorf("warning: %s", strings.ReplaceAll(w, dir, ""))
		}
	}
	return nil
}
