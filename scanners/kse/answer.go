// SPDX-License-Identifier: Apache-2.0

package kse

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

// result is what is said of one object. The protocol has more fields; what they say does not change a verdict.
type result struct {
	Object        string `json:"object"`
	ScanResult    string `json:"scanResult"`
	DetectionName string `json:"detectionName"`
}

// answer is the body of an answer to scanmemory. Objects inside that are clean are left out of it by default.
type answer struct {
	result
	Inside []result `json:"subObjectsScanResults"`
}

// wholeObject is the name of content that was sent and not read from a file.
const wholeObject = "memory"

func parseScan(status int, body []byte) (scanners.Report, error) {
	if status == http.StatusRequestEntityTooLarge {
		return scanners.Report{Verdict: scanners.Unscannable, Reason: "larger than kavhttpd takes"}, nil
	}
	if status != http.StatusOK {
		return scanners.Report{}, fmt.Errorf("status %d", status)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return scanners.Report{}, fmt.Errorf("parse answer: %w", err)
	}
	if a.Object != wholeObject {
		return scanners.Report{}, fmt.Errorf("answer is about %q", scanners.Line(a.Object))
	}
	return weigh(append([]result{a.result}, a.Inside...))
}

// weigh makes one report of the results for the content and for what is inside: infected counts most, then no
// answer, then unscannable.
func weigh(results []result) (scanners.Report, error) {
	whole := scanners.Report{Verdict: scanners.Clean}
	var failed error
	for _, r := range results {
		report, err := r.report()
		switch {
		case err != nil:
			failed = errors.Join(failed, err)
		case report.Verdict == scanners.Infected:
			return report, nil
		case whole.Verdict == scanners.Clean:
			whole = report
		}
	}
	if failed != nil {
		return scanners.Report{}, failed
	}
	return whole, nil
}

func (r result) report() (scanners.Report, error) {
	switch r.ScanResult {
	case "CLEAN":
		return scanners.Report{Verdict: scanners.Clean}, nil
	case "DETECT", "DETECTED", "DISINFECTED", "DELETED": // What was cleaned was the engine's copy, not the message.
		return scanners.Report{Verdict: scanners.Infected, Signature: orElse(r.DetectionName, "unnamed")}, nil
	case "NON_SCANNED":
		return unscannable("not scanned"), nil
	case "NON_SCANNED (PASSWORD PROTECTED)":
		return unscannable("encrypted"), nil
	case "NON_SCANNED (CORRUPTED)":
		return unscannable("corrupted"), nil
	case "NON_SCANNED (SKIPPED)":
		return unscannable("skipped"), nil
	}
	// Among them SERVER_ERROR, NON_SCANNED (CANCELED) and NON_SCANNED (ACCESS DENIED), which are not about the content.
	return scanners.Report{}, fmt.Errorf("scanResult %q", scanners.Line(r.ScanResult))
}

func unscannable(why string) scanners.Report {
	return scanners.Report{Verdict: scanners.Unscannable, Reason: why}
}

func parseBases(status int, body []byte) (string, error) {
	if status != http.StatusOK {
		return "", fmt.Errorf("status %d", status)
	}
	var a struct {
		DatabaseVersion string `json:"databaseVersion"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return "", fmt.Errorf("parse answer: %w", err)
	}
	date := scanners.Line(a.DatabaseVersion)
	if date == "" {
		return "", errors.New("no databaseVersion")
	}
	return scanners.Line("Kaspersky Scan Engine, signatures " + date), nil
}

func orElse(text, otherwise string) string {
	if line := scanners.Line(strings.TrimSpace(text)); line != "" {
		return line
	}
	return otherwise
}
