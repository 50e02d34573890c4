// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits of a reply of the next hop.
const (
	maxReplyLine  = 4096 // Octets; RFC 5321 section 4.5.3.1.5 asks for 512.
	maxReplyLines = 128
)

// Reply is an SMTP reply (RFC 5321 section 4.2). Its lines are kept as they came, so that it is relayed as it is.
type Reply struct {
	Code  int
	Lines []string // Text behind the code and its separator, with the enhanced status code if there is one.
}

// NewReply makes a reply of one line. enhanced is an enhanced status code of RFC 3463.
func NewReply(code int, enhanced, text string) Reply {
	return Reply{Code: code, Lines: []string{enhanced + " " + text}}
}

// Positive tells if the command was done.
func (r Reply) Positive() bool { return r.Code/100 == 2 }

// Temporary tells if the same command may succeed later.
func (r Reply) Temporary() bool { return r.Code/100 == 4 }

// Permanent tells if the same command will not succeed later.
func (r Reply) Permanent() bool { return r.Code/100 == 5 }

// Enhanced is the enhanced status code, "" if the reply has none.
func (r Reply) Enhanced() string {
	if len(r.Lines) == 0 {
		return ""
	}
	code, _, _ := strings.Cut(r.Lines[0], " ")
	parts := strings.Split(code, ".")
	if len(parts) != 3 || parts[0] != strconv.Itoa(r.Code/100) {
		return ""
	}
	for _, p := range parts {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n > 999 {
			return ""
		}
	}
	return code
}

// String is the reply on one line, for logs and for the status of a notification.
func (r Reply) String() string { return strconv.Itoa(r.Code) + " " + strings.Join(r.Lines, " / ") }

// Append appends the reply as it goes over the wire.
func (r Reply) Append(b []byte) []byte {
	for i, line := range r.Lines {
		sep := byte('-')
		if i == len(r.Lines)-1 {
			sep = ' '
		}
		b = append(strconv.AppendInt(b, int64(r.Code), 10), sep)
		b = append(append(b, line...), '\r', '\n')
	}
	if len(r.Lines) == 0 {
		b = append(strconv.AppendInt(b, int64(r.Code), 10), ' ', '\r', '\n')
	}
	return b
}

var errReplyLimit = errors.New("reply is too long")

// readReply reads one reply. Anything that is no reply is an error.
func readReply(r *bufio.Reader) (Reply, error) {
	var reply Reply
	for {
		line, err := readReplyLine(r)
		if err != nil {
			return Reply{}, err
		}
		code, text, last, err := parseReplyLine(line)
		if err != nil {
			return Reply{}, err
		}
		if reply.Code != 0 && reply.Code != code {
			return Reply{}, fmt.Errorf("reply changes its code from %d to %d", reply.Code, code)
		}
		reply.Code = code
		reply.Lines = append(reply.Lines, text)
		if last {
			return reply, nil
		}
		if len(reply.Lines) == maxReplyLines {
			return Reply{}, errReplyLimit
		}
	}
}

func readReplyLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", errReplyLimit
	case errors.Is(err, io.EOF) && len(line) > 0:
		return "", io.ErrUnexpectedEOF
	case err != nil:
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

func parseReplyLine(line string) (code int, text string, last bool, err error) {
	if len(line) < 3 {
		return 0, "", false, fmt.Errorf("no reply: %.80q", line)
	}
	code, err = strconv.Atoi(line[:3])
	if err != nil || code < 200 || code > 599 {
		return 0, "", false, fmt.Errorf("no reply: %.80q", line)
	}
	switch {
	case len(line) == 3:
		return code, "", true, nil
	case line[3] == ' ', line[3] == '-':
		// A bare CR or another control character must not reach our client as part of a reply.
		return code, printable(line[4:]), line[3] == ' ', nil
	}
	return 0, "", false, fmt.Errorf("no reply: %.80q", line)
}

// printable replaces control characters, octet by octet: a reply need not be UTF-8.
func printable(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			b[i] = '?'
		}
	}
	return string(b)
}
