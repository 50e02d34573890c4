// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rigtest"
)

// gtube is the text by which spam filters are tested (https://spamassassin.apache.org/gtube/), put together here so that no filter keeps this file.
const gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

// marked is a chain of one filter, with a policy that tags what it finds, however bad.
const marked = `chain: [[%s]]
policies: [{name: default, do: {high_spam: [tag, deliver]}}]
`

// The text is tagged, wherever it stands; the same message without it is not.
func tagsGTUBE(ctx context.Context, t *testing.T, way postconf.Mode, extra string, codes ...string) {
	t.Helper()
	r := start(ctx, t, way, extra)
	for name, text := range map[string]string{
		"in the text": head + "\r\nHello,\r\n\r\n" + gtube + "\r\n",
		"in base64":   head + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(gtube)) + "\r\n",
	} {
		m := deliver(ctx, t, r, letter{client: stranger, text: text})
		found(t, m, codes...)
		if s := m.Field("Subject"); !strings.HasPrefix(s, "[SPAM]") || !strings.HasSuffix(s, "test") {
			t.Errorf("%s: Subject: %s, want a tag", name, s)
		}
		if flag, status := m.Field("X-Spam-Flag"), m.Field("X-Spam-Status"); flag != "YES" || !strings.HasPrefix(status, "Yes") {
			t.Errorf("%s: X-Spam-Flag: %s, X-Spam-Status: %s", name, flag, status)
		}
	}
	tagged(t, deliver(ctx, t, r, letter{client: stranger}), false)
	// Our own people may send it.
	m := deliver(ctx, t, r, letter{client: home, text: head + "\r\n" + gtube + "\r\n"})
	tagged(t, m, false)
}

func TestGTUBEByRules(t *testing.T) {
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		tagsGTUBE(need(t), t, way, fmt.Sprintf(marked, "rules"), "rules.gtube")
	})
}

// As it comes: with the default policy such a message is high spam, and kept.
func TestGTUBEIsKeptByDefault(t *testing.T) {
	ctx := need(t)
	r := start(ctx, t, postconf.BeforeQueue, "chain: [[rules]]\n")
	postOK(t, r, letter{client: stranger, text: head + "\r\n" + gtube + "\r\n"})
	drained(ctx, t, r)
	k := kept(t, r, 1)[0]
	has := false
	for _, f := range k.Findings {
		has = has || f.Code == "rules.gtube"
	}
	if n := len(r.Sink.Messages()); n != 0 || !has {
		t.Errorf("%d messages came out; kept for %+v", n, k.Findings)
	}
}

func TestGTUBEBySpamd(t *testing.T) {
	ctx := need(t)
	address := startSpamd(ctx, t)
	// SpamAssassin has its opinions of the message without the text, too: half of its points are enough.
	tagsGTUBE(ctx, t, postconf.AfterQueueLMTP, fmt.Sprintf(marked, "spamd: {factor: 0.5, servers: ['"+address+"']}"), "spamd.score", "-spamd.no_answer")
}

// startSpamd starts SpamAssassin with Debian's rules that need no network, on a socket, until the test ends.
func startSpamd(ctx context.Context, t *testing.T) (address string) {
	t.Helper()
	const program = "/usr/sbin/spamd"
	plugins, err := filepath.Glob("/etc/spamassassin/*.pre")
	if _, e := os.Stat(program); err != nil || e != nil || len(plugins) == 0 {
		t.Skipf("SpamAssassin is not installed: apt-get install spamd (%v)", errors.Join(err, e))
	}
	dir := folder(t)
	for _, p := range plugins {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(p)), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	socket := filepath.Join(dir, "s")
	cmd := exec.Command(program, "--local", "--nouser-config", "--siteconfigpath="+dir, "--socketpath="+socket, "--max-children=2", "--min-children=1", "--syslog=stderr", "--helper-home-dir="+dir)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // Its children, too.
		_ = cmd.Wait()
	})
	eventually(ctx, t, func() error { return ping(socket) })
	return "unix:" + socket
}

// ping asks a spamd if it is there.
func ping(socket string) error {
	c, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(c, "PING SPAMC/1.5\r\n\r\n"); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(c, 1000))
	if err == nil && !strings.Contains(string(b), "PONG") {
		err = fmt.Errorf("spamd says %q", b)
	}
	return err
}
