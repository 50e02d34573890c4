// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

func TestPipelinedGroupIsAnsweredInOneWrite(t *testing.T) {
	r := newRig(t, nil)
	conn, err := net.Dial("tcp", r.server.Addr("smtp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, 4096)
	read := func() string {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	read()
	fmt.Fprintf(conn, "EHLO x\r\n")
	read()
	fmt.Fprintf(conn, "XFORWARD ADDR=192.0.2.1\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nRCPT TO:<c@example.net>\r\nDATA\r\n")
	if got := read(); strings.Count(got, "\r\n") != 5 || !strings.HasSuffix(got, "354 End data with <CR><LF>.<CR><LF>\r\n") {
		t.Errorf("got %q in the first read, want all five replies", got)
	}
	fmt.Fprintf(conn, "x\r\n.\r\nQUIT\r\n")
	if got := read(); strings.Count(got, "\r\n") != 2 || !strings.HasPrefix(got, "250 ") {
		t.Errorf("got %q in the first read, want both replies", got)
	}
}

func TestBadCommands(t *testing.T) {
	r := newRig(t, nil)
	c := r.dial("smtp")
	r.want(c, "MAIL FROM:<a@example.org>", 503)
	r.want(c, "LHLO x", 500)
	r.want(c, "EHLO", 501)
	r.want(c, "XFORWARD NAME=x", 503)
	r.want(c, "EHLO x", 250)
	r.want(c, "RCPT TO:<a@example.org>", 503)
	r.want(c, "DATA", 503)
	r.want(c, "MAIL a@example.org", 501)
	r.want(c, "MAIL FROM:", 501)
	r.want(c, "BDAT 10 LAST", 502)
	r.want(c, "STARTTLS", 502)
	r.want(c, "", 502)
	r.want(c, "VRFY x", 252)
	r.want(c, "MAIL FROM:<a@example.org>", 250)
	r.want(c, "MAIL FROM:<a@example.org>", 503)
	r.want(c, "DATA now", 501)
	for range maxBadCommands - 3 {
		r.want(c, "FOO", 502)
	}
	r.want(c, "FOO", 421)
	if _, err := c.ReadReply(); err == nil {
		t.Error("the connection is still open")
	}
}

func TestCommandLineLimits(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("smtp")
	if got := r.send(c, "NOOP "+strings.Repeat("x", maxCommandLine)+"\r\n"); got.Code != 500 {
		t.Errorf("long line: got %v", got)
	}
	c = r.hello("smtp")
	if got := r.send(c, "MAIL FROM:<a@example.org>\rRCPT TO:<x@y>\r\n"); got.Code != 500 {
		t.Errorf("bare CR: got %v", got)
	}
	if _, err := c.ReadReply(); err == nil {
		t.Error("bare CR: the connection is still open")
	}
	c = r.hello("smtp")
	if got := r.send(c, "NOOP\n"); got.Code != 250 {
		t.Errorf("LF alone ends a command, as by hand: got %v", got)
	}
}
