// SPDX-License-Identifier: Apache-2.0

package scannertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/scanners"
)

// few octets of content fit into the sockets' buffers, so that nobody waits for writing.
const few = 3000

// answerSize is how many octets the server says on the longest connection of a clean scan, up to its verdict.
func (r *rig) answerSize(t testing.TB) int {
	t.Helper()
	report, err := scanWith(t.Context(), t, r.newScanner(t), bytes.NewReader(clean(few)), few)
	wantClean(t, report, err)
	return r.said(t)
}

func (r *rig) said(t testing.TB) int {
	t.Helper()
	n := int(r.most.Load()) - r.fixture.Farewell
	if n <= 0 {
		t.Fatalf("the server said %d octets and a farewell of %d, so no verdict", r.most.Load(), r.fixture.Farewell)
	}
	return n
}

// scanBroken scans with a fault from the first octet on, and then with one that comes after a scan that went well.
// verdict gets the results of those scans that the fault happened to.
func (r *rig) scanBroken(t *testing.T, f *fault, content []byte, verdict func(when string, report scanners.Report, err error)) {
	t.Helper()
	size := int64(len(content))
	scan := func(s scanners.Scanner, when string) {
		f.happened.Store(false)
		r.arm(f)
		report, err := scanWith(t.Context(), t, s, bytes.NewReader(content), size)
		if f.happened.Load() {
			verdict(when, report, err)
		}
		r.arm(nil)
	}
	scan(r.newScanner(t), "first scan")

	used := r.newScanner(t)
	report, err := scanWith(t.Context(), t, used, bytes.NewReader(clean(few)), few)
	wantClean(t, report, err)
	scan(used, "second scan")
}

func testDead(t *testing.T, r *rig) {
	s := r.fixture.New(t, fake.Dead(t))
	report, err := scanWith(t.Context(), t, s, bytes.NewReader(clean(few)), few)
	wantNoAnswer(t, "connection refused", report, err)
	wantNoProbe(t, "connection refused", s)
}

func wantNoProbe(t testing.TB, why string, s scanners.Scanner) {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errHangs)
	defer cancel()
	if engine, err := s.Probe(ctx); err == nil || errors.Is(err, errHangs) {
		t.Errorf("Probe, %s: got %q, %v, want another error", why, engine, err)
	}
}

func testReset(t *testing.T, r *rig) {
	r.arm(&fault{accepted: fake.Rude})
	for _, size := range []int64{few, r.atMost(8 << 20)} {
		report, err := scanWith(t.Context(), t, r.scanner, io.LimitReader(zeros{}, size), size)
		wantNoAnswer(t, "connection reset", report, err)
	}
	wantNoProbe(t, "connection reset", r.scanner)
}

// testSilent has a server that takes all and never answers. The end of the context is the end of the scan.
func testSilent(t *testing.T, r *rig) {
	r.arm(&fault{accepted: fake.Silent})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	report, err := scanWith(ctx, t, r.scanner, bytes.NewReader(clean(few)), few)
	wantNoAnswer(t, "no answer until the deadline", report, err)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer until the deadline: got error %v, want context.DeadlineExceeded", err)
	}
	if engine, err := r.scanner.Probe(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Probe, no answer until the deadline: got %q, %v, want context.DeadlineExceeded", engine, err)
	}
}

// testDeaf has a server that does not even read, so that writing has to end with the context.
func testDeaf(t *testing.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r.arm(&fault{accepted: func(c net.Conn) {
		<-ctx.Done()
		fake.Silent(c)
	}})
	size := r.atMost(32 << 20)
	// Whatever the scanner waits for at that moment has to end.
	content := &watchedReader{r: io.LimitReader(zeros{}, size)}
	stop := time.AfterFunc(20*time.Millisecond, cancel)
	defer stop.Stop()
	report, err := scanWith(ctx, t, r.scanner, content, size)
	wantNoAnswer(t, "server does not read", report, err)
	if content.read.Load() == size && size == 32<<20 {
		t.Errorf("the scanner read all %d octets though the server took none", size)
	}
}

// watchedReader counts what is read from it.
type watchedReader struct {
	r    io.Reader
	read atomic.Int64
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.read.Add(int64(n))
	return n, err
}

