// SPDX-License-Identifier: Apache-2.0

// Package postconf puts mailweir into the configuration of a Postfix, takes it out again, and tells whether what is there fits. What is to be set
// stands in the fragments of folder postfix-conf. It writes no file of Postfix itself: all changes are made by postconf(1).
package postconf

import (
	"fmt"
	"net"
	"slices"
	"strings"

	postfixconf "github.com/mailweir/mailweir/postfix-conf"
)

// Mode is a way for Postfix to hand mail over: the name of a folder of fragments.
type Mode string

// The modes.
const (
	AfterQueueLMTP Mode = "after-queue-lmtp"
	AfterQueueSMTP Mode = "after-queue-smtp"
	BeforeQueue    Mode = "before-queue"
)

// Modes are all modes, the recommended one first.
func Modes() []Mode { return []Mode{AfterQueueLMTP, AfterQueueSMTP, BeforeQueue} }

// DefaultFilter is where the fragments of the mode expect mailweir to listen.
func (m Mode) DefaultFilter() string {
	if m == BeforeQueue {
		return "127.0.0.1:10026"
	}
	return "127.0.0.1:10024"
}

// DefaultReinject is where the fragments of the mode make Postfix listen for what comes back.
func (m Mode) DefaultReinject() string {
	if m == BeforeQueue {
		return "127.0.0.1:10027"
	}
	return "127.0.0.1:10025"
}

// Setting is a parameter with its value.
type Setting struct{ Name, Value string }

// Service is an entry of master.cf.
type Service struct {
	Name    string
	Type    string    // inet or unix.
	Fields  []string  // private, unpriv, chroot, wakeup, maxproc, command.
	Options []Setting // Of -o, in order.
}

// Key is name/type, by which postconf(1) knows the entry.
func (s Service) Key() string { return s.Name + "/" + s.Type }

// String is the entry on one line.
func (s Service) String() string {
	words := append([]string{s.Name, s.Type}, s.Fields...)
	for _, o := range s.Options {
		words = append(words, "-o", o.Name+"="+o.Value)
	}
	return strings.Join(words, " ")
}

// Public is the entry of the fragments that every Postfix has already; its options are added to the one that is there.
const Public = "smtp/inet"

// Fragment is what a mode sets.
type Fragment struct {
	Main     []Setting
	Services []Service // Entries of their own.
	Public   []Setting // Options of the listeners that clients connect to.
}

// Load reads the fragments of a mode, with addresses (host:port, or unix:/path of the filter) in place of those that the files show. "" keeps theirs.
func Load(m Mode, filter, reinject string) (*Fragment, error) {
	if !slices.Contains(Modes(), m) {
		return nil, fmt.Errorf("mode %q: want one of %q", m, Modes())
	}
	replace, err := addresses(m, filter, reinject)
	if err != nil {
		return nil, err
	}
	main, err := postfixconf.Files.ReadFile(string(m) + "/main.cf")
	if err != nil {
		return nil, err
	}
	master, err := postfixconf.Files.ReadFile(string(m) + "/master.cf")
	if err != nil {
		return nil, err
	}
	f := &Fragment{}
	if f.Main, err = parseMain(replace.Replace(string(main))); err != nil {
		return nil, fmt.Errorf("%s/main.cf: %w", m, err)
	}
	services, err := parseMaster(replace.Replace(string(master)))
	if err != nil {
		return nil, fmt.Errorf("%s/master.cf: %w", m, err)
	}
	for _, s := range services {
		if s.Key() == Public {
			f.Public = append(f.Public, s.Options...)
			continue
		}
		f.Services = append(f.Services, s)
	}
	return f, nil
}

// addresses replaces the default addresses in the text of a fragment.
func addresses(m Mode, filter, reinject string) (*strings.Replacer, error) {
	if filter == "" {
		filter = m.DefaultFilter()
	}
	if reinject == "" {
		reinject = m.DefaultReinject()
	}
	nextHop, err := destination(filter)
	if err != nil {
		return nil, fmt.Errorf("address of the filter: %w", err)
	}
	if _, _, err := net.SplitHostPort(reinject); err != nil {
		return nil, fmt.Errorf("address for re-injection: %w", err)
	}
	shown, err := destination(m.DefaultFilter())
	if err != nil {
		return nil, err
	}
	return strings.NewReplacer(shown, nextHop, m.DefaultFilter(), filter, m.DefaultReinject(), reinject), nil
}

// destination writes an address as a content_filter has it: brackets keep Postfix from looking for an MX.
func destination(address string) (string, error) {
	if strings.HasPrefix(address, "unix:/") {
		return address, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	return "[" + host + "]:" + port, nil
}

// logicalLines joins continuation lines and drops comments, which may stand between them (postconf(5), master(5)).
func logicalLines(text string) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		words := strings.TrimSpace(line)
		if words == "" || words[0] == '#' {
			continue
		}
		if line[0] != ' ' && line[0] != '\t' || len(lines) == 0 {
			lines = append(lines, words)
			continue
		}
		lines[len(lines)-1] += " " + words
	}
	return lines
}

func parseMain(text string) ([]Setting, error) {
	var settings []Setting
	for _, line := range logicalLines(text) {
		s, err := parseSetting(line)
		if err != nil {
			return nil, err
		}
		settings = append(settings, s)
	}
	return settings, nil
}

func parseSetting(text string) (Setting, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return Setting{}, fmt.Errorf("%q is no parameter with a value", text)
	}
	return Setting{strings.TrimSpace(name), strings.TrimSpace(value)}, nil
}

const masterFields = 8 // Name, type and six more (master(5)).

func parseMaster(text string) ([]Service, error) {
	var services []Service
	for _, line := range logicalLines(text) {
		words := strings.Fields(line)
		if len(words) < masterFields {
			return nil, fmt.Errorf("%q is no entry of %d fields", line, masterFields)
		}
		s := Service{Name: words[0], Type: words[1], Fields: words[2:masterFields]}
		for rest := words[masterFields:]; len(rest) > 0; rest = rest[2:] {
			if rest[0] != "-o" || len(rest) == 1 {
				return nil, fmt.Errorf("entry %s: want -o name=value, not %q", s.Key(), rest)
			}
			o, err := parseSetting(rest[1])
			if err != nil {
				return nil, fmt.Errorf("entry %s: %w", s.Key(), err)
			}
			s.Options = append(s.Options, o)
		}
		services = append(services, s)
	}
	return services, nil
}
