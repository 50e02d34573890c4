// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http/httputil"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

// answer is what a server made of the content.
type answer struct {
	report     scanners.Report // Of a threat, whatever else the answer holds; else None.
	unmodified bool            // 204: the server has nothing against the content.
	returned   digest          // 200: what came back in place of the content.
	tag        string          // ISTag, which stands for the version of the signatures.
}

// answerReader reads an answer no further than the verdict needs.
type answerReader struct {
	in      io.Reader
	threats []string // Names of the fields that name a threat.
	size    int64    // Of the content.
	preview bool     // A preview was sent, and the answer may begin with 100.
}

// read reads the answer. goOn is called when the server wants what follows the preview.
func (r *answerReader) read(goOn func()) (answer, error) {
	in := newHeaderReader(r.in)
	status, h, err := r.head(in)
	if err == nil && status.code == 100 && r.preview {
		goOn()
		status, h, err = r.head(in)
	}
	a := answer{tag: h.get("ISTag")}
	if err != nil {
		return a, err
	}
	if a.report, err = threat(h, r.threats); err != nil || a.report.Verdict != scanners.None {
		return a, err
	}
	switch status.code {
	case 200:
		return a, r.message(in, h.get("Encapsulated"), &a)
	case 204:
		a.unmodified = true
		return a, nil
	}
	return a, fmt.Errorf("server answered %v", status)
}

func (r *answerReader) head(in *headerReader) (statusLine, header, error) {
	start, h, err := in.section()
	if err != nil {
		return statusLine{}, nil, fmt.Errorf("read answer: %w", err)
	}
	status, err := parseStatus(start, "ICAP/1.0")
	return status, h, err
}

// message reads the HTTP message that came back.
func (r *answerReader) message(in *headerReader, encapsulated string, a *answer) error {
	sections, err := parseEncapsulated(encapsulated)
	if err != nil {
		return err
	}
	for _, section := range sections {
		switch section {
		case "req-hdr", "res-hdr":
			if err := r.httpHead(in, section, a); err != nil || a.report.Verdict != scanners.None {
				return err
			}
		case "req-body", "res-body":
			a.returned, err = readBody(in, r.size)
			return err
		}
	}
	a.returned.sum = sha256.Sum256(nil)
	return nil // No body, which is what empty content looks like.
}

// httpHead reads a header section of the HTTP message, which may have the threat in it or be that of a page for the user.
func (r *answerReader) httpHead(in *headerReader, section string, a *answer) error {
	start, h, err := in.section()
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if a.report, err = threat(h, r.threats); err != nil || a.report.Verdict != scanners.None || section == "req-hdr" {
		return err
	}
	version, _, _ := strings.Cut(start, " ")
	status, err := parseStatus(start, version)
	switch {
	case err != nil:
		return err
	case status.code == 403:
		a.report = scanners.Report{Verdict: scanners.Infected, Signature: scanners.Line("blocked by HTTP status " + status.String())}
	case status.code != 200:
		return fmt.Errorf("server sent a page with HTTP status %v", status)
	}
	return nil
}

// readBody reads a chunked body to its end, unless it is longer than the content that went out.
func readBody(in *headerReader, size int64) (digest, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(httputil.NewChunkedReader(in.in), size+1))
	if err != nil {
		return digest{}, fmt.Errorf("read answer: %w", err)
	}
	if n > size {
		return digest{}, fmt.Errorf("more than the %d octets of the content came back", size)
	}
	if _, err := in.fields(); err != nil { // The trailer section.
		return digest{}, fmt.Errorf("read answer: %w", err)
	}
	return digest{size: n, sum: [sha256.Size]byte(sum.Sum(nil))}, nil
}

// statusLine is the first line of an answer.
type statusLine struct {
	code   int
	reason string
}

func (s statusLine) String() string { return scanners.Line(strconv.Itoa(s.code) + " " + s.reason) }

// parseStatus reads "ICAP/1.0 204 No Content". The reason may be missing.
func parseStatus(line, version string) (statusLine, error) {
	rest, ok := strings.CutPrefix(line, version+" ")
	digits, reason, _ := strings.Cut(rest, " ")
	code, err := strconv.ParseUint(digits, 10, 16)
	if !ok || err != nil || len(digits) != 3 {
		return statusLine{}, fmt.Errorf("unexpected answer %q", scanners.Line(line))
	}
	return statusLine{int(code), reason}, nil
}

// parseEncapsulated reads the names of a field Encapsulated (RFC 3507 section 4.4.1), header sections first and one body,
// or null-body, last. The offsets say the same as the empty lines, which are what we read by.
func parseEncapsulated(value string) ([]string, error) {
	var names []string
	for item := range strings.SplitSeq(value, ",") {
		name, _, _ := strings.Cut(strings.TrimSpace(item), "=")
		names = append(names, strings.ToLower(name))
	}
	last := len(names) - 1
	for i, name := range names {
		switch name {
		case "req-hdr", "res-hdr":
			if i == last || i > 1 {
				return nil, fmt.Errorf("unexpected field Encapsulated %q", scanners.Line(value))
			}
		case "req-body", "res-body", "null-body":
			if i != last {
				return nil, fmt.Errorf("unexpected field Encapsulated %q", scanners.Line(value))
			}
		default:
			return nil, fmt.Errorf("unexpected field Encapsulated %q", scanners.Line(value))
		}
	}
	return names, nil
}
