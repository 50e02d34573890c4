// SPDX-License-Identifier: Apache-2.0

package proxy

// setReply replaces go-smtp's next reply.
func (c *conn) setReply(r ...Reply) { c.replies = r }

// Write takes a line of go-smtp's reply. The line itself is not sent: the last one of a reply is replaced by the reply that was
// set for it, or else by ours for that command.
func (c *conn) Write(p []byte) (int, error) {
	if len(p) < 4 || p[3] == '-' {
		return len(p), nil
	}
	var r Reply
	switch {
	case len(c.replies) > 0:
		r, c.replies = c.replies[0], c.replies[1:]
	case c.verb == "DATA" && p[0] == '3':
		// Whatever is left to read is body now: see readBody.
		r = Reply{Code: 354, Lines: []string{"End data with <CR><LF>.<CR><LF>"}}
	default:
		r = c.ownReply(p)
	}
	c.out = r.Append(c.out)
	// A refused DATA with something behind it: a body sent without waiting. It must not be taken for commands.
	if c.verb == "DATA" && r.Code != 354 && !c.hadBody && len(c.in) > 0 {
		c.dead = true
	}
	if len(c.out) > maxCommandLine {
		return len(p), c.flush()
	}
	return len(p), nil
}

// ownReply is our reply where go-smtp's would tell more, or other words, than Postfix does.
func (c *conn) ownReply(p []byte) Reply {
	if !c.greeted {
		c.greeted = true
		return Reply{Code: 220, Lines: []string{c.listener.hostname + " " + c.listener.service() + " mailweir"}}
	}
	positive := p[0] == '2'
	switch {
	case positive && c.verb == "HELO":
		return Reply{Code: 250, Lines: []string{c.listener.hostname}}
	case positive && (c.verb == "EHLO" || c.verb == "LHLO"):
		return Reply{Code: 250, Lines: c.session.ehlo()}
	case positive && c.verb == "QUIT":
		return NewReply(221, "2.0.0", "Bye")
	case positive && c.verb == "VRFY":
		return NewReply(252, "2.0.0", "Cannot VRFY user")
	case positive:
		return NewReply(250, "2.0.0", "Ok")
	case c.verb == "MAIL":
		return NewReply(503, "5.5.1", "Error: send HELO/EHLO first")
	case c.verb == "RCPT":
		return NewReply(503, "5.5.1", "Error: need MAIL command")
	case c.verb == "DATA" && c.inTransaction():
		return NewReply(554, "5.5.1", "Error: no valid recipients")
	case c.verb == "DATA":
		return NewReply(503, "5.5.1", "Error: need RCPT command")
	case c.verb == "LHLO" || c.verb == "EHLO" || c.verb == "HELO":
		return NewReply(500, "5.5.1", "Error: this listener speaks "+string(c.listener.Protocol))
	}
	return NewReply(421, "4.3.0", c.listener.hostname+" Error: internal error")
}
