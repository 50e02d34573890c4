// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

// unnamed is the signature of malware that the program has no name for.
const unnamed = "unnamed"

// judge makes a report of what the program has said. What speaks against clean counts before what speaks for it: an exit code that
// is not listed, then malware, then what was not scanned; and clean needs a listed code and all patterns of clean.
func (p *profile) judge(out output) (scanners.Report, error) {
	if !p.Exit.lists(out.code) {
		return scanners.Report{}, fmt.Errorf("exit code %d: %s", out.code, scanners.Line(string(out.text)))
	}
	f := p.findings(out)
	if f.infected {
		return scanners.Report{Verdict: scanners.Infected, Signature: f.signature}, nil
	}
	if reason, ok := p.reason(out, f); ok {
		return scanners.Report{Verdict: scanners.Unscannable, Reason: reason}, nil
	}
	for _, want := range p.Clean {
		if !want.Match(out.text) {
			return scanners.Report{}, fmt.Errorf("exit code %d, but no %s: %s", out.code, want, scanners.Line(string(out.text)))
		}
	}
	return scanners.Report{Verdict: scanners.Clean}, nil
}

func (e *exit) lists(code int) bool {
	return slices.Contains(e.Clean, code) || slices.Contains(e.Unscannable, code) || e.infected(code)
}

func (e *exit) infected(code int) bool {
	return slices.Contains(e.Infected, code) || code > 0 && code&e.InfectedBits != 0
}

// findings is what the patterns for infected have found, and the exit code.
type findings struct {
	infected   bool
	signature  string // If infected.
	notScanned string // A signature that tells of content that was not scanned; "" if there was none.
}

func (p *profile) findings(out output) findings {
	var f findings
	for _, pattern := range p.Infected {
		for _, m := range pattern.FindAllSubmatch(out.text, -1) {
			name := ""
			if len(m) > 1 {
				name = scanners.Line(string(m[1]))
			}
			f.add(p, name)
		}
	}
	// A product that calls by a signature what it could not scan ends with the code for infected as well.
	if !f.infected && f.notScanned == "" && p.Exit.infected(out.code) {
		f.infected, f.signature = true, unnamed
	}
	return f
}

// add takes in what a pattern for infected has found; name is "" if it has no group.
func (f *findings) add(p *profile, name string) {
	switch {
	case matches(p.Ignored, name):
	case matches(p.NotScanned, name):
		f.notScanned = name
	case !f.infected:
		f.infected, f.signature = true, orElse(name, unnamed)
	case f.signature == unnamed:
		f.signature = orElse(name, unnamed)
	}
}

// reason tells why the content does not count as scanned whole.
func (p *profile) reason(out output, f findings) (string, bool) {
	if f.notScanned != "" {
		return f.notScanned, true
	}
	for _, pattern := range p.Unscannable {
		if why, ok := pattern.find(out.text); ok {
			return orElse(scanners.Line(why), "not scanned whole"), true
		}
	}
	if slices.Contains(p.Exit.Unscannable, out.code) {
		return fmt.Sprintf("exit code %d of the scanner", out.code), true
	}
	if out.cut {
		return fmt.Sprintf("the scanner said more than %d octets", maxOutput), true
	}
	return "", false
}

// engine makes one line of what the version command has said.
func (p *profile) engine(out output) (string, error) {
	codes := p.Version.Exit
	if len(codes) == 0 {
		codes = []int{0}
	}
	if !slices.Contains(codes, out.code) {
		return "", fmt.Errorf("version: exit code %d: %s", out.code, scanners.Line(string(out.text)))
	}
	var parts []string
	for _, pattern := range p.Version.Patterns {
		found, ok := pattern.find(out.text)
		if !ok {
			return "", fmt.Errorf("version: no %s: %s", pattern, scanners.Line(string(out.text)))
		}
		parts = append(parts, scanners.Line(found))
	}
	engine := scanners.Line(strings.Join(parts, ", "))
	if engine == "" {
		return "", errors.New("version: empty")
	}
	return engine, nil
}

func matches(patterns []pattern, name string) bool {
	return slices.ContainsFunc(patterns, func(p pattern) bool { return p.MatchString(name) })
}

func orElse(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
