// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/mail"
)

func TestCleanMailPasses(t *testing.T) {
	r := newRig(t, policies)
	forged := "X-Spam-Status: No, score=-100\r\nMailweir-Result: all is well\r\nAuthentication-Results: mw.example.org; dkim=pass\r\n"
	kept := "Authentication-Results: other.example.org; spf=fail\r\n" + clean
	for i, listener := range []string{"lmtp", "smtp", "before"} {
		got := r.send(mailObject{listener: listener, queueID: "Q1", to: []string{"<u@example.net>"}, body: forged + kept})
		if !strings.HasPrefix(got[0], "250 2.0.0 Ok") {
			t.Fatalf("%s: got %q", listener, got)
		}
		m := r.sink.Messages()[i]
		top, ok := strings.CutSuffix(string(m.Data), kept)
		if !ok || strings.Contains(top, "score=-100") || strings.Contains(top, "all is well") || strings.Contains(top, "dkim=pass") {
			t.Errorf("%s: got %q", listener, m.Data)
		}
		if !strings.HasPrefix(top, "Received: by mw.example.org (mailweir) with ") || !strings.Contains(top, "\r\nMailweir-Result: ") {
			t.Errorf("%s: got on top %q", listener, top)
		}
		if got := m.Attribute("ADDR") + " " + m.Attribute("IDENT"); got != "192.0.2.7 Q1" {
			t.Errorf("%s: the next hop was told of the client %q", listener, got)
		}
	}
}

func TestFates(t *testing.T) {
	tests := []struct {
		name     string
		listener string
		to       []string
		reply    []string
		arrived  []string
		kept     []string
	}{
		{"deliver", "smtp", []string{"<deliver@x>"}, []string{"250 2.0.0 Ok: queued"}, []string{"<deliver@x>"}, nil},
		{"quarantine", "smtp", []string{"<u@x>"}, []string{"250 2.7.0 Ok, quarantine"}, nil, []string{"virus: <u@x>"}},
		{"quarantine before the queue", "before", []string{"<u@x>"}, []string{"250 2.0.0 Ok"}, nil, []string{"virus: <u@x>"}},
		{"reject", "smtp", []string{"<reject@x>"}, []string{"554 5.7.1 Message refused"}, nil, nil},
		{"reject for all", "before", []string{"<reject1@x>", "<reject2@x>"}, []string{"554 5.7.1 Message refused"}, nil, nil},
		{"defer", "smtp", []string{"<defer@x>"}, []string{"451 4.7.1 Message cannot be checked now, try again later"}, nil, nil},
		{"discard", "smtp", []string{"<discard@x>"}, []string{"250 2.7.0 Ok, discard"}, nil, nil},
		{"store", "smtp", []string{"<store@x>"}, []string{"250 2.0.0 Ok: queued"}, []string{"<store@x>"}, []string{"virus: <store@x>"}},
		{"forward", "smtp", []string{"<forward@x>"}, []string{"250 2.0.0 Ok: queued"}, []string{"<copy@example.org> NOTIFY=NEVER", "<forward@x>"}, nil},
		{"forward only", "smtp", []string{"<only@x>"}, []string{"250 2.7.0 Ok, discard"}, []string{"<copy@example.org> NOTIFY=NEVER"}, nil},
		{"redirect", "smtp", []string{"<redirect@x>"}, []string{"250 2.0.0 Ok: queued"}, []string{"<other@example.org>"}, nil},
		{"two share a copy", "smtp", []string{"<deliver1@x>", "<deliver2@x>"}, []string{"250 2.0.0 Ok: queued"}, []string{"<deliver1@x> <deliver2@x>"}, nil},
		{"two copies", "smtp", []string{"<deliver@x>", "<tag@x>"}, []string{"250 2.0.0 Ok: queued"}, []string{"<deliver@x>", "<tag@x>"}, nil},
		{
			"all fates over LMTP", "lmtp",
			[]string{"<deliver@x>", "<u@x>", "<reject@x>", "<defer@x>", "<discard@x>"},
			[]string{"250 2.0.0 Ok: queued", "250 2.7.0 Ok, quarantine", "554 5.7.1 Message refused", "451 4.7.1 Message cannot be checked now, try again later", "250 2.7.0 Ok, discard"},
			[]string{"<deliver@x>"},
			[]string{"virus: <u@x>"},
		},
		{"deliver and quarantine", "smtp", []string{"<deliver@x>", "<u@x>"}, []string{"250 2.0.0 Ok: queued"}, []string{"<deliver@x>"}, []string{"virus: <u@x>"}},
		{"deliver and reject", "before", []string{"<deliver@x>", "<reject@x>"}, []string{"250 2.0.0 Ok: queued"}, []string{"<deliver@x>"}, []string{"refused: <reject@x>"}},
		{"deliver and defer, no queue ID", "smtp", []string{"<deliver@x>", "<defer@x>"}, []string{"451 4.7.1 Message cannot be checked now, try again later"}, nil, nil},
		{"quarantine and defer before the queue", "before", []string{"<u@x>", "<defer@x>"}, []string{"451 4.7.1 Message cannot be checked now, try again later"}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, policies)
			r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
				if step == sink.Dot {
					return sink.Act{Reply: "250 2.0.0 Ok: queued"}
				}
				return sink.Act{}
			})
			got := r.send(mailObject{listener: tt.listener, to: tt.to, body: eicar()})
			if diff := cmp.Diff(tt.reply, got); diff != "" {
				t.Errorf("replies (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.arrived, r.arrived()); diff != "" {
				t.Errorf("arrived (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.kept, r.kept(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
		})
	}
}

