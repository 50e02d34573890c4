// SPDX-License-Identifier: Apache-2.0

package smtptest

import "fmt"

// Mail is a message to send, with its envelope as it is to stand on the wire.
type Mail struct {
	HELO string   // "" is client.example.test.
	LMTP bool     // LHLO, and a reply for each recipient after the dot.
	From string   // All that follows "MAIL FROM:", such as "<a@example.org> BODY=8BITMIME".
	To   []string // All that follows "RCPT TO:", for each recipient.
	Body []byte   // Not yet stuffed.
}

// Outcome is what the server said.
type Outcome struct {
	EHLO Reply
	Mail Reply
	Rcpt []Reply // One for each of Mail.To.
	Data Reply   // To DATA; the zero Reply if it was not sent because no recipient was taken.
	Dot  []Reply // One, or over LMTP one for each recipient that was taken.
}

// OK tells if the server took the message for every recipient.
func (o *Outcome) OK() bool {
	for _, r := range append(append([]Reply{o.Mail}, o.Rcpt...), o.Dot...) {
		if !r.OK() {
			return false
		}
	}
	return len(o.Dot) > 0
}

// Final is the last reply of weight: to the dot, or else the refusal that came before it.
func (o *Outcome) Final() Reply {
	switch {
	case len(o.Dot) > 0:
		return o.Dot[len(o.Dot)-1]
	case o.Data.Code != 0:
		return o.Data
	case len(o.Rcpt) > 0 && o.Mail.OK():
		return o.Rcpt[len(o.Rcpt)-1]
	}
	return o.Mail
}

// Send connects, sends one message and quits. An error is a broken connection; a refusal is none.
func Send(address string, m Mail) (*Outcome, error) {
	c, greeting, err := Dial(address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	if !greeting.OK() {
		return nil, fmt.Errorf("greeting: %s", greeting)
	}
	ehlo, err := c.Hello(m)
	if err != nil {
		return nil, fmt.Errorf("EHLO: %w", err)
	}
	o, err := c.Send(m)
	if err != nil {
		return o, err
	}
	o.EHLO = ehlo
	_, _ = c.Cmd("QUIT") // What it answers changes nothing.
	return o, nil
}

// Hello says EHLO, or LHLO.
func (c *Client) Hello(m Mail) (Reply, error) {
	verb, name := "EHLO", m.HELO
	if m.LMTP {
		verb = "LHLO"
	}
	if name == "" {
		name = "client.example.test"
	}
	return c.Cmd("%s %s", verb, name)
}

// Send sends one message on a connection that has said EHLO. Recipients that are refused are left out.
func (c *Client) Send(m Mail) (*Outcome, error) {
	o := &Outcome{}
	var err error
	if o.Mail, err = c.Cmd("MAIL FROM:%s", m.From); err != nil {
		return o, fmt.Errorf("MAIL: %w", err)
	}
	if !o.Mail.OK() {
		return o, nil
	}
	taken := 0
	for _, to := range m.To {
		r, err := c.Cmd("RCPT TO:%s", to)
		if err != nil {
			return o, fmt.Errorf("RCPT: %w", err)
		}
		if r.OK() {
			taken++
		}
		o.Rcpt = append(o.Rcpt, r)
	}
	if taken == 0 {
		_, err := c.Cmd("RSET")
		return o, err
	}
	return o, c.sendBody(m, o, taken)
}

func (c *Client) sendBody(m Mail, o *Outcome, taken int) error {
	var err error
	if o.Data, err = c.Cmd("DATA"); err != nil {
		return fmt.Errorf("DATA: %w", err)
	}
	if !o.Data.OK() {
		return nil
	}
	if _, err := c.Write(Stuff(m.Body)); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	replies := 1
	if m.LMTP {
		replies = taken
	}
	for range replies {
		r, err := c.ReadReply()
		if err != nil {
			return fmt.Errorf("end of data: %w", err)
		}
		o.Dot = append(o.Dot, r)
	}
	return nil
}
