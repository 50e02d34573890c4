// SPDX-License-Identifier: Apache-2.0

package results

import "strings"

// Claims tells if a field body says, by any reading, that it is from the host with that authserv-id. RFC 8601 section 5 has such fields removed when they come from
// outside; whoever reads them later may not read them by the grammar, so that it is enough if the name stands as a word before the first result, in a comment or in
// quotes too. The case of letters and a dot at the end do not count.
func Claims(body, authservID string) bool {
	authservID = strings.TrimSuffix(authservID, ".")
	if pieces, err := Split(body); err == nil {
		if id, ok := ServID(pieces[0]); ok && strings.EqualFold(strings.TrimSuffix(id, "."), authservID) {
			return true
		}
	}
	head, _, _ := strings.Cut(body, ";")
	if i := strings.IndexByte(head, '='); i >= 0 {
		head = head[:i] // The first semicolon is missing: what is before the first method.
	}
	for word := range strings.FieldsFuncSeq(head, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>,:\"/[]?`, r) }) {
		if strings.EqualFold(strings.TrimSuffix(word, "."), authservID) {
			return true
		}
	}
	return false
}
