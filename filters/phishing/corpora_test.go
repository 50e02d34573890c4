// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
)

// corpus calls each for the messages below a folder of the corpora, with the envelope that the message tells of itself.
func corpus(t *testing.T, dir string, each func(name string, env *mail.Envelope, msg *mail.Message)) {
	t.Helper()
	err := filepath.WalkDir(corpora.Dir(t, dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		msg, err := mail.Parse(bytes.NewReader(b), int64(len(b)), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			return err
		}
		env := &mail.Envelope{ID: "test"}
		if a := mailboxes(msg.Header().Get("Return-Path")); len(a) > 0 {
			env.MailFrom = mail.NewPath(a[0].addr)
		}
		for _, name := range []string{"Delivered-To", "X-Original-To", "To"} {
			for _, m := range mailboxes(msg.Header().Get(name)) {
				env.RcptTo = append(env.RcptTo, mail.NewPath(m.addr))
			}
		}
		each(path, env, msg)
		return msg.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestHam: next to none of ordinary mail has a finding of class phishing.
func TestHam(t *testing.T) {
	const most = 0.001
	messages, bad := 0, 0
	for _, dir := range []string{"ham_modern", "spamham/spamassassin/easy-ham-1", "spamham/spamassassin/easy-ham-2", "spamham/spamassassin/hard-ham-1"} {
		c := count(t, dir, true)
		messages, bad = messages+c.messages, bad+c.bad
	}
	if float64(bad) > most*float64(messages) {
		t.Errorf("%d of %d ordinary messages have a finding", bad, messages)
	}
}

// TestPhish: what the filter finds by itself in phishing. Much of that is told only by other filters: who sent it, what it says.
func TestPhish(t *testing.T) {
	const least = 0.2
	if c := count(t, "phish", false); float64(c.bad) < least*float64(c.messages) {
		t.Errorf("%d of %d messages have a finding", c.bad, c.messages)
	}
}

// TestPhishDisarmed: nothing is left to disarm in phishing that was disarmed.
func TestPhishDisarmed(t *testing.T) {
	f := newFilter(t, func(o *Options) { o.Protect, o.QR = nil, false })
	n := 0
	corpus(t, "phish", func(name string, env *mail.Envelope, msg *mail.Message) {
		found, err := f.Inspect(t.Context(), env, msg)
		if err != nil || !slices.ContainsFunc(found, func(fi filters.Finding) bool { return fi.Remedy != nil }) {
			return
		}
		n++
		var b bytes.Buffer
		var edits []mail.Edit
		for _, fi := range found {
			if fi.Remedy != nil {
				edits = append(edits, fi.Remedy)
			}
		}
		if err := msg.Write(&b, edits); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		again, err := mail.Parse(bytes.NewReader(b.Bytes()), int64(b.Len()), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if found, err = f.Inspect(t.Context(), env, again); err != nil {
			t.Error(err)
		}
		for _, fi := range found {
			if fi.Remedy != nil {
				t.Errorf("%s: disarmed, and still %s %s: %s", filepath.Base(name), fi.Part, fi.Code, fi.Detail)
			}
		}
	})
	t.Logf("%d messages disarmed", n)
}

// counts is what was found in a folder of the corpora.
type counts struct {
	messages int
	bad      int // With a finding of class phishing.
	any      int // With any.
}

func count(t *testing.T, dir string, tell bool) (c counts) {
	t.Helper()
	f := newFilter(t, func(o *Options) { o.Protect = nil })
	codes := map[string]int{}
	var took time.Duration
	corpus(t, dir, func(name string, env *mail.Envelope, msg *mail.Message) {
		// What the filter html needs as well is not its own work.
		if _, err := markup.Documents(t.Context(), f.unpacker, msg); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		found, err := f.Inspect(t.Context(), env, msg)
		took += time.Since(began)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c.messages++
		if len(found) > 0 {
			c.any++
		}
		seen := map[string]bool{}
		for _, fi := range found {
			if !seen[fi.Code] {
				codes[fi.Code]++
			}
			seen[fi.Code] = true
			if fi.Class == filters.Phishing && !seen["bad"] {
				seen["bad"] = true
				c.bad++
			}
			if tell {
				t.Logf("%s: %s %s: %s", filepath.Base(name), fi.Part, fi.Code, fi.Detail)
			}
		}
	})
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		t.Logf("%-26s %5d", code, codes[code])
	}
	t.Logf("%s: %d messages, %d with a finding of class phishing, %d with any, %v each", dir, c.messages, c.bad, c.any, took/time.Duration(max(c.messages, 1)))
	return c
}
