// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

// TestRealCICAP scans with the c-icap that is installed, its module virus_scan and clamd. The plain service answers 200 before it has
// scanned and, if it then finds something, sends no body: that is an error and never clean.
func TestRealCICAP(t *testing.T) {
	socket, _ := scannertest.StartClamd(t)
	url := scannertest.StartCICAP(t, socket)
	for _, service := range []string{"avscan", "virus_scan"} {
		for _, way := range []struct{ method, preview string }{{"respmod", "auto"}, {"respmod", "off"}, {"respmod", "0"}, {"reqmod", "auto"}} {
			t.Run(service+"/"+way.method+"/"+way.preview, func(t *testing.T) {
				o := DefaultOptions()
				o.URL, o.Method, o.Preview = url+"/"+service, way.method, way.preview
				scanSizes(t, newScanner(t, o), service == "virus_scan")
			})
		}
	}
}

// scanSizes scans contents that are smaller and larger than what c-icap looks at first and keeps in memory.
func scanSizes(t *testing.T, s *Scanner, plain bool) {
	t.Helper()
	for _, size := range []int{1 << 10, 5_000, 64 << 10, 200_000, 4 << 20} {
		got, err := s.Scan(t.Context(), bytes.NewReader(text(size)), int64(size))
		wantReport(t, got, err, clean, "")
		contents := map[string][]byte{"at the end": place(size, size-68)}
		if size < 1<<20 {
			contents["at the start"], contents["in the middle"], contents["in a message"] = place(size, 0), place(size, size/2), message(size)
		}
		for name, content := range contents {
			got, err := s.Scan(t.Context(), bytes.NewReader(content), int64(len(content)))
			if plain && err != nil && strings.Contains(err.Error(), "0 octets came back changed") {
				continue
			}
			if err != nil || got.Verdict != scanners.Infected || got.Signature != scannertest.ClamdSignature {
				t.Errorf("EICAR %s of %d octets: got %+v, %v", name, size, got, err)
			}
		}
	}
	got, err := s.Scan(t.Context(), bytes.NewReader(nil), 0)
	wantReport(t, got, err, clean, "")
}

// TestRealProbe asks the real server for its options.
func TestRealProbe(t *testing.T) {
	socket, _ := scannertest.StartClamd(t)
	o := DefaultOptions()
	o.URL = scannertest.StartCICAP(t, socket) + "/avscan"
	engine, err := newScanner(t, o).Probe(t.Context())
	if err != nil || !strings.HasPrefix(engine, "C-ICAP/") {
		t.Errorf("got %q, %v, want C-ICAP and its version", engine, err)
	}
	o.URL = strings.Replace(o.URL, "avscan", "absent", 1)
	if engine, err := newScanner(t, o).Probe(t.Context()); err == nil {
		t.Errorf("service that does not exist: got %q and no error", engine)
	}
}

// TestRealLimit has content larger than MaxObjectSize of c-icap, which the plain service lets pass. The preview tells.
func TestRealLimit(t *testing.T) {
	socket, _ := scannertest.StartClamd(t)
	o := DefaultOptions()
	o.URL = scannertest.StartCICAP(t, socket) + "/virus_scan"
	const size = scannertest.CICAPMaxObjectSize + 1<<20
	got, err := newScanner(t, o).Scan(t.Context(), bytes.NewReader(place(size, 100)), size)
	wantReport(t, got, err, scanners.Report{Verdict: scanners.Unscannable, Reason: "server answered before it had the whole content"}, "")
}

// TestRealClamdStopped has a c-icap that has lost its clamd.
func TestRealClamdStopped(t *testing.T) {
	var url string
	if !t.Run("clamd", func(inner *testing.T) {
		socket, _ := scannertest.StartClamd(inner)
		url = scannertest.StartCICAP(t, socket)
	}) || url == "" {
		t.SkipNow()
	}
	for _, service := range []string{"avscan", "virus_scan"} {
		for _, size := range []int{1000, 100_000} {
			o := DefaultOptions()
			o.URL = url + "/" + service
			got, err := newScanner(t, o).Scan(t.Context(), bytes.NewReader(text(size)), int64(size))
			if err == nil {
				t.Errorf("%s, %d octets: got %+v, want an error", service, size, got)
			}
		}
	}
}

// message is a message of more than size octets with EICAR in an attachment.
func message(size int) []byte {
	return fmt.Appendf(nil, "From: a@example.org\r\nTo: b@example.net\r\nSubject: see there\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n"+
		"--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n",
		text(size), base64.StdEncoding.EncodeToString(scannertest.EICAR()))
}
