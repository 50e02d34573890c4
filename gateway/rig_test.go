// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/mailweir/mailweir/config"
	allfilters "github.com/mailweir/mailweir/filters/all"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
	"github.com/mailweir/mailweir/quarantine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// policies gives every recipient the fate that its local-part names, for mail with a virus.
const policies = `
policies:
  - {name: deliver, when: {to: ["deliver*@*"]}, do: {virus: [deliver]}}
  - {name: tag, when: {to: ["tag*@*"]}, do: {virus: [{tag: "[VIRUS]"}]}}
  - {name: reject, when: {to: ["reject*@*"]}, do: {virus: [reject]}}
  - {name: defer, when: {to: ["defer*@*"]}, do: {virus: [defer]}}
  - {name: discard, when: {to: ["discard*@*"]}, do: {virus: [discard]}}
  - {name: forward, when: {to: ["forward*@*"]}, do: {virus: [{forward: copy@example.org}, deliver]}}
  - {name: forwardonly, when: {to: ["only*@*"]}, do: {virus: [{forward: copy@example.org}, discard]}}
  - {name: redirect, when: {to: ["redirect*@*"]}, do: {virus: [{redirect: other@example.org}]}}
  - {name: store, when: {to: ["store*@*"]}, do: {virus: [store]}}
  - {name: default, do: {virus: [quarantine]}}
`

// rig is a gateway between a client and a sink.
type rig struct {
	t    *testing.T
	dir  string
	sink *sink.Server
	hop  string // Protocol of the next hop.
	more string // Of the config: filters in stages of their own, and sections.
	log  bytes.Buffer
	g    *Gateway
	reg  *prometheus.Registry
	late atomic.Int64 // Nanoseconds by which its clock is ahead.
}

// clock is the time by which the gateway and its filters go.
func (r *rig) clock() time.Time { return time.Now().Add(time.Duration(r.late.Load())) }

// pass has time pass, once filters have learned what became of what was sent.
func (r *rig) pass(d time.Duration) {
	r.g.follows.Wait()
	r.late.Add(int64(d))
}

// newRig starts a gateway with the listeners lmtp, smtp (both after the queue) and before, and the policies given.
func newRig(t *testing.T, policies string) *rig {
	t.Helper()
	return newRigTo(t, policies, sink.Options{})
}

// newRigTo is newRig with a next hop by the options given.
func newRigTo(t *testing.T, policies string, o sink.Options) *rig {
	t.Helper()
	return newRigWith(t, policies, "", o)
}

// newRigWith is newRigTo with more in the config: stages of filters, then sections.
func newRigWith(t *testing.T, policies, more string, o sink.Options) *rig {
	t.Helper()
	next, err := sink.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })
	r := &rig{t: t, dir: t.TempDir(), sink: next, hop: config.SMTP, more: more}
	if o.LMTP {
		r.hop = config.LMTP
	}
	r.start(policies)
	t.Cleanup(r.shutdown)
	return r
}

// start starts a gateway, the first one or another one after the shutdown.
func (r *rig) start(policies string) {
	r.t.Helper()
	log := logrus.New()
	log.SetOutput(&r.log)
	var err error
	r.reg = prometheus.NewRegistry()
	if r.g, err = start(r.config(policies), log, r.reg, allfilters.Kinds(), r.clock); err != nil {
		r.t.Fatal(err)
	}
}

// shutdown ends the gateway, once what is in work is done. A second call does nothing.
func (r *rig) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := r.g.Shutdown(ctx); err != nil {
		r.t.Errorf("shutdown: %v", err)
	}
}

