// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

// threatHeaders are the fields by which the servers name a threat, the one with the best name first. The first three are of
// draft-stecher-icap-subid, the last is that of Skyhigh (McAfee) Web Gateway.
func threatHeaders() []string {
	return []string{"X-Infection-Found", "X-Violations-Found", "X-Virus-ID", "X-Virus-Name"}
}

// threat is the report on the threat that a header section names, if it names one; the worst if there are many. A field that
// should name one and does not is an error.
func threat(h header, names []string) (found scanners.Report, err error) {
	for _, name := range names {
		for _, f := range h {
			if !strings.EqualFold(f.name, name) {
				continue
			}
			report, e := parseThreat(name, f.value)
			switch {
			case e != nil:
				err = e
			case report.Verdict == scanners.Infected:
				return report, nil
			case report.Verdict != scanners.None:
				found = report
			}
		}
	}
	return found, err
}

func parseThreat(name, value string) (scanners.Report, error) {
	threat, container := value, false
	switch name {
	case "X-Infection-Found":
		threat, container = parseInfection(value)
	case "X-Violations-Found":
		// The number of violations; then of each, in lines of their own, a file name, the threat, a number and what was done.
		lines := strings.Split(value, "\n")
		if lines[0] == "0" {
			return scanners.Report{}, nil
		}
		if len(lines) > 2 && lines[2] != "" {
			threat = lines[2]
		}
	}
	threat = scanners.Line(threat)
	switch {
	case threat == "":
		return scanners.Report{}, fmt.Errorf("field %s names no threat: %q", name, scanners.Line(value))
	case container:
		return scanners.Report{Verdict: scanners.Unscannable, Reason: scanners.Line("container violation: " + threat)}, nil
	}
	return scanners.Report{Verdict: scanners.Infected, Signature: threat}, nil
}

// parseInfection reads "Type=0; Resolution=2; Threat=Eicar;". Type 2 is a container that could not be looked into. What is
// not of this form is the name of the threat itself.
func parseInfection(value string) (threat string, container bool) {
	threat = value
	for item := range strings.SplitSeq(value, ";") {
		key, v, _ := strings.Cut(strings.TrimSpace(item), "=")
		switch strings.ToLower(key) {
		case "type":
			container = v == "2"
		case "threat":
			threat = v
		}
	}
	return threat, container
}
