// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const testConfig = `listen:
  - {name: lmtp, address: 127.0.0.1:10024, next_hop: 127.0.0.1:10025}
  - {name: other, address: 127.0.0.1:10026, next_hop: 127.0.0.1:10025}
hostname: mx.example.org
work_dir: DIR
quarantine: {dir: DIR}
networks: {trusted: [192.0.2.0/24]}
policies:
  - name: students
    when: {to: ["@etu.example.org"], direction: inbound}
    do:
      virus: [reject]
      spam: [{tag: "[S]"}]
  - name: default
    do: {virus: [quarantine]}
`

// writeConfig writes a config file into a folder of the test, which is the folder DIR in its text.
func writeConfig(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "mailweir.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// runCommand runs mailweir and returns what it wrote, with the folder of the config file cut from names of files.
func runCommand(t *testing.T, file string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errOut strings.Builder
	root := rootCommand()
	root.SetOut(&out)
	root.SetErr(&errOut)
	root.SetArgs(append(args, "--config", file))
	err = root.ExecuteContext(t.Context())
	cut := strings.NewReplacer(filepath.Dir(file)+"/", "", filepath.Dir(file), "DIR")
	return cut.Replace(out.String()), cut.Replace(errOut.String()), err
}

func TestConfigCheck(t *testing.T) {
	for _, tc := range []struct{ name, text, stdout, stderr string }{
		{
			"good", testConfig, "mailweir.yaml: ok\n", "warning: mailweir.yaml:1: chain: no filter; all mail passes without a look\n" +
				"warning: mailweir.yaml:12: policies[0].do.virus[0]: reject is after the queue at listen[0]: Postfix has taken the message, and sends a notification " +
				"to a sender who is often forged; quarantine and discard do not, nor does reject before the queue\n",
		},
		{
			"two faults", testConfig + "log: {level: loud}\nchian: []\n", "",
			"mailweir.yaml:16: log.level: want one of error, warn, info, debug, have \"loud\"\n" +
				"mailweir.yaml:17: chian: unknown key, did you mean \"chain\"?\n",
		},
		{"syntax", "listen: [\n", "", "mailweir.yaml:1: did not find expected node content\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			stdout, stderr, err := runCommand(t, writeConfig(t, tc.text), "config", "check")
			if isFault := errors.Is(err, errFault); isFault != (tc.stdout == "") {
				t.Errorf("error %v", err)
			}
			if diff := cmp.Diff(tc.stdout+tc.stderr, stdout+stderr); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

// What filters read at start is read by the check as well, and nothing is made.
func TestConfigCheckOpens(t *testing.T) {
	const text = `work_dir: DIR
quarantine: {dir: DIR}
listen: [{name: in, address: 127.0.0.1:10024, next_hop: 127.0.0.1:10025}]
chain:
  - - lists: {block: [{senders: ["file:DIR/pests"]}]}
    - bayes: {database: DIR/learned.db}
    - known: {file: DIR/known}
`
	type files map[string]string
	const list, ok = "a@example.org\n", "mailweir.yaml: ok\n"
	for _, tc := range []struct {
		name  string
		files files
		mode  os.FileMode
		want  string
	}{
		{"good", files{"pests": list}, 0o644, ok},
		{"no list", nil, 0o644, "mailweir.yaml: filter lists: list pests: open pests: no such file or directory\n"},
		{"wrong line", files{"pests": list + "b c\n"}, 0o644, "mailweir.yaml: filter lists: list pests: line 2: \"b c\": has a blank or control character in it\n"},
		{"no database", files{"pests": list, "learned.db": "a note"}, 0o644, "mailweir.yaml: filter bayes: database: open learned.db: file is not a database (26)\n"},
		{
			"two filters",
			files{"learned.db": "a note"},
			0o644,
			"mailweir.yaml: filter lists: list pests: open pests: no such file or directory\nmailweir.yaml: filter bayes: database: open learned.db: file is not a database (26)\n",
		},
		{"not for all", files{"pests": list}, 0, "warning: mailweir.yaml: filter lists: list pests: open pests: permission denied; the service has to be able to read it\n" + ok},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := writeConfig(t, text)
			dir := filepath.Dir(file)
			err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o777), os.Chmod(file, 0o644))
			for name, text := range tc.files {
				err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600), os.Chmod(filepath.Join(dir, name), tc.mode))
			}
			if err != nil {
				t.Fatal(err)
			}
			var stdout, stderr string
			asOther(t, func() { stdout, stderr, err = runCommand(t, file, "config", "check") })
			if said := stderr + stdout; said != tc.want {
				t.Errorf("got\n%swant\n%s", said, tc.want)
			}
			if isFault := errors.Is(err, errFault); isFault != (stdout == "") {
				t.Errorf("error %v", err)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) != len(tc.files)+1 {
				t.Errorf("the folder has %v now, %v", left, err)
			}
		})
	}
}

// TestConfigShow: what show prints is a config that check takes and show prints again.
func TestConfigShow(t *testing.T) {
	first, _, err := runCommand(t, writeConfig(t, testConfig), "config", "show")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"  idle: 5m\n", "      unscannable: [quarantine]\n", "      virus: [reject]\n"} {
		if !strings.Contains(first, want) {
			t.Errorf("no %q in\n%s", want, first)
		}
	}
	second, stderr, err := runCommand(t, writeConfig(t, first), "config", "show")
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}

const explained = `<a@etu.example.org>: policy students (mailweir.yaml:9)
 from <b@example.net>, inbound, by listener lmtp
 grey from 2 points built-in
 spam from 5 points built-in
 high_spam from 10 points built-in
 file_rules default
 signed wrap
 language en
 do virus reject mailweir.yaml:12
 do spam tag: [S] mailweir.yaml:13
