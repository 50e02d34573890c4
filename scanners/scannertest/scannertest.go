// SPDX-License-Identifier: Apache-2.0

// Package scannertest is the conformance suite of all scanners, and starts the real clamd and c-icap for their tests.
// A scanner's package calls Run from a test of its own with a Fixture: how to make the scanner, and how the product it
// speaks to answers. The suite then breaks that product in every way it knows: no failure of it may look like "clean".
package scannertest

import (
	"io"
	"net"
	"testing"

	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/scanners"
)

// Fixture is what a scanner's package knows and the suite does not.
type Fixture struct {
	// New makes the scanner under test with a server at addr, a host:port. addr is "" if there is no Serve.
	New func(t testing.TB, addr string) scanners.Scanner

	// Serve plays the server's side of one connection as the product's manual has it: it reads requests until the
	// client goes away, hands the content of each to judge and sends the report that comes back. It returns the
	// first error, also judge's, and answers nothing after it. It reads content as a stream. A scanner without a server has none, and
	// the suite then leaves out what is about the wire.
	Serve func(c net.Conn, judge Judge) error

	// Limit is the largest content in octets that the scanner made by New hands over; 0 if it has no such limit.
	Limit int64

	// Farewell is how many octets Serve sends after a verdict is complete, such as the answer to QUIT. Their loss is harmless.
	Farewell int

	// Garbage has answers that this protocol in particular must not take for clean. The suite has its own of the common kind.
	Garbage []string
}

// Judge reads content to its end and says what the product makes of it. An error means that the content did not come
// whole, and the server has nothing to say about it.
type Judge func(content io.Reader) (scanners.Report, error)

// Run runs the suite. Tests of the package that run in parallel with it would look like leaked goroutines.
func Run(t *testing.T, f Fixture) {
	for _, c := range cases() {
		if c.wire && f.Serve == nil {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			r := newRig(t, f)
			c.run(t, r)
			r.server.Close() // With it go idle connections that the scanner keeps for later.
			goleak.VerifyNone(t, before)
		})
	}
}

// testCase is one row of the suite. Those of the wire need a server.
type testCase struct {
	name string
	wire bool
	run  func(t *testing.T, r *rig)
}

func cases() []testCase {
	return []testCase{
		{"clean", false, testClean},
		{"eicar", false, testEICAR},
		{"empty", false, testEmpty},
		{"huge", false, testHuge},
		{"over the limit", false, testOverLimit},
		{"odd readers", false, testOddReaders},
		{"reader fails", false, testReaderFails},
		{"reader is short or long", false, testWrongSize},
		{"cancelled before", false, testCancelledBefore},
		{"many at once", false, testMany},
		{"probe", false, testProbe},
		{"content arrives whole", true, testWhole},
		{"signature is one bounded line", true, testSignature},
		{"dead", true, testDead},
		{"reset", true, testReset},
		{"silent", true, testSilent},
		{"deaf", true, testDeaf},
		{"stalls inside the answer", true, testStall},
		{"answer ends early", true, testCut},
		{"answer has a wrong octet", true, testFlip},
		{"answer without end", true, testEndless},
		{"garbage", true, testGarbage},
	}
}
