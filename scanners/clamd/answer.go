// SPDX-License-Identifier: Apache-2.0

package clamd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/scanners"
)

// maxAnswer bounds an answer of clamd. The longest true ones hold one signature's name.
const maxAnswer = 4 << 10

// readAnswer reads up to the NUL that ends an answer to a command with the prefix z. Nothing may follow it.
func readAnswer(r io.Reader) (string, error) {
	var buf [maxAnswer]byte
	n := 0
	for n < len(buf) {
		more, err := r.Read(buf[n:])
		n += more
		if end := bytes.IndexByte(buf[:n], 0); end >= 0 {
			if end != n-1 {
				return "", fmt.Errorf("unexpected octets after the answer %q", scanners.Line(string(buf[:end])))
			}
			return string(buf[:end]), nil
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", fmt.Errorf("read answer: %w", err)
		}
	}
	return "", fmt.Errorf("answer is longer than %d octets", maxAnswer)
}

// parseAnswer reads the answer to INSTREAM. What it does not know word for word is an error.
func parseAnswer(answer string, heuristicsInfect bool) (scanners.Report, error) {
	if answer == "stream: OK" {
		return scanners.Report{Verdict: scanners.Clean}, nil
	}
	if strings.HasPrefix(answer, "INSTREAM size limit exceeded") {
		return tooLarge(), nil
	}
	name, found := strings.CutPrefix(answer, "stream: ")
	name, ends := strings.CutSuffix(name, " FOUND")
	signature := scanners.Line(name)
	if !found || !ends || signature == "" {
		return scanners.Report{}, fmt.Errorf("unexpected answer %q", scanners.Line(answer))
	}
	if reason := unscannable(signature); reason != "" && !heuristicsInfect {
		return scanners.Report{Verdict: scanners.Unscannable, Reason: scanners.Line(reason)}, nil
	}
	return scanners.Report{Verdict: scanners.Infected, Signature: signature}, nil
}

// unscannable is the reason if a signature's name says that clamd has not looked at everything, else "".
// These names come with AlertExceedsMax and AlertEncrypted of clamd.conf(5).
func unscannable(signature string) string {
	switch {
	case strings.HasPrefix(signature, "Heuristics.Limits.Exceeded"):
		return "limit exceeded: " + signature
	case strings.HasPrefix(signature, "Heuristics.Encrypted"):
		return "encrypted: " + signature
	}
	return ""
}

// tooLarge is the report on content that clamd would not take whole.
func tooLarge() scanners.Report {
	return scanners.Report{Verdict: scanners.Unscannable, Reason: "larger than StreamMaxLength"}
}

// isVersion tells if text is an answer to VERSION: "ClamAV 1.4.3/27000/Tue Jul  1 10:00:00 2025", without the signatures'
// version and date if clamd's database has none.
func isVersion(text string) bool {
	version, ok := strings.CutPrefix(text, "ClamAV ")
	return ok && version != "" && '0' <= version[0] && version[0] <= '9'
}
