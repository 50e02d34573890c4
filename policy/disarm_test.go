// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
)

func change(part mail.PartID, at int64) mail.EditBody {
	return mail.EditBody{Part: part, Changes: []mail.BodyChange{{Start: at, End: at + 1, With: "x"}}}
}

// names of the edits, without their texts.
func editNames(d Disposition) []string {
	var out []string
	for _, e := range d.Edits {
		switch e := e.(type) {
		case mail.EditBody:
			out = append(out, "edit "+string(e.Part))
		case mail.ReplaceEntity:
			out = append(out, "replace "+string(e.Part))
		case mail.WrapMessage:
			out = append(out, "wrap")
		case mail.Rebuild:
			out = append(out, "rebuild")
		case markup.StripHTML:
			out = append(out, "strip")
		case mail.TagSubject:
			out = append(out, "tag "+e.Tag)
		default:
			out = append(out, e.String())
		}
	}
	return out
}

func TestDisarm(t *testing.T) {
	const html = filters.HTML
	tests := []struct {
		name   string
		policy Policy
		found  []filters.Finding
		want   []string
	}{
		{"remedies of one part", doing("html", Action{"disarm", ""}), []filters.Finding{
			{Code: "html.script", Class: html, Part: "1.1", Remedy: change("1.1", 1)},
			{Code: "html.form", Class: html, Part: "1.1", Remedy: change("1.1", 9)},
		}, []string{"edit 1.1", "edit 1.1"}},
		{"two remedies of one code", doing("html", Action{"disarm", ""}), []filters.Finding{
			{Code: "html.form", Class: html, Part: "1", Remedy: change("1", 1)},
			{Code: "html.form", Class: html, Part: "1", Remedy: change("1", 9)},
			{Code: "html.form", Class: html, Part: "1", Remedy: change("1", 9)},
		}, []string{"edit 1", "edit 1"}},
		{"a part that several remedies replace", doing("html", Action{"disarm", ""}), []filters.Finding{
			{Code: "html.script", Class: html, Part: "1.1", Remedy: mail.ReplaceEntity{Part: "1.1", MediaType: "text/plain", Body: []byte("a")}},
			{Code: "html.unreadable", Class: html, Part: "1.1", Remedy: mail.ReplaceEntity{Part: "1.1", MediaType: "text/plain", Body: []byte("b")}},
		}, []string{"replace 1.1"}},
		{
			"a part that a remedy and the policy replace",
			Policy{Name: DefaultName, Do: map[string][]Action{"html": {{"disarm", ""}}, "file": {{"replace", ""}}}},
			[]filters.Finding{
				{Code: "html.unreadable", Class: html, Part: "1.1", Remedy: mail.ReplaceEntity{Part: "1.1", MediaType: "text/plain", Body: []byte("b")}},
				{Code: "file.denied", Class: filters.File, Part: "1.1"},
			},
			[]string{"replace 1.1"},
		},
		{"no remedy for a part", doing("html", Action{"disarm", ""}), []filters.Finding{{Code: "html.svg", Class: html, Part: "1.2"}}, []string{"replace 1.2"}},
		{"no remedy for the whole", doing("html", Action{"disarm", ""}, Action{"tag", "T"}), []filters.Finding{{Code: "html.svg", Class: html}}, []string{"wrap", "tag T"}},
		{"signed", doing("html", Action{"disarm", ""}), []filters.Finding{
			{Code: "html.form", Class: html, Part: "1.1.1", Signed: "1.1", Remedy: change("1.1.1", 1)},
		}, []string{"wrap"}},
		{"signed, to be replaced", Policy{Name: DefaultName, Signed: SignedReplace, Do: map[string][]Action{"html": {{"disarm", ""}}}}, []filters.Finding{
			{Code: "html.form", Class: html, Part: "1.1.1", Signed: "1.1", Remedy: change("1.1.1", 1)},
		}, []string{"replace 1.1"}},
		{"replace in what is signed", doing("file", Action{"replace", ""}), []filters.Finding{
			{Code: "file.denied", Class: filters.File, Part: "1.1.1", Signed: "1.1"},
		}, []string{"wrap"}},
		{"the code goes before its class", Policy{Name: DefaultName, Do: map[string][]Action{
			"html": {{"disarm", ""}}, "html.form": {{"deliver", ""}}, "html.script": {{"replace", ""}},
		}}, []filters.Finding{
			{Code: "html.form", Class: html, Part: "1.1", Remedy: change("1.1", 1)},
			{Code: "html.script", Class: html, Part: "1.2", Remedy: change("1.2", 1)},
			{Code: "html.css", Class: html, Part: "1.3", Remedy: change("1.3", 1)},
		}, []string{"edit 1.3", "replace 1.2"}},
		{
			"a new body and changes of the old one",
			Policy{Name: DefaultName, Do: map[string][]Action{"html": {{"disarm", ""}}, "macro": {{"disarm", ""}}}},
			[]filters.Finding{
				{Code: "html.script", Class: html, Part: "1.2", Remedy: change("1.2", 1)},
				{Code: "html.form", Class: html, Part: "1.3", Remedy: change("1.3", 1)},
				{Code: "macro.vba", Class: filters.Macro, Part: "1.2", Remedy: mail.RewriteBody{Part: "1.2", Body: []byte("a")}},
				{Code: "macro.dde", Class: filters.Macro, Part: "1.4", Remedy: mail.RewriteBody{Part: "1.4", Body: []byte("a")}},
				{Code: "macro.vba", Class: filters.Macro, Part: "1.4", Remedy: mail.RewriteBody{Part: "1.4", Body: []byte("a")}},
			},
			[]string{"edit 1.3", mail.RewriteBody{Part: "1.4", Body: []byte("a")}.String(), "replace 1.2"},
		},
		{"two new bodies", doing("macro", Action{"disarm", ""}), []filters.Finding{
			{Code: "macro.vba", Class: filters.Macro, Part: "1", Remedy: mail.RewriteBody{Part: "1", Body: []byte("a")}},
			{Code: "macro.dde", Class: filters.Macro, Part: "1", Remedy: mail.RewriteBody{Part: "1", Body: []byte("b")}},
			{Code: "macro.xlm", Class: filters.Macro, Part: "1", Remedy: mail.RenameEntity{Part: "1", Name: "x"}},
		}, []string{mail.RenameEntity{Part: "1", Name: "x"}.String(), "replace 1"}},
		{
			"a new body that others do not ask for",
			Policy{Name: DefaultName, Do: map[string][]Action{"html": {{"tag", "T"}}, "macro": {{"disarm", ""}}}},
			[]filters.Finding{
				{Code: "html.script", Class: html, Part: "1", Remedy: change("1", 1)},
				{Code: "macro.vba", Class: filters.Macro, Part: "1", Remedy: mail.RewriteBody{Part: "1", Body: []byte("a")}},
			},
			[]string{mail.RewriteBody{Part: "1", Body: []byte("a")}.String(), "tag T"},
		},
		{"strip what is signed", doing("html", Action{"strip-html", ""}), []filters.Finding{
			{Code: "html.form", Class: html, Part: "1.1.1", Signed: "1.1"},
		}, []string{"strip", "wrap"}},
		{"strip and rebuild", doing("html", Action{"rebuild", ""}, Action{"strip-html", ""}, Action{"tag", "T"}), []filters.Finding{
			{Code: "html.form", Class: html, Part: "1"}, {Code: "html.css", Class: html, Part: "1"},
		}, []string{"rebuild", "strip", "tag T"}},
		{"a sender who pretends is built in", Policy{Name: DefaultName}, []filters.Finding{
			{Code: "phishing.display_name", Class: filters.Phishing},
		}, []string{"tag [PHISHING]"}},
		{"rename is built in", Policy{Name: DefaultName}, []filters.Finding{
			{Code: "file.rename", Class: filters.File, Part: "1.1", Remedy: mail.RenameEntity{Part: "1.1", Name: "a.bin"}},
		}, []string{mail.RenameEntity{Part: "1.1", Name: "a.bin"}.String()}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := decide(t, tt.policy, tt.found...)
			if d := cmp.Diff(tt.want, editNames(got)); d != "" || got.Fate != Deliver {
				t.Errorf("fate %s, edits (-want +got):\n%s", got.Fate, d)
			}
		})
	}
}

