// SPDX-License-Identifier: Apache-2.0

package savapi

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

// readScan reads the lines that answer SCAN, each a code and a text, up to one that ends the answer.
func readScan(lines *scanners.Lines) (scanners.Report, error) {
	var a answer
	for {
		line, err := lines.Next()
		if err != nil {
			return scanners.Report{}, err
		}
		if ended, err := a.line(line); ended || err != nil {
			return a.report, err
		}
	}
}

// answer is what the lines of an answer have told so far.
type answer struct {
	report scanners.Report // Infected as soon as there was an alert; None otherwise, until the end.
}

// line takes one line in and tells whether it was the last.
func (a *answer) line(line string) (ended bool, err error) {
	code, text, _ := strings.Cut(line, " ")
	switch code {
	case "310", "420": // An alert; an alert that could be repaired.
		a.alert(text)
		return false, nil
	case "401", "421", "422", "423", "430", "450", "499": // Notes: low-level alert, Office documents, URL, plug-in, information.
		return false, nil
	case "200", "210": // Nothing found; nothing found, and it was an archive.
		return true, a.nothing(line, text)
	case "319": // The end after alerts.
		return true, a.finished()
	case "350":
		return true, a.fail(fmt.Errorf("error: %s", scanners.Line(text)))
	}
	// Among them 220, timeout, and 404, too many clients.
	return true, a.fail(fmt.Errorf("unexpected answer %q", scanners.Line(line)))
}

// alert keeps the name of the first alert: "[MEMBER --> MEMBER <<< ]NAME ; TYPE ; TEXT".
func (a *answer) alert(text string) {
	if a.report.Verdict == scanners.Infected {
		return
	}
	name, _, _ := strings.Cut(text, ";")
	if at := strings.LastIndex(name, "<<< "); at >= 0 {
		name = name[at+len("<<< "):]
	}
	if name = scanners.Line(name); name == "" {
		name = "unnamed"
	}
	a.report = scanners.Report{Verdict: scanners.Infected, Signature: name}
}

func (a *answer) nothing(line, text string) error {
	if a.report.Verdict == scanners.Infected {
		return nil // An alert counts, whatever is said of the whole.
	}
	if strings.Contains(text, ";") {
		return fmt.Errorf("unexpected answer %q: an alert's text under another code", scanners.Line(line))
	}
	a.report = scanners.Report{Verdict: scanners.Clean}
	return nil
}

func (a *answer) finished() error {
	if a.report.Verdict != scanners.Infected {
		return a.fail(errors.New("end after alerts, but there was none"))
	}
	return nil
}

func (a *answer) fail(err error) error {
	a.report = scanners.Report{}
	return err
}
