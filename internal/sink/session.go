// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"time"
)

const (
	maxCommand  = 16 << 10         // Octets of a command line.
	idleTimeout = 10 * time.Minute // For one command line, or for the next octets of a body.
)

var (
	errHangup  = errors.New("hang up")
	errTooLong = errors.New("command line too long")
)

// session is one connection. Only its own goroutine touches it.
type session struct {
	server *Server
	conn   net.Conn
	r      *bufio.Reader
	w      *bufio.Writer

	number   int
	helo     string
	xforward []string
	current  *Message // Set from MAIL on.
}

func newSession(s *Server, c net.Conn, number int) *session {
	return &session{
		server: s, conn: c, number: number,
		r: bufio.NewReaderSize(c, 64<<10), w: bufio.NewWriter(c),
	}
}

// run serves until the client leaves or a script says to hang up. Errors of the connection are the client's business.
func (s *session) run() {
	if _, err := s.answer(Connect, "", "220 sink.example.test ready"); err != nil {
		return
	}
	for {
		line, err := s.readLine()
		if err != nil {
			return
		}
		if err := s.command(line); err != nil {
			_ = s.w.Flush()
			return
		}
	}
}

// readLine reads one command line, which ends with CRLF and nothing else. Replies are written out before it waits.
func (s *session) readLine() (string, error) {
	if s.r.Buffered() == 0 {
		if err := s.w.Flush(); err != nil {
			return "", err
		}
	}
	if err := s.conn.SetDeadline(time.Now().Add(idleTimeout)); err != nil {
		return "", err
	}
	var line []byte
	for {
		part, err := s.r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxCommand {
			s.server.fault("command line of more than %d octets", maxCommand)
			return "", errTooLong
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
	text, ok := strings.CutSuffix(string(line), "\r\n")
	if !ok {
		s.server.fault("command line %q ends with a bare LF", line)
		text = strings.TrimSuffix(string(line), "\n")
	}
	return text, nil
}

func (s *session) command(line string) error {
	verb, arg, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO", "LHLO":
		return s.hello(strings.ToUpper(verb), arg)
	case "XFORWARD":
		return s.forward(arg)
	case "MAIL":
		return s.mail(arg)
	case "RCPT":
		return s.rcpt(arg)
	case "DATA":
		return s.data()
	case "RSET":
		s.current, s.xforward = nil, nil
		_, err := s.answer(RSET, arg, "250 2.0.0 Ok")
		return err
	case "NOOP":
		return s.reply("250 2.0.0 Ok")
	case "QUIT":
		if _, err := s.answer(QUIT, arg, "221 2.0.0 Bye"); err != nil {
			return err
		}
		return errHangup
	}
	s.server.fault("unknown command %q", line)
	return s.reply("502 5.5.2 Error: command not recognized")
}

func (s *session) hello(verb, arg string) error {
	if (verb == "LHLO") != s.server.opts.LMTP {
		s.server.fault("%s to a server with LMTP=%v", verb, s.server.opts.LMTP)
		return s.reply("500 5.5.1 Error: wrong protocol")
	}
	s.helo, s.current, s.xforward = arg, nil, nil
	lines := []string{"sink.example.test"}
	if verb != "HELO" {
		lines = append(lines, s.server.opts.Extensions...)
	}
	for i := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		lines[i] = "250" + sep + lines[i]
	}
	_, err := s.answer(EHLO, arg, strings.Join(lines, "\r\n"))
	return err
}

func (s *session) forward(arg string) error {
	if !s.server.offers("XFORWARD") {
		s.server.fault("XFORWARD was not offered")
		return s.reply("502 5.5.2 Error: command not recognized")
	}
	if s.current != nil {
		s.server.fault("XFORWARD after MAIL")
		return s.reply("503 5.5.1 Error: MAIL transaction in progress")
	}
	ok, err := s.answer(XFORWARD, arg, "250 2.0.0 Ok")
	if ok {
		s.xforward = append(s.xforward, arg)
	}
	return err
}

