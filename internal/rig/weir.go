// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/mailweir/mailweir/internal/postconf"
)

// DefaultExtra is the chain of the rig: the built-in list of hashes, which knows the EICAR test file.
const DefaultExtra = `scanners: {list: {hashes: {}}}
chain: [[virus: {scanners: [list]}]]
policies: [{name: default, do: {virus: [quarantine], unscannable: [deliver], encrypted: [deliver], ambiguous: [deliver], failure: [defer]}}]
`

// nobody is whom mailweir runs as where the rig is root's.
const nobody = 65534

const (
	readyTimeout = 20 * time.Second
	stopTimeout  = 60 * time.Second
)

// Place is where a mailweir listens and hands on.
type Place struct {
	Mode     postconf.Mode
	Filter   string // host:port or unix:/path.
	NextHop  string
	Metrics  string // host:port.
	Listener string // More keys of the listener.
}

// Weir is a mailweir with a folder of its own, running or not. It is for one goroutine.
type Weir struct {
	binary string
	dir    string
	place  Place

	cmd  *exec.Cmd
	done chan error // Has what the process ended with.
	log  *os.File
}

// NewWeir makes the folder. Remove is to be called for it.
func NewWeir(binary string, p Place) (*Weir, error) {
	dir, err := os.MkdirTemp("", "mailweir-rig-")
	if err != nil {
		return nil, err
	}
	w := &Weir{binary: binary, dir: dir, place: p}
	if err := w.layout(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return w, nil
}

func (w *Weir) layout() error {
	if err := os.Chmod(w.dir, 0o755); err != nil {
		return err
	}
	for _, d := range []string{"work", "quarantine"} {
		path := filepath.Join(w.dir, d)
		if err := os.Mkdir(path, 0o700); err != nil {
			return err
		}
		if os.Geteuid() == 0 {
			if err := os.Chown(path, nobody, nobody); err != nil {
				return err
			}
		}
	}
	var err error
	w.log, err = os.OpenFile(filepath.Join(w.dir, "mailweir.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	return err
}

// Configure writes the config file: listener and folders of the rig, and then extra ("" is DefaultExtra). What runs takes it up by Reload.
func (w *Weir) Configure(extra string) error {
	if extra == "" {
		extra = DefaultExtra
	}
	protocol, mode := "lmtp", "after-queue"
	if w.place.Mode != postconf.AfterQueueLMTP {
		protocol = "smtp"
	}
	if w.place.Mode == postconf.BeforeQueue {
		mode = "before-queue"
	}
	listener := fmt.Sprintf("{name: rig, address: %q, protocol: %s, mode: %s, next_hop: %q", w.place.Filter, protocol, mode, w.place.NextHop)
	if w.place.Listener != "" {
		listener += ", " + w.place.Listener
	}
	text := fmt.Sprintf("listen:\n  - %s}\nhostname: weir.example.test\nwork_dir: %s\nquarantine: {dir: %s}\nmetrics: {address: %q}\n%s",
		listener, filepath.Join(w.dir, "work"), w.QuarantineDir(), w.place.Metrics, extra)
	return os.WriteFile(w.ConfigFile(), []byte(text), 0o644)
}

// ConfigFile is the path of the config.
func (w *Weir) ConfigFile() string { return filepath.Join(w.dir, "mailweir.yaml") }

// QuarantineDir is the folder of kept messages.
func (w *Weir) QuarantineDir() string { return filepath.Join(w.dir, "quarantine") }

// MetricsURL is where the metrics are.
func (w *Weir) MetricsURL() string { return "http://" + w.place.Metrics + "/metrics" }

// Addr is where mailweir listens for Postfix.
func (w *Weir) Addr() string { return w.place.Filter }

// NextHop is where mailweir hands on to.
func (w *Weir) NextHop() string { return w.place.NextHop }

// Start starts the process and waits until it says that it is ready.
func (w *Weir) Start(ctx context.Context) error {
	if err := w.spawn(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		if w.ready(ctx) {
			return nil
		}
		select {
		case err := <-w.done:
			w.cmd = nil
			return fmt.Errorf("mailweir ended: %w\n%s", err, w.Log())
		case <-ctx.Done():
			return fmt.Errorf("mailweir does not get ready: %w\n%s", errors.Join(ctx.Err(), w.Kill()), w.Log())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (w *Weir) spawn() error {
	cmd := exec.Command(w.binary, "serve", "--config", w.ConfigFile())
	cmd.Stdout, cmd.Stderr = w.log, w.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us alone: we tell it in our turn.
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	cmd.Dir = w.dir
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start mailweir: %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	w.cmd, w.done = cmd, done
	return nil
}

func (w *Weir) ready(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.place.Metrics+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// Running tells if there is a process.
func (w *Weir) Running() bool { return w.cmd != nil }

// Kill ends the process as a crash does.
func (w *Weir) Kill() error {
	if w.cmd == nil {
		return nil
	}
	if err := w.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-w.done
	w.cmd = nil
	return nil
}

// Stop asks the process to end, as systemd does, and waits. An exit status other than 0 is an error.
func (w *Weir) Stop() error {
	if w.cmd == nil {
		return nil
	}
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return errors.Join(err, w.Kill())
	}
	select {
	case err := <-w.done:
		w.cmd = nil
		return err
	case <-time.After(stopTimeout):
		return errors.Join(fmt.Errorf("mailweir does not end within %v of SIGTERM", stopTimeout), w.Kill())
	}
}

// Hangup makes the process read its config again.
func (w *Weir) Hangup() error { return w.cmd.Process.Signal(syscall.SIGHUP) }

// Run runs another command of mailweir with the same config, and gives what it wrote.
func (w *Weir) Run(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, w.binary, append([]string{"--config", w.ConfigFile()}, args...)...).CombinedOutput()
	return string(out), err
}

// Remove ends the process and removes the folder.
func (w *Weir) Remove() error {
	err := w.Stop()
	return errors.Join(err, w.log.Close(), os.RemoveAll(w.dir))
}

// Log is all that the process, and those before it, have logged.
func (w *Weir) Log() string {
	b, err := os.ReadFile(w.log.Name())
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(b))
}
