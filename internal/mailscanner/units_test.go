// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/filetype"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSettings: the table is well-formed, and each setting without an equivalent has a reason that exists.
func TestSettings(t *testing.T) {
	known := map[string]bool{}
	for _, r := range reasons() {
		known[r[0]] = false
	}
	table := settings()
	if len(table) < 380 {
		t.Errorf("%d settings, want at least 380", len(table))
	}
	lines := 0
	for text := range strings.Lines(settingsText) {
		if !strings.HasPrefix(text, "#") && strings.TrimSpace(text) != "" {
			lines++
		}
	}
	if lines != len(table) {
		t.Errorf("%d lines and %d settings: a name is there twice", lines, len(table))
	}
	for _, s := range table {
		if !strings.ContainsRune("SFA", rune(s.scope)) || !strings.ContainsRune("ynofdc", rune(s.kind)) {
			t.Errorf("%s: scope %c, kind %c", s.name, s.scope, s.kind)
		}
		if _, ok := known[s.fate]; !ok && !s.mapped() {
			t.Errorf("%s: no reason %q", s.name, s.fate)
		}
		if why := s.wrong(s.def); s.mapped() && why != "" {
			t.Errorf("%s: its default %q: %s", s.name, s.def, why)
		}
		known[s.fate] = true
	}
	for r, used := range known {
		if !used {
			t.Errorf("reason %q is not used", r)
		}
	}
}

// TestFileTypes: the table has each type of package filetype, and no other.
func TestFileTypes(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range samples() {
		seen[s.name] = true
		if _, ok := filetype.Named(s.name); !ok {
			t.Errorf("there is no type %q", s.name)
		}
	}
	for _, ty := range filetype.Types() {
		if !seen[ty.Name] {
			t.Errorf("no words of file(1) for the type %q", ty.Name)
		}
	}
}

func TestTranslate(t *testing.T) {
	for _, tc := range []struct {
		perl, want string
		wide, ok   bool
	}{
		{`\.exe$`, `\.exe$`, false, true},
		{`*.exe`, `.*.exe`, false, true},
		{`(\.[a-z0-9]{3})\1$`, `(\.[a-z0-9]{3})(\.[a-z0-9]{3})$`, true, true},
		{`^(?!ok)x`, `^x`, true, true},
		{`(?<=a(b)c)x`, `x`, true, true},
		{`a++b*+[+]++`, `a+b*[+]+`, true, true},
		{`(?>ab)c`, `(?:ab)c`, true, true},
		{`[(?=]x(?=y)`, `[(?=]x`, true, true},
		{`\h\.x\Z`, `[ \t]\.x\z`, true, true},
		{`(?=x)`, "", false, false}, // It would match every name.
		{`(`, "", false, false},
		{``, "", false, false},
		{`x{2000}`, "", false, false},
		{strings.Repeat("x", maxExpr+1), "", false, false},
	} {
		got, ok := translate(tc.perl)
		if ok != tc.ok || ok && (got.text != tc.want || got.wide != tc.wide) {
			t.Errorf("%.40q: got %+v, %t; want %q, %t, %t", tc.perl, got, ok, tc.want, tc.wide, tc.ok)
		}
		if _, err := regexp.Compile(got.text); ok && err != nil {
			t.Errorf("%.40q: %v", tc.perl, err)
		}
	}
}

