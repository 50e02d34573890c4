// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// postfixRun runs "mailweir postfix" with a config that has two listeners.
func postfixRun(t *testing.T, args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "mailweir.yaml")
	text := "listen:\n" +
		"  - {name: a, address: 127.0.0.1:11024, protocol: lmtp, mode: after-queue, next_hop: 127.0.0.1:11025}\n" +
		"  - {name: b, address: systemd:b, protocol: smtp, mode: before-queue, next_hop: 127.0.0.1:11027}\n" +
		"work_dir: " + dir + "\nquarantine: {dir: " + dir + "}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	root := rootCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"postfix", "--config", file}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestPostfixPrint(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string // In the output, or with "error: " in the error.
	}{
		{"which listener", nil, "error: name one by --mode"},
		{"addresses of the config", []string{"--mode", "after-queue-lmtp"}, "content_filter=mailweir:[127.0.0.1]:11024"},
		{"re-injection of the config", []string{"--mode", "after-queue-lmtp"}, "postconf -M '127.0.0.1:11025/inet="},
		{"listener by its address", []string{"--filter", "127.0.0.1:11024"}, "postconf -M '127.0.0.1:11025/inet="},
		{"flags win", []string{"--mode", "after-queue-lmtp", "--filter", "unix:/run/x"}, "content_filter=mailweir:unix:/run/x"},
		{"no listener of the mode", []string{"--mode", "after-queue-smtp"}, "content_filter=mailweir:[127.0.0.1]:10024"},
		{"address known to systemd alone", []string{"--mode", "before-queue"}, "error: name them by --filter"},
		{"address of systemd's socket told", []string{"--mode", "before-queue", "--filter", "127.0.0.1:9"}, "smtp/inet/smtpd_proxy_filter=127.0.0.1:9"},
		{"address of systemd's socket among others", []string{"--filter", "127.0.0.1:9"}, "smtp/inet/smtpd_proxy_filter=127.0.0.1:9"},
		{"other entry", []string{"--mode", "before-queue", "--filter", "127.0.0.1:9", "--service", "2525/inet"}, "2525/inet/smtpd_proxy_filter"},
		{"other instance", []string{"--mode", "after-queue-lmtp", "--config-dir", "/etc/postfix-2"}, "postfix -c /etc/postfix-2 reload"},
		{"unknown mode", []string{"--mode", "sideways"}, "error: --mode sideways"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := postfixRun(t, append([]string{"print"}, tt.args...)...)
			if want, ok := strings.CutPrefix(tt.want, "error: "); ok {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %q", err, want)
				}
				return
			}
			if err != nil || !strings.Contains(out, tt.want) {
				t.Errorf("got %v, want %q in:\n%s", err, tt.want, out)
			}
		})
	}
}

// Who has put it in by hand is told that remove does not take that out; without a config, check says what it goes by.
func TestPostfixTellsWhatItGoesBy(t *testing.T) {
	if _, err := exec.LookPath("postconf"); err != nil {
		t.Skip("Postfix is not installed: no postconf")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"main.cf": "compatibility_level = 3.6\n", "master.cf": "smtp inet n - y - - smtpd\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := postfixRun(t, "remove", "--config-dir", dir); err != nil || !strings.Contains(out, "by hand is for you to take out") {
		t.Errorf("remove: got %v\n%s", err, out)
	}
	if _, err := os.Stat(defaultConfig); err == nil {
		t.Skip("this host has a config")
	}
	if out, errOut, err := mailweir(t, "postfix", "print"); err != nil || !strings.Contains(errOut, "There is no "+defaultConfig) || strings.Contains(out, "There is no") {
		t.Errorf("print: got %v\n%s", err, errOut)
	}
}
