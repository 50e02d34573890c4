// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/mail"
)

// encoded puts a message into a message, in base64, n times.
func encoded(text []byte, n int) []byte {
	for range n {
		text = fmt.Appendf(nil, "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n", base64.StdEncoding.EncodeToString(text))
	}
	return text
}

// A message in a transfer encoding is opened all the same: EVASIONS number 58.
func TestEncodedMessage(t *testing.T) {
	leaves, problems := walkMessage(t, parse(t, encoded(message("a.com", []byte("payload")), 2), mail.DefaultLimits()))
	if len(problems) != 0 {
		t.Errorf("got problems %v", problems)
	}
	var got []string
	for _, l := range leaves {
		if l.content == "payload" {
			got = append(got, l.place)
		}
	}
	if diff := cmp.Diff([]string{"part 1/part 1/a.com"}, got); diff != "" {
		t.Errorf("places of the payload (-want +got):\n%s\nall: %v", diff, leaves)
	}
}

func TestEncodedMessagesToTheLimit(t *testing.T) {
	limits := mail.DefaultLimits()
	limits.Depth = 5
	_, problems := walkMessage(t, parse(t, encoded(message("a.com", []byte("payload")), 20), limits))
	if len(problems) != 1 || problems[0].Kind != Unscannable || !strings.Contains(problems[0].Detail, "limit depth (5) exceeded") {
		t.Errorf("got %v", problems)
	}
}

func TestEncodedMessageSpendsParts(t *testing.T) {
	limits := mail.DefaultLimits()
	limits.Parts = 10
	inner := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 50) + "--b--\r\n"
	_, problems := walkMessage(t, parse(t, encoded([]byte(inner), 1), limits))
	if len(problems) == 0 || !strings.Contains(problems[0].Detail, "limit.parts") {
		t.Errorf("got %v", problems)
	}
}