// Where one reply stands for all and some have to be tried again, the retry serves those and nobody twice.
func TestRetryDoesNotDeliverTwice(t *testing.T) {
	r := newRig(t, policies)
	m := mailObject{listener: "smtp", queueID: "4F1", to: []string{"<deliver@x>", "<u@x>", "<defer@x>"}, body: eicar()}
	for range 2 {
		if got := r.send(m); !strings.HasPrefix(got[0], "451 ") {
			t.Fatalf("got %q", got)
		}
	}
	if err := r.g.Reload(r.config(strings.Replace(policies, "[defer]", "[deliver]", 1))); err != nil {
		t.Fatal(err)
	}
	if got := r.send(m); !strings.HasPrefix(got[0], "250 ") {
		t.Fatalf("got %q", got)
	}
	if diff := cmp.Diff([]string{"<deliver@x>", "<defer@x>"}, r.arrived()); diff != "" {
		t.Errorf("arrived (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"virus: <u@x>"}, r.kept()); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	// All is done: the journal has forgotten, and the queue ID may be used again.
	if left, err := os.ReadDir(filepath.Join(r.dir, "work", "journal")); err != nil || len(left) != 0 {
		t.Errorf("the journal still holds %v, %v", left, err)
	}
	if got := r.send(m); !strings.HasPrefix(got[0], "250 ") || len(r.arrived()) != 3 {
		t.Errorf("another message by that queue ID: got %q, %v", got, r.arrived())
	}
}

// atDot makes the next hop answer the n-th end of data, counted from 1, with reply.
func (r *rig) atDot(n int32, reply string) {
	var dots atomic.Int32
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.Dot && dots.Add(1) == n {
			return sink.Act{Reply: reply}
		}
		return sink.Act{}
	})
}

// The next hop puts the second copy off after it took the first.
func TestSecondCopyPutOff(t *testing.T) {
	r := newRig(t, policies)
	m := mailObject{listener: "smtp", queueID: "4F1", to: []string{"<deliver@x>", "<tag@x>"}, body: eicar()}
	r.atDot(2, "452 4.3.1 full")
	if got := r.send(m); got[0] != "452 4.3.1 full" {
		t.Errorf("got %q", got)
	}
	r.sink.Misbehave(nil)
	if got := r.send(m); !strings.HasPrefix(got[0], "250 ") {
		t.Errorf("retry: got %q", got)
	}
	if diff := cmp.Diff([]string{"<deliver@x>", "<tag@x>"}, r.arrived()); diff != "" {
		t.Errorf("arrived (-want +got):\n%s", diff)
	}
}

