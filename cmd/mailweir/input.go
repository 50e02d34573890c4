// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxStdin bounds what "mailweir check" reads from standard input, in octets.
const maxStdin = 256 << 20

// maxLearnInput bounds what "mailweir learn" takes from standard input, in octets: it is kept in a temporary file.
const maxLearnInput = 16 << 30

// errStopped ends a command that a signal has asked to end.
var errStopped = errors.New("interrupted")

// denied is the error of a database, which does not tell that the file is somebody else's, or one that does.
func denied(path string, err error) error {
	f, fault := os.OpenFile(path, os.O_RDWR, 0)
	if fault == nil {
		_ = f.Close()
	}
	if errors.Is(fault, fs.ErrPermission) {
		return fmt.Errorf("%w; run this as the user of the server", fault)
	}
	return err
}

// untilStopped reads until ctx ends: who waits at a keyboard may never end what is read. Then the reading goes on until the program ends, and nobody looks at what came of it.
func untilStopped(ctx context.Context, read func() error) error {
	done := make(chan error, 1)
	go func() { done <- read() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errStopped
	}
}

// readInput reads standard input into memory.
func readInput(ctx context.Context, r io.Reader) ([]byte, error) {
	var b []byte
	err := untilStopped(ctx, func() (err error) {
		b, err = io.ReadAll(io.LimitReader(r, maxStdin+1))
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case len(b) > maxStdin:
		return nil, fmt.Errorf("more than %d octets", maxStdin)
	}
	return b, nil
}

// inputFile keeps standard input in a file, from its beginning on. cleanup removes it.
func inputFile(ctx context.Context, r io.Reader) (f *os.File, cleanup func(), err error) {
	if f, err = os.CreateTemp("", "mailweir-learn-"); err != nil {
		return nil, nil, err
	}
	cleanup = func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	var n int64
	err = untilStopped(ctx, func() (err error) {
		n, err = io.Copy(f, io.LimitReader(r, maxLearnInput+1))
		return err
	})
	if err == nil && n > maxLearnInput {
		err = fmt.Errorf("more than %d octets", int64(maxLearnInput))
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		cleanup()
		return nil, nil, fmt.Errorf("standard input: %w", err)
	}
	return f, cleanup, nil
}
