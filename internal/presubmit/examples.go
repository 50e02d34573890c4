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

	"github.com/mailweir/mailweir/config"
)

// ourFile is a file below the folder of the configuration, as examples name them.
var ourFile = regexp.MustCompile(`/etc/mailweir/[A-Za-z0-9_./-]+`)

// Examples checks that every block of Markdown marked yaml is a config that loads. A block may leave out the listeners.
// The files and folders that it names below /etc/mailweir and /var/lib/mailweir are made in a temporary folder. YAML
// that is not a config of ours is marked yml.
func Examples(tree fs.FS) ([]string, error) {
	var found faults
	err := walk(tree, func(name string) error {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		for _, b := range blocks(string(text)) {
			if b.info != "yaml" {
				continue
			}
			if err := load(b.text); err != nil {
				found.add(name, "line %d: example: %v", b.line, err)
			}
		}
		return nil
	}, ".md")
	return found.sorted(), err
}

// block is a fenced block of Markdown.
type block struct {
	info string // What stands behind the opening fence.
	line int    // Of its first line.
	text string
}

// blocks finds the fenced blocks of a Markdown file.
func blocks(text string) []block {
	var list []block
	open := false
	for n, line := range strings.Split(text, "\n") {
		info, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && !open:
			list = append(list, block{info: strings.TrimSpace(info), line: n + 2})
			open = true
		case fence:
			open = false
		case open:
			list[len(list)-1].text += line + "\n"
		}
	}
	return list
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
		if err := os.WriteFile(filepath.Join(dir, "etc", path.Base(f)), nil, 0o600); err != nil {
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
	if _, err := config.Load(file); err != nil {
		return fmt.Errorf("%s", strings.ReplaceAll(err.Error(), dir, ""))
	}
	return nil
}
