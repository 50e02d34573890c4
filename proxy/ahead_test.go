// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/sink"
)

// A pipelined group goes on as a pipelined group; every reply still belongs to its command.
func TestPipelinedGroupGoesOnAsOne(t *testing.T) {
	r := newRig(t, nil)
	r.sink.Misbehave(func(step sink.Step, arg string) sink.Act {
		switch {
		case step == sink.MAIL && strings.Contains(arg, "bad"):
			return sink.Act{Reply: "550 5.1.7 bad sender"}
		case step == sink.RCPT && strings.Contains(arg, "odd"):
			return sink.Act{Reply: "550 5.1.1 " + arg}
		}
		return sink.Act{}
	})
	c := r.hello("smtp")
	lines := []string{"XFORWARD ADDR=192.0.2.1", "MAIL FROM:<a@example.org>"}
	for i := range 250 { // More than one group.
		kind := "even"
		if i%2 == 1 {
			kind = "odd"
		}
		lines = append(lines, fmt.Sprintf("RCPT TO:<%s%d@example.net> NOTIFY=NEVER", kind, i))
	}
	replies, err := c.Pipeline(append(lines, "DATA")...)
	if err != nil {
		t.Fatal(err)
	}
	for i, reply := range replies[2:252] {
		want := 250 + 300*(i%2)
		if reply.Code != want || i%2 == 1 && !strings.Contains(reply.String(), fmt.Sprintf("odd%d@", i)) {
			t.Fatalf("recipient %d: got %v", i, reply)
		}
	}
	if got := r.send(c, "x\r\n.\r\n"); got.Code != 250 || len(r.sink.Messages()[0].RcptTo) != 125 {
		t.Errorf("got %v", got)
	}
	// A refused MAIL takes its recipients with it, and leaves both sides in step.
	replies, err = c.Pipeline("MAIL FROM:<bad@example.org>", "RCPT TO:<even@example.net>", "RCPT TO:<odd@example.net>", "NOOP",
		"MAIL FROM:<a@example.org>", "RCPT TO:<odd1@example.net>", "RCPT TO:<even2@example.net>", "DATA")
	if err != nil {
		t.Fatal(err)
	}
	var codes []int
	for _, reply := range replies {
		codes = append(codes, reply.Code)
	}
	if got, want := fmt.Sprint(codes), "[550 503 503 250 250 550 250 354]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r.send(c, "x\r\n.\r\n")
	if got := r.sink.Messages()[1].RcptTo; len(got) != 1 || got[0] != "<even2@example.net>" {
		t.Errorf("got %q", got)
	}
}

// Only whole lines that are plainly RCPT are sent ahead.
func TestRcptsAhead(t *testing.T) {
	tests := []struct{ in, want string }{
		{"RCPT TO:<a>\r\nrcpt to: <b> NOTIFY=NEVER\r\nDATA\r\n", "<a>| <b> NOTIFY=NEVER"},
		{"RCPT TO:<a>\r\nRCPT TO:<b>", "<a>"},
		{"RCPT TO:<a>\r\nRCPT TO: \r\nRCPT TO:<c>\r\n", "<a>"},
		{"RCPT TO:<a>\nRCPT TO:<b>\r\n", ""},
		{"RCPT  TO:<a>\r\n", ""},
		{"DATA\r\nRCPT TO:<a>\r\n", ""},
	}
	for _, tt := range tests {
		c := &conn{in: []byte(tt.in)}
		var got []string
		for _, p := range c.rcptsAhead() {
			got = append(got, p.Raw)
		}
		if s := strings.Join(got, "|"); s != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, s, tt.want)
		}
	}
}