// What disarm replaces is kept, what it disarms is not.
func TestDisarmKeepsWhatItReplaces(t *testing.T) {
	p := doing("html", Action{"disarm", ""})
	remedy := filters.Finding{Code: "html.form", Class: filters.HTML, Part: "1", Remedy: change("1", 1)}
	none := filters.Finding{Code: "html.form", Class: filters.HTML, Part: "1"}
	inSigned := remedy
	inSigned.Signed = "1"
	body := remedy
	body.Code, body.Remedy = "html.smuggling", mail.RewriteBody{Part: "1", Body: []byte("a")}
	if got := decide(t, p, remedy, body).Store; !cmp.Equal(got, []string{"html"}) {
		t.Errorf("a clash of two: got shelves %q", got)
	}
	for _, tt := range []struct {
		name string
		f    filters.Finding
		want []string
	}{{"remedy", remedy, nil}, {"none", none, []string{"html"}}, {"signed", inSigned, []string{"html"}}} {
		if got := decide(t, p, tt.f).Store; !cmp.Equal(got, tt.want) {
			t.Errorf("%s: got shelves %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A rule for a code names tags and shelves by the class.
func TestCodeNamesByClass(t *testing.T) {
	p := Policy{Name: DefaultName, Do: map[string][]Action{"html.form": {{"tag", ""}, {"store", ""}}}}
	got := decide(t, p, filters.Finding{Code: "html.form", Class: filters.HTML, Part: "1"})
	if d := cmp.Diff([]string{"tag [HTML]"}, editNames(got)); d != "" || !cmp.Equal(got.Store, []string{"html"}) {
		t.Errorf("shelves %q, edits (-want +got):\n%s", got.Store, d)
	}
}

// A policy of its own goes before the default, code or class.
func TestCodesAreCompleted(t *testing.T) {
	s := newSet(t,
		Policy{Name: "p", When: When{To: []Pattern{"a@example.org"}}, Do: map[string][]Action{"html": {{"reject", ""}}}},
		Policy{Name: DefaultName, Do: map[string][]Action{"html.form": {{"deliver", ""}}, "html": {{"quarantine", ""}}}},
	)
	env := envelope("a@example.org", "b@example.org")
	for _, tt := range []struct {
		rcpt, code string
		want       Fate
	}{
		{"a@example.org", "html.script", Reject},
		{"a@example.org", "html.form", Deliver}, // The code is more to the point than the class.
		{"b@example.org", "html.script", Quarantine},
		{"b@example.org", "html.form", Deliver},
	} {
		got := s.Decide(env, mail.NewPath(tt.rcpt), []filters.Finding{{Code: tt.code, Class: filters.HTML, Part: "1"}})
		if got.Fate != tt.want {
			t.Errorf("%s, %s: got %s, want %s", tt.rcpt, tt.code, got.Fate, tt.want)
		}
	}
}

// Findings of a rule list count for the policies that go by it.
func TestFileRules(t *testing.T) {
	s := newSet(t,
		Policy{Name: "staff", When: When{To: []Pattern{"a@example.org"}}, FileRules: "staff"},
		Policy{Name: "strict", When: When{To: []Pattern{"b@example.org"}}},
		Policy{Name: DefaultName, Do: map[string][]Action{"file": {{"reject", ""}}}},
	)
	env := envelope("a@example.org", "b@example.org")
	found := []filters.Finding{
		{Code: "file.denied", Class: filters.File, Part: "1", List: "default"},
		{Code: "file.count", Class: filters.Listed},
	}
	if got := s.Decide(env, mail.NewPath("a@example.org"), found); got.Fate != Deliver || len(got.Because) != 1 {
		t.Errorf("another list: got %+v", got)
	}
	if got := s.Decide(env, mail.NewPath("b@example.org"), found); got.Fate != Reject {
		t.Errorf("its own list: got %+v", got)
	}
}

// What stands in the place of a part says what it was, why, by which rule, and how to ask for it.
func TestRemovedText(t *testing.T) {
	p := Policy{Name: DefaultName, Language: "de", Do: map[string][]Action{"file": {{"replace", ""}}}}
	got := decide(t, p, filters.Finding{
		Code: "file.denied", Class: filters.File, Part: "1.2", File: "rechnung.exe", Notice: "Programme werden nicht angenommen",
		Detail: "secret of the operator",
	})
	if len(got.Edits) != 1 {
		t.Fatalf("got %v", got.Edits)
	}
	e, _ := got.Edits[0].(mail.ReplaceEntity)
	for _, want := range []string{"rechnung.exe", "Programme werden nicht angenommen", "file.denied", "entfernt"} {
		if !strings.Contains(string(e.Body), want) {
			t.Errorf("%q is not in %q", want, e.Body)
		}
	}
	if strings.Contains(string(e.Body), "secret") || e.Filename != "entfernt.txt" {
		t.Errorf("got %q: %q", e.Filename, e.Body)
	}
}

func TestIsCode(t *testing.T) {
	for key, want := range map[string]bool{
		"html.form": true, "file.rename": true, "a.b_c2": true,
		"html": false, "": false, ".": false, "a.": false, ".a": false, "a.b.c": false, "Html.form": false, "a b.c": false,
	} {
		if got := IsCode(key); got != want {
			t.Errorf("%q: got %t, want %t", key, got, want)
		}
	}
}
