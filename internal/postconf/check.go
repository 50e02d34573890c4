// SPDX-License-Identifier: Apache-2.0

package postconf

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Level is how bad a point of a check is.
type Level string

// The levels.
const (
	OK   Level = "ok"
	Warn Level = "warn" // Mail is safe, but something will go worse than it could.
	Fail Level = "fail" // Mail is not filtered, is lost sight of, or stays in the queue.
)

// Point is one thing that was looked at.
type Point struct {
	Level Level
	What  string // Name of a parameter, or of an entry with its parameter.
	Got   string
	Want  string // What would be right; "" if all is well.
	Why   string // What happens if it is not.
}

// String is the point on one line.
func (p Point) String() string {
	if p.Level == OK {
		return fmt.Sprintf("ok    %s = %s", p.What, p.Got)
	}
	return fmt.Sprintf("%-5s %s = %s; want %s: %s", p.Level, p.What, p.Got, p.Want, p.Why)
}

// Ours is what the check has to know of a listener of mailweir's, and of its limits.
type Ours struct {
	Mode           Mode
	Filter         string        // Where mailweir listens: host:port or unix:/path.
	Reinject       string        // Its next hop: host:port.
	MessageTimeout time.Duration // timeouts.message.
	NextHopTimeout time.Duration // timeouts.next_hop.
	Messages       int           // limits.messages.
	Connections    int           // The least of limits.connections, limits.connections_per_client and max_connections.
	MessageSize    int64         // message_size in octets, 0 if the next hop's is taken.
	Services       []string      // Entries of public listeners, name/type; nil to find them. Before the queue only.
	Others         []string      // Where mailweir's other listeners are, written as Filter: mail that goes there is not past mailweir.
}

// checker collects points. The first error of postconf(1) ends it: all later questions are left out.
type checker struct {
	ctx    context.Context //nolint:containedctx // It lives for one Check.
	conf   Conf
	ours   Ours
	points []Point
	err    error
}

// Check tells whether the configuration fits: one point for each thing looked at, good or bad. An error means that postconf(1) could not be asked.
func (c Conf) Check(ctx context.Context, o Ours) ([]Point, error) {
	k := &checker{ctx: ctx, conf: c, ours: o}
	if o.Mode == BeforeQueue {
		k.beforeQueue()
	} else {
		k.afterQueue()
	}
	k.reinjection()
	k.everywhere()
	return k.points, k.err
}

func (k *checker) add(level Level, what, got, want, why string) {
	k.points = append(k.points, Point{level, what, got, want, why})
}

// test adds a point that is good or else of that level.
func (k *checker) test(good bool, level Level, what, got, want, why string) {
	if good {
		level, want, why = OK, "", ""
	}
	k.add(level, what, got, want, why)
}

// value is the value in force of a parameter of main.cf.
func (k *checker) value(name string) string {
	if k.err != nil {
		return ""
	}
	v, err := k.conf.Value(k.ctx, name)
	k.err = err
	return v
}

// option is the value in force of a parameter for an entry: its own, or else main.cf's.
func (k *checker) option(entry, name string) string {
	if k.err != nil {
		return ""
	}
	v, ok, err := k.conf.Option(k.ctx, entry+"/"+name)
	if k.err = err; err != nil || ok {
		return v
	}
	return k.value(name)
}

// entry is the entry's line, "" if there is none.
func (k *checker) entry(key string) string {
	if k.err != nil {
		return ""
	}
	line, _, err := k.conf.Entry(k.ctx, key)
	k.err = err
	return oneBlank(line)
}

// everywhere looks at what all modes have in common.
func (k *checker) everywhere() {
	v := k.value("smtpd_forbid_bare_newline")
	k.test(v == "normalize" || v == "yes" || v == "reject", Fail, "smtpd_forbid_bare_newline", v, "normalize",
		"a client can smuggle in a second message behind LF.LF")
	for n := range strings.FieldsFuncSeq(k.value("mynetworks"), isListSeparator) {
		if strings.HasSuffix(n, "/0") {
			k.add(Fail, "mynetworks", n, "your own networks", "the whole world may relay")
		}
	}
	if k.ours.MessageSize > 0 {
		limit := k.number("message_size_limit")
		k.test(limit > 0 && limit <= k.ours.MessageSize, Warn, "message_size_limit", fmt.Sprint(limit), fmt.Sprintf("at most %d", k.ours.MessageSize),
			"Postfix takes messages that mailweir refuses, and they come back as notifications")
	}
}

// isListSeparator separates the words of a Postfix list.
func isListSeparator(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }

func words(list string) []string { return strings.FieldsFunc(list, isListSeparator) }

// number is a parameter that is a number, 0 if it is none.
func (k *checker) number(name string) int64 { return number(k.value(name)) }

func number(s string) int64 {
	var n int64
	if _, err := fmt.Sscan(s, &n); err != nil {
		return 0
	}
	return n
}

// duration reads a Postfix time, such as 600s or 5m; 0 if it is none.
func duration(s string) time.Duration {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	s = strings.TrimSpace(s)
	if s == "" {
		return 0
	}
	unit, ok := units[s[len(s)-1]]
	if ok {
		s = s[:len(s)-1]
	} else {
		unit = time.Second
	}
	return time.Duration(number(s)) * unit
}
