// SPDX-License-Identifier: Apache-2.0

package hashes

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

const (
	maxFile = 2 << 30 // Octets of one list.
	maxLine = 4096    // Octets of a line in it.
)

// noName is the signature of a digest that its list gives no name.
const noName = "Listed"

// readLists makes lists of all files.
func readLists(files []*os.File) (*lists, error) {
	l := newLists()
	for _, f := range files {
		info, err := f.Stat()
		if err == nil {
			err = l.parse(f)
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", f.Name(), err)
		}
		if info.ModTime().After(l.newest) {
			l.newest = info.ModTime()
		}
	}
	l.sort()
	return l, nil
}

// parse adds the entries of one list, read from r, to l. Two kinds of line may be mixed:
//
//	DIGEST [NAME]                          sha256sum(1) writes these
//	DIGEST:SIZE:NAME[:LEVEL[:LEVEL]]       ClamAV's .hdb and .hsb; SIZE may be *
//
// The number of hexadecimal digits tells the hash function. Empty lines and lines that begin with # are passed over.
// Any other line is an error that tells its number: a list of which part is unknown is not used.
func (l *lists) parse(r io.Reader) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, maxLine), maxLine)
	number := 0
	for s.Scan() {
		number++
		line := strings.TrimSpace(s.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		e, err := parseLine(line)
		if err == nil {
			err = l.add(e.digest, e.size, e.name)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	if errors.Is(s.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d: longer than %d octets", number+1, maxLine)
	}
	return s.Err()
}

type entry struct {
	digest []byte
	size   uint64 // Octets, or anySize.
	name   string
}

func parseLine(line string) (entry, error) {
	end := strings.IndexAny(line, ": \t")
	if end < 0 {
		end = len(line)
	}
	digest, err := parseDigest(line[:end])
	if err != nil {
		return entry{}, err
	}
	e := entry{digest: digest, size: anySize, name: noName}
	if strings.HasPrefix(line[end:], ":") {
		return parseClamAV(e, strings.Split(line[end+1:], ":"))
	}
	// sha256sum marks files read as binary by an asterisk.
	if name := strings.TrimPrefix(strings.TrimSpace(line[end:]), "*"); name != "" {
		e.name = signature(name)
	}
	return e, nil
}

func parseDigest(s string) ([]byte, error) {
	switch len(s) {
	case 32, 40, 64:
	default:
		return nil, errors.New("want 32, 40 or 64 hexadecimal digits (MD5, SHA-1, SHA-256) first")
	}
	digest, err := hex.DecodeString(s)
	if err != nil {
		return nil, errors.New("the digest has other than hexadecimal digits")
	}
	return digest, nil
}

// parseClamAV reads what follows the digest: size, name, and up to two functionality levels, which are for ClamAV's engine alone.
func parseClamAV(e entry, fields []string) (entry, error) {
	if len(fields) < 2 || len(fields) > 4 || fields[1] == "" {
		return entry{}, errors.New("want DIGEST:SIZE:NAME")
	}
	if fields[0] != "*" {
		size, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil || size < 0 {
			return entry{}, errors.New("want a number of octets or * for SIZE")
		}
		e.size = uint64(size)
	}
	e.name = signature(fields[1])
	return e, nil
}

// signature makes a name fit for a report.
func signature(name string) string {
	if line := scanners.Line(name); line != "" {
		return line
	}
	return noName
}
