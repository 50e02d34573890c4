// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/policy"
)

// TestRenameOnItsWay goes from a rule to the message that is delivered: a file is under its new name alone, whatever names it had, and a file in an
// archive, which cannot be renamed, is replaced.
func TestRenameOnItsWay(t *testing.T) {
	rules := func(name string) *Options {
		return withRules(Rule{Do: wordRename, Name: []string{"*.bin"}, Rename: name})
	}
	for _, c := range []struct {
		name   string
		in     attachment
		rename string
		want   []string // Names of the part afterwards.
	}{
		{"one name", file("a.bin", "x"), "", []string{"a.bin.disarmed"}},
		{"two names", attachment{"Content-Type: text/plain; name=\"b.txt\"\r\nContent-Disposition: inline; filename*=utf-8''%C3%BC.BIN", "x"}, "{base}.txt", []string{"ü.txt"}},
		{"description", attachment{"Content-Type: application/octet-stream\r\nContent-Description: a.bin", "x"}, "{ext}", []string{"bin"}},
		{"nothing is left", file("....bin", "x"), "{base}", []string{"unnamed"}},
		{"a name that breaks out", file("a.txt\\\"; x=\\\"\\r\\n.bin", "x"), "{name}", nil},
		{"long", file(string(bytes.Repeat([]byte("x"), 500))+".bin", "x"), "", []string{string(bytes.Repeat([]byte("x"), 150)) + ".bin.disarmed"}},
		{"in an archive", file("a.zip", zipped(t, "b.bin", "x")), "", []string{"removed.txt"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			message := letter(c.in)
			found := inspect(t, rules(c.rename), message)
			if !slices.ContainsFunc(found, func(f filters.Finding) bool { return f.Code == codeRename }) {
				t.Fatalf("got %+v", found)
			}
			set, err := policy.New([]policy.Policy{{Name: policy.DefaultName, Language: "en", Do: map[string][]policy.Action{
				codeRename: {{Name: "disarm"}}, string(filters.File): {{Name: "deliver"}},
			}}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			env := filtertest.Envelope()
			d := set.Decide(env, env.RcptTo[0], found)
			var out bytes.Buffer
			if err := filtertest.Message(t, message).Write(&out, d.Edits); err != nil {
				t.Fatal(err)
			}
			after := filtertest.Message(t, out.String())
			got := after.Part("1.2").Filenames()
			if c.want == nil {
				c.want = got
			}
			if d := cmp.Diff(c.want, got); d != "" || len(got) != 1 || len(after.Defects()) > 0 {
				t.Errorf("(-want +got)\n%s\n%v\n%s", d, after.Defects(), out.String())
			}
		})
	}
}

// TestFindingsForRecipients: what is told of a file, whatever is found, has its name and a reason.
func TestFindingsForRecipients(t *testing.T) {
	o := DefaultOptions()
	o.MaxSize, o.MaxTotal, o.MaxCount = 100, 200, 1
	o.Rules = map[string][]Rule{defaultList: {{Do: wordRename, Name: []string{"*.bin"}}, {Do: wordDeny, Name: []string{"*.exe"}}}}
	message := letter(
		file("a.bin", "x"), file("b.exe", program()), file("in\u202evoice.pdf", "<html><body>x</body></html>"), file("a.zip", zipped(t, "c.exe", "x")),
		attachment{"Content-Type: message/partial; id=x; number=1; total=2; name=p", "x"},
		attachment{"Content-Type: message/external-body; access-type=URL; name=e", "Content-Type: text/plain\r\n\r\n"},
	)
	seen := map[string]bool{}
	for _, f := range inspect(t, o, message) {
		seen[f.Code] = true
		if f.Notice == "" || f.Part != "" && f.File == "" {
			t.Errorf("%+v", f)
		}
	}
	for _, c := range Kind().Codes {
		if !seen[c.Name] && c.Name != codeLimit {
			t.Errorf("no %s", c.Name)
		}
	}
}
