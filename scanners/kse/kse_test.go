// SPDX-License-Identifier: Apache-2.0

package kse

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

// kavhttpd plays one connection of the engine, which takes one request.
func kavhttpd(c net.Conn, judge scannertest.Judge) error {
	request, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return err
	}
	body := `{"databaseVersion": "30.01.2019 18:38 GMT"}`
	if request.Method == http.MethodPost {
		if body, err = scanMemory(request, judge); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(c, "HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nServer: KAVHTTPD/1.0\r\n"+
		"X-KAV-ProtocolVersion: 3\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	return err
}

// scanMemory reads {"timeout":"...","object":"BASE64"} as a stream.
func scanMemory(request *http.Request, judge scannertest.Judge) (string, error) {
	r := bufio.NewReaderSize(request.Body, 64<<10)
	for {
		if _, err := r.ReadString('"'); err != nil { // { or the comma.
			return "", err
		}
		key, err := r.ReadString('"')
		if err != nil {
			return "", err
		}
		if _, err := r.ReadString('"'); err != nil {
			return "", err
		}
		if key == `object"` {
			break
		}
		if _, err := r.ReadString('"'); err != nil {
			return "", err
		}
	}
	text := &untilQuote{r: r}
	report, err := judge(io.MultiReader(&decoder{r: text}, &atEnd{r, text}))
	if err != nil {
		return "", err
	}
	answer := map[string]string{"object": "memory", "scanResult": "CLEAN"}
	if report.Verdict == scanners.Infected {
		answer["scanResult"], answer["detectionName"] = "DETECT", report.Signature
	}
	body, err := json.Marshal(answer)
	return string(body), err
}

// untilQuote reads up to the quotation mark that ends a string.
type untilQuote struct {
	r    *bufio.Reader
	done bool
}

func (u *untilQuote) Read(p []byte) (int, error) {
	if u.done {
		return 0, io.EOF
	}
	if _, err := u.r.Peek(1); err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	there, err := u.r.Peek(min(len(p), u.r.Buffered()))
	if err != nil {
		return 0, err
	}
	text, _, found := bytes.Cut(there, []byte{'"'})
	n := copy(p, text)
	if u.done = found; found {
		return n, discard(u.r, n+1)
	}
	return n, discard(u.r, n)
}

func discard(r *bufio.Reader, n int) error {
	_, err := r.Discard(n)
	return err
}

// decoder decodes base64 in large blocks, which is several times as fast as package base64's own with the race detector.
type decoder struct {
	r       io.Reader
	text    [64 << 10]byte
	block   [48 << 10]byte
	content []byte // Decoded and not read yet.
}

func (d *decoder) Read(p []byte) (int, error) {
	if len(d.content) == 0 {
		n, err := io.ReadFull(d.r, d.text[:])
		if n == 0 {
			return 0, err
		}
		if d.content, err = base64.StdEncoding.AppendDecode(d.block[:0], d.text[:n]); err != nil {
			return 0, err
		}
	}
	n := copy(p, d.content)
	d.content = d.content[n:]
	return n, nil
}

// atEnd is a reader that ends well only if the rest of the body is what it has to be.
type atEnd struct {
	r    io.Reader
	text *untilQuote
}

func (a *atEnd) Read([]byte) (int, error) {
	rest, err := io.ReadAll(a.r)
	if err != nil || string(rest) != "}" || !a.text.done {
		return 0, errors.Join(err, io.ErrUnexpectedEOF)
	}
	return 0, io.EOF
}

func newScanner(t testing.TB, addr string) scanners.Scanner {
	t.Helper()
	s, err := New(Options{Address: addr})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	answer := func(status, body string) string {
		return fmt.Sprintf("HTTP/1.0 %s\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
	}
	scannertest.Run(t, scannertest.Fixture{
		New:   newScanner,
		Serve: kavhttpd,
		Garbage: []string{
			"HTTP/1.0 200 OK\r\n\r\n" + `{"object": "memory", "scanResult": "CLEAN"}`,
			answer("500 Error", `{"object": "memory", "scanResult": "CLEAN"}`),
			answer("204 No Content", ""),
			answer("200 OK", ""), answer("200 OK", "CLEAN"), answer("200 OK", "{}"), answer("200 OK", "[]"), answer("200 OK", "null"),
			answer("200 OK", `{"scanResult": "CLEAN"}`), answer("200 OK", `{"object": "memory"}`),
			answer("200 OK", `{"object": "memory", "scanResult": "CLEAN"} {}`),
			answer("200 OK", `{"object": "memory", "scanResult": ["CLEAN"]}`),
			answer("401 Unauthorized", ""),
		},
	})
}

func TestParseScan(t *testing.T) {
	unscannable := func(why string) scanners.Report {
		return scanners.Report{Verdict: scanners.Unscannable, Reason: why}
	}
	infected := func(name string) scanners.Report {
		return scanners.Report{Verdict: scanners.Infected, Signature: name}
	}
	clean := scanners.Report{Verdict: scanners.Clean}
	tests := []struct {
		name, in string
		want     scanners.Report
		err      string
	}{
		{"clean", `{"object": "memory", "scanResult": "CLEAN", "containsOfficeMacro": "false"}`, clean, ""},
		{"detected", `{"object": "memory", "scanResult": "DETECT", "detectionName": "EICAR-Test-File"}`, infected("EICAR-Test-File"), ""},
		{"detected, version 1.0", `{"object": "memory", "scanResult": "DETECTED", "detectionName": "EICAR-Test-File"}`, infected("EICAR-Test-File"), ""},
		{"detected without a name", `{"object": "memory", "scanResult": "DETECT"}`, infected("unnamed"), ""},
		{"disinfected", `{"object": "memory", "scanResult": "DISINFECTED", "detectionName": "A"}`, infected("A"), ""},
		{"not scanned", `{"object": "memory", "scanResult": "NON_SCANNED"}`, unscannable("not scanned"), ""},
		{"encrypted", `{"object": "memory", "scanResult": "NON_SCANNED (PASSWORD PROTECTED)"}`, unscannable("encrypted"), ""},
		{"corrupted", `{"object": "memory", "scanResult": "NON_SCANNED (CORRUPTED)"}`, unscannable("corrupted"), ""},
		{"cancelled", `{"object": "memory", "scanResult": "NON_SCANNED (CANCELED)"}`, scanners.Report{}, `scanResult "NON_SCANNED (CANCELED)"`},
		{"server error", `{"object": "memory", "scanResult": "SERVER_ERROR"}`, scanners.Report{}, `scanResult "SERVER_ERROR"`},
		{"version 1 with a macro", `{"object": "memory", "scanResult": "CLEAN AND CONTAINS OFFICE MACRO"}`, scanners.Report{}, `scanResult "CLEAN AND CONTAINS OFFICE MACRO"`},
		{"another object", `{"object": "/etc/passwd", "scanResult": "CLEAN"}`, scanners.Report{}, `answer is about "/etc/passwd"`},
		{
			"clean with something detected inside",
			`{"object": "memory", "scanResult": "CLEAN", "subObjectsScanResults": [{"object": "memory//a", "scanResult": "DETECT", "detectionName": "A"}]}`,
			infected("A"), "",
		},
		{
			"clean with something encrypted inside",
			`{"object": "memory", "scanResult": "CLEAN", "subObjectsScanResults": [
				{"object": "memory//a", "scanResult": "CLEAN"}, {"object": "memory//b", "scanResult": "NON_SCANNED (PASSWORD PROTECTED)"}]}`,
			unscannable("encrypted"), "",
		},
		{
			"detected beside a failure",
			`{"object": "memory", "scanResult": "SERVER_ERROR", "subObjectsScanResults": [{"object": "memory//a", "scanResult": "DETECT", "detectionName": "A"}]}`,
			infected("A"), "",
		},
		{
			"failure beside something encrypted",
			`{"object": "memory", "scanResult": "NON_SCANNED (PASSWORD PROTECTED)", "subObjectsScanResults": [{"object": "memory//a", "scanResult": "SERVER_ERROR"}]}`,
			scanners.Report{},
			`scanResult "SERVER_ERROR"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseScan(http.StatusOK, []byte(tt.in))
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("got error %v, want %q", err, tt.err)
			}
		})
	}
}

// TestTooLarge has an engine that refuses by the length in the head of the request and does not read the body.
func TestTooLarge(t *testing.T) {
	server := fake.Listen(t, func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			fake.Say("HTTP/1.0 413 Request Entity Too Large\r\nContent-Length: 0\r\n\r\n")(c)
		}
	})
	const size = 8 << 20
	got, err := newScanner(t, server.Addr()).Scan(t.Context(), strings.NewReader(strings.Repeat("x", size)), size)
	if want := (scanners.Report{Verdict: scanners.Unscannable, Reason: "larger than kavhttpd takes"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestTimeLeft(t *testing.T) {
	if got := timeLeft(t.Context()); got != 0 {
		t.Errorf("no deadline: got %v, want 0", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	if got := timeLeft(ctx); got <= 0 || got > time.Hour {
		t.Errorf("got %v, want at most an hour", got)
	}
	past, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	if got := timeLeft(past); got != time.Millisecond {
		t.Errorf("deadline is over: got %v, want 1ms", got)
	}
}

func TestProbe(t *testing.T) {
	server := fake.Listen(t, func(c net.Conn) { _ = kavhttpd(c, nil) })
	got, err := newScanner(t, server.Addr()).Probe(t.Context())
	if want := "Kaspersky Scan Engine, signatures 30.01.2019 18:38 GMT"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, bad := range []string{"", "{}", `{"databaseVersion": 1}`, `{"databaseVersion": "\u0000"}`} {
		if got, err := parseBases(http.StatusOK, []byte(bad)); err == nil {
			t.Errorf("%q: got %q, want an error", bad, got)
		}
	}
}

func TestOptions(t *testing.T) {
	if _, err := New(Options{Address: "9999"}); err == nil || !strings.HasPrefix(err.Error(), "kse: address ") {
		t.Errorf("got %v", err)
	}
	kind := Kind()
	if _, err := kind.New(kind.Options(), scanners.Deps{}); err != nil {
		t.Errorf("default options: %v", err)
	}
}

// FuzzParseScan: clean needs CLEAN, and what comes out is fit for a log line.
func FuzzParseScan(f *testing.F) {
	f.Add([]byte(`{"object": "memory", "scanResult": "DETECT", "detectionName": "EICAR-Test-File"}`))
	f.Add([]byte(`{"object": "memory", "scanResult": "CLEAN", "subObjectsScanResults": [{"object": "memory//a", "scanResult": "NON_SCANNED"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parseScan(http.StatusOK, body)
		if (err == nil) == (got.Verdict == scanners.None) {
			t.Fatalf("got %+v with error %v", got, err)
		}
		var plain map[string]any
		if got.Verdict == scanners.Clean && json.Unmarshal(body, &plain) != nil {
			t.Fatalf("clean: %q", body)
		}
		for _, s := range []string{got.Signature, got.Reason} {
			if s != scanners.Line(s) {
				t.Fatalf("not one line: %q", s)
			}
		}
		if got.Verdict == scanners.Infected && got.Signature == "" {
			t.Fatalf("infected without a signature: %q", body)
		}
	})
}
