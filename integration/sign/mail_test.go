// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
	"github.com/mailweir/mailweir/resolver/dnstest"
)

// Where letters come from.
const (
	home     = ""          // Our own people: Postfix calls this client local.
	stranger = "192.0.2.9" // May send for example.net.
	forger   = "192.0.2.66"
)

// site is what the DNS knows, and the keys: those of example.org are ours, that of example.net is a stranger's.
type site struct {
	dir  string
	zone *authntest.Zone
	name netip.AddrPort // Of the name server.
	far  *dkim.Signer
}

// newSite makes keys by the command that operators use, and publishes what it prints.
func newSite(ctx context.Context, t *testing.T) *site {
	t.Helper()
	s := &site{dir: folder(t), zone: &authntest.Zone{TXT: map[string][]string{
		"example.net": {"v=spf1 ip4:192.0.2.9 -all"}, "_dmarc.example.net": {"v=DMARC1; p=quarantine; rua=mailto:dmarc@example.net"},
	}}}
	for _, k := range []struct{ domain, kind string }{{"example.org", sig.KeyRSA}, {"example.org", sig.KeyEd25519}, {"weir.example.test", sig.KeyRSA}, {"example.net", sig.KeyRSA}} {
		file := filepath.Join(s.dir, k.domain+"."+k.kind)
		line := command(ctx, t, "dkim", "keygen", "--domain", k.domain, "--selector", k.kind, "--file", file, "--kind", k.kind)
		own(t, file)
		name, text, _ := strings.Cut(line, ". IN TXT ( ")
		s.zone.TXT[name] = []string{strings.NewReplacer("\"\n\t\"", "", "\"", "", " )\n", "").Replace(text)}
	}
	var err error
	if s.far, err = (dkim.KeyFile{Domain: "example.net", Selector: sig.KeyRSA, File: filepath.Join(s.dir, "example.net.rsa")}).Load(time.Now); err != nil {
		t.Fatal(err)
	}
	var records []string
	for name, list := range s.zone.TXT {
		text := list[0]
		var parts []string
		for len(text) > 255 {
			parts, text = append(parts, fmt.Sprintf("%q", text[:255])), text[255:]
		}
		records = append(records, name+". 60 IN TXT "+strings.Join(append(parts, fmt.Sprintf("%q", text)), " "))
	}
	s.name = dnstest.Serve(t, dnstest.Zones(t, records...)).Addr
	return s
}

// config is mailweir's: all keys, and a policy that tags what looks forged and takes out what is infected.
func (s *site) config() string {
	return strings.ReplaceAll(fmt.Sprintf(`dns: {servers: ["%s"]}
signing:
  keys: [{domain: example.org, selector: rsa, file: DIR/example.org.rsa}, {domain: example.org, selector: ed25519, file: DIR/example.org.ed25519}]
  seal: {domain: weir.example.test, selector: rsa, file: DIR/weir.example.test.rsa}
scanners: {list: {hashes: {}}}
chain:
  - - auth: {reports: {database: DIR/dmarc.db, email: dmarc@example.org}}
  - - virus: {scanners: [list]}
policies: [{name: default, spam: {tag_at: 2, high_at: 90}, do: {virus: [replace, {tag: "[VIRUS]"}], spam: [{tag: "[SPAM]"}]}}]
`, s.name), "DIR", s.dir)
}

// letter is a message to be sent.
type letter struct {
	client string
	from   string // Reverse-path.
	params string
	text   string
}

const head = "To: ben@example.com\r\nSubject: test\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"

// eicar is the EICAR test file, put together here so that no scanner takes the source for it.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR` + `-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// infected is the rest of a message with that as an attachment.
const infected = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: application/octet-stream; name=x.com\r\n\r\n" + eicar + "\r\n--b--\r\n"

// post sends a letter in by one of Postfix's doors; the recipient's local-part is the number.
func post(t *testing.T, r *rig.Rig, door string, n int, l letter) {
	t.Helper()
	c, greeting, err := smtptest.Dial(r.Postfix.Addr(door))
	if err != nil || !greeting.OK() {
		t.Fatalf("connect: %v, %v", greeting, err)
	}
	defer func() { _ = c.Close() }()
	m := smtptest.Mail{HELO: "mail.example.net", From: "<" + l.from + ">" + l.params, To: []string{fmt.Sprintf("<%s%d@example.com>", door, n)}, Body: []byte(l.text)}
	if _, err := c.Hello(m); err != nil {
		t.Fatal(err)
	}
	if l.client != home && door == rig.In {
		// Postfix's XCLIENT_README: the server greets anew.
		if reply, err := c.Cmd("XCLIENT NAME=[UNAVAILABLE] ADDR=%s", l.client); err != nil || !reply.OK() {
			t.Fatalf("XCLIENT: %v, %v", reply, err)
		}
		if _, err := c.Hello(m); err != nil {
			t.Fatal(err)
		}
	}
	o, err := c.Send(m)
	if err != nil || !o.OK() {
		t.Fatalf("send: %v, %+v", err, o)
	}
	_, _ = c.Cmd("QUIT")
}

// arrived waits for messages and gives them by the local-part of their recipient.
func arrived(ctx context.Context, t *testing.T, r *rig.Rig, n int) map[string][]byte {
	t.Helper()
	if err := r.Sink.Wait(ctx, func(m []*sink.Message) bool { return len(m) >= n }); err != nil {
		t.Fatal(err)
	}
	by := map[string][]byte{}
	for _, m := range r.Sink.Messages() {
		local, _, _ := strings.Cut(sink.Address(m.RcptTo[0]), "@")
		by[local] = m.Data
	}
	return by
}

// field is the first header field of that name, with its folding; "" if there is none.
func field(message []byte, name string) string {
	m, err := sig.Read(bytes.NewReader(message), int64(len(message)))
	if err != nil {
		return ""
	}
	for _, i := range m.All(strings.ToLower(name)) {
		return m.Fields[i].Body()
	}
	return ""
}

// ours are the fields that the rig puts on top.
var ours = regexp.MustCompile(`(?is)^(Received: .*\bby (weir|mx)\.example\.test\b|Mailweir-[A-Za-z-]*:|X-Spam-[A-Za-z-]*:|Authentication-Results: weir\.example\.test;|DKIM-Signature: .*\bd=example\.org;)`)

// below is a message without what the rig has put on top.
func below(t *testing.T, message []byte) []byte {
	t.Helper()
	for {
		m, err := sig.Read(bytes.NewReader(message), int64(len(message)))
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Fields) == 0 || !ours.MatchString(m.Fields[0].Raw) {
			return message
		}
		message = message[len(m.Fields[0].Raw):]
	}
}

// signedFar puts a signature of the stranger's domain on top.
func (s *site) signedFar(t *testing.T, text string) string {
	t.Helper()
	var bodies sig.Bodies
	hash := s.far.Body(&bodies)
	w := sig.NewStream(&bodies)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	v, err := s.far.Sign(w.Message(), hash)
	if err != nil {
		t.Fatal(err)
	}
	return dkim.SignatureField + ": " + v + "\r\n" + text
}
