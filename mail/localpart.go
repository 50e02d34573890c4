// SPDX-License-Identifier: Apache-2.0

package mail

import "strings"

// UnquoteLocal undoes the quoted-string that a local-part may be: "user"@example.org is user@example.org (RFC 5321 section 4.1.2). Others stay as they are.
func UnquoteLocal(local string) string {
	if len(local) < 2 || local[0] != '"' || local[len(local)-1] != '"' {
		return local
	}
	var b strings.Builder
	for i := 1; i < len(local)-1; i++ {
		if local[i] == '\\' && i+1 < len(local)-1 {
			i++
		}
		b.WriteByte(local[i])
	}
	return b.String()
}
