// SPDX-License-Identifier: Apache-2.0

package command

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of a profile.
const (
	maxProfile = 64 << 10 // Octets of the file.
	maxPattern = 1000     // Octets of a pattern.
)

// profiles are the built-in ones, by the names of their files.
//
//go:embed profiles/*.yaml
var profiles embed.FS

// profile is how to call a product's program and how to read its answer.
type profile struct {
	Name    string   `yaml:"name"`
	Product string   `yaml:"product"`
	Source  string   `yaml:"source"`  // Where what follows is from.
	Program string   `yaml:"program"` // Absolute path.
	Args    []string `yaml:"args"`    // {file} in one of them is the path of the content; {args} alone stands for the options' args.
	Exit    exit     `yaml:"exit"`

	// Patterns are regular expressions of Go (RE2: linear in time), searched in all that the program has said. A group tells the
	// signature or the reason.
	Infected    []pattern `yaml:"infected"`    // Any of them: infected, though the exit code says clean or unscannable.
	Unscannable []pattern `yaml:"unscannable"` // Any of them: not clean, though the exit code says so.
	Clean       []pattern `yaml:"clean"`       // All of them have to be found for clean.

	// Signatures that are not malware, as patterns too.
	NotScanned []pattern `yaml:"not_scanned"` // They tell that content was not scanned: encrypted, over a limit.
	Ignored    []pattern `yaml:"ignored"`     // They tell that nothing was found.

	Version version `yaml:"version"`
}

// exit are the exit codes that the product documents. Any other is an error.
type exit struct {
	Clean        []int `yaml:"clean"`
	Infected     []int `yaml:"infected"`
	InfectedBits int   `yaml:"infected_bits"` // Codes with any of these bits are infected too.
	Unscannable  []int `yaml:"unscannable"`
}

// version is how to ask for product and signatures.
type version struct {
	Program  string    `yaml:"program"`  // Absolute path, if it is another one.
	Args     []string  `yaml:"args"`     // {args} as above.
	Exit     []int     `yaml:"exit"`     // Codes that are no error; 0 if there is none here.
	Patterns []pattern `yaml:"patterns"` // Each has to be found; its group, or all of it, is part of the answer.
}

// pattern is a regular expression in a profile.
type pattern struct{ *regexp.Regexp }

// UnmarshalText reads a pattern from a profile.
func (p *pattern) UnmarshalText(text []byte) error {
	if len(text) > maxPattern {
		return fmt.Errorf("pattern of more than %d octets", maxPattern)
	}
	re, err := regexp.Compile(string(text))
	if err != nil {
		return err
	}
	if re.NumSubexp() > 1 {
		return fmt.Errorf("pattern %q: want at most one group", text)
	}
	p.Regexp = re
	return nil
}

// find returns what the group has found first, or all of the pattern if it has no group.
func (p pattern) find(text []byte) (string, bool) {
	m := p.FindSubmatch(text)
	if m == nil {
		return "", false
	}
	return string(m[len(m)-1]), true
}

// Profiles are the names of the built-in profiles.
func Profiles() []string {
	entries, err := profiles.ReadDir("profiles")
	if err != nil {
		panic(err) // They are part of the program.
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// loadProfile reads a profile by its name or path.
func loadProfile(name string) (*profile, error) {
	text, err := readProfile(name)
	if err != nil {
		return nil, err
	}
	p := &profile{}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	return p, nil
}

func readProfile(name string) ([]byte, error) {
	if !filepath.IsAbs(name) {
		if !slices.Contains(Profiles(), name) {
			return nil, fmt.Errorf("profile %q: want an absolute path or one of %s", name, strings.Join(Profiles(), " "))
		}
		return profiles.ReadFile("profiles/" + name + ".yaml")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxProfile+1))
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	if len(text) > maxProfile {
		return nil, fmt.Errorf("profile %s: longer than %d octets", name, maxProfile)
	}
	return text, nil
}

const (
	fileWord = "{file}"
	argsWord = "{args}"
)

func (p *profile) check() error {
	var errs []error
	if p.Name == "" {
		errs = append(errs, errors.New("name: want one"))
	}
	if !filepath.IsAbs(p.Program) {
		errs = append(errs, fmt.Errorf("program %q: want an absolute path", p.Program))
	}
	if strings.Count(strings.Join(p.Args, "\x00"), fileWord) != 1 {
		errs = append(errs, fmt.Errorf("args: want %s once", fileWord))
	}
	if len(p.Exit.Clean) == 0 {
		errs = append(errs, errors.New("exit: clean: want at least one code"))
	}
	if len(p.Exit.Infected) == 0 && p.Exit.InfectedBits == 0 && len(p.Infected) == 0 {
		errs = append(errs, errors.New("want exit codes or patterns for infected"))
	}
	for _, code := range p.Exit.Clean {
		if slices.Contains(p.Exit.Infected, code) || code&p.Exit.InfectedBits != 0 || slices.Contains(p.Exit.Unscannable, code) {
			errs = append(errs, fmt.Errorf("exit: code %d is clean and something else", code))
		}
	}
	if p.Version.Program != "" && !filepath.IsAbs(p.Version.Program) {
		errs = append(errs, fmt.Errorf("version: program %q: want an absolute path", p.Version.Program))
	}
	if len(p.Version.Args) == 0 || len(p.Version.Patterns) == 0 {
		errs = append(errs, errors.New("version: want args and patterns"))
	}
	return errors.Join(errs...)
}

func (p *profile) takesArgs() bool { return slices.Contains(p.Args, argsWord) }

// expand puts the arguments of a profile together with one's own and the path of the content.
func expand(args, own []string, path string) []string {
	var all []string
	for _, a := range args {
		if a == argsWord {
			all = append(all, own...)
			continue
		}
		all = append(all, strings.ReplaceAll(a, fileWord, path))
	}
	return all
}
