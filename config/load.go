// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Load reads a config file and all files that it names patterns in. The error, if any, is of type Faults and tells
// every fault of the file. Environment variables are not expanded.
func Load(file string) (*Config, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, Faults{{File: file, Text: err.Error()}}
	}
	return parse(file, data, Default(), builtin())
}

// readFile reads a file of bounded size.
func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileOctets+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFileOctets {
		return nil, fmt.Errorf("larger than %d octets", maxFileOctets)
	}
	return data, nil
}

// cause is the error of a system call without the name of the file, which the fault has by itself.
func cause(err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err
	}
	return err
}

// parse makes a config of the text of a file, on top of the defaults in c.
func parse(file string, data []byte, c *Config, k kinds) (*Config, error) {
	root, err := parseYAML(file, data)
	if err != nil {
		return nil, err
	}
	c.File = file
	d := &decoder{file: file, kinds: k, lines: map[string]int{}}
	d.value(root, "", reflect.ValueOf(c), nil)
	if !d.full {
		c.complete()
		d.validate(c)
	}
	if err := d.faults.err(); err != nil {
		return nil, err
	}
	for _, w := range d.warned {
		c.Warnings = append(c.Warnings, w.Error())
	}
	return c, nil
}

// parseYAML reads the one document of a file.
func parseYAML(file string, data []byte) (*yaml.Node, error) {
	if i := bytes.IndexFunc(data, isNoText); i >= 0 {
		return nil, Faults{{File: file, Line: 1 + bytes.Count(data[:i], []byte("\n")), Text: "want UTF-8 text without control characters"}}
	}
	in := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	err := in.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil, Faults{{File: file, Line: 1, Text: "empty, want at least listen"}}
	}
	if err == nil {
		err = in.Decode(&more)
		if err == nil {
			return nil, Faults{{File: file, Line: more.Line, Text: "second document, want one"}}
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, Faults{yamlFault(file, data, err)}
	}
	return doc.Content[0], nil
}

// isNoText tells if a rune is none of a text file; what is not UTF-8 comes as the error rune.
func isNoText(r rune) bool {
	return r == utf8.RuneError || r != '\t' && r != '\n' && r != '\r' && unicode.IsControl(r)
}

var (
	yamlLine   = regexp.MustCompile(`^line (\d+): (.*)`)
	yamlAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
)

// yamlFault makes a fault of a YAML syntax error, whose line is in its text, if anywhere.
func yamlFault(file string, data []byte, err error) Fault {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	f := Fault{File: file, Line: 1, Text: text}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		f.Line, _ = strconv.Atoi(m[1])
		f.Text = m[2]
		if strings.HasPrefix(f.Text, "did not find expected") {
			f.Line++ // Of the parser's errors, unlike the scanner's, the library counts lines from 0.
		}
		lines := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
		f.Line = min(f.Line, len(lines))
		line := lines[f.Line-1]
		if indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]; f.Text == "found character that cannot start any token" && bytes.ContainsRune(indent, '\t') {
			f.Text = "a tab in front, want spaces"
		}
	} else if m := yamlAnchor.FindStringSubmatch(text); m != nil {
		before, _, _ := bytes.Cut(data, []byte("*"+m[1]))
		f.Line += bytes.Count(before, []byte("\n"))
	}
	return f
}

// complete fills in the defaults that stand in other values.
func (c *Config) complete() {
	if c.Spool.Dir == "" {
		c.Spool.Dir = c.WorkDir
	}
	for i := range c.Listen {
		if c.Listen[i].Name == "" {
			c.Listen[i].Name = c.Listen[i].Address.String()
		}
	}
	for name, s := range c.Scanners {
		s.Name = name
		c.Scanners[name] = s
	}
	for _, stage := range c.Chain {
		for i := range stage {
			if stage[i].Timeout == 0 {
				stage[i].Timeout = c.Timeouts.Filter
			}
		}
	}
}
