// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/proxy"
)

// controlTimeout bounds one command to the running server.
const controlTimeout = time.Minute

// control is the socket by which "mailweir reload" reaches the server. Who may use it is said by the modes of work_dir.
type control struct{ http *http.Server }

// controlPath is where the socket is.
func controlPath(workDir string) string { return filepath.Join(workDir, "control") }

// startControl answers on the socket in workDir, unless another server does.
func startControl(workDir string, reload func() error) (*control, error) {
	path := controlPath(workDir)
	l, err := proxy.ListenUnix(path, 0o600)
	if err != nil {
		return nil, fmt.Errorf("control socket %s: %w", path, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /reload", func(w http.ResponseWriter, _ *http.Request) {
		if err := reload(); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
		}
	})
	c := &control{http: &http.Server{Handler: mux, ReadTimeout: controlTimeout, WriteTimeout: controlTimeout}}
	go func() { _ = c.http.Serve(l) }() // Ends with close.
	return c, nil
}

func (c *control) close() error { return c.http.Close() }

func reloadCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reload",
		Short: "Have the running server read its config again",
		Long:  "Have the running server read its config file again. If that has a fault, the config in force stays, and the fault is told.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			return reloadRunning(cmd.Context(), controlPath(cfg.WorkDir))
		},
	}
}

// reloadRunning asks the server behind the socket at path.
func reloadRunning(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	resp, err := ask(ctx, config.Address{Network: "unix", Addr: path}, http.MethodPost, "/reload")
	if err != nil {
		return noAnswer(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	why, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return err
	}
	return fmt.Errorf("the config in force stays: %s", why)
}

// noAnswer says why the control socket could not be used.
func noAnswer(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("run this as root, or as the user that the server runs as: %w", err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ECONNREFUSED):
		return fmt.Errorf("no server runs with this work_dir (after a change of work_dir, restart it): %w", err)
	}
	return fmt.Errorf("no server answers: %w", err)
}
