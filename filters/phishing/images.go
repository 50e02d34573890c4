// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/qr"
	"github.com/mailweir/mailweir/qr/pictures"
	"github.com/mailweir/mailweir/unpack"
	"github.com/mailweir/mailweir/urls"
)

// maxDrawn is the number of cells of tables and characters of one message that are looked at as drawings. What is left out is told, by points that are none.
const maxDrawn = 2_000_000

// pictures judges the QR codes of the images.
func (s *session) pictures(ctx context.Context) error {
	skipped := s.skipped
	if s.f.options.QR {
		found, err := pictures.Read(ctx, s.f.unpacker, s.msg)
		if err != nil {
			return err
		}
		for _, c := range found.All {
			s.payloads(c.Leaf, c.Payloads)
		}
		skipped += found.Skipped
	}
	if skipped > 0 {
		s.say(codeQR, filters.Spam, 0, fmt.Sprintf("%d images or drawings are too large, or too many, to look for QR codes in them", skipped))
	}
	return nil
}

// codes reads QR codes drawn in the cells of a table.
func (s *session) codes(l *unpack.Leaf, cells [][]bool) {
	n := 0
	for _, row := range cells {
		n += len(row)
	}
	if !s.f.options.QR {
		return
	}
	if n > s.cells {
		s.skipped++
		return
	}
	s.cells -= n
	payloads, err := qr.ReadMatrix(cells)
	if err != nil {
		s.skipped++
	}
	s.payloads(l, payloads)
}

// drawn reads QR codes drawn with characters.
func (s *session) drawn(l *unpack.Leaf, text string) {
	if !s.f.options.QR {
		return
	}
	payloads, n, err := qr.ReadText(text, s.cells)
	s.cells -= n
	if err != nil {
		s.skipped++
	}
	s.payloads(l, payloads)
}

// payloads judges the addresses that QR codes hold.
func (s *session) payloads(l *unpack.Leaf, all []string) {
	s.read += len(all)
	for _, p := range all {
		p = strings.TrimSpace(p)
		link, ok := urls.Parse(p)
		if ok && s.more(l.Part) {
			s.link(l, p, "qr", unfixed)
		}
		// A visiting card or a message to be sent looks like a link of its own scheme.
		for _, f := range urls.Text(p, maxShown) {
			if f.Start == 0 && link.Host != "" {
				continue // It is the link.
			}
			if s.more(l.Part) {
				s.link(l, f.URL.Raw, "qr", unfixed)
			}
		}
	}
}

// points makes the findings that are only points: where QR codes lead, and pages that anybody may put up.
func (s *session) points() {
	var names []string
	for name := range s.qr {
		if !s.linked[name] && !s.sender.domains[name] && !s.safe.has(name) && !s.f.names.WellKnown(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > 0 && s.f.options.QRScore > 0 {
		s.say(codeQR, filters.Spam, s.f.options.QRScore, "a QR code leads to "+strings.Join(names[:min(len(names), maxDetails)], ", "))
	}
	if hosts := slices.Compact(s.hosted); len(hosts) > 0 {
		s.say(codeHosting, filters.Spam, s.f.options.HostingScore, "links to "+strings.Join(hosts[:min(len(hosts), maxDetails)], ", "))
	}
}