func TestPatterns(t *testing.T) {
	im := &importer{src: newSource(nil, "/none", nil), notes: newNotes()}
	for _, tc := range []struct{ pattern, want string }{
		{"user@sub.example.org", "[user@sub.example.org] []"},
		{"User@Example.ORG", "[user@example.org] []"},
		{"user@*", "[user@*] []"},
		{"user@", "[user@*] []"},
		{"*@example.org", "[@example.org] []"},
		{"example.org", "[@example.org] []"},
		{"@example.org", "[@example.org] []"},
		{"*@*.example.org", "[.example.org] []"},
		{"*.example.org", "[.example.org] []"},
		{"news*@example.org", "[news*@example.org] []"},
		{"*@*", "everything"},
		{"default", "everything"},
		{"*", "everything"},
		{"192.168.21.", "[] [192.168.21.0/24]"},
		{"192.168.21", "[] [192.168.21.0/24]"},
		{"10.", "[] [10.0.0.0/8]"},
		{"192.0.2.1", "[] [192.0.2.1/32]"},
		{"192.168.21.0/255.255.255.0", "[] [192.168.21.0/24]"},
		{"192.168/16", "[] [192.168.0.0/16]"},
		{"2001:db8::/32", "[] [2001:db8::/32]"},
		{"2001:db8:", "[] [2001:db8::/32]"},
		{"192.0.2.0-192.0.2.6", "[] [192.0.2.0/30 192.0.2.4/31 192.0.2.6/32]"},
		{`/^192\.168\.1[4567]\./`, "[] [192.168.14.0/24 192.168.15.0/24 192.168.16.0/24 192.168.17.0/24]"},
		{`/[\@\.]example\.org$/`, "[.example.org @example.org] []"},
		{`/\.gov$/`, "[.gov] []"},
		{`/^(a|b)@example\.(org|net)$/`, "[a@example.org a@example.net b@example.org b@example.net] []"},
		{`/^$/`, "[<>] []"},
		{`/^user\d+@example\.org$/`, "-"},
		{`/(/`, "-"},
		{`/^192\.168\./x`, "-"},
		{"host:mail.example.org", "-"},
		{"host-nocheck:x", "-"},
		{"_SPOOFED_", "-"},
		{"300.1.2.3", "-"},
		{"192.0.2.9-192.0.2.1", "-"},
		{"192.0.2.0/255.0.255.0", "-"},
		{"a b", "-"},
		{"/etc/passwd", "-"},
	} {
		w, why, err := im.pattern(tc.pattern, 0)
		got := fmt.Sprint(w.addresses, w.networks)
		switch {
		case err != nil:
			t.Errorf("%s: %v", tc.pattern, err)
		case why != "":
			got = "-"
		case w.everything:
			got = "everything"
		}
		got = strings.ReplaceAll(got, "] [", "] [")
		if strings.ReplaceAll(got, "][", "] [") != tc.want {
			t.Errorf("%s: got %s (%s), want %s", tc.pattern, got, why, tc.want)
		}
	}
}

func TestActions(t *testing.T) {
	for _, tc := range []struct{ spam, want string }{
		{"deliver", "[{tag: '{Spam?}'}, deliver]"},
		{"store", "[quarantine]"},
		{"delete", "[discard]"},
		{"store deliver striphtml", "[{tag: '{Spam?}'}, strip-html, store, deliver]"},
		{"deliver attachment, forward a@example.org forward b@example.org", "[{tag: '{Spam?}'}, attach, {forward: 'a@example.org'}, {forward: 'b@example.org'}, deliver]"},
		{"forward a@example.org header \"X-A: b c\"", "[{tag: '{Spam?}'}, {header: 'X-A: b c'}, {redirect: 'a@example.org'}]"},
		{"store-nonspam store-/srv/Spam", "[{quarantine: nonspam}, {store: spam}]"},
		{"store store-mcp", "[quarantine, {store: mcp}]"},
		{"bounce", "[reject]"},
		{"store bounce", "[reject]"},
		{"striphtml delete", "[discard]"},
		{"", "[{tag: '{Spam?}'}, deliver]"},
		{"forward", "[discard]"},
		{"forward _TOUSER_@example.org", "[discard]"},
		{"deliver header \"Subject: x\" header", "[{tag: '{Spam?}'}, deliver]"},
		{"deliver delete notify custom(x) whatever", "[{tag: '{Spam?}'}, deliver]"},
	} {
		dir := t.TempDir()
		write(t, dir, mainFile, "High Scoring Spam Actions = delete\nSpam Actions = "+tc.spam+"\n")
		im, specs := imported(t, dir)
		if got := actionList(specs[0].out.do["spam"]); got != tc.want {
			t.Errorf("%q: got %s, want %s; %q", tc.spam, got, tc.want, im.notes.warnings())
		}
	}
}

// TestLimits: what is over a limit is an error that names file and line.
func TestLimits(t *testing.T) {
	doubling := "%v0% = xxxxxxxx\n"
	for i := range 20 {
		doubling += fmt.Sprintf("%%v%d%% = %%v%d%%%%v%d%%\n", i+1, i, i)
	}
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"line", map[string]string{mainFile: "# one\n" + strings.Repeat("x", maxLine+1)}, "MailScanner.conf:2: a line of more than 65536 octets"},
		{"variables", map[string]string{mainFile: doubling}, "MailScanner.conf:15: a value of more than 65536 octets"},
		{"file", map[string]string{mainFile: strings.Repeat("# filler\n", maxFile/9+1)}, "MailScanner.conf: larger than 16777216 octets"},
		{
			"rules",
			map[string]string{mainFile: "Filename Rules = /etc/MailScanner/f\n", "f": strings.Repeat("deny\tx\ty\tz\n", maxFileRules+1)},
			"f: more than 10000 rules for files",
		},
		{"missing", nil, "MailScanner.conf: no such file or directory"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range tc.files {
				write(t, dir, name, text)
			}
			if _, err := Import(dir, Options{}); err == nil || err.Error() != tc.want {
				t.Errorf("got the error %v, want %s", err, tc.want)
			}
		})
	}
}