// testStall has a server that stops inside its answer and leaves the connection open.
func testStall(t *testing.T, r *rig) {
	size := r.answerSize(t)
	for _, at := range []int{0, size / 2, size - 1} {
		ctx, cancel := context.WithCancel(t.Context())
		r.arm(&fault{at: at, then: func(c net.Conn) {
			cancel()
			fake.Silent(c)
		}})
		report, err := scanWith(ctx, t, r.newScanner(t), bytes.NewReader(clean(few)), few)
		why := fmt.Sprintf("server stalls after %d of %d octets", at, size)
		wantNoAnswer(t, why, report, err)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got error %v, want context.Canceled", why, err)
		}
		cancel()
	}
}

// testCut ends the connection after every octet of the answer.
func testCut(t *testing.T, r *rig) {
	size := r.answerSize(t)
	for at := range size {
		r.cut(t, "connection ends", &fault{at: at, then: fake.HalfClose})
		if at%8 == 0 {
			r.cut(t, "connection is reset", &fault{at: at, then: fake.Reset})
		}
	}
}

func (r *rig) cut(t *testing.T, what string, f *fault) {
	t.Helper()
	why := fmt.Sprintf("%s after %d octets, ", what, f.at)
	r.scanBroken(t, f, clean(few), func(when string, report scanners.Report, err error) { wantNoAnswer(t, why+when, report, err) })
	r.scanBroken(t, f, infected(few, 99), func(when string, report scanners.Report, err error) { wantNotClean(t, why+when, report, err) })
}

func wantNotClean(t testing.TB, why string, report scanners.Report, err error) {
	t.Helper()
	if report.Verdict == scanners.Clean {
		t.Errorf("%s: got clean for EICAR, error %v", why, err)
	}
	if err == nil && report.Verdict == scanners.None {
		t.Errorf("%s: got neither a verdict nor an error", why)
	}
}

// testFlip changes every octet of the answer about EICAR, one at a time.
func testFlip(t *testing.T, r *rig) {
	report, err := r.scan(t, infected(few, 99))
	wantInfected(t, r, report, err)
	size := r.said(t)
	for at := range size {
		for _, mask := range []byte{0x01, 0x20, 0x80} {
			why := fmt.Sprintf("octet %d of %d changed by %#x", at, size, mask)
			r.scanBroken(t, &fault{at: at, change: func(p []byte) { p[0] ^= mask }}, infected(few, 99),
				func(when string, report scanners.Report, err error) { wantNotClean(t, why+", "+when, report, err) })
		}
	}
}

// testEndless has a server that does not end its answer. The scanner has to stop reading by itself.
func testEndless(t *testing.T, r *rig) {
	size := r.answerSize(t)
	for _, text := range []string{"A", "A: A\r\n", "\n", "\x00"} {
		for _, at := range []int{0, size / 2, size - 1} {
			why := fmt.Sprintf("answer goes on with %q after %d of %d octets", text, at, size)
			report, err := r.scanEndless(t, why, at, text, infected(few, 99))
			wantNotClean(t, why, report, err)
		}
	}
	why := "the last octet of the answer is replaced by a line without end"
	report, err := r.scanEndless(t, why, size-1, "A", clean(few))
	wantNoAnswer(t, why, report, err)
}

func (r *rig) scanEndless(t testing.TB, why string, at int, text string, content []byte) (scanners.Report, error) {
	t.Helper()
	const most = 24 << 20 // More than the buffers of both sockets hold.
	var taken atomic.Int64
	r.arm(&fault{at: at, then: func(c net.Conn) { taken.Add(fake.Endless(c, text, most)) }})
	report, err := scanWith(t.Context(), t, r.newScanner(t), bytes.NewReader(content), int64(len(content)))
	if taken.Load() >= most {
		t.Errorf("%s: the scanner took %d octets", why, taken.Load())
	}
	return report, err
}

// testGarbage has a server that speaks something else.
func testGarbage(t *testing.T, r *rig) {
	garbage := append([]string{
		"\n", "\r\n", "\x00", "\x00\x00\x00\x00", "\xff\xfe\xfd\x00\r\n\r\n", "OK", "clean\n",
		"220 mx.example.org ESMTP Postfix\r\n",
		"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 204 No Content\r\n\r\n",
		"SSH-2.0-OpenSSH_9.2\r\n",
		"-1\r\n", "0\r\n", "204\r\n", "null\n",
	}, r.fixture.Garbage...)
	for _, text := range garbage {
		r.arm(&fault{accepted: fake.Say(text)})
		report, err := r.scan(t, clean(few))
		wantNoAnswer(t, fmt.Sprintf("server says %q", text), report, err)
		wantNoProbe(t, fmt.Sprintf("server says %q", text), r.newScanner(t))
	}
}
