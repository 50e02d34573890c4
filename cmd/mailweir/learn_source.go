// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/quarantine"
)

// learnSources finds out what the arguments name, and gives a function that visits all messages. cleanup removes what was needed on the way.
func learnSources(cmd *cobra.Command, args []string) (each sources, cleanup func(), err error) {
	paths, input := make([]string, len(args)), -1
	for i, arg := range args {
		if paths[i], err = learnPath(cmd, arg); err != nil {
			return nil, nil, err
		}
		if arg == "-" && input >= 0 {
			return nil, nil, errors.New("- is named twice")
		}
		if arg == "-" {
			input = i
		}
	}
	cleanup = func() {}
	if input >= 0 {
		var f *os.File
		if f, cleanup, err = inputFile(cmd.Context(), cmd.InOrStdin()); err != nil {
			return nil, nil, err
		}
		paths[input] = f.Name()
	}
	return eachPath(args, paths), cleanup, nil
}

// eachPath visits the messages of paths, which the arguments name.
func eachPath(args, paths []string) sources {
	return func(visit func(source) error) error {
		for i, path := range paths {
			err := eachArrived(path, func(s source) error {
				if args[i] == "-" {
					s.name = "-" + strings.TrimPrefix(s.name, path)
				}
				return visit(s)
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// learnPath is the file or folder that an argument names: as it is, or in the quarantine.
func learnPath(cmd *cobra.Command, arg string) (string, error) {
	if arg == "-" {
		return arg, nil
	}
	_, err := os.Stat(arg)
	if !errors.Is(err, fs.ErrNotExist) {
		return arg, err
	}
	_, notID := quarantine.ParseID(arg)
	if notID != nil && (noConfig(cmd) || strings.ContainsAny(arg, "/.")) { // The ID of a message has neither.
		return "", fmt.Errorf("%s: %w", shown(arg), errNoPath)
	}
	cfg, err := loadConfig(cmd)
	if err != nil {
		return "", err
	}
	path, err := keptFile(cfg, arg)
	if err != nil {
		return "", fmt.Errorf("%s: %w", shown(arg), err)
	}
	return path, nil
}

var errNoPath = errors.New("neither a file or folder, nor the ID of a message in the quarantine")

// keptFile is the message of an entry of the quarantine.
func keptFile(cfg *config.Config, arg string) (string, error) {
	if cfg.Quarantine.Dir == "" {
		return "", errNoPath
	}
	s, err := quarantine.Open(cfg.Quarantine.Dir, quarantine.Options{})
	if err != nil {
		return "", err
	}
	id, err := findEntry(s, arg)
	if err = errors.Join(err, s.Close()); errors.Is(err, errNotKept) {
		return "", errNoPath
	}
	if err != nil {
		return "", err
	}
	path := filepath.Join(cfg.Quarantine.Dir, id.Time().Format(time.DateOnly), string(id)+".eml")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", errNoPath
	}
	return path, nil
}

// eachArrived finds the messages of a file or folder, in the order in which they have arrived as far as their names tell.
func eachArrived(path string, visit func(source) error) error {
	fi, err := os.Stat(path)
	switch {
	case err != nil:
		return visit(source{name: path, path: path, size: -1, err: cause(err)})
	case fi.IsDir():
		return eachInFolder(path, visit)
	}
	return eachMessage(path, visit)
}

func eachInFolder(dir string, visit func(source) error) error {
	names, err := folderNames(dir)
	if err != nil { // It is told of, and the others are looked at.
		return visit(source{name: dir, path: dir, size: -1, err: cause(err)})
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		fi, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist): // Somebody has read or removed it meanwhile.
			err = nil
		case err != nil:
			err = visit(source{name: path, path: path, size: -1, err: cause(err)})
		case fi.IsDir():
			err = eachInFolder(path, visit)
		case fi.Mode().IsRegular() && !isEntry(path):
			err = eachMessage(path, visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// folderNames are the names in a folder, in order; of a Maildir those of its messages.
func folderNames(dir string) ([]string, error) {
	var names []string
	within := []string{""}
	if isMaildir(dir) {
		within = []string{"cur", "new"}
	}
	for _, sub := range within {
		f, err := os.Open(filepath.Join(dir, sub))
		if err != nil {
			return nil, err
		}
		list, err := f.Readdirnames(-1)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		for _, name := range list {
			if !strings.HasPrefix(name, ".") {
				names = append(names, filepath.Join(sub, name))
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return byNumbers(filepath.Base(a), filepath.Base(b)) })
	return names, nil
}

// isEntry tells if a file is what the quarantine knows of the message beside it.
func isEntry(path string) bool {
	base, ok := strings.CutSuffix(path, ".json")
	if !ok {
		return false
	}
	_, err := quarantine.ParseID(filepath.Base(base))
	return err == nil
}

// byNumbers compares names, numbers in them as numbers: 9.eml is before 10.eml.
func byNumbers(a, b string) int {
	whole := strings.Compare(a, b)
	for a != "" && b != "" {
		x, restA := digits(a)
		y, restB := digits(b)
		if x == "" || y == "" {
			if a[0] != b[0] {
				return cmp.Compare(a[0], b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
			return c
		}
		a, b = restA, restB
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), whole)
}

// digits are those that s begins with, and what is behind them.
func digits(s string) (number, rest string) {
	rest = strings.TrimLeft(s, "0123456789")
	return s[:len(s)-len(rest)], rest
}
