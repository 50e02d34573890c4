// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/internal/sink"
)

// greyPolicies put strangers off, but for one recipient.
const greyPolicies = `
policies:
  - {name: help, when: {to: ["help@*"]}, do: {grey: [deliver]}}
  - {name: default, spam: {grey_at: -100}}
`

// Where some recipients have to wait and others do not, each gets the message once in the end.
func TestGreylistSomeWait(t *testing.T) {
	for _, tt := range []struct {
		listener, queueID string
		first             []string // Replies to the first attempt.
		arrived           []string // What has arrived after it.
		left              []string // Whom the client comes again for.
		want              []string
	}{
		{"lmtp", "4F1", []string{"250 2.0.0 Ok", "451 4.7.1 Greylisted"}, []string{"<help@x>"}, []string{"<u@x>"}, []string{"<help@x>", "<u@x>"}},
		{"smtp", "4F1", []string{"451 4.7.1 Greylisted"}, []string{"<help@x>"}, []string{"<help@x>", "<u@x>"}, []string{"<help@x>", "<u@x>"}},
		{"smtp", "", []string{"451 4.7.1 Greylisted"}, nil, []string{"<help@x>", "<u@x>"}, []string{"<help@x> <u@x>"}},
		{"before", "", []string{"451 4.7.1 Greylisted"}, nil, []string{"<help@x>", "<u@x>"}, []string{"<help@x> <u@x>"}},
	} {
		t.Run(tt.listener+" "+tt.queueID, func(t *testing.T) {
			more := fmt.Sprintf("  - [greylist: {file: %q, delay: 1m}]\n", t.TempDir()+"/greylist")
			r := newRigWith(t, greyPolicies, more, sink.Options{})
			m := mailObject{listener: tt.listener, queueID: tt.queueID, client: "ADDR=192.0.2.7", to: []string{"<help@x>", "<u@x>"}, body: clean}
			for i, got := range r.send(m) {
				if !strings.HasPrefix(got, tt.first[i]) {
					t.Errorf("recipient %d: got %q", i, got)
				}
			}
			if diff := cmp.Diff(tt.arrived, r.arrived()); diff != "" {
				t.Errorf("after the first attempt (-want +got):\n%s", diff)
			}
			m.to = tt.left
			r.pass(time.Minute)
			for i, got := range r.send(m) {
				if !strings.HasPrefix(got, "250 ") {
					t.Errorf("the second time, recipient %d: got %q", i, got)
				}
			}
			if diff := cmp.Diff(tt.want, r.arrived()); diff != "" {
				t.Errorf("in the end (-want +got):\n%s", diff)
			}
			if n := r.journalFiles(); n != 0 {
				t.Errorf("the journal holds %d files", n)
			}
		})
	}
}

// Who has to come again for another reason, too, is not told that it is greylisting.
func TestGreylistedOnly(t *testing.T) {
	more := fmt.Sprintf("  - [greylist: {file: %q, delay: 1m}]\n", t.TempDir()+"/greylist")
	r := newRigWith(t, strings.Replace(greyPolicies, "grey: [deliver]", "virus: [defer]", 1), more, sink.Options{})
	for listener, want := range map[string][]string{
		"lmtp": {"451 4.7.1 Message cannot be checked now", "250 2.7.0"},
		"smtp": {"451 4.7.1 Message cannot be checked now"},
	} {
		m := mailObject{listener: listener, queueID: listener, client: "ADDR=192.0.2.7", to: []string{"<help@x>", "<u@x>"}, body: eicar()}
		for i, got := range r.send(m) {
			if !strings.HasPrefix(got, want[i]) {
				t.Errorf("%s, recipient %d: got %q", listener, i, got)
			}
		}
	}
}

// Copies tell nobody whether the others know the sender: what is found about recipients is in their own fields alone.
func TestCopiesKeepOthersSecrets(t *testing.T) {
	more := fmt.Sprintf("  - [greylist: {file: %q}]\n  - [known: {file: %q}]\n", t.TempDir()+"/greylist", t.TempDir()+"/known")
	r := newRigWith(t, "policies: [{name: default, spam: {grey_at: 9}}]\n", more, sink.Options{})
	m := mailObject{listener: "smtp", queueID: "4F1", to: []string{"<u@x>", "<v@x>"}, body: clean}
	r.send(m)
	messages := r.sink.Messages()
	if len(messages) != 1 {
		t.Fatalf("%d copies", len(messages))
	}
	head, _, _ := strings.Cut(string(messages[0].Data), "\r\n\r\n")
	if !strings.Contains(head, "Mailweir-Result") || strings.Contains(head, "greylist.") || strings.Contains(head, "known.") {
		t.Errorf("got %s", head)
	}
}
