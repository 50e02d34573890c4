// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mailweir/mailweir/scanners"
)

// maxOptionsAge is how long an answer to OPTIONS is used if it has no Options-TTL, or a larger one.
const maxOptionsAge = time.Hour

// serverOptions is what a service says of itself in answer to OPTIONS (RFC 3507 section 4.10.2).
type serverOptions struct {
	engine  string        // Service, or Server.
	tag     string        // ISTag, without quotes.
	preview int           // Octets, or previewOff.
	age     time.Duration // For how long this is true.
}

// optionsCache keeps the last answer to OPTIONS until it is too old or the server's tag changes.
type optionsCache struct {
	mu    sync.Mutex
	last  serverOptions
	until time.Time
}

func (c *optionsCache) get(now time.Time) (serverOptions, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last, now.Before(c.until)
}

func (c *optionsCache) put(o serverOptions, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.until = o, now.Add(o.age)
}

// forgetUnless forgets what was said under another tag.
func (c *optionsCache) forgetUnless(tag string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if unquote(tag) != c.last.tag {
		c.until = time.Time{}
	}
}

// previewFor is the number of octets to send as a preview, or previewOff.
func (s *Scanner) previewFor(ctx context.Context) (int, error) {
	if s.preview != previewAuto {
		return s.preview, nil
	}
	if o, ok := s.known.get(time.Now()); ok {
		return o.preview, nil
	}
	o, err := s.askOptions(ctx)
	return o.preview, err
}

// askOptions asks the service for its options and keeps them.
func (s *Scanner) askOptions(ctx context.Context) (serverOptions, error) {
	conn, err := scanners.Dial(ctx, s.service.address)
	if err != nil {
		return serverOptions{}, err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, s.icapHead("OPTIONS")+"Encapsulated: null-body=0\r\n\r\n"); err != nil {
		return serverOptions{}, fmt.Errorf("send OPTIONS: %w", err)
	}
	o, err := readOptions(conn, s.options.Method)
	if err != nil {
		return serverOptions{}, fmt.Errorf("OPTIONS: %w", err)
	}
	s.known.put(o, time.Now())
	return o, nil
}

func readOptions(r io.Reader, method string) (serverOptions, error) {
	start, h, err := newHeaderReader(r).section()
	if err != nil {
		return serverOptions{}, fmt.Errorf("read answer: %w", err)
	}
	status, err := parseStatus(start, "ICAP/1.0")
	if err != nil {
		return serverOptions{}, err
	}
	if status.code != 200 {
		return serverOptions{}, fmt.Errorf("server answered %v", status)
	}
	return parseOptions(h, method)
}

func parseOptions(h header, method string) (serverOptions, error) {
	o := serverOptions{engine: h.get("Service"), tag: unquote(h.get("ISTag")), preview: previewOff, age: maxOptionsAge}
	if o.engine == "" {
		o.engine = h.get("Server")
	}
	if scanners.Line(o.engine+o.tag) == "" {
		return serverOptions{}, errors.New("neither Service nor ISTag in the answer")
	}
	if !hasMethod(h, method) {
		return serverOptions{}, fmt.Errorf("the service does not know %s", method)
	}
	if v := h.get("Preview"); v != "" {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return serverOptions{}, fmt.Errorf("unexpected Preview %q", scanners.Line(v))
		}
		o.preview = int(min(n, maxPreview))
	}
	if v := h.get("Options-TTL"); v != "" {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return serverOptions{}, fmt.Errorf("unexpected Options-TTL %q", scanners.Line(v))
		}
		o.age = min(time.Duration(n)*time.Second, maxOptionsAge)
	}
	return o, nil
}

// hasMethod tells if the field Methods has method. Some servers send a field for each.
func hasMethod(h header, method string) bool {
	for _, f := range h {
		if !strings.EqualFold(f.name, "Methods") {
			continue
		}
		for m := range strings.SplitSeq(f.value, ",") {
			if strings.EqualFold(strings.TrimSpace(m), method) {
				return true
			}
		}
	}
	return false
}

func unquote(s string) string { return strings.Trim(s, `"`) }
