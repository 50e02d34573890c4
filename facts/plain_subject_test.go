// SPDX-License-Identifier: Apache-2.0

package facts

import "testing"

func TestPlainSubject(t *testing.T) {
	for in, want := range map[string]string{
		"[SPAM] hello": "hello", "***SPAM*** hello": "hello", "*****SPAM(7.2)***** hello": "hello", "{Spam?} {Disarmed} hello": "hello",
		"SPAM: hello": "hello", "[EXTERNAL] Re: [R] mean": "Re: [R] mean", "[R] mean": "[R] mean", "--- news ---": "--- news ---",
		"Spam: how to cook it": "Spam: how to cook it", "": "", "[SPAM": "[SPAM", "**": "**", "* SPAM *": "* SPAM *",
	} {
		if got := PlainSubject(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
