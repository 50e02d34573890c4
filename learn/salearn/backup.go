// SPDX-License-Identifier: Apache-2.0

package salearn

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// Limits of a backup.
const (
	maxRecord = 4 << 10     // Octets of one line.
	maxSeen   = 200_000_000 // Lines of messages that were learned; they are read over.
)

var (
	errBackup  = errors.New("not a backup of sa-learn")
	errVersion = errors.New("a backup of a version that is not known; want version 3, of SpamAssassin 3.0 or later")
)

// IsBackup tells if a file that begins so is a backup of sa-learn. 64 octets are enough.
func IsBackup(head []byte) bool {
	fields := bytes.Fields(head)
	return len(fields) > 2 && string(fields[0]) == "v" && string(fields[2]) == "db_version"
}

// ReadBackup reads what "sa-learn --backup" wrote. Each line is of fields with tabs between them, the first is the kind:
//
//	v  3       db_version                          in front
//	v  number  num_spam, and num_nonspam           messages learned
//	t  spam    ham  time  token in hexadecimal     one for each token
//	s  s or h  identifier of a message             which message was learned; of no use here
//
// Nothing is taken from a file with a line that is not so, or with a token twice.
func ReadBackup(r io.Reader) (*Counts, error) {
	b := &backup{counts: &Counts{}}
	in := bufio.NewReaderSize(r, maxRecord)
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if errors.Is(err, bufio.ErrBufferFull) && line[0] == 's' {
			line, err = []byte("s"), skipLine(in) // Identifiers come from messages, and may be long.
		}
		if err == nil || errors.Is(err, io.EOF) {
			err = b.line(bytes.TrimRight(line, "\r\n"))
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if b.have&(haveVersion|haveSpam|haveHam) != haveVersion|haveSpam|haveHam {
		return nil, fmt.Errorf("%w: its first lines are missing", errBackup)
	}
	return b.done()
}

// skipLine reads on to the end of the line.
func skipLine(in *bufio.Reader) error {
	for {
		if _, err := in.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// backup is a backup that is being read.
type backup struct {
	counts *Counts
	list   []tokenCounts
	seen   int // Lines of messages.
	have   int // Which of its first lines were there.
}

type tokenCounts struct {
	token Token
	counts
}

// The first lines.
const (
	haveVersion = 1 << iota
	haveSpam
	haveHam
)

func (b *backup) line(line []byte) error {
	if len(line) == 0 {
		return nil
	}
	fields := bytes.Split(line, []byte{'\t'})
	kind := string(fields[0])
	if b.have&haveVersion == 0 && kind != "v" {
		return errBackup
	}
	switch kind {
	case "v":
		return b.variable(fields)
	case "t":
		return b.token(fields)
	case "s":
		if b.seen++; b.seen > maxSeen {
			return fmt.Errorf("more than %d messages", maxSeen)
		}
		return nil
	}
	return errBackup
}

func (b *backup) variable(fields [][]byte) error {
	if len(fields) != 3 {
		return errBackup
	}
	word, _, _ := bytes.Cut(fields[2], []byte{' '}) // A remark may be behind it.
	name := string(word)
	if name == "db_version" {
		if b.have |= haveVersion; string(fields[1]) != "3" {
			return errVersion
		}
		return nil
	}
	if b.have&haveVersion == 0 {
		return errBackup
	}
	n, err := number(fields[1])
	if err != nil {
		return err
	}
	switch name {
	case "num_spam":
		b.counts.Spam, b.have = n, b.have|haveSpam
	case "num_nonspam":
		b.counts.Ham, b.have = n, b.have|haveHam
	}
	return nil // A later version may count more.
}

func (b *backup) token(fields [][]byte) error {
	if len(fields) != 5 || len(fields[4]) != 10 {
		return errBackup
	}
	if len(b.list) == maxTokens {
		return fmt.Errorf("more than %d tokens", maxTokens)
	}
	spam, err := number(fields[1])
	if err != nil {
		return err
	}
	ham, err := number(fields[2])
	if err != nil {
		return err
	}
	t, err := strconv.ParseUint(string(fields[4]), 16, 40)
	if err != nil {
		return errBackup
	}
	b.list = append(b.list, tokenCounts{Token(t), counts{spam, ham}})
	return nil
}

// number reads a count. SpamAssassin has at times counted below nothing; that is nothing.
func number(field []byte) (uint32, error) {
	n, err := strconv.ParseInt(string(field), 10, 64)
	if err != nil || n > math.MaxUint32 {
		return 0, fmt.Errorf("%w: a number is wrong", errBackup)
	}
	return uint32(max(n, 0)), nil
}

// done puts the tokens in order.
func (b *backup) done() (*Counts, error) {
	slices.SortFunc(b.list, func(x, y tokenCounts) int { return cmp.Compare(x.token, y.token) })
	c := b.counts
	c.tokens, c.seen = make([]Token, len(b.list)), make([]counts, len(b.list))
	for i, t := range b.list {
		if i > 0 && t.token == b.list[i-1].token {
			return nil, fmt.Errorf("%w: token %010x is there twice", errBackup, uint64(t.token))
		}
		c.tokens[i], c.seen[i] = t.token, t.counts
	}
	return c, nil
}