func (s *session) mail(arg string) error {
	path, ok := cutPrefixFold(arg, "FROM:")
	if !ok || s.helo == "" || s.current != nil {
		s.server.fault("MAIL %s out of order or without FROM:", arg)
		return s.reply("503 5.5.1 Error: MAIL is not possible now")
	}
	ok, err := s.answer(MAIL, arg, "250 2.1.0 Ok")
	if ok {
		s.current = &Message{
			Session: s.number, HELO: s.helo, XForward: s.xforward,
			MailFrom: path, MailAt: time.Now(),
		}
		s.xforward = nil // As in Postfix: good for one transaction.
	}
	return err
}

func (s *session) rcpt(arg string) error {
	path, ok := cutPrefixFold(arg, "TO:")
	if !ok || s.current == nil {
		if s.current != nil || !s.server.offers("PIPELINING") {
			s.server.fault("RCPT %s out of order or without TO:", arg)
		}
		return s.reply("503 5.5.1 Error: need MAIL command")
	}
	ok, err := s.answer(RCPT, arg, "250 2.1.5 Ok")
	if ok {
		s.current.RcptTo = append(s.current.RcptTo, path)
	}
	return err
}

func (s *session) data() error {
	if s.current == nil || len(s.current.RcptTo) == 0 {
		return s.reply("503 5.5.1 Error: no valid recipients") // Right for a pipelined group too: no fault.
	}
	if s.r.Buffered() > 0 {
		s.server.fault("octets sent after DATA before its reply")
	}
	ok, err := s.answer(DATA, "", "354 End data with <CR><LF>.<CR><LF>")
	if err != nil || !ok {
		return err
	}
	m := s.current
	s.current = nil
	tooLarge, err := s.readBody(m)
	if err != nil {
		return err
	}
	m.DotAt = time.Now()
	return s.end(m, tooLarge)
}

// end answers the final dot: once, or over LMTP once for each recipient.
func (s *session) end(m *Message, tooLarge bool) error {
	right := "250 2.0.0 Ok: taken"
	if tooLarge {
		right = "552 5.3.4 Error: message too large"
	}
	if !s.server.opts.LMTP {
		return s.endOne(m, m.RcptTo, "", right)
	}
	for _, rcpt := range m.RcptTo {
		one := *m
		if err := s.endOne(&one, []string{rcpt}, rcpt, right); err != nil {
			return err
		}
	}
	return nil
}

// endOne keeps the message before the reply is out, as a server has to that promises something by its 250.
func (s *session) endOne(m *Message, rcpt []string, arg, right string) error {
	m.RcptTo = rcpt
	act, err := s.pause(Dot, arg)
	if err != nil {
		return err
	}
	if act.Reply != "" {
		right = act.Reply
	}
	if strings.HasPrefix(right, "2") {
		s.server.keep(m)
	}
	if act.Hangup {
		return errHangup
	}
	return s.reply(right)
}

// answer replies as the script says, or else with right. ok tells if the command was taken.
func (s *session) answer(step Step, arg, right string) (ok bool, err error) {
	act, err := s.pause(step, arg)
	if err != nil {
		return false, err
	}
	if act.Hangup {
		return false, errHangup
	}
	if act.Reply != "" {
		right = act.Reply
	}
	return right[0] == '2' || right[0] == '3', s.reply(right)
}

// pause asks the script and waits as long as it says, with the replies so far written out.
func (s *session) pause(step Step, arg string) (Act, error) {
	act := s.server.act(step, arg)
	if act.Delay == 0 && act.Until == nil {
		return act, nil
	}
	if err := s.w.Flush(); err != nil {
		return act, err
	}
	s.server.wait(act)
	return act, nil
}

func (s *session) reply(text string) error {
	_, err := s.w.WriteString(text + "\r\n")
	return err
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
