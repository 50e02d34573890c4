// SPDX-License-Identifier: Apache-2.0

package sssp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

const (
	version      = "SSSP/1.0"
	rejectedSize = "4" // REJ code: more octets than maxscandata.
)

// Result codes: the lower 16 bits of SAVI's, in hexadecimal.
const (
	codeClean = "0000"
	codeVirus = "0203"
)

// unscannable are the result codes that are about the content. All others are about the scanner, and no answer.
func unscannable(code string) (reason string, ok bool) {
	switch code {
	case "020F":
		return "format not supported", true
	case "0211":
		return "compressed, and only the outer level was scanned", true
	case "0212":
		return "encrypted", true
	case "021A":
		return "corrupted", true
	case "0225":
		return "part of a multi-volume archive", true
	case "0231":
		return "scan aborted by AutoStop", true
	}
	return "", false
}

// parseScan makes a report of the lines that answer a scan. Lines of their own tell of viruses (VIRUS) and of parts that could
// not be scanned (FAIL, OK); the last line (DONE) is about the whole.
func parseScan(message []string) (scanners.Report, error) {
	if len(message) == 0 {
		return scanners.Report{}, errors.New("empty answer")
	}
	var a answer
	for _, line := range message[:len(message)-1] {
		if err := a.event(line); err != nil {
			return scanners.Report{}, err
		}
	}
	done, ok := strings.CutPrefix(message[len(message)-1], "DONE ")
	if !ok {
		return scanners.Report{}, fmt.Errorf("answer ends with %q, want DONE", scanners.Line(message[len(message)-1]))
	}
	if err := a.done(done); err != nil {
		return scanners.Report{}, err
	}
	return a.report()
}

// answer is what the lines of an answer have told so far.
type answer struct {
	infected  bool   // A VIRUS line was there.
	signature string // Of the first VIRUS line.
	virus     bool   // A result code says that there is a virus.
	reason    string // Of the first part that could not be scanned.
}

func (a *answer) event(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "EVENT", "FILE", "TYPE": // Progress, if the daemon is told to report it.
		return nil
	case "VIRUS":
		name, _, _ := strings.Cut(rest, " ")
		a.found(name)
		return nil
	case "OK", "FAIL":
		code, _, _ := strings.Cut(rest, " ")
		return a.result(verb, code)
	}
	return fmt.Errorf("unexpected line %q", scanners.Line(line))
}

func (a *answer) found(name string) {
	if a.infected {
		return
	}
	a.infected = true
	if a.signature = scanners.Line(name); a.signature == "" {
		a.signature = "unnamed"
	}
}

func (a *answer) done(rest string) error {
	status, rest, _ := strings.Cut(rest, " ")
	if status != "OK" && status != "FAIL" {
		return fmt.Errorf("unexpected status %q of DONE", scanners.Line(status))
	}
	code, _, _ := strings.Cut(rest, " ")
	return a.result(status, code)
}

func (a *answer) result(status, code string) error {
	if status == "OK" && (code == codeClean || code == codeVirus) {
		a.virus = a.virus || code == codeVirus
		return nil
	}
	reason, ok := unscannable(strings.ToUpper(code))
	if !ok {
		return fmt.Errorf("result %s %s", status, scanners.Line(code))
	}
	if a.reason == "" {
		a.reason = reason
	}
	return nil
}

// report weighs it all: a virus that was named counts, whatever else could not be scanned.
func (a *answer) report() (scanners.Report, error) {
	switch {
	case a.infected:
		return scanners.Report{Verdict: scanners.Infected, Signature: a.signature}, nil
	case a.virus:
		return scanners.Report{}, errors.New("a virus was found, but there is no VIRUS line")
	case a.reason != "":
		return scanners.Report{Verdict: scanners.Unscannable, Reason: a.reason}, nil
	}
	return scanners.Report{Verdict: scanners.Clean}, nil
}

// parseEngine makes one line of the answer to QUERY ENGINE, which has lines "key: value".
func parseEngine(message []string) (string, error) {
	values := map[string]string{}
	for _, line := range message {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return "", fmt.Errorf("unexpected line %q", scanners.Line(line))
		}
		values[key] = strings.TrimSpace(value)
	}
	if values["engineversion"] == "" {
		return "", errors.New("no engineversion")
	}
	var engine strings.Builder
	engine.WriteString("Sophos engine " + values["engineversion"])
	for _, key := range []string{"savversion", "viruscount", "virusdatachecksum"} {
		if v := values[key]; v != "" {
			engine.WriteString(", " + key + " " + v)
		}
	}
	return scanners.Line(engine.String()), nil
}

func isNumber(s string) bool {
	return s != "" && len(s) <= 9 && strings.Trim(s, "0123456789") == ""
}
