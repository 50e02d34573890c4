// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
)

// Fields that list findings have short lines, however many there are, and say the same when they are unfolded.
func TestListsAreFolded(t *testing.T) {
	for _, tt := range []struct {
		name  string
		codes int
		code  string
	}{
		{"one", 1, "filter.finding_number_%d"},
		{"many", 30, "filter.finding_number_%d"},
		{"more than are told", 50, "rules.x%d"},
		{"long names", 30, "rules.%02d" + strings.Repeat("y", 56)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var findings []filters.Finding
			for i := range tt.codes {
				findings = append(findings, filters.Finding{Code: fmt.Sprintf(tt.code, i), Class: filters.Spam, Score: 0.125})
			}
			d := decide(t, Policy{Name: DefaultName}, findings...)
			for name, lists := range map[string]string{"X-Spam-Status": "tests=", "Mailweir-Result": "findings="} {
				raw, value := written(t, name, append(d.Edits, Result("20261122-093015.042-A1", findings, d)))
				for line := range strings.SplitSeq(strings.TrimRight(raw, "\r\n"), "\r\n") {
					if len(line) > maxLine || strings.TrimSpace(line) == "" {
						t.Errorf("%d octets: %q", len(line), line)
					}
				}
				_, list, _ := strings.Cut(value, lists)
				if n := len(strings.Split(list, ",")); n != min(tt.codes, maxResultCodes+1) || strings.Contains(strings.ReplaceAll(list, ",\t", ","), "\t") {
					t.Errorf("%d of %d in %s", n, tt.codes, value)
				}
			}
		})
	}
}

// written is a field of a message that the edits are done to: as it stands there, and unfolded.
func written(t *testing.T, name string, edits []mail.Edit) (raw, value string) {
	t.Helper()
	var b strings.Builder
	if err := parse(t, "From: a@example.org\r\nSubject: x\r\n\r\nhi\r\n").Write(&b, edits); err != nil {
		t.Fatal(err)
	}
	for f := range parse(t, b.String()).Header().All(name) {
		return f.Raw, f.Value()
	}
	t.Fatalf("no field %s in %s", name, &b)
	return "", ""
}

func parse(t *testing.T, text string) *mail.Message {
	t.Helper()
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = msg.Close() })
	return msg
}