`

// squeezed has one blank for each run of them, and none at the end of a line: the widths of columns are not what is tested.
func squeezed(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		words := strings.Fields(line)
		if strings.HasPrefix(line, " ") {
			b.WriteByte(' ')
		}
		b.WriteString(strings.Join(words, " ") + "\n")
	}
	return b.String()
}

func TestConfigExplain(t *testing.T) {
	file := writeConfig(t, testConfig)
	stdout, _, err := runCommand(t, file, "config", "explain", "--from", "b@example.net", "--to", "a@etu.example.org")
	if err != nil {
		t.Fatal(err)
	}
	if got := squeezed(stdout); !strings.HasPrefix(got, explained) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", got, explained)
	}
}

func TestConfigExplainPassed(t *testing.T) {
	stdout, _, err := runCommand(t, writeConfig(t, testConfig), "config", "explain", "--client", "192.0.2.7", "--listener", "other",
		"--to", "a@etu.example.org", "--to", "c@example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<a@etu.example.org>: policy default (mailweir.yaml:14)\n",
		"  from <>, outbound, by listener other\n",
		"  not students: its condition \"direction\" does not hold (mailweir.yaml:10)\n",
		"<c@example.org>: policy default (mailweir.yaml:14)\n",
		"  not students: its condition \"to\" does not hold (mailweir.yaml:10)\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

func TestConfigExplainFindings(t *testing.T) {
	stdout, _, err := runCommand(t, writeConfig(t, testConfig), "config", "explain",
		"--to", "a@etu.example.org", "--to", "c@example.org", "--finding", "virus.infected:virus::1.2", "--finding", "x.y:spam:6.5")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"  becomes: reject, 6.5 points\n",
		"    because virus.infected (virus)",
		"mailweir.yaml:12\n",
		"    because spam.score (spam)",
		"  becomes: quarantine, 6.5 points\n",
		"    kept on shelf: virus\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

// TestConfigExplainOneReply: what one reply for all recipients makes of their fates is told, too.
func TestConfigExplainOneReply(t *testing.T) {
	text := strings.Replace(testConfig, "name: lmtp,", "name: lmtp, protocol: smtp,", 1)
	const kept = "refused here, the message is kept on shelf refused if"
	for _, tt := range []struct {
		text string
		to   []string
		want bool
	}{
		{text, []string{"--to", "a@etu.example.org", "--to", "c@example.org"}, true},
		{text, []string{"--to", "a@etu.example.org"}, false},
		{testConfig, []string{"--to", "a@etu.example.org", "--to", "c@example.org"}, false},
	} {
		stdout, stderr, err := runCommand(t, writeConfig(t, tt.text), append(tt.to, "config", "explain", "--finding", "virus.infected:virus")...)
		if err != nil || strings.Contains(stdout, kept) != tt.want {
			t.Errorf("%v: got %v\n%s%s", tt.to, err, stdout, stderr)
		}
	}
}

func TestConfigExplainRefuses(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, "want at least one recipient, --to ADDRESS"},
		{[]string{"--to", "a@example.org", "--client", "mx"}, `--client "mx": want an IP address`},
		{[]string{"--to", "a@example.org", "--listener", "smtp"}, `--listener "smtp": the config has none of this name`},
		{[]string{"--to", "a@example.org", "--finding", "x"}, `--finding "x": want CODE:CLASS[:SCORE[:PART]]`},
		{[]string{"--to", "a@example.org", "--finding", "x:y"}, `--finding "x:y": unknown class "y", want one of `},
		{[]string{"--to", "a@example.org", "--finding", "x:spam:many"}, `--finding "x:spam:many": score "many": want a number`},
	} {
		_, _, err := runCommand(t, writeConfig(t, testConfig), append([]string{"config", "explain"}, tc.args...)...)
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%q: got %v, want %s", tc.args, err, tc.want)
		}
	}
}
