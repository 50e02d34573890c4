// SPDX-License-Identifier: Apache-2.0

package container

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/smtptest"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

// maxImage is how many octets the image may have: one static program and the list of certificate authorities.
const maxImage = 64 << 20

// house is the two containers on their network.
type house struct {
	mailweir, postfix string // Names of the containers.
	image             string
	after, before     string // Addresses of Postfix's listeners on this host, by mode.
	metrics           string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	needEngine(t)
	id := "mailweir-test-" + strconv.Itoa(os.Getpid())
	h := &house{mailweir: id, postfix: id + "-postfix", image: id}
	build(t, h.image, "../..", moduleArgs()...)
	build(t, id+"-postfix", "../postfix")

	docker(t, "network", "create", id)
	t.Cleanup(func() { _, _ = tryDocker(context.Background(), "network", "rm", id) }) // t.Context is done by then.
	config, err := filepath.Abs("mailweir.yaml")
	if err != nil {
		t.Fatal(err)
	}
	run(t, h.mailweir, "--network", id, "--network-alias", "mailweir", "--publish", "127.0.0.1::9125",
		"--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true", "--tmpfs", "/tmp",
		"--health-interval", "1s", "--volume", config+":/etc/mailweir/mailweir.yaml:ro", h.image)
	run(t, h.postfix, "--network", id, "--network-alias", "postfix", "--hostname", "mx.example.org",
		"--publish", "127.0.0.1::25", "--publish", "127.0.0.1::2525", id+"-postfix")
	eventually(t, func() string {
		state := docker(t, "inspect", "--format", "{{.State.Status}} {{.State.Health.Status}}", h.mailweir)
		if state == "running healthy" {
			return ""
		}
		return "mailweir's container is " + state
	})
	h.metrics = published(t, h.mailweir, "9125")
	h.after, h.before = published(t, h.postfix, "25"), published(t, h.postfix, "2525")
	eventually(t, func() string {
		c, greeting, err := smtptest.Dial(h.after)
		if err != nil {
			return "Postfix's container: " + err.Error()
		}
		_ = c.Close()
		if !greeting.OK() {
			return "Postfix's container: " + greeting.String()
		}
		return ""
	})
	return h
}

// moduleArgs hand on where this host gets Go modules from, if it says so.
func moduleArgs() []string {
	var args []string
	for _, name := range []string{"GOPROXY", "GOSUMDB"} {
		if v := os.Getenv(name); v != "" {
			args = append(args, "--build-arg", name+"="+v)
		}
	}
	return args
}

// TestContainers builds both images and sends mail through: Postfix, mailweir, Postfix again, mailbox.
func TestContainers(t *testing.T) {
	h := newHouse(t)
	t.Run("image", h.testImage)
	t.Run("after-queue clean", func(t *testing.T) { h.testClean(t, h.after) })
	t.Run("before-queue clean", func(t *testing.T) { h.testClean(t, h.before) })
	t.Run("after-queue virus is quarantined", h.testQuarantine)
	t.Run("before-queue virus is rejected", h.testReject)
	t.Run("metrics", h.testMetrics)
	t.Run("stop", h.testStop)
}

func (h *house) testImage(t *testing.T) {
	if got := docker(t, "image", "inspect", "--format", "{{.Config.User}}", h.image); got != "10024:10024" {
		t.Errorf("the image runs as %q", got)
	}
	size, err := strconv.ParseInt(docker(t, "image", "inspect", "--format", "{{.Size}}", h.image), 10, 64)
	if err != nil || size > maxImage {
		t.Errorf("the image has %d octets (%v), want at most %d", size, err, maxImage)
	}
	if _, err := tryDocker(t.Context(), "exec", h.mailweir, "/bin/sh", "-c", "true"); err == nil {
		t.Error("the image has a shell")
	}
}

