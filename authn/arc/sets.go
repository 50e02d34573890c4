// SPDX-License-Identifier: Apache-2.0

package arc

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/sig"
)

// The names of the fields, in lower case.
const (
	sealName      = "arc-seal"
	signatureName = "arc-message-signature"
	resultsName   = "arc-authentication-results"
)

// MaxInstances is how many sets a chain may have (RFC 8617 section 4.2.1).
const MaxInstances = 50

// set is the three fields of one instance, as indexes into the message's fields.
type set struct {
	seal, signature, results int
}

const missing = -1

// sets sorts the fields of the chain by instance (RFC 8617 section 5.2, steps 1 to 3). Both are nil if there is no chain.
func sets(m *sig.Message) ([]set, *sig.Fault) {
	n := max(len(m.All(sealName)), len(m.All(signatureName)), len(m.All(resultsName)))
	if n == 0 {
		return nil, nil
	}
	if n > MaxInstances {
		return nil, fail("chain is too long")
	}
	list := slices.Repeat([]set{{missing, missing, missing}}, n)
	for _, name := range []string{sealName, signatureName, resultsName} {
		for _, at := range m.All(name) {
			i := instance(name, m.Fields[at])
			if i < 1 || i > n {
				return nil, fail("instance is malformed or missing")
			}
			place := &list[i-1].seal
			switch name {
			case signatureName:
				place = &list[i-1].signature
			case resultsName:
				place = &list[i-1].results
			}
			if *place != missing {
				return nil, fail("instance is there twice")
			}
			*place = at
		}
	}
	if slices.ContainsFunc(list, func(s set) bool { return s.seal == missing || s.signature == missing || s.results == missing }) {
		return nil, fail("instance is not complete")
	}
	return list, nil
}

func fail(reason string) *sig.Fault { return &sig.Fault{Result: authn.Fail, Reason: reason} }

// instance reads i=; 0 if it is malformed.
func instance(name string, f sig.Field) int {
	var value string
	if name == resultsName {
		// RFC 8617 section 4.1.1: it comes first.
		first, _, ok := strings.Cut(f.Body(), ";")
		tag, v, is := strings.Cut(first, "=")
		if !ok || !is || strings.TrimSpace(tag) != "i" {
			return 0
		}
		value = strings.TrimSpace(v)
	} else {
		tags, err := sig.ParseTags(f.Body())
		if err != nil {
			return 0
		}
		value = tags["i"]
	}
	if len(value) == 0 || len(value) > 3 || strings.Trim(value, "0123456789") != "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0
	}
	return n
}

// payload is what an ARC-Authentication-Results field holds behind its instance: the same as an Authentication-Results field.
func payload(f sig.Field) string {
	_, rest, _ := strings.Cut(f.Body(), ";")
	return strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(rest))
}
