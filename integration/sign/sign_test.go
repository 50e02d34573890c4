// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
)

// What our own people send leaves with a signature by each key that verifies, whatever there is in it, and is otherwise as it was.
func TestOutgoing(t *testing.T) {
	from := "From: Ann <ann@example.org>\r\n"
	both := []string{"pass", "pass"}
	letters := []struct {
		name, params, text string
		want               []string
	}{
		{"plain", "", from + head + "\r\nHello\r\n", both},
		{"below the domain", "", "From: ann@mail.Example.ORG\r\n" + head + "\r\nHello\r\n", both},
		{"no Date, no Message-ID", "", from + "To: ben@example.com\r\n\r\nHello\r\n", both}, // Postfix adds them, before we see it.
		{"8-bit", " BODY=8BITMIME", from + head + "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xe9\xe8\xff\x80\r\n", both},
		{"odd folding", "", "SUBJECT:\tx\r\n  y\r\n\tz \r\nFROM:ann@example.org\r\nX-Empty:\r\n\r\nHello \t \r\n \r\n\r\n\r\n", both},
		{"no body", "", from + head, both},
		{"periods", "", from + head + "\r\n.\r\n..\r\n.x\r\n", both},
		{"long lines", "", from + head + "X-Long: " + strings.Repeat("word ", 150) + "\r\n\r\n" + strings.Repeat("0123456789", 99) + "\r\n", both},
		{"large", "", from + head + "\r\n" + strings.Repeat(strings.Repeat("x", 76)+"\r\n", 40_000), both},
		{"many fields", "", from + head + strings.Repeat("X-Field: value\r\nCc: x@example.net\r\n", 200) + "\r\nHello\r\n", both},
		{"signed before", "", "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=old; h=from; bh=eA==; b=eA==\r\n" + from + head + "\r\nHello\r\n", nil},
		{"changed", "", from + head + infected, both},
		{"of a stranger", "", "From: far@example.net\r\n" + head + "\r\nHello\r\n", []string{}},
		{"of two", "", "From: ann@example.org, far@example.net\r\n" + head + "\r\nHello\r\n", []string{}},
	}
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		s := newSite(ctx, t)
		r := start(ctx, t, way, s.config())
		for n, l := range letters {
			for _, door := range []string{rig.In, rig.Beside} {
				post(t, r, door, n, letter{client: home, from: "ann@example.org", params: l.params, text: l.text})
			}
		}
		got := arrived(ctx, t, r, 2*len(letters))
		for n, l := range letters {
			t.Run(l.name, func(t *testing.T) {
				through, beside := got[fmt.Sprintf("%s%d", rig.In, n)], got[fmt.Sprintf("%s%d", rig.Beside, n)]
				v := judge(ctx, t, s.zone, through)
				if l.want == nil {
					if len(v.DKIM) != 3 || v.DKIM[0] != "pass" || v.DKIM[1] != "pass" {
						t.Errorf("got %+v", v)
					}
				} else if d := cmp.Diff(l.want, v.DKIM); d != "" {
					t.Errorf("signatures (-want +got):\n%s\n%s", d, clip(through))
				}
				if l.name != "changed" && !bytes.Equal(normal(below(t, through)), normal(below(t, beside))) {
					t.Errorf("it came out changed\n got %s\nwant %s", clip(below(t, through)), clip(below(t, beside)))
				}
				if l.name == "changed" && bytes.Contains(through, []byte(eicar)) {
					t.Error("it was not changed")
				}
				if v.ARC != "none" {
					t.Errorf("sealed: %+v", v)
				}
			})
		}
	})
}

// made are the fields that Postfix makes where they are missing, which differ from copy to copy.
var made = regexp.MustCompile(`(?m)^(Message-Id: <.*|Date: .*[+-]\d{4} \(.*\))\r$`)

func normal(message []byte) []byte { return made.ReplaceAll(message, []byte("made by Postfix\r")) }