// The next hop cannot be reached for the second copy, before anything was handed on: then nothing is, if a retry could not be told.
func TestNothingIsDeliveredInPartWithoutQueueID(t *testing.T) {
	r := newRig(t, policies)
	var mails atomic.Int32
	r.sink.Misbehave(func(step sink.Step, _ string) sink.Act {
		if step == sink.MAIL && mails.Add(1) == 3 { // The live one, the first copy, the second copy.
			return sink.Act{Hangup: true}
		}
		return sink.Act{}
	})
	got := r.send(mailObject{listener: "smtp", to: []string{"<deliver@x>", "<tag@x>"}, body: eicar()})
	if got[0] != "451 4.4.2 Error: next hop gave no answer" || len(r.arrived()) != 0 {
		t.Errorf("got %q, arrived %v", got, r.arrived())
	}
}

// The next hop refuses the second copy for good after it took the first.
func TestSecondCopyRefused(t *testing.T) {
	const refusal = "550-5.6.0 not\r\n550 5.6.0 here"
	tests := []struct {
		name     string
		listener string
		from     string
		to       string
		notified bool
		kept     []string
	}{
		{"the sender is told", "smtp", "<s@example.org> ENVID=e1", "<tag@x> ORCPT=rfc822;orig@x", true, nil},
		{"NOTIFY=NEVER", "smtp", "<s@example.org>", "<tag@x> NOTIFY=NEVER", false, nil},
		{"NOTIFY=SUCCESS", "smtp", "<s@example.org>", "<tag@x> NOTIFY=SUCCESS", false, nil},
		{"NOTIFY=DELAY,FAILURE", "smtp", "<s@example.org>", "<tag@x> NOTIFY=DELAY,FAILURE", true, nil},
		{"null reverse-path", "smtp", "<>", "<tag@x>", false, []string{"refused: <tag@x>"}},
		{"before the queue", "before", "<s@example.org>", "<tag@x>", false, []string{"refused: <tag@x>"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, policies)
			r.atDot(2, refusal)
			got := r.send(mailObject{listener: tt.listener, from: tt.from, to: []string{"<deliver@x>", tt.to}, body: eicar()})
			if !strings.HasPrefix(got[0], "250 ") {
				t.Errorf("got %q", got)
			}
			want := []string{"<deliver@x>"}
			if tt.notified {
				want = append(want, "<s@example.org>")
			}
			if diff := cmp.Diff(want, r.arrived()); diff != "" {
				t.Errorf("arrived (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.kept, r.kept(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
			if tt.notified {
				checkDSN(t, r.sink.Messages()[1], tt.to)
			}
		})
	}
}

// checkDSN looks at a notification as a program would.
func checkDSN(t *testing.T, m *sink.Message, to string) {
	t.Helper()
	if m.MailFrom != "<>" {
		t.Errorf("reverse-path of the notification: got %q", m.MailFrom)
	}
	msg, err := mail.Parse(strings.NewReader(string(m.Data)), int64(len(m.Data)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	if got := msg.Root().MediaType; got != "multipart/report" || len(msg.Root().Children) != 3 || len(msg.Defects()) != 0 {
		t.Fatalf("got a %s with %d parts and defects %v:\n%s", got, len(msg.Root().Children), msg.Defects(), m.Data)
	}
	octets, err := io.ReadAll(msg.Root().Children[1].Open())
	if err != nil {
		t.Fatal(err)
	}
	status := string(octets)
	want := []string{"Reporting-MTA: dns; mw.example.org", "Action: failed", "Status: 5.6.0", "Final-Recipient: rfc822; tag@x", "Diagnostic-Code: smtp; 550 5.6.0 not"}
	if strings.Contains(to, "ORCPT") {
		want = append(want, "Original-Recipient: rfc822;orig@x", "Original-Envelope-Id: e1")
	}
	for _, line := range want {
		if !strings.Contains(status, "\r\n"+line) && !strings.HasPrefix(status, line) {
			t.Errorf("the notification does not say %q:\n%s", line, status)
		}
	}
	if returned := msg.Root().Children[2]; returned.MediaType != "text/rfc822-headers" || strings.Contains(string(m.Data), "STANDARD-ANTIVIRUS") {
		t.Errorf("returned as %s:\n%s", returned.MediaType, m.Data)
	}
}

// A copy to others that is put off puts the recipient's own copy off too; one that is refused does not.
func TestForwardedCopyFails(t *testing.T) {
	r := newRig(t, policies)
	m := mailObject{listener: "lmtp", to: []string{"<forward@x>"}, body: eicar()}
	r.atDot(1, "450 4.2.0 later")
	if got := r.send(m); got[0] != "450 4.2.0 later" || len(r.arrived()) != 0 {
		t.Errorf("put off: got %q, arrived %v", got, r.arrived())
	}
	r.atDot(1, "550 5.2.0 never")
	if got := r.send(m); !strings.HasPrefix(got[0], "250 ") || len(r.arrived()) != 1 {
		t.Errorf("refused: got %q, arrived %v", got, r.arrived())
	}
}

func TestLoop(t *testing.T) {
	r := newRig(t, policies)
	field := "Received: by mw.example.org (mailweir) with LMTP id x; Mon, 2 Jan 2006 15:04:05 +0000\r\n"
	other := "Received: by other.example.org (mailweir) with LMTP id x; Mon, 2 Jan 2006 15:04:05 +0000\r\n"
	for n, want := range map[int]string{2: "250 2.0.0 Ok", 3: "554 5.4.6 Error: mail loops back to this host"} {
		body := strings.Repeat(field+other, n) + clean
		if got := r.send(mailObject{listener: "smtp", to: []string{"<u@x>"}, body: body}); !strings.HasPrefix(got[0], want) {
			t.Errorf("%d hops: got %q, want %q", n, got, want)
		}
	}
}

func TestQuarantineFails(t *testing.T) {
	r := newRig(t, policies)
	if err := os.RemoveAll(filepath.Join(r.dir, "quarantine")); err != nil {
		t.Fatal(err)
	}
	got := r.send(mailObject{listener: "lmtp", to: []string{"<u@x>", "<store@x>", "<deliver@x>"}, body: eicar()})
	want := []string{"452 4.3.1 Error: insufficient system storage", "452 4.3.1 Error: insufficient system storage"}
	if diff := cmp.Diff(want, got[:2]); diff != "" || !strings.HasPrefix(got[2], "250 ") {
		t.Errorf("got %q", got)
	}
	if diff := cmp.Diff([]string{"<deliver@x>"}, r.arrived()); diff != "" {
		t.Errorf("arrived (-want +got):\n%s", diff)
	}
}

func TestBrokenReloadKeepsTheConfig(t *testing.T) {
	r := newRig(t, policies)
	old := r.g.Config()
	cfg := r.config(policies)
	cfg.Listen[0].Address.Addr = "/nonexistent/folder/socket"
	if err := r.g.Reload(cfg); err == nil {
		t.Error("a config whose listener cannot be opened was taken")
	}
	if r.g.Config() != old {
		t.Error("the config has changed")
	}
	if got := r.send(mailObject{listener: "lmtp", to: []string{"<deliver@x>"}, body: clean}); !strings.HasPrefix(got[0], "250 ") {
		t.Errorf("got %q", got)
	}
}

func TestMetrics(t *testing.T) {
	r := newRig(t, policies)
	r.send(mailObject{listener: "lmtp", to: []string{"<deliver@x>", "<u@x>"}, body: eicar()})
	want := `
# HELP mailweir_gateway_recipients_total Recipients of mail objects, by what became of the mail object for them.
# TYPE mailweir_gateway_recipients_total counter
`
	for _, l := range []string{"before", "lmtp", "smtp"} {
		for _, f := range []string{"defer", "deliver", "discard", "quarantine", "reject"} {
			n := "0"
			if l == "lmtp" && (f == "deliver" || f == "quarantine") {
				n = "1"
			}
			want += `mailweir_gateway_recipients_total{fate="` + f + `",listener="` + l + `"} ` + n + "\n"
		}
	}
	if err := testutil.GatherAndCompare(r.reg, strings.NewReader(want), "mailweir_gateway_recipients_total"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(r.reg); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
}

func TestLogTellsNoContent(t *testing.T) {
	r := newRig(t, policies)
	r.send(mailObject{listener: "lmtp", queueID: "4F1", to: []string{"<u@x>"}, body: strings.Replace(eicar(), "Subject: test", "Subject: secret", 1)})
	line := r.log.String()
	for _, want := range []string{"queue_id=4F1", "code=virus.infected", "fate=quarantine", "listener=lmtp", "client=192.0.2.7", "policy=default"} {
		if !strings.Contains(line, want) {
			t.Errorf("the log does not say %s:\n%s", want, line)
		}
	}
	if strings.Contains(line, "secret") {
		t.Errorf("the log tells the subject:\n%s", line)
	}
}
