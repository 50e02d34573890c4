// SPDX-License-Identifier: Apache-2.0

package scannertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/scanners"
)

// infected is content of size octets with EICAR at offset. The rest is text in lines.
func infected(size, offset int) []byte {
	c := clean(size)
	copy(c[offset:], EICAR())
	return c
}

func clean(size int) []byte {
	const line = "The quick brown fox jumps over the lazy dog.\r\n"
	return []byte(strings.Repeat(line, size/len(line)+1)[:size])
}

func wantClean(t testing.TB, report scanners.Report, err error) {
	t.Helper()
	if err != nil || report != (scanners.Report{Verdict: scanners.Clean}) {
		t.Errorf("clean content: got %+v, %v, want clean and nothing else", report, err)
	}
}

func wantInfected(t testing.TB, r *rig, report scanners.Report, err error) {
	t.Helper()
	if err != nil || report.Verdict != scanners.Infected || report.Signature == "" || report.Reason != "" {
		t.Errorf("EICAR: got %+v, %v, want infected with a signature and no reason", report, err)
	}
	if r.fixture.Serve != nil && report.Signature != Signature {
		t.Errorf("EICAR: got signature %q, want %q", report.Signature, Signature)
	}
}

// wantNoAnswer wants an error. why says what should have kept the scanner from an answer.
func wantNoAnswer(t testing.TB, why string, report scanners.Report, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: got %+v and no error, want an error", why, report)
	}
	if report.Verdict == scanners.Clean {
		t.Errorf("%s: got verdict clean with error %v", why, err)
	}
}

func testClean(t *testing.T, r *rig) {
	for _, size := range []int{1, 68, 4096, 200_000} {
		report, err := r.scan(t, clean(size))
		wantClean(t, report, err)
	}
}

func testEICAR(t *testing.T, r *rig) {
	report, err := r.scan(t, EICAR())
	wantInfected(t, r, report, err)
	if r.fixture.Serve == nil {
		return // A list of digests knows the file, not a place inside another.
	}
	for _, offset := range []int{0, 1, 4096 - 30, 65536 - 34, 200_000 - 68} {
		report, err := r.scan(t, infected(200_000, offset))
		wantInfected(t, r, report, err)
	}
}

func testEmpty(t *testing.T, r *rig) {
	report, err := r.scan(t, nil)
	wantClean(t, report, err)
}

