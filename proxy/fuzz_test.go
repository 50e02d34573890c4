// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func FuzzConn(f *testing.F) {
	f.Add([]byte("EHLO x\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"))
	f.Add([]byte("LHLO x\r\nXFORWARD NAME=a\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n\n.\n\r\r\n.\r\nNOOP\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, name := range []string{"smtp", "lmtp"} {
			fuzzConn(t, name, in)
		}
	})
}

// fuzzConn says in to a listener. It ends, every reply is well-formed, and no message holds what an end of data has cut off.
func fuzzConn(t *testing.T, name string, in []byte) {
	r := newRig(t, func(o *Options) { o.Timeouts.Idle = time.Second })
	defer r.shutdown(time.Second)
	addr := r.server.Addr(name)
	c, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() {
		_, _ = c.Write(in)
		if cw, ok := c.(interface{ CloseWrite() error }); ok {
			_ = cw.CloseWrite()
		}
	}()
	out, _ := io.ReadAll(c)
	for line := range strings.SplitAfterSeq(string(out), "\r\n") {
		if _, _, _, err := parseReplyLine(strings.TrimSuffix(line, "\r\n")); line != "" && err != nil {
			t.Fatalf("%q was answered with the line %q", in, line)
		}
	}
	for _, m := range r.sink.Messages() {
		if bytes.Contains(m.Data, []byte("\r\n.\r\n")) && !bytes.Contains(in, []byte("\r\n..\r\n")) {
			t.Fatalf("%q became a message with an end of data inside: %q", in, m.Data)
		}
	}
}
