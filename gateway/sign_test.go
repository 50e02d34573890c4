// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	msgauth "github.com/emersion/go-msgauth/dkim"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/arc"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/check"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/results"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// signingKeys makes an RSA and an Ed25519 key for example.org in a folder, and gives the DNS that has their records, by selector rsa and ed25519.
func signingKeys(t *testing.T) (dir string, zone *authntest.Zone) {
	t.Helper()
	dir, zone = t.TempDir(), &authntest.Zone{TXT: map[string][]string{}}
	for _, kind := range []string{sig.KeyRSA, sig.KeyEd25519} {
		text, err := dkim.GenerateKey(kind, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := dkim.WriteNewKey(filepath.Join(dir, kind), text); err != nil {
			t.Fatal(err)
		}
		key, err := dkim.ParsePrivateKey(text)
		if err != nil {
			t.Fatal(err)
		}
		record, err := dkim.Record(key)
		if err != nil {
			t.Fatal(err)
		}
		zone.TXT[kind+"._domainkey.example.org"] = []string{record}
	}
	return dir, zone
}

// signingSection is the section of the config for these keys.
func signingSection(dir string) string {
	return strings.ReplaceAll("signing:\n  keys: [{domain: example.org, selector: rsa, file: DIR/rsa}, {domain: example.org, selector: ed25519, file: DIR/ed25519}]\n"+
		"  lifetime: 10d\n  seal: {domain: example.org, selector: rsa, file: DIR/rsa}\n", "DIR", dir)
}

// verdicts are the results of the DKIM signatures, of our own verifier and, with another word, of go-msgauth's where it differs.
func verdicts(t *testing.T, zone *authntest.Zone, message []byte) []string {
	t.Helper()
	m, err := sig.Read(bytes.NewReader(message), int64(len(message)))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := (&dkim.Verifier{Resolver: zone}).Verify(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := msgauth.VerifyWithOptions(bytes.NewReader(message), &msgauth.VerifyOptions{LookupTXT: func(name string) ([]string, error) { return zone.LookupTXT(t.Context(), name) }})
	if err != nil || len(theirs) != len(ours) {
		t.Fatalf("go-msgauth: %v, %+v", err, theirs)
	}
	var list []string
	for i, s := range ours {
		word := s.Selector + " " + string(s.Result)
		if (theirs[i].Err == nil) != (s.Result == authn.Pass) {
			word += ", go-msgauth: " + theirs[i].Err.Error()
		}
		list = append(list, word)
	}
	return list
}

// TestSignOutgoing: mail from our own people leaves signed by both keys, as it leaves; mail from outside does not.
func TestSignOutgoing(t *testing.T) {
	dir, zone := signingKeys(t)
	more := `  - {name: attach, when: {to: ["attach@*"]}, do: {virus: [attach, rebuild]}}` + "\n  - {name: default"
	r := newRig(t, strings.Replace(policies, "  - {name: default", more, 1)+"networks: {trusted: [192.0.2.0/24]}\n"+signingSection(dir))
	both := []string{"rsa pass", "ed25519 pass"}
	letter := func(from string) string {
		return "Subject:  odd\r\n\tfolding\r\nFrom: " + from + "\r\nDate: x\r\n\r\nline \r\n..dots\r\n.\r\n\r\n\r\n"
	}
	n := 0
	for _, listener := range []string{"lmtp", "smtp", "before"} {
		for _, tc := range []struct {
			name, queueID, to, body string
			want                    []string
		}{
			{"ours", "Q1", "u@x", letter("a@example.org"), both},
			{"below", "Q2", "u@x", letter("a@mail.Example.Org"), both},
			{"changed", "Q3", "tag@x", eicar(), both},
			{"attached", "Q8", "attach@x", eicar(), both},
			{"of another domain", "Q4", "u@x", letter("a@example.net"), nil},
			{"two authors", "Q5", "u@x", letter("a@example.org, b@example.net"), nil},
			{"From twice", "Q6", "u@x", "From: a@example.org\r\n" + letter("a@example.org"), nil},
			{"from outside", "", "u@x", letter("a@example.org"), nil},
			{"too large", "Q7", "u@x", "X: " + strings.Repeat("x", sig.MaxHeader) + "\r\n" + letter("a@example.org"), nil},
		} {
			if got := r.send(mailObject{listener: listener, queueID: tc.queueID + listener, to: []string{"<" + tc.to + ">"}, body: tc.body}); tc.queueID != "" && !strings.HasPrefix(got[0], "250 ") {
				t.Fatalf("%s, %s: got %q", listener, tc.name, got)
			}
			arrived := r.sink.Messages()[n].Data
			n++
			if tc.name == "from outside" {
				continue // It had an address of ours.
			}
			if tc.name == "too large" {
				if bytes.Contains(arrived, []byte("DKIM-Signature")) {
					t.Errorf("%s: signed", tc.name)
				}
				continue
			}
			if d := cmp.Diff(tc.want, verdicts(t, zone, arrived)); d != "" {
				t.Errorf("%s, %s (-want +got):\n%s\n%s", listener, tc.name, d, arrived)
			}
			if tc.want == nil || tc.body == eicar() {
				continue
			}
			if !bytes.HasSuffix(arrived, []byte(tc.body)) || !bytes.HasPrefix(arrived, []byte("DKIM-Signature: v=1; a=rsa-sha256;")) || !bytes.Contains(arrived, []byte("x=")) {
				t.Errorf("%s, %s: it came out changed\n%s", listener, tc.name, arrived)
			}
		}
	}
	if !strings.Contains(r.log.String(), "message goes without a signature") {
		t.Error("what could not be signed was not logged")
	}
	want := "# HELP mailweir_signing_total Copies that were to be signed as they leave, by what with (dkim, arc) and what became of it.\n# TYPE mailweir_signing_total counter\n" +
		"mailweir_signing_total{result=\"done\",what=\"arc\"} 0\nmailweir_signing_total{result=\"done\",what=\"dkim\"} 15\n" +
		"mailweir_signing_total{result=\"failed\",what=\"arc\"} 0\nmailweir_signing_total{result=\"failed\",what=\"dkim\"} 3\n" +
		"mailweir_signing_total{result=\"skipped\",what=\"arc\"} 0\nmailweir_signing_total{result=\"skipped\",what=\"dkim\"} 9\n"
	if err := testutil.GatherAndCompare(r.reg, strings.NewReader(want), "mailweir_signing_total"); err != nil {
		t.Error(err)
	}
}

// TestSignInbound: mail from nobody knows where is not signed in anybody's name.
func TestSignInbound(t *testing.T) {
	dir, _ := signingKeys(t)
	r := newRig(t, policies+signingSection(dir))
	for i, to := range []string{"<u@x>", "<tag@x>"} {
		r.send(mailObject{listener: "lmtp", queueID: "Q", to: []string{to}, body: eicar()})
		for _, m := range r.sink.Messages()[min(i, len(r.sink.Messages())):] {
			if bytes.Contains(m.Data, []byte("DKIM-Signature")) || bytes.Contains(m.Data, []byte("ARC-")) {
				t.Errorf("signed: %s", m.Data)
			}
		}
	}
}

func TestSigningKeyBroken(t *testing.T) {
	dir, _ := signingKeys(t)
	r := newRig(t, policies+signingSection(dir))
	next := r.config(policies + signingSection(dir)) // A good config, whose file goes bad before it is put in force.
	if err := os.WriteFile(filepath.Join(dir, "rsa"), []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.g.Reload(next); err == nil || !strings.Contains(err.Error(), "signing: key of example.org: ") {
		t.Errorf("got %v", err)
	}
}

// account is what is known of a message from outside that was looked at.
func account(t *testing.T, zone *authntest.Zone, text string) *Account {
	t.Helper()
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = msg.Close() })
	env := &mail.Envelope{ID: "1", Client: mail.Client{Addr: "198.51.100.1", HELO: "client.example.net"}, MailFrom: mail.NewPath("a@example.net"), Received: time.Now()}
	if _, err := (&check.Checker{Resolver: zone}).Shared(t.Context(), env, msg); err != nil {
		t.Fatal(err)
	}
	return &Account{Envelope: env, Message: msg}
}

// TestSeal: what we change is sealed, over what leaves, and the seal tells what was found before; what is not changed is not, unless all is to be.
func TestSeal(t *testing.T) {
	dir, zone := signingKeys(t)
	tag, field := []mail.Edit{mail.TagSubject{Tag: "[x]"}}, []mail.Edit{mail.AddField{Name: "X-Spam-Flag", Value: "YES"}}
	const text = "From: a@example.net\r\nSubject: x\r\n\r\nhello\r\n"
	for _, tc := range []struct {
		name   string
		all    bool
		policy []mail.Edit
		want   authn.Result
	}{
		{"changed", false, tag, authn.Pass},
		{"a field on top", false, field, authn.None},
		{"not changed", false, nil, authn.None},
		{"all, not changed", true, nil, authn.Pass},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := &config.Config{Hostname: "mw.example.org", Timeouts: config.Timeouts{Filter: time.Minute}, Signing: config.Signing{Seal: config.Seal{KeyFile: dkim.KeyFile{Domain: "example.org", Selector: "rsa", File: filepath.Join(dir, "rsa")}}}}
			if tc.all {
				cfg.Signing.Seal.Mail = config.SealAll
			}
			s, err := newSigning(cfg, prometheus.NewRegistry(), time.Now)
			if err != nil {
				t.Fatal(err)
			}
			log := logrus.New()
			log.SetOutput(io.Discard)
			message := text
			for hop := 1; hop <= 2; hop++ { // The second time it has a chain.
				a := account(t, zone, message)
				edits := (&Engine{cfg: cfg}).Edits(a.Envelope, a, "lmtp", policy.Disposition{Edits: tc.policy})
				var b strings.Builder
				if err := a.Message.Write(&b, s.add(t.Context(), log, a, edits, tc.policy)); err != nil {
					t.Fatal(err)
				}
				message = b.String()
				checkSeal(t, zone, message, tc.want, hop)
			}
			if tc.want == authn.None && !strings.HasSuffix(message, text) {
				t.Errorf("it came out changed:\n%s", message)
			}
		})
	}
}

