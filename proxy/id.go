// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
)

// newID makes an ID of 16 characters that sorts by time and is safe in file names: 48 bits of milliseconds, 32 of chance.
func (l *listener) newID() string {
	var b [10]byte
	ms := uint64(l.now().UnixMilli())
	binary.BigEndian.PutUint64(b[:8], ms<<16)
	_, _ = rand.Read(b[6:]) // Never fails: crypto/rand.
	return ids.EncodeToString(b[:])
}

// ids are written in lower case without letters that are easily mistaken.
var ids = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