// TestIncludes: files that include each other are read once, and a chain of them ends at the limit.
func TestIncludes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, mainFile, "include a.conf\nSpam Subject Text = {main}\ninclude b.conf\n")
	write(t, dir, "a.conf", "include MailScanner.conf\nSpam Subject Text = {a}\n")
	write(t, dir, "b.conf", "Spam Subject Text = {b}\n")
	_, specs := imported(t, dir)
	if diff := cmp.Diff("[{tag: '{b}'}, deliver]", actionList(specs[0].out.do["spam"])); diff != "" {
		t.Error(diff)
	}
	for i := range maxInclude + 1 {
		write(t, dir, fmt.Sprintf("n%d.conf", i), fmt.Sprintf("include n%d.conf\n", i+1))
	}
	write(t, dir, mainFile, "include n0.conf\n")
	if _, err := Import(dir, Options{}); !isLimit(err) {
		t.Errorf("got the error %v, want one of a limit", err)
	}
}

// TestOutside: nothing outside of the folder is read, by whatever way it is named.
func TestOutside(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, "secret.rules", "From: secret@example.org yes\n")
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(outside, "secret.rules"), filepath.Join(dir, "link.rules")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(outside, "secret.rules"), "/etc/MailScanner/../../" + outside + "/secret.rules", "/etc/MailScanner/link.rules"} {
		write(t, dir, mainFile, "Spam Checks = "+name+"\nSign Clean Messages = "+name+"\n")
		res, err := Import(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if contains(string(res.Config), "secret@") {
			t.Errorf("%s was read", name)
		}
		if !slices.ContainsFunc(res.Warnings, func(w string) bool { return contains(w, "Spam Checks = ") }) {
			t.Errorf("%s: nothing is told of it: %q", name, res.Warnings)
		}
	}
}

// TestTooLarge: a config that mailweir would not read is an error.
func TestTooLarge(t *testing.T) {
	dir := t.TempDir()
	var rules strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&rules, "deny\tname-%d-%s\tlog\tuser\n", i, strings.Repeat("x", 50))
	}
	write(t, dir, mainFile, "Filename Rules = /etc/MailScanner/f\n")
	write(t, dir, "f", rules.String())
	if _, err := Import(dir, Options{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got the error %v, want ErrTooLarge", err)
	}
}

// TestAsShipped imports every setting with the value that MailScanner ships: all are known, and all without equivalent are defaults.
func TestAsShipped(t *testing.T) {
	dir := t.TempDir()
	text := "%etc-dir% = /etc/MailScanner\n%rules-dir% = %etc-dir%/rules\n%report-dir% = /usr/share/MailScanner/reports/en\n"
	for row := range strings.Lines(settingsText) {
		if f := strings.Split(strings.TrimRight(row, "\n"), "|"); len(f) > 3 {
			text += f[0] + " = " + f[len(f)-1] + "\n"
		}
	}
	write(t, dir, mainFile, text)
	res, err := Import(dir, Options{Env: environment})
	if err != nil {
		t.Fatal(err)
	}
	load(t, res.Config)
	if res.Unknown != 0 || res.NoEquivalent != res.Defaults || res.Carried+res.NoEquivalent != len(settings()) {
		t.Errorf("got %d carried over, %d without equivalent, %d defaults, %d unknown of %d", res.Carried, res.NoEquivalent, res.Defaults, res.Unknown, len(settings()))
	}
}

// TestInstalled imports what MailScanner itself ships, where it is installed.
func TestInstalled(t *testing.T) {
	for _, dir := range []string{etcDir, "/usr/share/MailScanner/etc"} {
		if _, err := os.Stat(filepath.Join(dir, mainFile)); err != nil {
			continue
		}
		res, err := Import(dir, Options{Env: environment})
		if err != nil {
			t.Fatal(err)
		}
		load(t, res.Config)
		if res.Unknown > 0 || res.Carried < 50 {
			t.Errorf("%d settings are not known, %d carried over", res.Unknown, res.Carried)
		}
		return
	}
	t.Skip("MailScanner is not installed: no MailScanner.conf in /etc/MailScanner")
}
