// SPDX-License-Identifier: Apache-2.0

package scannertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/scanners"
)

// patience bounds what a test waits for that should come at once. No verdict of a test hangs on it but "it hangs".
const patience = 20 * time.Second

// rig is a scanner and the fake server it talks to.
type rig struct {
	fixture Fixture
	server  *fake.Server
	scanner scanners.Scanner
	fault   atomic.Pointer[fault] // What goes wrong from now on; nil if nothing does.
	most    atomic.Int64          // Octets that the server wrote on the connection where it wrote most.

	mu     sync.Mutex
	judged []judged
	report func(scanners.Report) scanners.Report // Changes what the server answers; nil if it does not.
}

// judged is what the server took for one whole content.
type judged struct {
	size int64
	sum  [sha256.Size]byte
}

func newRig(t testing.TB, f Fixture) *rig {
	t.Helper()
	r := &rig{fixture: f}
	r.server = fake.Listen(t, r.serve)
	r.scanner = r.newScanner(t)
	return r
}

func (r *rig) newScanner(t testing.TB) scanners.Scanner {
	t.Helper()
	if r.fixture.Serve == nil {
		return r.fixture.New(t, "")
	}
	return r.fixture.New(t, r.server.Addr())
}

func (r *rig) serve(c net.Conn) {
	if f := r.fault.Load(); f != nil && f.accepted != nil {
		f.accepted(c)
		return
	}
	// The error is the client's going away, or the fault itself.
	_ = r.fixture.Serve(&faultyConn{Conn: c, rig: r}, r.judge)
}

// judge looks for EICAR, as a stream, and remembers what it saw.
func (r *rig) judge(content io.Reader) (scanners.Report, error) {
	var finder eicarFinder
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(&finder, sum), content)
	if err != nil {
		return scanners.Report{}, err
	}
	report := scanners.Report{Verdict: scanners.Clean}
	if finder.found {
		report = scanners.Report{Verdict: scanners.Infected, Signature: Signature}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.judged = append(r.judged, judged{size: n, sum: [sha256.Size]byte(sum.Sum(nil))})
	if r.report != nil {
		report = r.report(report)
	}
	return report, nil
}

// atMost is size, or the scanner's limit if that is less.
func (r *rig) atMost(size int64) int64 {
	if r.fixture.Limit > 0 {
		return min(size, r.fixture.Limit)
	}
	return size
}

// Whole reads size octets of r, which may have more, for a server whose protocol tells the size first. An earlier end is an
// error: the client went away.
func Whole(r io.Reader, size int64) io.Reader {
	return &wholeReader{io.LimitedReader{R: r, N: size}}
}

type wholeReader struct{ io.LimitedReader }

func (w *wholeReader) Read(p []byte) (int, error) {
	n, err := w.LimitedReader.Read(p)
	if err == io.EOF && w.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// errHangs is the cause of a context that ended with the test's patience.
var errHangs = errors.New("the test's patience is at its end")

// scan scans content and fails the test if that takes for ever.
func (r *rig) scan(t testing.TB, content []byte) (scanners.Report, error) {
	t.Helper()
	return scanWith(t.Context(), t, r.scanner, bytes.NewReader(content), int64(len(content)))
}

func scanWith(ctx context.Context, t testing.TB, s scanners.Scanner, content io.Reader, size int64) (scanners.Report, error) {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errHangs)
	defer cancel()
	report, err := s.Scan(ctx, content, size)
	if errors.Is(context.Cause(ctx), errHangs) {
		t.Fatalf("Scan of %d octets does not end: %+v, %v", size, report, err)
	}
	return report, err
}

// fault is what goes wrong on a connection after some octets of the server's have gone through.
type fault struct {
	at       int              // Octets that go through.
	then     func(c net.Conn) // Instead of the rest. Nothing can be written after it.
	change   func(p []byte)   // Or: changes the next octets; nothing is lost.
	accepted func(c net.Conn) // Or: instead of any service at all.

	happened atomic.Bool // Not if the server says no more than at octets.
}

// arm lets f happen from now on; nil ends it. Octets written before do not count.
func (r *rig) arm(f *fault) { r.fault.Store(f) }

// faultyConn is the server's end of a connection where the armed fault happens.
type faultyConn struct {
	net.Conn
	rig   *rig
	total int64  // Octets written.
	armed *fault // The fault that sent counts for.
	sent  int    // Octets written since it was armed.
	done  bool   // It has happened.

	changed atomic.Bool // An octet has been changed; for Read, which may be another goroutine's.
}

func (c *faultyConn) Write(p []byte) (int, error) {
	if f := c.rig.fault.Load(); f != c.armed {
		c.armed, c.sent, c.done = f, 0, false
	}
	f := c.armed
	if f == nil || f.at >= c.sent+len(p) || c.done && f.then == nil {
		return c.pass(p)
	}
	if c.done {
		return 0, io.ErrClosedPipe
	}
	c.done = true
	f.happened.Store(true)
	before := max(0, f.at-c.sent)
	if f.change != nil {
		p = bytes.Clone(p)
		f.change(p[before:])
		c.changed.Store(true)
		return c.pass(p)
	}
	if n, err := c.pass(p[:before]); err != nil {
		return n, err
	}
	f.then(c.Conn)
	return before, io.ErrClosedPipe
}

// pass writes p. It counts before, as the client may be done with its scan before Write returns.
func (c *faultyConn) pass(p []byte) (int, error) {
	c.sent += len(p)
	c.total += int64(len(p))
	for most := c.rig.most.Load(); c.total > most && !c.rig.most.CompareAndSwap(most, c.total); {
		most = c.rig.most.Load()
	}
	return c.Conn.Write(p)
}

// Read does not wait long for a client that a changed octet has left waiting for more.
func (c *faultyConn) Read(p []byte) (int, error) {
	if c.changed.Load() {
		c.Conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	}
	return c.Conn.Read(p)
}
