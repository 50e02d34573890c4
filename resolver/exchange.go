// SPDX-License-Identifier: Apache-2.0

package resolver

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/miekg/dns"
)

var (
	errStray     = errors.New("too many datagrams that are no answers")
	errMismatch  = errors.New("the answer is to another question")
	errNoEDNS    = errors.New("the server does not know EDNS(0)")
	errMalformed = errors.New("malformed answer")
)

// exchange sends one question to one server and gives the answer, whatever it says: by UDP, and by TCP if the answer was truncated, if
// it does not keep the case of the name, or if others answer too.
func (r *Resolver) exchange(ctx context.Context, u *upstream, q question) (*dns.Msg, error) {
	edns := u.edns(r.now())
	msg, err := r.send(ctx, u, q, edns)
	if edns && noEDNS(msg, err) {
		// RFC 6891 section 7: a server that does not know it says FORMERR or something like it.
		plain, plainErr := r.send(ctx, u, q, false)
		if plainErr == nil && plain.Rcode != dns.RcodeFormatError {
			u.withoutEDNS(r.now())
		}
		return plain, plainErr
	}
	return msg, err
}

func noEDNS(msg *dns.Msg, err error) bool {
	if err != nil {
		return errors.Is(err, errNoEDNS)
	}
	return msg.Rcode == dns.RcodeFormatError || msg.Rcode == dns.RcodeNotImplemented || msg.Rcode == dns.RcodeBadVers
}

// send sends a question in one form, by UDP and if need be by TCP.
func (r *Resolver) send(ctx context.Context, u *upstream, q question, edns bool) (*dns.Msg, error) {
	query, err := newQuery(q, edns, u.mixesCase(r.now()))
	if err != nil {
		return nil, err
	}
	raw, byTCP, err := r.udp(ctx, u, query)
	if byTCP {
		raw, err = r.tcp(ctx, u, query)
	}
	if err != nil {
		return nil, err
	}
	return parse(raw)
}

// parse reads a message.
func parse(raw []byte) (*dns.Msg, error) {
	msg := new(dns.Msg)
	if err := msg.Unpack(raw); err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	if len(msg.Question) != 1 {
		return nil, errMismatch
	}
	return msg, nil
}

// udp sends the query in a datagram of its own socket, so that the kernel takes a random port and lets in only what comes from the server. byTCP
// tells that TCP is to be used, as its answers cannot be guessed.
func (r *Resolver) udp(ctx context.Context, u *upstream, q *query) (raw []byte, byTCP bool, err error) {
	c, end, err := r.dial(ctx, "udp", u)
	if err != nil {
		return nil, false, err
	}
	defer end()
	if _, err := c.Write(q.wire); err != nil {
		return nil, false, err
	}
	buf := make([]byte, readSize)
	for stray := range maxStray {
		n, err := c.Read(buf)
		if err != nil {
			if stray > 0 {
				r.observer.Suspicious(u.name, "strangers", stray, false)
			}
			return nil, false, err
		}
		switch q.match(buf[:n]) {
		case stranger: // Perhaps the answer comes still.
		case fits:
			if stray > 0 {
				r.observer.Suspicious(u.name, "strangers", stray, true)
			}
			// Others guess: an answer that cannot be guessed is to be had by TCP.
			return buf[:n], stray > 0 || truncated(buf) || n == readSize, nil
		case otherCase:
			r.observer.Suspicious(u.name, "case", stray, true)
			return nil, true, nil
		case headOnly:
			return nil, false, errNoEDNS
		}
	}
	r.observer.Suspicious(u.name, "strangers", maxStray, true)
	return nil, true, errStray
}

// tcp sends the query over a connection (RFC 7766).
func (r *Resolver) tcp(ctx context.Context, u *upstream, q *query) ([]byte, error) {
	c, end, err := r.dial(ctx, "tcp", u)
	if err != nil {
		return nil, err
	}
	defer end()
	out := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(q.wire)), uint16(len(q.wire)))
	if _, err := c.Write(append(out, q.wire...)); err != nil {
		return nil, err
	}
	var head [2]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return nil, err
	}
	raw := make([]byte, binary.BigEndian.Uint16(head[:]))
	if _, err := io.ReadFull(c, raw); err != nil {
		return nil, err
	}
	switch q.match(raw) {
	case fits:
		return raw, nil
	case otherCase:
		u.withoutCase(r.now()) // Over a connection nobody guesses: the server itself does not keep it.
		return raw, nil
	case headOnly:
		return nil, errNoEDNS
	case stranger:
	}
	return nil, errMismatch
}

// dial connects to a server. Reads and writes end with ctx; end closes the connection and is to be called once.
func (r *Resolver) dial(ctx context.Context, network string, u *upstream) (c net.Conn, end func(), err error) {
	if c, err = r.connect(ctx, network, u.name); err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) }) // The past: what waits on the connection ends.
	return c, func() {
		stop()
		_ = c.Close()
	}, nil
}
