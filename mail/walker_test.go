// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"testing"
)

func TestSmoke(t *testing.T) {
	s := crlf("From: a@example.org\nSubject: x\nContent-Type: multipart/mixed; boundary=\"b\"\n\npre\n--b\n\nhello\n--b\nContent-Type: message/rfc822\n\nSubject: in\n\ninner\n--b--\nepi\n")
	m := parse(t, s)
	t.Log(outline(m), defectList(m))
	t.Log(write(t, m, AddField{"X-Test", "1"}, TagSubject{"[T]"}, DropEntity{"1.1"}, ReplaceEntity{"1.2", "text/plain", "x.txt", []byte("gone\n")}))
	t.Log(write(t, m, AddField{"X-Test", "1"}, TagSubject{"[T]"}, WrapMessage{"hi"}))
	if write(t, m) != s {
		t.Error("differs")
	}
}