// What comes from outside and is tagged or disarmed is sealed, and the seal says what was found; what is not changed is not sealed, and keeps its own signature.
func TestIncoming(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		s := newSite(ctx, t)
		r := start(ctx, t, way, s.config())
		good := s.signedFar(t, "From: far@example.net\r\n"+head+"\r\nHello\r\n")
		letters := []struct {
			name, client, text string
			dkim               []string
			sets               int
			says               string // In the results.
		}{
			{"good", stranger, good, []string{"pass"}, 0, "dmarc=pass"},
			{"forged results", stranger, "Authentication-Results: weir.example.test; dmarc=pass header.from=bank.test\r\n" + good, []string{"pass"}, 0, "dmarc=pass"},
			{"forwarded", forger, good, []string{"pass"}, 0, "dmarc=pass"},
			{"forged", forger, "From: far@example.net\r\n" + head + "\r\nHello\r\n", []string{}, 1, "dmarc=fail"},
			{"infected", stranger, s.signedFar(t, "From: far@example.net\r\n"+head+infected), nil, 1, "dmarc=pass"},
			{"in our name", forger, "From: ann@example.org\r\n" + head + "\r\nHello\r\n", []string{}, 0, "dmarc=none"},
		}
		for n, l := range letters {
			post(t, r, rig.In, n, letter{client: l.client, from: "far@example.net", text: l.text})
			post(t, r, rig.Beside, n, letter{from: "far@example.net", text: l.text})
		}
		got := arrived(ctx, t, r, 2*len(letters))
		for n, l := range letters {
			t.Run(l.name, func(t *testing.T) {
				through := got[fmt.Sprintf("%s%d", rig.In, n)]
				v := judge(ctx, t, s.zone, through)
				if l.dkim != nil && cmp.Diff(l.dkim, v.DKIM) != "" || v.Sets != l.sets || (v.ARC == "pass") != (l.sets > 0) {
					t.Errorf("got %+v\n%s", v, clip(through))
				}
				results := field(through, "Authentication-Results")
				if !strings.Contains(results, "weir.example.test;") || !strings.Contains(results, l.says) || bytes.Contains(through, []byte("bank.test")) {
					t.Errorf("results: %s", results)
				}
				if l.sets > 0 {
					if sealed := field(through, "ARC-Authentication-Results"); squeeze(sealed) != "i=1; "+squeeze(results) {
						t.Errorf("the seal says %q, we %q", squeeze(sealed), squeeze(results))
					}
					return
				}
				want := bytes.TrimPrefix(below(t, got[fmt.Sprintf("%s%d", rig.Beside, n)]), []byte("Authentication-Results: weir.example.test; dmarc=pass header.from=bank.test\r\n"))
				if rest := below(t, through); !bytes.Equal(rest, want) {
					t.Errorf("it came out changed\n got %s\nwant %s", clip(rest), clip(want))
				}
			})
		}
		// It comes again, from whoever got it, and is tagged once more.
		r.Sink.Reset()
		post(t, r, rig.In, 0, letter{client: forger, from: "far@example.net", text: string(got[rig.In+"3"])})
		again := arrived(ctx, t, r, 1)[rig.In+"0"]
		if v := judge(ctx, t, s.zone, again); v.ARC != "pass" || v.Sets != 2 {
			t.Errorf("sealed twice: %+v\n%s", v, clip(again))
		}
		// Somebody changes it on the way: that is what we say too.
		r.Sink.Reset()
		post(t, r, rig.In, 0, letter{client: forger, from: "far@example.net", text: strings.Replace(string(again), "Hello", "Goodbye", 1)})
		broken := arrived(ctx, t, r, 1)[rig.In+"0"]
		if v := judge(ctx, t, s.zone, broken); v.ARC == "pass" || !strings.Contains(field(broken, "ARC-Seal"), "cv=fail") {
			t.Errorf("broken: %+v\n%s", v, clip(broken))
		}
	})
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// What was counted becomes a report that the schema of the RFC takes.
func TestReport(t *testing.T) {
	ctx := need(t)
	s := newSite(ctx, t)
	r := start(ctx, t, postconf.AfterQueueLMTP, s.config())
	forged := letter{client: forger, from: "far@example.net", text: "From: far@example.net\r\n" + head + "\r\nHello\r\n"}
	for n := range 3 {
		post(t, r, rig.In, n, forged)
	}
	post(t, r, rig.In, 3, letter{client: stranger, from: "far@example.net", text: s.signedFar(t, forged.text)})
	post(t, r, rig.In, 4, letter{client: home, from: "ann@example.org", text: "From: ann@example.org\r\n" + head + "\r\nHello\r\n"})
	arrived(ctx, t, r, 5)
	if err := r.Weir.Stop(); err != nil { // Then all is written.
		t.Fatal(err)
	}
	out := t.TempDir()
	today := time.Now().UTC().Format(time.DateOnly)
	said, err := r.Weir.Run(ctx, "dmarc", "report", "--plain", "--day", today, "--out", out)
	if err != nil || !strings.Contains(said, "example.net: 4 messages, ") || !strings.Contains(said, "  for dmarc@example.net\n") {
		t.Fatalf("%v: %s", err, said)
	}
	files, err := filepath.Glob(filepath.Join(out, "weir.example.test!example.net!*.xml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: %q", err, files)
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed (libxml2-utils)")
	}
	for query, want := range map[string]string{
		"sum(//row/count)": "4", "string(//record[row/count=3]/row/source_ip)": forger, "string(//record[row/count=3]/row/policy_evaluated/disposition)": "quarantine",
		"string(//record[row/count=1]/row/policy_evaluated/dkim)": "pass", "string(//policy_published/p)": "quarantine", "count(//record)": "2",
	} {
		cmd := exec.CommandContext(ctx, "xmllint", "--nonet", "--xpath", query, files[0])
		if got, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(got)) != want {
			t.Errorf("%s: got %s, %v, want %s", query, got, err, want)
		}
	}
	if out, err := exec.CommandContext(ctx, "xmllint", "--noout", "--nonet", "--schema", "../../authn/dmarc/report/testdata/report.xsd", files[0]).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// clip shows the begin and the end of octets.
func clip(b []byte) string {
	const most = 2500
	if len(b) <= 2*most {
		return string(b)
	}
	return fmt.Sprintf("%d octets: %s ... %s", len(b), b[:most], b[len(b)-most:])
}
