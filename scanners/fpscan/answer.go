// SPDX-License-Identifier: Apache-2.0

package fpscan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

// Bits of the code that begins an answer, as fpscan(1) has them for its exit code.
const (
	bitInfected    = 1   // At least one object with a virus was found.
	bitSuspicious  = 2   // At least one object was found by heuristics.
	bitInterrupted = 4   // Interrupted by the user.
	bitRestricted  = 8   // A limit made it skip objects: depth of archives and the like.
	bitPlatform    = 16  // Memory, I/O, permissions.
	bitEngine      = 32  // The engine failed.
	bitSkipped     = 64  // An object was encrypted, damaged or packed by an unknown method.
	bitDisinfected = 128 // Not asked for.

	found   = bitInfected | bitSuspicious
	partial = bitRestricted | bitSkipped
)

// tooLong is the text with code 16 for a stream that the daemon does not take.
const tooLong = "Stream is too long"

// parseAnswer makes a report of an answer:
//
//	CODE <TEXT> NAME[->MEMBER]
//
// An answer without a name is an error of the daemon, or the refusal of a stream that is too long.
func parseAnswer(line string) (scanners.Report, error) {
	code, text, name, err := splitAnswer(line)
	if err != nil {
		return scanners.Report{}, err
	}
	if code == bitPlatform && text == tooLong {
		return scanners.Report{Verdict: scanners.Unscannable, Reason: "larger than fpscand takes"}, nil
	}
	if code&found != 0 {
		return scanners.Report{Verdict: scanners.Infected, Signature: signature(text)}, nil
	}
	if stream, _, _ := strings.Cut(name, "->"); stream != streamName {
		return scanners.Report{}, fmt.Errorf("answer %q is about %q, not the stream", scanners.Line(line), scanners.Line(name))
	}
	switch {
	case code == 0 && text == "clean" && name == streamName:
		return scanners.Report{Verdict: scanners.Clean}, nil
	case code != 0 && code&^partial == 0:
		return scanners.Report{Verdict: scanners.Unscannable, Reason: orElse(text, "not scanned whole")}, nil
	}
	return scanners.Report{}, fmt.Errorf("code %d: %s", code, scanners.Line(text))
}

func splitAnswer(line string) (code uint64, text, name string, err error) {
	digits, rest, _ := strings.Cut(line, " <")
	text, name, ok := strings.Cut(rest, ">")
	code, err = strconv.ParseUint(digits, 10, 8)
	name, blank := strings.CutPrefix(name, " ")
	if !ok || err != nil || digits != strconv.FormatUint(code, 10) || name != "" && !blank {
		return 0, "", "", fmt.Errorf("unexpected answer %q", scanners.Line(line))
	}
	return code, text, name, nil
}

// signature is the name in a text such as "infected: EICAR_Test_File" or "contains infected objects: EICAR_Test_File".
func signature(text string) string {
	_, name, ok := strings.Cut(text, ": ")
	if !ok {
		name = text
	}
	return orElse(name, "unnamed")
}

func orElse(text, otherwise string) string {
	if line := scanners.Line(text); line != "" {
		return line
	}
	return otherwise
}

// parseHelp makes one line of the first line that answers HELP:
//
//	FPSCAND:6.2.39 ENGINE:4.6.5 PROTOCOL:1.0 SIGNATURE:2007042619259c9f739253754160e8b359e6b43a5f67 UPTIME:0:00:59:22
//
// The signature is the date of the signatures, YYYYMMDDHHMM, and their MD5.
func parseHelp(line string) (string, error) {
	values := map[string]string{}
	for field := range strings.FieldsSeq(line) {
		key, value, _ := strings.Cut(field, ":")
		values[key] = value
	}
	if values["FPSCAND"] == "" || values["SIGNATURE"] == "" {
		return "", fmt.Errorf("unexpected answer to HELP: %q", scanners.Line(line))
	}
	if values["PROTOCOL"] != "1.0" {
		return "", errors.New("protocol " + scanners.Line(values["PROTOCOL"]) + ", want 1.0")
	}
	return scanners.Line(fmt.Sprintf("F-PROT fpscand %s, engine %s, signatures %s",
		values["FPSCAND"], values["ENGINE"], values["SIGNATURE"])), nil
}
