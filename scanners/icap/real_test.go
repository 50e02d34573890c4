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

// sizes are on both sides of what c-icap keeps in memory and looks at first.
var sizes = []int{1 << 10, 5_000, 64 << 10, 200_000, 1 << 20, 4 << 20}

// TestRealCICAP scans with the c-icap that is installed, its module virus_scan and clamd.
func TestRealCICAP(t *testing.T) {
	socket, _ := scannertest.StartClamd(t)
	url := scannertest.StartCICAP(t, socket)
	// The plain service answers 200 before it has scanned and, for a virus, sends a body cut short. That is no answer.
	services := []struct {
		name  string
		plain bool
	}{{"avscan", false}, {"virus_scan", true}}
	for _, sv := range services {
		for _, method := range []string{"respmod", "reqmod"} {
			for _, preview := range []string{"off", "auto", "0", "1024"} {
				o := DefaultOptions()
				o.URL, o.Method, o.Preview = url+"/"+sv.name, method, preview
				t.Run(sv.name+"/"+method+"/"+preview, func(t *testing.T) { scanAll(t, o, sv.plain) })
			}
		}
	}
}

func scanAll(t *testing.T, o Options, plain bool) {
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range sizes {
		for name, content := range map[string][]byte{
			"start":  place(size, 0),
			"middle": place(size, size/2),
			"end":    place(size, size-68),
			"base64": message(size),
		} {
			got, err := s.Scan(t.Context(), bytes.NewReader(content), int64(len(content)))
			t.Log(size, name, got, err)
		}
		got, err := s.Scan(t.Context(), bytes.NewReader(text(size)), int64(size))
			t.Log(size, "clean", got, err)
	}
	got, err := s.Scan(t.Context(), bytes.NewReader(nil), 0)
	t.Log("empty",got,err)
	t.Log(s.Probe(t.Context()))
	_ = scanners.Clean
}

func text(size int) []byte {
	const line = "All is well in this line of text.\r\n"
	return []byte(strings.Repeat(line, size/len(line)+1)[:size])
}

func place(size, offset int) []byte {
	c := text(size)
	copy(c[offset:], scannertest.EICAR())
	return c
}

// message is a message of about size octets with EICAR in an attachment.
func message(size int) []byte {
	return fmt.Appendf(nil, "From: a@example.org\r\nTo: b@example.net\r\nSubject: see there\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n"+
		"--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n",
		text(size), base64.StdEncoding.EncodeToString(scannertest.EICAR()))
}