// testHuge hands over as much as goes, and wants it to pass through and not to be kept.
func testHuge(t *testing.T, r *rig) {
	size := r.atMost(64 << 20)
	const most = 16 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	report, err := scanWith(t.Context(), t, r.scanner, io.LimitReader(zeros{}, size), size)
	runtime.ReadMemStats(&after)
	wantClean(t, report, err)
	if used := after.TotalAlloc - before.TotalAlloc; used > most {
		t.Errorf("a scan of %d octets allocated %d octets, want at most %d", size, used, most)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func testOverLimit(t *testing.T, r *rig) {
	size := r.fixture.Limit + 1
	if size == 1 {
		t.Skip("this scanner has no limit")
	}
	report, err := scanWith(t.Context(), t, r.scanner, io.LimitReader(zeros{}, size), size)
	if err != nil || report.Verdict != scanners.Unscannable || report.Reason == "" {
		t.Errorf("limit and one octet: got %+v, %v, want unscannable with a reason", report, err)
	}
}

func testOddReaders(t *testing.T, r *rig) {
	odd := map[string]func(io.Reader) io.Reader{
		"one octet a read":     iotest.OneByteReader,
		"half of each read":    iotest.HalfReader,
		"end with the data":    iotest.DataErrReader,
		"nothing now and then": func(r io.Reader) io.Reader { return &lazyReader{r: r} },
	}
	for name, wrap := range odd {
		t.Run(name, func(t *testing.T) {
			const size = 70_000
			report, err := scanWith(t.Context(), t, r.scanner, wrap(bytes.NewReader(clean(size))), size)
			wantClean(t, report, err)
			report, err = scanWith(t.Context(), t, r.scanner, wrap(bytes.NewReader(EICAR())), int64(len(EICAR())))
			wantInfected(t, r, report, err)
		})
	}
}

// lazyReader returns no octets and no error at every second call.
type lazyReader struct {
	r    io.Reader
	lazy bool
}

func (l *lazyReader) Read(p []byte) (int, error) {
	if l.lazy = !l.lazy; l.lazy {
		return 0, nil
	}
	return l.r.Read(p)
}

func testReaderFails(t *testing.T, r *rig) {
	const size = 150_000
	broken := errors.New("the disk is broken")
	for _, after := range []int{0, 1, 65536, size - 1, size} {
		content := io.MultiReader(bytes.NewReader(clean(size)[:after]), iotest.ErrReader(broken))
		report, err := scanWith(t.Context(), t, r.scanner, content, size)
		wantNoAnswer(t, fmt.Sprintf("reader fails after %d of %d octets", after, size), report, err)
		if err != nil && !errors.Is(err, broken) {
			t.Errorf("reader fails after %d of %d octets: got error %v, want the reader's", after, size, err)
		}
	}
	r.wantJudged(t, size)
}

func testWrongSize(t *testing.T, r *rig) {
	const size = 100_000
	for _, real := range []int{0, size - 1, size + 1, 2 * size} {
		report, err := scanWith(t.Context(), t, r.scanner, bytes.NewReader(clean(real)), size)
		wantNoAnswer(t, fmt.Sprintf("reader of %d octets instead of %d", real, size), report, err)
	}
}

// wantJudged wants that the server took nothing for whole that is shorter than size.
func (r *rig) wantJudged(t testing.TB, size int64) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range r.judged {
		if j.size < size {
			t.Errorf("the server took %d octets for the whole of %d", j.size, size)
		}
	}
}

func testCancelledBefore(t *testing.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	report, err := scanWith(ctx, t, r.scanner, bytes.NewReader(clean(1000)), 1000)
	wantNoAnswer(t, "context ended before", report, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("context ended before: got error %v, want context.Canceled", err)
	}
}

func testMany(t *testing.T, r *rig) {
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			if i%2 == 0 {
				report, err := r.scan(t, clean(1000*i))
				wantClean(t, report, err)
				return
			}
			report, err := r.scan(t, EICAR())
			wantInfected(t, r, report, err)
		})
	}
	all.Wait()
}

func testProbe(t *testing.T, r *rig) {
	engine, err := r.scanner.Probe(t.Context())
	if err != nil || engine == "" {
		t.Fatalf("Probe: got %q, %v, want product and version", engine, err)
	}
	wantLine(t, "Probe", engine)
}

func wantLine(t testing.TB, what, s string) {
	t.Helper()
	if len(s) > scanners.MaxSignature {
		t.Errorf("%s: got %d octets, want at most %d", what, len(s), scanners.MaxSignature)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) {
		t.Errorf("%s: got %q, want printable characters only", what, s)
	}
}

func testWhole(t *testing.T, r *rig) {
	var want []judged
	for _, size := range []int{0, 1, 4095, 4096, 65535, 65536, 65537, 1 << 20} {
		content := clean(size)
		report, err := r.scan(t, content)
		wantClean(t, report, err)
		want = append(want, judged{size: int64(size), sum: sha256.Sum256(content)})
	}
	if diff := cmp.Diff(want, r.judged, cmp.AllowUnexported(judged{})); diff != "" {
		t.Errorf("what the server got (-want +got):\n%s", diff)
	}
}

func testSignature(t *testing.T, r *rig) {
	const odd = "Evil\x1b[31m\x07Töst\x7f\xff-"
	r.report = func(scanners.Report) scanners.Report {
		return scanners.Report{Verdict: scanners.Infected, Signature: odd + strings.Repeat("A", 600)}
	}
	report, err := r.scan(t, EICAR())
	if err != nil || report.Verdict != scanners.Infected || !strings.HasPrefix(report.Signature, "Evil") {
		t.Errorf("got %+v, %v, want infected with Evil...", report, err)
	}
	wantLine(t, "signature", report.Signature)
}
