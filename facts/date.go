// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"strings"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// How far Date may be from the time of arrival. Clocks are wrong by hours; mail that waits for its server is days late.
const (
	maxAhead  = 6 * time.Hour
	maxBehind = 4 * 24 * time.Hour
)

// dates compares Date with the time at which the message arrived.
func (s *session) dates() {
	v := s.value("Date")
	if v == "" {
		s.note("no_date", "")
		return
	}
	at := s.h.date
	if at.IsZero() {
		s.note("date_unreadable", "")
		return
	}
	s.when(oddZone(v), "date_odd_zone")
	s.when(wrongDay(v, at), "date_wrong_weekday")
	arrived := s.arrived()
	if arrived.IsZero() {
		return
	}
	s.when(at.Sub(arrived) > maxAhead, "date_ahead")
	s.when(arrived.Sub(at) > maxBehind, "date_behind")
}

// arrived is when the message came to us; zero if that is not known.
func (s *session) arrived() time.Time {
	if s.env != nil && !s.env.Received.IsZero() {
		return s.env.Received
	}
	if len(s.h.hops) == 0 {
		return time.Time{}
	}
	at, _ := mail.ParseDate(s.h.hops[0].Date)
	return at
}

// wrongDay tells if the name of the day is not that of the date.
func wrongDay(v string, at time.Time) bool {
	v = strings.TrimSpace(v)
	return len(v) > 3 && v[3] == ',' && !strings.EqualFold(v[:3], at.Weekday().String()[:3])
}

// oddZone tells if the offset is none that a place on earth has.
func oddZone(v string) bool {
	v, _, _ = strings.Cut(v, "(")
	f := strings.Fields(v)
	if len(f) == 0 {
		return false
	}
	z := f[len(f)-1]
	if len(z) != 5 || z[0] != '+' && z[0] != '-' {
		return false
	}
	minutes := z[3:]
	return z[1:3] > "14" || minutes != "00" && minutes != "30" && minutes != "45" && minutes != "15"
}