func checkSeal(t *testing.T, zone *authntest.Zone, message string, want authn.Result, hop int) {
	t.Helper()
	m, err := sig.Read(strings.NewReader(message), int64(len(message)))
	if err != nil {
		t.Fatal(err)
	}
	chain, err := arc.Validate(t.Context(), zone, m)
	if err != nil || chain.Result != want || want == authn.Pass && len(chain.Sets) != hop {
		t.Fatalf("%v, %+v\n%s", err, chain, message)
	}
	for _, s := range chain.Sets {
		if id, methods, err := results.Parse(s.Results); err != nil || id != "mw.example.org" || len(methods) < 3 {
			t.Errorf("it says %q", s.Results)
		}
	}
}

// A copy that cannot be signed in time goes as it is, and is counted.
func TestSignInTime(t *testing.T) {
	dir, zone := signingKeys(t)
	cfg := &config.Config{Hostname: "mw.example.org", Timeouts: config.Timeouts{Filter: time.Minute}, Signing: config.Signing{Keys: []dkim.KeyFile{{Domain: "example.org", Selector: "rsa", File: filepath.Join(dir, "rsa")}}}}
	s, err := newSigning(cfg, prometheus.NewRegistry(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	log := logrus.New()
	log.SetOutput(&out)
	a := account(t, zone, clean)
	a.Envelope.Outbound = true
	edits := []mail.Edit{mail.AddField{Name: "Received", Value: "by us"}}
	if got := s.add(t.Context(), log, a, edits, nil); len(got) != 2 {
		t.Errorf("in time: %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if d := cmp.Diff(edits, s.add(ctx, log, a, edits, nil)); d != "" || testutil.ToFloat64(s.total.WithLabelValues(whatDKIM, signFailed)) != 1 {
		t.Errorf("too late (-want +got):\n%s", d)
	}
	if !strings.Contains(out.String(), "message goes without a signature") || !strings.Contains(out.String(), context.Canceled.Error()) {
		t.Errorf("the log says %q", &out)
	}
}

// Copies that go out one after the other are signed one after the other.
func TestSignWhenItsTurnComes(t *testing.T) {
	dir, _ := signingKeys(t)
	r := newRig(t, policies+"networks: {trusted: [192.0.2.0/24]}\n"+signingSection(dir))
	done := r.g.Engine().signing.total.WithLabelValues(whatDKIM, signed)
	seen := make(chan float64, 2)
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.Dot {
			seen <- testutil.ToFloat64(done)
		}
		return sink.Act{}
	})
	r.send(mailObject{listener: "lmtp", queueID: "Q", to: []string{"<deliver@x>", "<tag@x>"}, body: eicar()})
	if d := cmp.Diff([]float64{1, 2}, []float64{<-seen, <-seen}); d != "" {
		t.Errorf("signed by each dot (-want +got):\n%s", d)
	}
}
