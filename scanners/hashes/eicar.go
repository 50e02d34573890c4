// SPDX-License-Identifier: Apache-2.0

package hashes

import "bytes"

const (
	maxEICAR       = 128 // Octets: a longer file is not the EICAR test file, by its definition.
	eicarSignature = "Eicar-Test-Signature"
)

// eicar is the test file's 68 octets. They are put together while the program runs: the compiler would join constants, and
// scanners would take the program for the file.
func eicar() []byte {
	return append([]byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-`), `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`...)
}

// isEICAR tells whether b is the EICAR test file: the 68 octets first, then nothing but white space (blank, tab, LF, CR,
// control-Z), 128 octets in all at most. A file that merely holds the string somewhere is not it, by its definition.
func isEICAR(b []byte) bool {
	rest, ok := bytes.CutPrefix(b, eicar())
	return ok && len(b) <= maxEICAR && len(bytes.Trim(rest, " \t\r\n\x1a")) == 0
}

// head keeps the first octets of what is written to it, one more than the EICAR test file may have.
type head struct{ octets []byte }

func (h *head) Write(p []byte) (int, error) {
	keep := min(len(p), maxEICAR+1-len(h.octets))
	h.octets = append(h.octets, p[:keep]...)
	return len(p), nil
}
