// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
)

// newSet makes a set of policies that are right.
func newSet(t *testing.T, policies ...Policy) *Set {
	t.Helper()
	s, err := New(policies, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func envelope(rcpts ...string) *mail.Envelope {
	env := &mail.Envelope{ID: "A1", Listener: "lmtp", MailFrom: mail.NewPath("sender@example.net")}
	for _, r := range rcpts {
		env.RcptTo = append(env.RcptTo, mail.NewPath(r))
	}
	return env
}

// decide asks what becomes of findings for some recipient.
func decide(t *testing.T, p Policy, findings ...filters.Finding) Disposition {
	t.Helper()
	env := envelope("user@example.org")
	return newSet(t, p).Decide(env, env.RcptTo[0], findings)
}

func doing(class string, actions ...Action) Policy {
	return Policy{Name: DefaultName, Do: map[string][]Action{class: actions}}
}

func paths(addresses ...string) []mail.Path {
	var list []mail.Path
	for _, a := range addresses {
		list = append(list, mail.NewPath(a))
	}
	return list
}

// TestActions is the action table: what each action does about a finding in a part of the message.
func TestActions(t *testing.T) {
	virus := filters.Finding{Code: "virus.infected", Class: filters.Virus, Part: "1.2"}
	removed := mail.ReplaceEntity{
		Part: "1.2", MediaType: "text/plain", Filename: "removed.txt",
		Body: []byte("A part of this message was removed by the mail filter.\r\n\r\nFile: (without a name)\r\nRule: virus.infected\r\n\r\n" +
			"If you need it, ask your postmaster for it and give this ID: A1\r\n"),
	}
	attached := mail.WrapMessage{
		Text: "The mail filter found the attached message suspicious. Open it with care.\r\n\r\nRule: virus.infected\r\nID: A1\r\n",
	}
	tests := []struct {
		name    string
		actions []Action
		want    Disposition // Because and Policy apart.
	}{
		{"deliver", []Action{{"deliver", ""}}, Disposition{Fate: Deliver}},
		{"tag", []Action{{"tag", ""}}, Disposition{Edits: []mail.Edit{mail.TagSubject{Tag: "[VIRUS]"}}}},
		{"tag with text", []Action{{"tag", "{Virus?}"}}, Disposition{Edits: []mail.Edit{mail.TagSubject{Tag: "{Virus?}"}}}},
		{"tag without subject", []Action{{"tag", "none"}}, Disposition{}},
		{"header", []Action{{"header", "X-Virus:  yes"}}, Disposition{Edits: []mail.Edit{mail.AddField{Name: "X-Virus", Value: "yes"}}}},
		{"two headers", []Action{{"header", "X-B: 1"}, {"header", "X-A: 2"}}, Disposition{
			Edits: []mail.Edit{mail.AddField{Name: "X-B", Value: "1"}, mail.AddField{Name: "X-A", Value: "2"}},
		}},
		{"replace", []Action{{"replace", ""}}, Disposition{Edits: []mail.Edit{removed}}},
		{"disarm", []Action{{"disarm", ""}}, Disposition{Edits: []mail.Edit{removed}, Store: []string{"virus"}}}, // There is no remedy.
		{"strip-html", []Action{{"strip-html", ""}}, Disposition{Edits: []mail.Edit{markup.StripHTML{}}}},
		{"rebuild", []Action{{"rebuild", ""}}, Disposition{Edits: []mail.Edit{mail.Rebuild{}}}},
		{"attach", []Action{{"attach", ""}}, Disposition{Edits: []mail.Edit{attached}}},
		{"store", []Action{{"store", ""}}, Disposition{Store: []string{"virus"}}},
		{"store on shelves", []Action{{"store", "b"}, {"store", "a"}}, Disposition{Store: []string{"a", "b"}}},
		{"quarantine", []Action{{"quarantine", ""}}, Disposition{Fate: Quarantine, Store: []string{"virus"}}},
		{"quarantine on a shelf", []Action{{"quarantine", "s"}}, Disposition{Fate: Quarantine, Store: []string{"s"}}},
		{"quarantine and store", []Action{{"quarantine", "s"}, {"store", ""}}, Disposition{Fate: Quarantine, Store: []string{"s", "virus"}}},
		{"forward", []Action{{"forward", "b@example.org"}, {"forward", "a@example.org"}}, Disposition{Forward: paths("a@example.org", "b@example.org")}},
		{"forward from quarantine", []Action{{"quarantine", ""}, {"forward", "a@example.org"}}, Disposition{
			Fate: Quarantine, Store: []string{"virus"}, Forward: paths("a@example.org"),
		}},
		{"redirect", []Action{{"redirect", "a@example.org"}}, Disposition{Redirect: paths("a@example.org")}},
		{"redirect tagged", []Action{{"redirect", "a@example.org"}, {"tag", "T"}}, Disposition{
			Redirect: paths("a@example.org"), Edits: []mail.Edit{mail.TagSubject{Tag: "T"}},
		}},
		{"reject", []Action{{"reject", ""}}, Disposition{Fate: Reject}},
		{"reject and store", []Action{{"store", ""}, {"reject", ""}}, Disposition{Fate: Reject, Store: []string{"virus"}}},
		{"defer", []Action{{"defer", ""}}, Disposition{Fate: Defer}},
		{"discard", []Action{{"discard", ""}}, Disposition{Fate: Discard}},
		{"all edits", []Action{{"header", "X-A: 1"}, {"tag", ""}, {"attach", ""}, {"replace", ""}}, Disposition{
			Edits: []mail.Edit{removed, attached, mail.TagSubject{Tag: "[VIRUS]"}, mail.AddField{Name: "X-A", Value: "1"}},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := decide(t, doing("virus", tt.actions...), virus)
			if len(got.Because) != 1 || got.Because[0].Fate != tt.want.Fate {
				t.Errorf("Because = %+v, want one reason with fate %s", got.Because, tt.want.Fate)
			}
			tt.want.Policy, tt.want.Because = DefaultName, got.Because
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Decide (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryActionIsTested keeps the table above complete.
func TestEveryActionIsTested(t *testing.T) {
	want := []string{
		"deliver", "tag", "header", "disarm", "replace", "strip-html", "attach", "rebuild", "store", "quarantine", "forward", "redirect", "reject", "defer", "discard",
	}
	if diff := cmp.Diff(want, Actions()); diff != "" {
		t.Errorf("Actions (-want +got):\n%s", diff)
	}
}

// TestBuiltIn is the table of what happens if the config says nothing.
func TestBuiltIn(t *testing.T) {
	tests := []struct {
		class filters.Class
		fate  Fate
		edit  string // What the edits begin with.
		store []string
	}{
		{filters.Virus, Quarantine, "", []string{"virus"}},
		{filters.Spam, Deliver, "other", nil},                        // Counts by its points, of which this one has none.
		{filters.Phishing, Deliver, "replace", []string{"phishing"}}, // For want of a remedy.
		{filters.File, Deliver, "replace", []string{"file"}},
		{filters.HTML, Deliver, "replace", []string{"html"}},
		{filters.Macro, Deliver, "replace", []string{"macro"}},
		{filters.Encrypted, Deliver, "[ENCRYPTED]", nil},
		{filters.Ambiguous, Deliver, "[AMBIGUOUS]", nil},
		{filters.Unscannable, Quarantine, "", []string{"unscannable"}},
		{filters.Auth, Deliver, "", nil},
		{filters.Listed, Deliver, "", nil},
		{filters.Grey, Deliver, "", nil}, // Counts from a score on, which this one does not have.
		{filters.Failure, Defer, "", nil},
		{"no such class", Defer, "", nil},
	}
	for _, c := range filters.Classes() {
		if !slices.ContainsFunc(tests, func(tt struct {
			class filters.Class
			fate  Fate
			edit  string
			store []string
		},
		) bool {
			return tt.class == c
		}) {
			t.Errorf("class %s is not in the table", c)
		}
	}
	for _, tt := range tests {
		t.Run(string(tt.class), func(t *testing.T) {
			got := decide(t, Policy{Name: DefaultName}, filters.Finding{Code: "a.b", Class: tt.class, Part: "1.1"})
			if got.Fate != tt.fate {
				t.Errorf("Fate = %s, want %s", got.Fate, tt.fate)
			}
			if diff := cmp.Diff(tt.store, got.Store); diff != "" {
				t.Errorf("Store (-want +got):\n%s", diff)
			}
			if edit := firstEdit(got); edit != tt.edit {
				t.Errorf("first edit = %q, want %q", edit, tt.edit)
			}
		})
	}
}

// TestBuiltInCodes is the same for the codes that are not treated like their classes, whatever a policy says of those.
func TestBuiltInCodes(t *testing.T) {
	for code, want := range map[string]Fate{"auth.dmarc_temperror": Defer, "auth.temperror": Deliver, "auth.dmarc_reject": Deliver} {
		for _, p := range []Policy{{Name: DefaultName}, {Name: DefaultName, Do: map[string][]Action{"auth": {{Name: "deliver"}}}}} {
			if got := decide(t, p, filters.Finding{Code: code, Class: filters.Auth}); got.Fate != want {
				t.Errorf("%s: fate %s, want %s", code, got.Fate, want)
			}
		}
	}
}

// firstEdit is the tag or the kind of the first edit.
func firstEdit(d Disposition) string {
	if len(d.Edits) == 0 {
		return ""
	}
	switch e := d.Edits[0].(type) {
	case mail.TagSubject:
		return e.Tag
	case mail.ReplaceEntity:
		return "replace"
	}
	return "other"
}

func TestSubjectTags(t *testing.T) {
	want := map[string]string{
		"virus": "[VIRUS]", "spam": "[SPAM]", "high_spam": "[SPAM]", "phishing": "[PHISHING]", "file": "[ATTACHMENT]",
		"html": "[HTML]", "macro": "[MACRO]", "encrypted": "[ENCRYPTED]", "ambiguous": "[AMBIGUOUS]",
		"unscannable": "[UNCHECKED]", "auth": "[UNVERIFIED]", "listed": "[LISTED]", "grey": "[GREY]", "failure": "[UNCHECKED]",
	}
	got := make(map[string]string)
	for _, key := range Keys() {
		got[key] = subjectTag(key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func TestFateString(t *testing.T) {
	for fate, want := range []string{"deliver", "defer", "quarantine", "reject", "discard", "unknown"} {
		if got := Fate(fate).String(); got != want {
			t.Errorf("Fate(%d).String() = %q, want %q", fate, got, want)
		}
	}
}
