// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/sink"
)

// byRecipient makes an LMTP next hop answer the end of data for each recipient as its local-part says.
func byRecipient(step sink.Step, arg string) sink.Act {
	switch {
	case step != sink.Dot:
	case strings.Contains(arg, "full"):
		return sink.Act{Reply: "452 4.2.2 mailbox full"}
	case strings.Contains(arg, "never"):
		return sink.Act{Reply: "550 5.2.0 never"}
	default:
		return sink.Act{Reply: "250 2.0.0 kept for " + arg}
	}
	return sink.Act{}
}

// A next hop that speaks LMTP has a reply for each recipient. An LMTP client gets them as they are, in its own order, whether
// the recipients share a copy or not.
func TestLMTPNextHopToLMTPClient(t *testing.T) {
	tests := []struct {
		name string
		body string
		to   []string
		want []string
	}{
		{
			"one copy", clean,
			[]string{"<deliver1@x>", "<full@x>", "<never@x>", "<deliver2@x>"},
			[]string{"250 2.0.0 kept for <deliver1@x>", "452 4.2.2 mailbox full", "550 5.2.0 never", "250 2.0.0 kept for <deliver2@x>"},
		},
		{
			"the same recipient twice", clean,
			[]string{"<deliver@x>", "<deliver@x>"},
			[]string{"250 2.0.0 kept for <deliver@x>", "250 2.0.0 kept for <deliver@x>"},
		},
		{
			"two copies and a quarantine", eicar(),
			[]string{"<tag@x>", "<u@x>", "<deliver.full@x>", "<tag.never@x>", "<deliver@x>"},
			[]string{"250 2.0.0 kept for <tag@x>", "250 2.7.0 Ok, quarantine", "452 4.2.2 mailbox full", "550 5.2.0 never", "250 2.0.0 kept for <deliver@x>"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRigTo(t, policies, sink.Options{LMTP: true, Script: byRecipient})
			got := r.send(mailObject{listener: "lmtp", to: tt.to, body: tt.body})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if faults := r.sink.Faults(); len(faults) != 0 {
				t.Errorf("the next hop says %q", faults)
			}
		})
	}
}

// To an SMTP client the replies of an LMTP next hop become one, and the retry serves only those who were put off.
func TestLMTPNextHopToSMTPClient(t *testing.T) {
	r := newRigTo(t, policies, sink.Options{LMTP: true, Script: byRecipient})
	m := mailObject{listener: "smtp", queueID: "4F1", to: []string{"<deliver@x>", "<full@x>"}, body: clean}
	for range 2 {
		if got := r.send(m); got[0] != "452 4.2.2 mailbox full" {
			t.Errorf("got %q", got)
		}
	}
	r.sink.Misbehave(nil)
	if got := r.send(m); !strings.HasPrefix(got[0], "250 ") {
		t.Errorf("retry: got %q", got)
	}
	if diff := cmp.Diff([]string{"<deliver@x>", "<full@x>"}, r.arrived()); diff != "" {
		t.Errorf("arrived (-want +got):\n%s", diff)
	}
}

// One recipient is refused for good behind the final dot: the reverse-path is told, and the reply is positive.
func TestLMTPNextHopRefusesOne(t *testing.T) {
	r := newRigTo(t, policies, sink.Options{LMTP: true, Script: byRecipient})
	got := r.send(mailObject{listener: "smtp", from: "<s@example.org>", to: []string{"<deliver@x>", "<never@x>"}, body: clean})
	if !strings.HasPrefix(got[0], "250 ") {
		t.Errorf("got %q", got)
	}
	if diff := cmp.Diff([]string{"<deliver@x>", "<s@example.org>"}, r.arrived()); diff != "" {
		t.Errorf("arrived (-want +got):\n%s", diff)
	}
}

func TestNextHopOnUnixSocket(t *testing.T) {
	r := newRigTo(t, policies, sink.Options{Address: "unix:" + filepath.Join(t.TempDir(), "next"), LMTP: true, Script: byRecipient})
	got := r.send(mailObject{listener: "lmtp", to: []string{"<deliver@x>"}, body: clean})
	if diff := cmp.Diff([]string{"250 2.0.0 kept for <deliver@x>"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