// testClean sends a message with lines that are hard to carry, and compares what is in the mailbox with what was sent.
func (h *house) testClean(t *testing.T, address string) {
	token := strings.ReplaceAll(t.Name(), "/", " ")
	body := "Subject: " + token + "\r\nFrom: a@example.net\r\n\r\n.\r\n..\r\n" + strings.Repeat("long ", 1000) + "\r\n\tend \r\n"
	outcome := send(t, address, []byte(body))
	if !outcome.OK() {
		t.Fatalf("got %s, want 250", outcome.Final())
	}
	var stored string
	eventually(t, func() string {
		stored = h.mailbox(t, token)
		if stored == "" {
			return "the message is not in the mailbox"
		}
		return ""
	})
	// The mailbox has LF for CRLF, and trace fields on top.
	want := strings.ReplaceAll(body, "\r\n", "\n")
	if !strings.HasSuffix(stored, want) {
		t.Errorf("in the mailbox is\n%.2000q\nwant at its end\n%.2000q", stored, want)
	}
	if n := strings.Count(stored, "mailweir.example.org"); n == 0 {
		t.Errorf("no Received field by mailweir in\n%.2000s", stored)
	}
}

func (h *house) testQuarantine(t *testing.T) {
	token := "in quarantine"
	outcome := send(t, h.after, infected(token))
	if !outcome.OK() {
		t.Fatalf("got %s, want 250: Postfix has a queue", outcome.Final())
	}
	eventually(t, func() string {
		list, err := tryDocker(t.Context(), "exec", h.mailweir, "/usr/bin/mailweir", "quarantine", "list")
		switch {
		case err != nil:
			return err.Error()
		case !strings.Contains(list, "user@example.org"):
			return "the quarantine holds: " + list
		}
		return ""
	})
	if got := h.mailbox(t, token); got != "" {
		t.Errorf("the mailbox has the virus:\n%s", got)
	}
}

func (h *house) testReject(t *testing.T) {
	token := "to be rejected"
	outcome := send(t, h.before, infected(token))
	if got := outcome.Final(); got.Code/100 != 5 || len(outcome.Dot) == 0 {
		t.Errorf("got %s, want 5xx at the end of data", got)
	}
	if got := h.mailbox(t, token); got != "" {
		t.Errorf("the mailbox has the virus:\n%s", got)
	}
}

func (h *house) testMetrics(t *testing.T) {
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		resp, err := http.Get("http://" + h.metrics + path)
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s, %v: %.500s", path, resp.Status, err, page)
		}
		if path == "/metrics" && !bytes.Contains(page, []byte("\nmailweir_")) {
			t.Errorf("no metric of mailweir in:\n%.2000s", page)
		}
	}
}

// testStop asks mailweir to end as an engine does, with SIGTERM, and expects that it ends by itself.
func (h *house) testStop(t *testing.T) {
	docker(t, "stop", "--time", "40", h.mailweir)
	if got := docker(t, "inspect", "--format", "{{.State.ExitCode}}", h.mailweir); got != "0" {
		t.Errorf("mailweir ended with status %s after SIGTERM, want 0", got)
	}
}

// mailbox is the message in the mailbox whose Subject is token, "" if there is none.
func (h *house) mailbox(t testing.TB, token string) string {
	t.Helper()
	script := fmt.Sprintf("grep -lFx 'Subject: %s' /var/mail/vhosts/user/new/* 2>/dev/null | head -n 1 | xargs -r cat", token)
	out := docker(t, "exec", h.postfix, "sh", "-c", script+"; echo end")
	return strings.TrimSuffix(out, "end") // The line end before it is the message's own.
}

func send(t testing.TB, address string, body []byte) *smtptest.Outcome {
	t.Helper()
	outcome, err := smtptest.Send(address, smtptest.Mail{From: "<a@example.net>", To: []string{"<user@example.org>"}, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

// infected is a message with the EICAR test file attached.
func infected(subject string) []byte {
	return []byte("Subject: " + subject + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nHello.\r\n" +
		"--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString(scannertest.EICAR()) + "\r\n--b--\r\n")
}
