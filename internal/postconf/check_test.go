// SPDX-License-Identifier: Apache-2.0

package postconf

import (
	"testing"
	"time"
)

func ours(m Mode) Ours {
	return Ours{
		Mode: m, Filter: m.DefaultFilter(), Reinject: m.DefaultReinject(),
		MessageTimeout: 90 * time.Second, NextHopTimeout: 300 * time.Second, Messages: 100, Connections: 200, MessageSize: 50 << 20,
	}
}

func TestCheckOfWhatApplyMakes(t *testing.T) {
	for _, m := range Modes() {
		for name, master := range map[string]string{"plain": plainMaster, "postscreen": postscreenMaster} {
			t.Run(string(m)+", "+name, func(t *testing.T) {
				t.Parallel()
				c := conf(t, plainMain, master)
				apply(t.Context(), t, c, m)
				points, err := c.Check(t.Context(), ours(m))
				if err != nil {
					t.Fatal(err)
				}
				if len(points) < 10 {
					t.Errorf("only %d points were looked at: %v", len(points), points)
				}
				for _, p := range points {
					if p.Level != OK {
						t.Error(p)
					}
				}
			})
		}
	}
}

// Each row breaks one thing, which has to be the only point that is not good.
func TestCheckFinds(t *testing.T) {
	const (
		lmtp = AfterQueueLMTP
		back = "127.0.0.1:10025/inet"
	)
	tests := []struct {
		mode  Mode
		args  []string // Of postconf.
		level Level
		what  string
	}{
		{lmtp, []string{"-e", "content_filter="}, Fail, "content_filter"},
		{lmtp, []string{"-e", "content_filter=mailweir:[127.0.0.1]:9"}, Fail, "content_filter"},
		{lmtp, []string{"-MX", "mailweir/unix"}, Fail, "mailweir/unix"},
		{lmtp, []string{"-M", "mailweir/unix=mailweir unix - - n - 20 smtp"}, Fail, "mailweir/unix"},
		{lmtp, []string{"-P", "mailweir/unix/lmtp_send_xforward_command=no"}, Fail, "mailweir/unix/lmtp_send_xforward_command"},
		{lmtp, []string{"-PX", "mailweir/unix/lmtp_line_length_limit"}, Fail, "mailweir/unix/lmtp_line_length_limit"},
		{lmtp, []string{"-P", "mailweir/unix/lmtp_data_done_timeout=5m"}, Fail, "mailweir/unix/lmtp_data_done_timeout"},
		{lmtp, []string{"-P", "mailweir/unix/lmtp_fallback_relay=[192.0.2.1]"}, Fail, "mailweir/unix/lmtp_fallback_relay"},
		{lmtp, []string{"-e", "mailweir_destination_recipient_limit=50"}, Warn, "mailweir_destination_recipient_limit"},
		{lmtp, []string{"-P", "smtp/inet/content_filter="}, Fail, "smtp/inet/content_filter"},
		{lmtp, []string{"-P", "pickup/unix/content_filter="}, Warn, "pickup/unix/content_filter"},
		{lmtp, []string{"-X", "receive_override_options"}, Warn, "receive_override_options"},
		{lmtp, []string{"-X", "smtpd_forbid_bare_newline"}, Fail, "smtpd_forbid_bare_newline"},
		{lmtp, []string{"-e", "mynetworks=127.0.0.0/8 0.0.0.0/0"}, Fail, "mynetworks"},
		{lmtp, []string{"-e", "message_size_limit=99999999"}, Warn, "message_size_limit"},
		{lmtp, []string{"-MX", back}, Fail, back},
		{lmtp, []string{"-P", back + "/content_filter=mailweir:[127.0.0.1]:10024"}, Fail, back + "/content_filter"},
		{lmtp, []string{"-P", back + "/smtpd_authorized_xforward_hosts="}, Fail, back + "/smtpd_authorized_xforward_hosts"},
		{lmtp, []string{"-P", back + "/mynetworks=192.0.2.0/24"}, Fail, back + "/mynetworks"},
		{lmtp, []string{"-P", back + "/receive_override_options=no_address_mappings,no_milters"}, Fail, back + "/receive_override_options"},
		{lmtp, []string{"-PX", back + "/smtpd_forbid_bare_newline_exclusions"}, Warn, back + "/smtpd_forbid_bare_newline"},
		{AfterQueueSMTP, []string{"-PX", "mailweir/unix/smtp_line_length_limit"}, Fail, "mailweir/unix/smtp_line_length_limit"},
		{BeforeQueue, []string{"-PX", "smtp/inet/smtpd_proxy_filter"}, Fail, "smtp/inet/smtpd_proxy_filter"},
		{BeforeQueue, []string{"-PX", "smtp/inet/smtpd_proxy_options"}, Warn, "smtp/inet/smtpd_proxy_options"},
		{BeforeQueue, []string{"-P", "smtp/inet/smtpd_proxy_timeout=1m"}, Fail, "smtp/inet/smtpd_proxy_timeout"},
		{BeforeQueue, []string{"-e", "default_process_limit=150"}, Warn, "smtp/inet processes"},
	}
	for _, tt := range tests {
		t.Run(tt.args[1], func(t *testing.T) {
			t.Parallel()
			c := conf(t, plainMain, plainMaster)
			apply(t.Context(), t, c, tt.mode)
			edit(t, c, tt.args...)
			points, err := c.Check(t.Context(), ours(tt.mode))
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, p := range points {
				switch {
				case p.What == tt.what && p.Level == tt.level:
					found = true
				case p.Level != OK:
					t.Errorf("beside the fault: %s", p)
				}
			}
			if !found {
				t.Errorf("%s %s was not found in %v", tt.level, tt.what, points)
			}
		})
	}
}

func TestCheckOfRoomyPostfix(t *testing.T) {
	t.Parallel()
	c := conf(t, plainMain, plainMaster)
	apply(t.Context(), t, c, AfterQueueLMTP)
	o := ours(AfterQueueLMTP)
	o.Messages = 10
	points, err := c.Check(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		if p.Level == Warn && p.Got == "20" {
			return
		}
	}
	t.Errorf("20 deliveries at a time and 10 messages was not found in %v", points)
}

func TestCheckWhereReinjectionIsPublic(t *testing.T) {
	t.Parallel()
	c := conf(t, plainMain, plainMaster)
	apply(t.Context(), t, c, AfterQueueLMTP)
	edit(t, c, "-MX", "127.0.0.1:10025/inet")
	edit(t, c, "-M", "10025/inet=10025 inet n - n - - smtpd")
	points, err := c.Check(t.Context(), ours(AfterQueueLMTP))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		if p.What == "10025/inet listens on" && p.Level == Fail {
			return
		}
	}
	t.Errorf("a re-injection listener on all addresses was not found in %v", points)
}

func TestDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{"600s": 600 * time.Second, "10m": 10 * time.Minute, "90": 90 * time.Second, "": 0, "x": 0, "1h": time.Hour} {
		if got := duration(s); got != want {
			t.Errorf("%q: got %v, want %v", s, got, want)
		}
	}
}
