// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxTold bounds the octets of a wrong value or key that are told.
const maxTold = 40

// fault reports something about a value.
func (d *decoder) fault(n *yaml.Node, path, format string, args ...any) {
	d.faults = append(d.faults, Fault{File: d.file, Line: n.Line, Path: path, Text: fmt.Sprintf(format, args...)})
}

// faultAt reports something about a path that has been read, or that the file leaves out: then it is about the line of
// the nearest path around it.
func (d *decoder) faultAt(path, format string, args ...any) {
	d.faults = append(d.faults, Fault{File: d.file, Line: d.line(path), Path: path, Text: fmt.Sprintf(format, args...)})
}

// warn reports what is no fault but likely no intention.
func (d *decoder) warn(path, format string, args ...any) {
	d.warned = append(d.warned, Fault{File: d.file, Line: d.line(path), Path: path, Text: fmt.Sprintf(format, args...)})
}

// isFaulty tells if there is a fault at path or inside it.
func (d *decoder) isFaulty(path string) bool {
	return slices.ContainsFunc(d.faults, func(f Fault) bool {
		rest, ok := strings.CutPrefix(f.Path, path)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// line finds the line of a path, or of the nearest path around it.
func (d *decoder) line(path string) int {
	for {
		if l, ok := d.lines[path]; ok || path == "" {
			return l
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

// pos is the place of a path, for reasons and logs.
func (d *decoder) pos(path string) Pos { return Pos{File: d.file, Line: d.line(path)} }

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// told describes a value that is wrong, cut to what fits into a line.
func told(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a section"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case isNull(n):
		return "nothing"
	case len(n.Value) > maxTold:
		return strconv.Quote(n.Value[:maxTold]) + "..."
	case n.ShortTag() == "!!merge":
		return "a merge key (<<), which does not work here"
	case n.ShortTag() == "!!str" || strings.Trim(n.Value, wordOctets+"+.:") != "":
		return strconv.Quote(n.Value)
	}
	return n.Value
}

// join is the path of a key inside path.
func join(path, key string) string {
	if !plainKey(key) {
		key = strconv.Quote(key[:min(len(key), maxTold)])
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// wordOctets are the octets of a word that can stand in a path, a label or a file name as it is.
const wordOctets = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

func plainKey(key string) bool {
	return key != "" && len(key) <= maxTold && strings.Trim(key, wordOctets) == ""
}
