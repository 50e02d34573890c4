// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits of a reply. The longest true ones are reports of a few kilobytes.
const (
	maxLine   = 1 << 10  // Octets of a line of the head, with its end.
	maxFields = 32       // Lines of the head.
	maxBody   = 64 << 10 // Octets of names or of a report.
)

// reply is a reply of spamd that is no error.
type reply struct {
	text   string // Behind the code.
	fields map[string]string
	body   []byte
}

// refusal is an error that spamd itself tells.
type refusal struct {
	code int // Of sysexits(3).
	text string
}

func (e *refusal) Error() string { return fmt.Sprintf("spamd says %d %.200q", e.code, e.text) }

// readReply reads a reply up to the end of the connection. Nothing may be missing, and nothing may follow.
func readReply(r io.Reader) (*reply, error) {
	br := bufio.NewReaderSize(r, maxLine)
	line, err := readLine(br)
	if err != nil {
		return nil, err
	}
	code, text, err := parseStatus(line)
	if err != nil {
		return nil, err
	}
	if code != 0 {
		return nil, &refusal{code, text}
	}
	out := &reply{text: text, fields: map[string]string{}}
	if text == "PONG" {
		return out, out.readBody(br)
	}
	for n := 0; ; n++ {
		line, err := readLine(br)
		switch {
		case err != nil:
			return nil, err
		case line == "":
			return out, out.readBody(br)
		case n == maxFields:
			return nil, fmt.Errorf("reply has more than %d lines in its head", maxFields)
		}
		if err := out.addField(line); err != nil {
			return nil, err
		}
	}
}

// readLine reads a line of the head and takes its end off.
func readLine(br *bufio.Reader) (string, error) {
	line, err := br.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("a line of the reply is longer than %d octets", maxLine)
	case errors.Is(err, io.EOF):
		return "", fmt.Errorf("read reply: %w", io.ErrUnexpectedEOF)
	case err != nil:
		return "", fmt.Errorf("read reply: %w", err)
	}
	return string(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))), nil
}

// parseStatus reads "SPAMD/1.1 0 EX_OK".
func parseStatus(line string) (code int, text string, err error) {
	rest, ours := strings.CutPrefix(line, "SPAMD/")
	version, rest, _ := strings.Cut(rest, " ")
	digits, text, _ := strings.Cut(rest, " ")
	if !ours || version == "" || strings.Trim(version, "0123456789.") != "" || !isNumber(digits, 3) {
		return 0, "", fmt.Errorf("unexpected reply %.80q", line)
	}
	code, err = strconv.Atoi(digits)
	return code, text, err
}

func isNumber(s string, digits int) bool {
	return s != "" && len(s) <= digits && strings.Trim(s, "0123456789") == ""
}

// addField notes a field of the head. None may stand twice, as nobody knew which of them counts.
func (r *reply) addField(line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return fmt.Errorf("unexpected line %.80q in the head of the reply", line)
	}
	name = strings.ToLower(strings.TrimSpace(name))
	if _, twice := r.fields[name]; twice {
		return fmt.Errorf("the reply has the field %.40q twice", name)
	}
	r.fields[name] = strings.TrimSpace(value)
	return nil
}

// readBody reads what follows the head, which has to be as long as Content-length says.
func (r *reply) readBody(br *bufio.Reader) error {
	want, told := r.fields["content-length"]
	if told && !isNumber(want, 9) {
		return fmt.Errorf("unexpected Content-length %.40q", want)
	}
	body, err := io.ReadAll(io.LimitReader(br, maxBody+1))
	switch {
	case err != nil:
		return fmt.Errorf("read reply: %w", err)
	case len(body) > maxBody:
		return fmt.Errorf("reply is longer than %d octets", maxBody)
	case told && strings.TrimLeft(want, "0") != strings.TrimLeft(strconv.Itoa(len(body)), "0"):
		return fmt.Errorf("reply has %d octets, its Content-length is %s", len(body), want)
	}
	r.body = body
	return nil
}
