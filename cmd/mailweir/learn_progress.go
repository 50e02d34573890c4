// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// How often progress is shown.
const (
	progressOnTerminal = 500 * time.Millisecond // On one line, again and again.
	progressElsewhere  = 10 * time.Second       // A line each.
)

// progress shows how far a long command is.
type progress struct {
	w         io.Writer
	now       func() time.Time
	terminal  bool
	every     time.Duration
	start     time.Time
	next      time.Time
	count     int
	onTheLine bool // Whether there is something on the terminal's line.
}

// newProgress shows it on w.
func newProgress(w io.Writer, now func() time.Time) *progress {
	p := &progress{w: w, now: now, every: progressElsewhere, start: now()}
	if f, ok := w.(*os.File); ok {
		_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
		p.terminal = err == nil
	}
	if p.terminal {
		p.every = progressOnTerminal
	}
	p.next = p.start.Add(p.every)
	return p
}

// step counts one more.
func (p *progress) step() {
	p.count++
	now := p.now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(p.every)
	rate := float64(p.count) / max(now.Sub(p.start).Seconds(), 0.001)
	p.clear()
	printf(p.w, "%d messages, %.0f a second", p.count, rate)
	if p.onTheLine = p.terminal; !p.terminal {
		printf(p.w, "\n")
	}
}

// clear makes the terminal's line free for something else.
func (p *progress) clear() {
	if p.onTheLine {
		printf(p.w, "\r\x1b[K")
		p.onTheLine = false
	}
}
