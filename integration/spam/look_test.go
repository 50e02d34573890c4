// SPDX-License-Identifier: Apache-2.0

package spam

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/rig"
)

// metrics are all series of mailweir, by name and labels as they are written.
func metrics(ctx context.Context, t *testing.T, r *rig.Rig) map[string]float64 {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.Weir.MetricsURL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for line := range strings.Lines(string(b)) {
		name, value, ok := cutLast(strings.TrimSpace(line))
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if all[name], err = strconv.ParseFloat(value, 64); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	}
	return all
}

func cutLast(line string) (before, after string, ok bool) {
	i := strings.LastIndexByte(line, ' ')
	if i < 0 {
		return "", "", false
	}
	return line[:i], line[i+1:], true
}

// metric is one series, which has to be there.
func metric(ctx context.Context, t *testing.T, r *rig.Rig, name string) float64 {
	t.Helper()
	all := metrics(ctx, t, r)
	v, ok := all[name]
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return v
}

// margin is what may go by beside a deadline on a machine that is busy: it is for processes that do not get their turn, not for what is measured.
const margin = 6 * time.Second

// inTime wants every message that mailweir has logged since the log was that long to have taken no longer than the deadline, and margin.
func inTime(t *testing.T, r *rig.Rig, since int, deadline time.Duration) {
	t.Helper()
	seen := 0
	for _, l := range messages(t, r.Weir.Log()[since:]) {
		seen++
		took, err := time.ParseDuration(l["dur"])
		if err != nil {
			t.Errorf("dur=%q: %v", l["dur"], err)
		}
		if took > deadline+margin {
			t.Errorf("a message took %v, want at most %v: %v", took, deadline, l)
		}
	}
	if seen == 0 {
		t.Error("no message was logged")
	}
}

// messages are the lines of the log about messages, each as its fields.
func messages(t *testing.T, log string) []map[string]string {
	t.Helper()
	var all []map[string]string
	for line := range strings.Lines(log) {
		if strings.Contains(line, " msg=message ") {
			all = append(all, fields(line))
		}
	}
	return all
}

// fields reads key=value pairs with Go's quotes.
func fields(line string) map[string]string {
	m := map[string]string{}
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimLeft(line, " ") {
		key, rest, ok := strings.Cut(line, "=")
		if !ok {
			return m
		}
		if q, err := strconv.QuotedPrefix(rest); err == nil {
			m[key], _ = strconv.Unquote(q)
			line = rest[len(q):]
			continue
		}
		m[key], line, _ = strings.Cut(rest, " ")
	}
	return m
}

// logged wants the log since then to have a line with all of the words.
func logged(t *testing.T, r *rig.Rig, since int, words ...string) {
	t.Helper()
	for line := range strings.Lines(r.Weir.Log()[since:]) {
		all := true
		for _, w := range words {
			all = all && strings.Contains(line, w)
		}
		if all {
			return
		}
	}
	t.Errorf("no line of the log has all of %q", words)
}

// silentAbout wants none of the words in the log since then.
func silentAbout(t *testing.T, r *rig.Rig, since int, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(r.Weir.Log()[since:], w) {
			t.Errorf("the log has %q", w)
		}
	}
}

// eventually tries until there is no error, or ctx ends.
func eventually(ctx context.Context, t *testing.T, try func() error) {
	t.Helper()
	var err error
	for {
		if err = try(); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal(fmt.Errorf("%w, and then: %w", ctx.Err(), err))
		case <-time.After(100 * time.Millisecond):
		}
	}
}
