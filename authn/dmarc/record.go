// SPDX-License-Identifier: Apache-2.0

// Package dmarc finds and reads DMARC records and tells if a message is what they ask for (RFC 7489, and its successor DMARCbis: the walk up the tree, np=, psd=,
// t=). It says what the owner of the domain wishes; what is done is policy.
package dmarc

import (
	"slices"
	"strconv"
	"strings"
)

// Policy is what the owner of a domain asks for about messages that fail.
type Policy string

// The policies, the mildest first.
const (
	PolicyNone       Policy = "none"
	PolicyQuarantine Policy = "quarantine"
	PolicyReject     Policy = "reject"
)

// severity orders policies; "" is less than all.
func severity(p Policy) int {
	return slices.Index([]Policy{PolicyNone, PolicyQuarantine, PolicyReject}, p)
}

// Compare orders policies, the milder before the stricter; "" is before all.
func Compare(a, b Policy) int { return severity(a) - severity(b) }

// Limits of a record.
const (
	maxRecord = 4096 // Octets that are read.
	maxURIs   = 10   // Addresses for reports that are kept.
)

// Record is a DMARC policy record.
type Record struct {
	Policy      Policy   // p=
	Subdomains  Policy   // sp=; that of Policy if it is missing.
	NonExistent Policy   // np=; that of Subdomains if it is missing (RFC 9091).
	StrictDKIM  bool     // adkim=s
	StrictSPF   bool     // aspf=s
	Percent     int      // pct=, 0 to 100.
	Testing     bool     // t=y: one step milder.
	PSD         string   // psd=: "y", "n" or "u".
	Aggregate   []string // rua=
	FailureWhen string   // fo=, which aggregate reports repeat.
}

// IsRecord tells DMARC records from other texts: the version comes first, as it is written here.
func IsRecord(txt string) bool {
	v, _, _ := strings.Cut(txt, ";")
	name, value, ok := strings.Cut(v, "=")
	return ok && strings.TrimSpace(name) == "v" && strings.TrimSpace(value) == "DMARC1"
}

// Parse reads a record. Tags that are not known, and known ones that are malformed, are as if they were not there (RFC 7489 section 6.3); so is the second
// of a name. Without p=, or with a policy that cannot be read, it asks for reports alone; ok is false if it has no address for them, or is none (section 6.6.3, step 6;
// DMARCbis section 4.10.1).
func Parse(txt string) (r Record, ok bool) {
	txt = txt[:min(len(txt), maxRecord)]
	if !IsRecord(txt) {
		return r, false
	}
	r = Record{Percent: 100, PSD: "u", FailureWhen: "0"}
	seen := map[string]bool{}
	readable := true
	for spec := range strings.SplitSeq(txt, ";") {
		name, value, ok := strings.Cut(spec, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !ok || seen[name] {
			continue
		}
		seen[name] = true
		r.set(name, value)
		switch name {
		case "p", "sp", "np":
			readable = readable && policy(value) != ""
		}
	}
	if r.Policy == "" || !readable {
		if len(r.Aggregate) == 0 {
			return Record{}, false
		}
		r.Policy, r.Subdomains, r.NonExistent = PolicyNone, "", ""
	}
	if r.Subdomains == "" {
		r.Subdomains = r.Policy
	}
	if r.NonExistent == "" {
		r.NonExistent = r.Subdomains
	}
	return r, true
}

func (r *Record) set(name, value string) {
	word := strings.ToLower(value)
	switch name {
	case "p":
		r.Policy = policy(value)
	case "sp":
		r.Subdomains = policy(value)
	case "np":
		r.NonExistent = policy(value)
	case "adkim":
		r.StrictDKIM = word == "s"
	case "aspf":
		r.StrictSPF = word == "s"
	case "pct":
		if n, err := strconv.ParseUint(value, 10, 16); err == nil && n <= 100 {
			r.Percent = int(n)
		}
	case "t":
		r.Testing = word == "y"
	case "psd":
		if word == "y" || word == "n" {
			r.PSD = word
		}
	case "rua":
		r.Aggregate = uris(value)
	case "fo":
		r.FailureWhen = word
	}
}

func policy(value string) Policy {
	if p := Policy(strings.ToLower(value)); severity(p) >= 0 {
		return p
	}
	return ""
}

// uris are the addresses for reports: mailto alone is in use (RFC 7489 section 6.4).
func uris(value string) []string {
	var list []string
	for u := range strings.SplitSeq(value, ",") {
		u = strings.TrimSpace(u)
		if len(list) < maxURIs && len(u) > len("mailto:") && strings.EqualFold(u[:len("mailto:")], "mailto:") && !strings.ContainsAny(u, " \t\r\n<>\"") {
			list = append(list, u)
		}
	}
	return list
}
