// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/quarantine"
)

// A broken message is looked at as far as it goes, and goes on octet for octet.
func TestBrokenMessages(t *testing.T) {
	tests := map[string]string{
		"empty":                 "",
		"no header section":     "\r\nbody\r\n",
		"no empty line":         "Subject: x\r\n",
		"text only":             "this is no header field\r\nnor is this\r\n",
		"8-bit rubbish":         "\xff\xfe\x80\x00\r\n\r\n\x00\x01\x02\xff\r\n",
		"NUL in the header":     "Subject: a\x00b\r\n\r\nbody\r\n",
		"bare CR and LF":        "Subject: x\r\n\r\na\rb\nc\r\n",
		"multipart that ends":   "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n",
		"long line":             "Subject: x\r\n\r\n" + strings.Repeat("x", 200_000) + "\r\n",
		"mbox line":             "From a@example.org Mon Jan  1 00:00:00 2024\r\nSubject: x\r\n\r\nbody\r\n",
		"colon at the start":    ": value\r\n\r\nbody\r\n",
		"folded first line":     " folded\r\nSubject: x\r\n\r\nbody\r\n",
		"10,000 fields":         strings.Repeat("X-A: b\r\n", 10_000) + "\r\nbody\r\n",
		"field of 1 MiB":        "X-A: " + strings.Repeat("b", 1<<20) + "\r\n\r\nbody\r\n",
		"deeply folded subject": "Subject: x" + strings.Repeat("\r\n y", 5000) + "\r\n\r\nbody\r\n",
	}
	r := newRig(t, "policies: [{name: default, do: {unscannable: [deliver], ambiguous: [deliver], encrypted: [deliver]}}]\n")
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			r.sink.Reset()
			if got := r.send(mailObject{listener: "lmtp", to: []string{"<u@x>"}, body: body}); !strings.HasPrefix(got[0], "250 ") {
				t.Fatalf("got %q", got)
			}
			// Where there is no header section, an empty line ends ours.
			if got, ours := cutOurs(string(r.sink.Messages()[0].Data)); ours == "" || got != body && got != "\r\n"+body {
				t.Errorf("got %.200q, want %.200q", got, body)
			}
		})
	}
}

// cutOurs takes out the fields that we put on top: behind a first line that is no field, if there is one.
func cutOurs(message string) (as, ours string) {
	i := strings.Index(message, "Received: by mw.example.org (mailweir)")
	j := strings.Index(message, "\r\nMailweir-Result: ")
	if i < 0 || j < i {
		return message, ""
	}
	end := j + 2
	for {
		n := strings.Index(message[end:], "\r\n") + 2
		end += n
		if !strings.HasPrefix(message[end:], " ") {
			return message[:i] + message[end:], message[i:end]
		}
	}
}

// 50 MiB of header section are more than anybody looks at: by default the message is kept as it came.
func TestHugeHeaderIsKept(t *testing.T) {
	r := newRig(t, "")
	body := strings.Repeat("X-Filler: "+strings.Repeat("x", 900)+"\r\n", 50<<20/912) + "\r\nbody\r\n"
	if got := r.send(mailObject{listener: "lmtp", to: []string{"<u@x>"}, body: body}); got[0] != "250 2.7.0 Ok, quarantine" || len(r.arrived()) != 0 {
		t.Fatalf("got %q, arrived %d", got, len(r.arrived()))
	}
	store, err := quarantine.Open(filepath.Join(r.dir, "quarantine"), quarantine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for e, err := range store.List(quarantine.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if !e.HasClass("unscannable") {
			t.Errorf("findings: got %+v", e.Findings)
		}
		f, err := store.Open(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, []byte(body)) {
			t.Errorf("kept %d octets, %v, want the %d that came", len(got), err, len(body))
		}
	}
}
