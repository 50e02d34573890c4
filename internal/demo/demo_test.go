// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/postfixtest"
	"github.com/mailweir/mailweir/internal/sink"
)

func TestMessagesAreWhole(t *testing.T) {
	used := map[string]bool{}
	for _, s := range samples() {
		used[s.file] = true
		if len(s.to) != len(s.want) {
			t.Errorf("%s: %d recipients, %d fates", s.name, len(s.to), len(s.want))
		}
		b, err := message(s.file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("@EICAR")) {
			t.Errorf("%s: a placeholder is left", s.file)
		}
		if lf, crlf := bytes.Count(b, []byte("\n")), bytes.Count(b, []byte("\r\n")); lf != crlf {
			t.Errorf("%s: %d LF, %d CRLF", s.file, lf, crlf)
		}
	}
	all, err := fs.Glob(files, "messages/*")
	if err != nil || len(all) != len(used) {
		t.Errorf("files %v, %v; used %v", all, err, used)
	}
}

func TestTableTellsWhatIsNotAsExpected(t *testing.T) {
	var out bytes.Buffer
	if !table(&out, []result{{sample: "a", got: delivered, want: delivered}}) {
		t.Error("what is as expected is called bad")
	}
	if table(&out, []result{{sample: "a", got: delivered, want: quarantine}}) || !strings.Contains(out.String(), "EXPECTED in quarantine") {
		t.Errorf("what is not as expected is called good:\n%s", &out)
	}
}

func TestJudge(t *testing.T) {
	const in = "Subject: x\r\n\r\nbody\r\n"
	for data, want := range map[string]fate{
		"Received: y\r\n" + in:                          delivered,
		"Received: y\r\nSubject: [V] x\r\n\r\nbody\r\n": tagged,
		"Subject: x\r\n\r\nbo y\r\n":                    changed, // The harm is there.
		"Subject: x\r\n\r\nb..y\r\n":                    disarmed,
	} {
		if got := judge(&sink.Message{Data: []byte(data)}, []byte(in), "o"); got != want {
			t.Errorf("%q: got %q, want %q", data, got, want)
		}
	}
}

func TestOnce(t *testing.T) {
	if why := postfixtest.Missing(); why != "" {
		t.Skip(why)
	}
	var out bytes.Buffer
	if err := run(t.Context(), &out, true); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
}
