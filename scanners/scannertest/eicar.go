// SPDX-License-Identifier: Apache-2.0

package scannertest

import "bytes"

// Signature is what the suite's judge calls EICAR.
const Signature = "Eicar-Test-Signature"

// EICAR is the test file of all virus scanners, 68 octets. It is put together here so that no scanner removes this file.
func EICAR() []byte {
	return []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)
}

// eicarFinder finds EICAR anywhere in what is written to it.
type eicarFinder struct {
	tail  []byte // The last octets of what came before, shorter than EICAR.
	found bool
}

func (f *eicarFinder) Write(p []byte) (int, error) {
	eicar := EICAR()
	keep := len(eicar) - 1
	seam := append(f.tail, p[:min(len(p), keep)]...)
	f.found = f.found || bytes.Contains(seam, eicar) || bytes.Contains(p, eicar)
	if len(p) >= keep {
		seam = p
	}
	f.tail = bytes.Clone(seam[max(0, len(seam)-keep):])
	return len(p), nil
}
