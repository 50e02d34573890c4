// SPDX-License-Identifier: Apache-2.0

package clamd

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

// TestRealClamd scans with the clamd that is installed.
func TestRealClamd(t *testing.T) {
	socket, addr := scannertest.StartClamd(t)
	infected := scanners.Report{Verdict: scanners.Infected, Signature: scannertest.ClamdSignature}
	clean := scanners.Report{Verdict: scanners.Clean}
	text := bytes.Repeat([]byte("All is well in this line of text.\r\n"), 1<<17) // 4.5 MB.
	tests := []struct {
		name    string
		content []byte
		want    scanners.Report
	}{
		{"empty", nil, clean},
		{"small", text[:1000], clean},
		{"one chunk", text[:chunkOctets], clean},
		{"large", text, clean},
		{"eicar at the start", append(scannertest.EICAR(), text[:200_000]...), infected},
		{"eicar across two chunks", replaced(text[:200_000], chunkOctets-30), infected},
		{"eicar at the end", replaced(text, len(text)-68), infected},
		{"eicar in a message", message(scannertest.EICAR()), infected},
		{"eicar in a zip in a message", message(zipped(t, scannertest.EICAR())), infected},
	}
	for _, address := range []string{"unix:" + socket, addr} {
		network, _, _ := strings.Cut(address, ":")
		s := newScanner(t, address)
		for _, tt := range tests {
			t.Run(network+"/"+tt.name, func(t *testing.T) {
				got, err := s.Scan(t.Context(), bytes.NewReader(tt.content), int64(len(tt.content)))
				wantReport(t, got, err, tt.want, "")
			})
		}
		engine, err := s.Probe(t.Context())
		if err != nil || !strings.HasPrefix(engine, "ClamAV ") {
			t.Errorf("Probe: got %q, %v, want ClamAV and a version", engine, err)
		}
	}
}

// TestRealClamdLimits has a clamd that takes less than we think.
func TestRealClamdLimits(t *testing.T) {
	socket, addr := scannertest.StartClamd(t, "StreamMaxLength 1M", "AlertExceedsMax yes", "MaxFileSize 500K", "AlertEncrypted yes")
	for _, address := range []string{"unix:" + socket, addr} {
		for size, reason := range map[int]string{
			20 << 20:  "larger than StreamMaxLength",
			2 << 20:   "larger than StreamMaxLength",
			800 << 10: "limit exceeded: Heuristics.Limits.Exceeded.MaxFileSize",
		} {
			got, err := newScanner(t, address).Scan(t.Context(), bytes.NewReader(make([]byte, size)), int64(size))
			wantReport(t, got, err, scanners.Report{Verdict: scanners.Unscannable, Reason: reason}, "")
		}
	}
}

func replaced(text []byte, offset int) []byte {
	c := bytes.Clone(text)
	copy(c[offset:], scannertest.EICAR())
	return c
}

func message(attachment []byte) []byte {
	return fmt.Appendf(nil, "From: a@example.org\r\nTo: b@example.net\r\nSubject: see there\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n"+
		"--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n",
		base64.StdEncoding.EncodeToString(attachment))
}

func zipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("a.com")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
