// SPDX-License-Identifier: Apache-2.0

package salearn

import (
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// BenchmarkTokens takes a message of 10 kB apart, and asks for its probability.
func BenchmarkTokens(b *testing.B) {
	text := "Received: from a.example.org (a.example.org [192.0.2.1]) by mx.example.net (Postfix) with ESMTP id 4F3A; Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: \"A B\" <a@example.org>\r\n" +
		"To: c@example.net\r\nSubject: A letter of some length\r\nMessage-ID: <1.2.3@example.org>\r\n\r\n" +
		strings.Repeat("The quick brown Fox jumps over the lazy dog; see http://www.example.org/there?x=1 or write to me@example.org.\r\n\r\n", 90)
	c, tok := some(150_000), NewTokenizer()
	msg, err := mail.Parse(strings.NewReader(text), int64(len(text)), mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tokens, err := tok.Tokens(msg)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = c.LogOdds(tokens)
	}
}
