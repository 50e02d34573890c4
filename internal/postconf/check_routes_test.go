// SPDX-License-Identifier: Apache-2.0

package postconf

import (
	"os"
	"testing"
)

const submission = "submission inet n - n - - smtpd -o "

// A config with a listener for port 25 and one for submission is checked for each of the two.
func TestCheckOfTwoListeners(t *testing.T) {
	const first, second = "127.0.0.1:10024", "127.0.0.1:10028"
	tests := []struct {
		name   string
		mode   Mode // Of the fragment that is applied.
		edit   []string
		filter string // Of the listener that is looked at.
		looked Mode
		others []string
		bad    string // What is not good; "" if all is.
	}{
		{"after, first", AfterQueueLMTP, []string{"-M", "submission/inet=" + submission + "content_filter=mailweir:[127.0.0.1]:10028"}, first, AfterQueueLMTP, []string{second}, ""},
		{"after, second", AfterQueueLMTP, []string{"-M", "submission/inet=" + submission + "content_filter=mailweir:[127.0.0.1]:10028"}, second, AfterQueueLMTP, []string{first}, ""},
		{"after, second without mail", AfterQueueLMTP, []string{"-M", "submission/inet=" + submission + "syslog_name=x"}, second, AfterQueueLMTP, []string{first}, "content_filter"},
		{"after, past both", AfterQueueLMTP, []string{"-M", "submission/inet=" + submission + "content_filter=mailweir:[127.0.0.1]:9"}, first, AfterQueueLMTP, []string{second}, "submission/inet/content_filter"},
		{"after, port 25 past it", AfterQueueLMTP, []string{"-P", "smtp/inet/content_filter="}, first, AfterQueueLMTP, []string{second}, "smtp/inet/content_filter"},
		{"before, first", BeforeQueue, []string{"-M", "submission/inet=" + submission + "smtpd_proxy_filter=127.0.0.1:10028"}, "127.0.0.1:10026", BeforeQueue, []string{second}, ""},
		{"before, second", BeforeQueue, []string{"-M", "submission/inet=" + submission + "smtpd_proxy_filter=127.0.0.1:10028 -o smtpd_proxy_options=speed_adjust"}, second, BeforeQueue, []string{"127.0.0.1:10026"}, ""},
		{"before, second without mail", BeforeQueue, []string{"-M", "submission/inet=" + submission + "syslog_name=x"}, second, BeforeQueue, []string{"127.0.0.1:10026"}, "master.cf"},
		{"before, neither", BeforeQueue, []string{"-PX", "smtp/inet/smtpd_proxy_filter"}, second, BeforeQueue, []string{"127.0.0.1:10026"}, "smtp/inet/smtpd_proxy_filter"},
		{"before beside after", AfterQueueLMTP, []string{"-M", "submission/inet=" + submission + "content_filter= -o smtpd_proxy_filter=127.0.0.1:10028"}, first, AfterQueueLMTP, []string{second}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := conf(t, plainMain, plainMaster)
			apply(t.Context(), t, c, tt.mode)
			edit(t, c, tt.edit...)
			o := ours(tt.looked)
			o.Filter, o.Others = tt.filter, tt.others
			points, err := c.Check(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			seen, found := map[Point]bool{}, false
			for _, p := range points {
				if seen[p] {
					t.Errorf("told twice: %s", p)
				}
				seen[p] = true
				if p.Level == OK {
					continue
				}
				if p.What != tt.bad {
					t.Errorf("not good: %s", p)
				}
				found = true
			}
			if found != (tt.bad != "") {
				t.Errorf("got bad points: %v, want %q in %v", found, tt.bad, points)
			}
		})
	}
}

func TestPostconfBesidePath(t *testing.T) {
	c := conf(t, plainMain, plainMaster)
	if _, err := os.Stat("/usr/sbin/postconf"); err != nil {
		t.Skip("postconf is not in /usr/sbin")
	}
	t.Setenv("PATH", t.TempDir())
	if got, err := c.Value(t.Context(), "myhostname"); err != nil || got != "mx.example.org" {
		t.Errorf("got %q, %v", got, err)
	}
}
