// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/gateway"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// TestCheckPage: the reference names every key of the JSON, those of lists too, and no other; and every flag.
func TestCheckPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/check.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## JSON")
	got := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[1], "`") {
			continue
		}
		got[quoted(cells[1])[0]] = quoted(cells[2])
	}
	want := map[string][]string{}
	for f := range reflect.TypeFor[report]().Fields() {
		var keys []string
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
			for inner := range f.Type.Elem().Fields() {
				keys = append(keys, inner.Tag.Get("json"))
			}
		}
		want[f.Tag.Get("json")] = keys
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys of the JSON (-source +page):\n%s", diff)
	}
	for _, flag := range regexp.MustCompile(`--[a-z]+`).FindAllString(checkCommand().Flags().FlagUsages(), -1) {
		if !strings.Contains(string(page), "`"+flag) {
			t.Errorf("the page does not name the flag %s", flag)
		}
	}
}

// quoted are the words in backticks.
func quoted(cell string) []string {
	var words []string
	for i, s := range strings.Split(cell, "`") {
		if i%2 == 1 {
			words = append(words, s)
		}
	}
	return words
}

func TestBecause(t *testing.T) {
	for want, r := range map[string]policy.Reason{
		"virus.infected: virus: quarantine, policy default, m.yaml:12": {Code: "virus.infected", Class: "virus", Action: "quarantine", Rule: "default", Where: "m.yaml:12"},
		"lists.blocked: reject, policy vip":                            {Code: "lists.blocked", Class: "lists.blocked", Action: "reject", Rule: "vip"},
	} {
		if got := because(r); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What holds for one of two recipients is said of him alone, with his own score.
func TestReportByRecipient(t *testing.T) {
	env := &mail.Envelope{Client: mail.Client{Addr: "192.0.2.1"}, MailFrom: mail.NewPath("c@example.net"), RcptTo: []mail.Path{mail.NewPath("a@example.org"), mail.NewPath("b@example.org")}}
	a := &gateway.Account{
		Envelope: &mail.Envelope{Outbound: true},
		Result: filters.Result{Findings: []filters.Finding{
			{Code: "rules.custom", Class: filters.Spam, Score: 4, Detail: "x"}, {Code: "known.answer", Class: filters.Spam, Score: -5, For: []int{1}, Detail: "y"},
		}},
		Dispositions: []policy.Disposition{{Score: 4}, {Score: -1}},
	}
	var out strings.Builder
	newReport("m.eml", 10, env, a).print(&out)
	want := "m.eml: 10 octets, score 4, 0.0 ms\n  from   <c@example.net>, client 192.0.2.1, outgoing\n  found  rules.custom (spam) +4: x\n  found  known.answer (spam) -5 for <b@example.org>: y\n" +
		"  to     <a@example.org>: deliver\n  to     <b@example.org>: deliver, score -1\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
