// SPDX-License-Identifier: Apache-2.0

package spf

import "strings"

// hosts are the names whose addresses the records that were read so far compare with the client's: those of a, mx and ptr. The engine asks for all addresses alike, and
// what is not among them is from exists.
type hosts struct {
	names map[string]bool
	any   bool // An a term makes its name of macros.
}

// read notes the a terms of the record of a domain, which is well formed.
func (h *hosts) read(domain, record string) {
	_, terms, _ := strings.Cut(record, " ")
	for term := range strings.SplitSeq(terms, " ") {
		name, spec, _ := strings.Cut(strings.TrimLeft(strings.ToLower(term), "+-?~"), ":")
		if name, _, _ = strings.Cut(name, "/"); name != "a" {
			continue
		}
		if spec, _ = cutMasks(spec); spec == "" {
			spec = domain
		}
		h.any = h.any || strings.Contains(spec, "%")
		h.add(spec)
	}
}

func (h *hosts) add(name string) {
	if h.names == nil {
		h.names = map[string]bool{}
	}
	h.names[hostKey(name)] = true
}

// compared tells if the addresses of a name may be compared with the client's.
func (h *hosts) compared(name string) bool { return h.any || h.names[hostKey(name)] }

func hostKey(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