// config writes and loads a config file.
func (r *rig) config(policies string) *config.Config {
	r.t.Helper()
	for _, d := range []string{"work", "quarantine"} {
		if err := os.MkdirAll(filepath.Join(r.dir, d), 0o700); err != nil {
			r.t.Fatal(err)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "hostname: mw.example.org\nwork_dir: \"%s/work\"\nquarantine: {dir: \"%s/quarantine\"}\nmax_hops: 2\nlisten:\n", r.dir, r.dir)
	for _, l := range []string{
		"name: lmtp, protocol: lmtp, mode: after-queue", "name: smtp, protocol: smtp, mode: after-queue",
		"name: before, protocol: smtp, mode: before-queue",
	} {
		name := strings.TrimSuffix(strings.Fields(l)[1], ",")
		fmt.Fprintf(&b, "  - {%s, address: \"unix:%s/%s\", next_hop: \"%s\", next_hop_protocol: %s}\n", l, r.dir, name, r.sink.Addr(), r.hop)
	}
	b.WriteString("scanners: {list: {hashes: {}}}\nchain:\n  - [virus: {scanners: [list], scan: leaves}]\n" + r.more + policies)
	file := filepath.Join(r.dir, "mailweir.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		r.t.Fatal(err)
	}
	cfg, err := config.Load(file)
	if err != nil {
		r.t.Fatalf("config: %v", err)
	}
	return cfg
}

// eicar is the EICAR test file as an attachment, put together here so that no scanner takes the source for it.
func eicar() string {
	virus := `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR` + `-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`
	return "From: a@example.org\r\nSubject: test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\n\r\nhello\r\n--b\r\nContent-Type: application/octet-stream; name=x.com\r\n\r\n" + virus + "\r\n--b--\r\n"
}

const clean = "From: a@example.org\r\nSubject: test\r\n\r\nhello\r\n"

// mailObject is a message for a listener: from is MAIL's argument, to are those of RCPT.
type mailObject struct {
	listener string
	client   string // Attributes of XFORWARD, "" for none.
	queueID  string
	from     string
	to       []string
	body     string
}

// send hands a mail object over and returns the replies to the final dot.
func (r *rig) send(m mailObject) []string {
	r.t.Helper()
	c, _, err := smtptest.Dial("unix:" + filepath.Join(r.dir, m.listener))
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	lines := []string{"EHLO client.example.org"}
	if m.listener == "lmtp" {
		lines[0] = "LHLO client.example.org"
	}
	if m.client != "" {
		lines = append(lines, "XFORWARD "+m.client)
	}
	if m.queueID != "" {
		lines = append(lines, "XFORWARD ADDR=192.0.2.7 IDENT="+m.queueID)
	}
	if m.from == "" {
		m.from = "<a@example.org>"
	}
	lines = append(lines, "MAIL FROM:"+m.from)
	for _, to := range m.to {
		lines = append(lines, "RCPT TO:"+to)
	}
	replies, err := c.Pipeline(append(lines, "DATA")...)
	if err != nil || replies[len(replies)-1].Code != 354 {
		r.t.Fatalf("envelope: %v, %v", replies, err)
	}
	if _, err := c.Write(smtptest.Stuff([]byte(m.body))); err != nil {
		r.t.Fatal(err)
	}
	n := 1
	if m.listener == "lmtp" {
		n = len(m.to)
	}
	var got []string
	for range n {
		reply, err := c.ReadReply()
		if err != nil {
			r.t.Fatal(err)
		}
		got = append(got, cutID(reply.String()))
	}
	return got
}

// cutID takes the ID off a reply of ours, which changes.
func cutID(s string) string {
	before, _, _ := strings.Cut(s, ", id=")
	return before
}

// arrived says who got the messages that reached the next hop.
func (r *rig) arrived() []string {
	var list []string
	for _, m := range r.sink.Messages() {
		list = append(list, strings.Join(m.RcptTo, " "))
	}
	return list
}

// kept says for whom messages are kept, and on which shelf.
func (r *rig) kept() []string {
	r.t.Helper()
	s, err := quarantine.Open(filepath.Join(r.dir, "quarantine"), quarantine.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	defer s.Close()
	var list []string
	for e, err := range s.List(quarantine.Filter{}) {
		if err != nil {
			r.t.Fatal(err)
		}
		who := strings.Join(e.Shelves, "+") + ":"
		for _, rcpt := range e.Recipients {
			who += " " + string(rcpt.Path)
		}
		list = append(list, who)
		f, err := s.Open(e.ID)
		if err != nil {
			r.t.Fatal(err)
		}
		octets, err := io.ReadAll(f)
		if err := f.Close(); err != nil {
			r.t.Fatal(err)
		}
		if err != nil || string(octets) != eicar() {
			r.t.Errorf("the kept message is not octet for octet the one that came: %v", err)
		}
	}
	return list
}
