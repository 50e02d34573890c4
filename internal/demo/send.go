// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// result is what became of a message for one recipient.
type result struct {
	sample string
	to     string
	said   string // By Postfix, to the final dot.
	got    fate
	want   fate
	why    string
}

// sendAll sends the samples one after the other, so that what comes out is easily told apart.
func sendAll(ctx context.Context, r *rig.Rig) ([]result, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var all []result
	for _, s := range samples() {
		results, err := sendOne(ctx, r, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		all = append(all, results...)
	}
	return all, nil
}

func sendOne(ctx context.Context, r *rig.Rig, s sample) ([]result, error) {
	body, err := message(s.file)
	if err != nil {
		return nil, err
	}
	before, err := r.Weir.Kept()
	if err != nil {
		return nil, err
	}
	r.Sink.Reset()
	m := smtptest.Mail{From: "<demo@example.org> BODY=8BITMIME", Body: body}
	for _, to := range s.to {
		m.To = append(m.To, "<"+to+">")
	}
	o, err := smtptest.Send(r.Postfix.Addr(rig.In), m)
	if err != nil {
		return nil, err
	}
	if err := r.Postfix.Drain(ctx); err != nil {
		return nil, err
	}
	kept, err := r.Weir.Kept()
	if err != nil {
		return nil, err
	}
	var results []result
	for i, to := range s.to {
		one := result{sample: s.name, to: to, said: o.Final().String(), want: s.want[i]}
		one.got, one.why = find(s, to, body, r.Sink.Messages(), kept, before)
		results = append(results, one)
	}
	return results, nil
}

// find looks for a message at the last hop and among what is new in quarantine.
func find(s sample, to string, body []byte, out []*sink.Message, kept, before []*rig.Kept) (fate, string) {
	for _, m := range out {
		for _, rcpt := range m.RcptTo {
			if sink.Address(rcpt) == to {
				return judge(m, body, s.harm), m.Field("Mailweir-Result")
			}
		}
	}
	old := map[string]bool{}
	for _, k := range before {
		old[k.ID] = true
	}
	for _, k := range kept {
		for _, rcpt := range k.Recipients {
			if !old[k.ID] && sink.Address(rcpt.Path) == to && bytes.HasSuffix(k.Data, body) {
				return quarantine, k.Why() + "; " + k.File
			}
		}
	}
	return nowhere, "neither at the last hop nor in quarantine"
}

// judge compares what came out with what went in. Fields on top do not count. harm is what is to be gone, if it is not "".
func judge(m *sink.Message, body []byte, harm string) fate {
	if bytes.HasSuffix(m.Data, body) {
		return delivered
	}
	_, text, _ := bytes.Cut(body, []byte("\r\n\r\n"))
	if bytes.HasSuffix(m.Data, text) && strings.HasPrefix(m.Field("Subject"), "[") {
		return tagged
	}
	if harm != "" && bytes.Contains(body, []byte(harm)) && !bytes.Contains(m.Data, []byte(harm)) {
		return disarmed
	}
	return changed
}

// table prints the results, and tells if each is as expected.
func table(out io.Writer, results []result) bool {
	good := true
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	say(w, "\nWHAT WENT IN\tFOR\tPOSTFIX SAID\tWHAT BECAME OF IT\t\n")
	for _, r := range results {
		mark := "as expected"
		if r.got != r.want {
			mark, good = "EXPECTED "+string(r.want), false
		}
		say(w, "%s\t%s\t%s\t%s\t%s\n", r.sample, r.to, r.said, r.got, mark)
	}
	_ = w.Flush()
	say(out, "\nWhy, and where:\n")
	for _, r := range results {
		say(out, "  %s, for %s\n    %s\n", r.sample, r.to, r.why)
	}
	return good
}
