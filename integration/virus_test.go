// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

// infected are the ways the EICAR test file is packed.
func infected(t *testing.T) map[string]string {
	t.Helper()
	eicar := scannertest.EICAR()
	text := string(eicar)
	attached := multipart("application/octet-stream", encode64(eicar))
	return map[string]string{
		"plain":            head + "\r\n" + text + "\r\n",
		"base64":           head + attached,
		"zip":              head + multipart("application/zip", encode64(zipped(t, "e.com", eicar))),
		"zip in zip":       head + multipart("application/zip", encode64(zipped(t, "z.zip", zipped(t, "e.com", eicar)))),
		"nested message":   head + multipart("message/rfc822", head+attached),
		"nested zip":       head + multipart("message/rfc822", head+multipart("application/zip", encode64(zipped(t, "e.com", eicar)))),
		"quoted-printable": head + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.ReplaceAll(text, "=", "=3D")[:20] + "=\r\n" + text[20:] + "\r\n",
	}
}

// keepInfected sends each and wants all of them in quarantine, octet for octet, and nothing anywhere else.
func keepInfected(t *testing.T, way postconf.Mode, extra string) {
	ctx := need(t)
	r := start(ctx, t, rig.Options{Mode: way, Extra: extra})
	all := infected(t)
	for name, text := range all {
		o := send(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: []byte(text)})
		if !o.OK() {
			t.Errorf("%s: got %s, want it taken", name, o.Final())
		}
		if strings.Contains(strings.ToLower(o.Final().String()), "eicar") {
			t.Errorf("%s: the client was told what was found: %s", name, o.Final())
		}
	}
	for name, text := range all {
		found := slices.ContainsFunc(kept(ctx, t, r, len(all), 0), func(k *rig.Kept) bool {
			_, rest := stripped(k.Data)
			return string(rest) == text && strings.HasPrefix(k.Why(), "virus.infected")
		})
		if !found {
			t.Errorf("%s is not in quarantine as it came", name)
		}
	}
}

func TestInfectedIsKept(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) { keepInfected(t, way, "") })
}

const (
	quarantined = "policies: [{name: default, do: {virus: [quarantine], failure: [defer]}}]\n"
	oneScanner  = "scanners: {it: {%s}}\nchain: [[virus: {scanners: [it]}]]\n" + quarantined
)

func TestInfectedIsKeptByClamd(t *testing.T) {
	need(t)
	_, addr := scannertest.StartClamd(t)
	keepInfected(t, postconf.AfterQueueLMTP, fmt.Sprintf(oneScanner, "clamd: {address: '"+addr+"'}"))
}

func TestInfectedIsKeptByICAP(t *testing.T) {
	need(t)
	socket, _ := scannertest.StartClamd(t)
	url := scannertest.StartCICAP(t, socket)
	keepInfected(t, postconf.AfterQueueLMTP, fmt.Sprintf(oneScanner, "icap: {url: '"+url+"/avscan'}"))
}

// The scanner that is a program: the real clamscan, with a database that knows EICAR alone.
func TestInfectedIsKeptByCommand(t *testing.T) {
	need(t)
	program, err := exec.LookPath("clamscan")
	if err != nil {
		t.Skip("ClamAV is not installed: no clamscan")
	}
	db, err := os.MkdirTemp("", "mailweir-clamscan-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(db) }()
	signature := fmt.Sprintf("Eicar-Signature:0:*:%x\n", scannertest.EICAR())
	if err := errors.Join(os.WriteFile(filepath.Join(db, "test.ndb"), []byte(signature), 0o644), os.Chmod(db, 0o755)); err != nil {
		t.Fatal(err)
	}
	keepInfected(t, postconf.AfterQueueLMTP, fmt.Sprintf(oneScanner, "command: {profile: clamscan, program: "+program+", args: ['--database="+db+"']}"))
}

// A message for recipients of different policies: each gets what is theirs.
func TestFateDiffersByRecipient(t *testing.T) {
	const extra = `scanners: {list: {hashes: {}}}
chain: [[virus: {scanners: [list]}]]
policies:
  - {name: lenient, when: {to: ["len@example.net", "lea@example.net"]}, do: {virus: [tag, deliver]}}
  - {name: default, do: {virus: [quarantine]}}
`
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way, Extra: extra})
		text := infected(t)["base64"]
		sendOK(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<len@example.net>", "<ben@example.net>", "<lea@example.net>"}, Body: []byte(text)})
		k := kept(ctx, t, r, 1, 1)
		if got := k[0].Recipients; len(got) != 1 || !strings.HasPrefix(got[0].Path, "<ben@example.net>") {
			t.Errorf("kept for %+v, want ben@example.net alone", got)
		}
		m := r.Sink.Messages()[0]
		got, _ := sortOut([]*sink.Message{m})
		if diff := cmp.Diff([]string{"lea@example.net", "len@example.net"}, got); diff != "" {
			t.Errorf("delivered to (-want +got):\n%s", diff)
		}
		if got := m.Field("Subject"); got == "test" || !strings.HasSuffix(got, "test") {
			t.Errorf("Subject is %q, want a tag before it", got)
		}
		_, body, _ := bytes.Cut(m.Data, []byte("\r\n\r\n"))
		_, want, _ := strings.Cut(text, "\r\n\r\n")
		if diff := cmp.Diff(want, string(body)); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
	})
}

// A rejection reaches the client before the queue, and the one who sent it behind the queue.
func TestRejected(t *testing.T) {
	const extra = "scanners: {list: {hashes: {}}}\nchain: [[virus: {scanners: [list]}]]\npolicies: [{name: default, do: {virus: [reject]}}]\n"
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		ctx := need(t)
		r := start(ctx, t, rig.Options{Mode: way, Extra: extra})
		o := send(t, r, smtptest.Mail{From: "<ann@example.org>", To: []string{"<ben@example.net>"}, Body: []byte(infected(t)["zip"])})
		if way == postconf.BeforeQueue {
			if got := o.Final(); got.Code != 554 || !strings.HasPrefix(got.Lines[0], "5.7.") || strings.Contains(strings.ToLower(got.String()), "eicar") {
				t.Errorf("got %s, want a fixed text with 554 5.7.x", got)
			}
			kept(ctx, t, r, 0, 0)
			return
		}
		kept(ctx, t, r, 0, 1)
		if m := r.Sink.Messages()[0]; sink.Address(m.MailFrom) != "" || sink.Address(m.RcptTo[0]) != "ann@example.org" {
			t.Errorf("got a message from %s to %s, want Postfix's notification", m.MailFrom, m.RcptTo)
		}
	})
}
