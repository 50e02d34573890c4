// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"
)

// How far a time that a program has put into an identifier may be from Date.
const (
	maxIDDrift    = time.Hour      // Identifiers are made when the message is sent, as Date is.
	maxDraftDrift = 48 * time.Hour // Boundaries and the identifiers of some programs are made when its author begins to write.
)

// mozilla is when Mozilla began, in seconds since 1970.
const mozilla = 883612800 // 1998.

// program looks at what mail programs write beside what is asked of them: times in identifiers, and fields of which one comes with the other. A program that
// imitates them copies the form, and seldom the meaning.
func (s *session) program() {
	n := s.h.count
	if at := s.h.date; !at.IsZero() {
		made, drift := idTime(s.h.id)
		s.when(apart(made, at, drift), "message_id_other_time")
		s.when(apart(boundaryTime(s.msg.Root().Params["boundary"]), at, maxDraftDrift), "boundary_other_time")
	}
	s.when(n["thread-index"] > 0 && !threadIndex(s.value("Thread-Index")), "thread_index_broken")
	if s.h.list {
		return
	}
	mailer := strings.ToLower(s.value("X-Mailer"))
	s.when(olderLibrary(mailer, strings.ToLower(s.value("X-MimeOLE"))), "mime_library_older")
	s.when(n["x-msmail-priority"] > 0 && n["x-mimeole"] == 0 && !startsWithOne(mailer, "microsoft outlook 1", "microsoft office outlook 12"), "priority_without_library")
	s.when(n["x-priority"] > 0 && n["x-mailer"] == 0 && n["user-agent"] == 0 && n["x-ms-has-attach"] == 0, "priority_by_nobody") // Exchange names no program.
	to := s.value("To")
	s.when(strings.HasPrefix(mailer, "microsoft") && len(s.h.to) == 1 && s.h.to[0].address != "" && !strings.Contains(to, "<") && !strings.Contains(to, redaction), "to_bare_microsoft")
}

// apart tells if two times are known and further from each other than drift.
func apart(a, b time.Time, drift time.Duration) bool {
	return !a.IsZero() && a.Sub(b).Abs() > drift
}

// idTime is the time in a Message-ID of Microsoft's programs (four digits of a counter, sixteen of a time with a dollar between, a dollar and an address) or of
// Mozilla's (eight digits of a time, a full stop, five to eight digits by chance), and how far it may be from Date; zero if there is none.
func idTime(id string) (time.Time, time.Duration) {
	local, _ := cutLast(strings.Trim(strings.TrimSpace(id), "<>"), '@')
	if a, rest, ok := strings.Cut(local, "$"); ok {
		if low, address, ok := strings.Cut(rest, "$"); ok && len(a) == 12 && len(low) == 8 && len(address) == 8 && isHex(a[:4]) && isHex(address) {
			return fileTime(a[4:], low), maxIDDrift
		}
		return time.Time{}, 0
	}
	seconds, chance, _ := strings.Cut(local, ".")
	if len(seconds) != 8 || len(chance) < 5 || len(chance) > 8 || !isHex(chance) || !strings.ContainsAny(seconds, "ABCDEF") || strings.ToUpper(local) != local {
		return time.Time{}, 0 // Digits alone may be a day, or a counter.
	}
	v, err := strconv.ParseUint(seconds, 16, 32)
	if err != nil || v < mozilla || v > math.MaxInt32 {
		return time.Time{}, 0 // Other programs write other numbers in that form.
	}
	return time.Unix(int64(v), 0), maxDraftDrift
}

// boundaryTime is the time in a boundary of Microsoft's programs, such as ----=_NextPart_000_0006_01C77D2F.F8A1B9B0; zero if there is none.
func boundaryTime(boundary string) time.Time {
	f := strings.Split(boundary, "_")
	if len(f) != 5 || f[0] != "----=" || f[1] != "NextPart" {
		return time.Time{}
	}
	high, low, _ := strings.Cut(f[4], ".")
	return fileTime(high, low)
}

// fileTime is a time in steps of 100 ns since 1601, in two halves of eight hexadecimal digits; zero if it is none of a century around ours.
func fileTime(high, low string) time.Time {
	const to1970 = 11644473600 // Seconds.
	if len(high) != 8 || len(low) != 8 {
		return time.Time{}
	}
	v, err := strconv.ParseUint(high+low, 16, 63)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(int64(v/1e7)-to1970, 0)
}

func isHex(s string) bool { return strings.Trim(strings.ToLower(s), "0123456789abcdef") == "" }

// threadIndex tells if a Thread-Index has the form of Microsoft's: 22 octets in base64, and 5 more for each answer.
func threadIndex(v string) bool {
	const begin, answer = 22, 5
	if len(v) == maxValue { // The rest of a long conversation is cut off.
		return true
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(v), ""))
	return err == nil && len(raw) >= begin && (len(raw)-begin)%answer == 0
}

// olderLibrary tells if the library that made the parts is older than Outlook Express, of which it is a part. It may be newer: it is mended by itself.
func olderLibrary(mailer, library string) bool {
	_, program, _ := strings.Cut(mailer, "outlook express ")
	_, library, _ = strings.Cut(library, "mimeole v")
	a, b := strings.Split(firstWord(program), "."), strings.Split(firstWord(library), ".")
	if len(a) != 4 || len(b) != 4 {
		return false
	}
	for i := range a {
		p, err := strconv.Atoi(a[i])
		l, err2 := strconv.Atoi(b[i])
		if err != nil || err2 != nil {
			return false
		}
		if p != l {
			return l < p
		}
	}
	return false
}

func firstWord(s string) string {
	s = strings.TrimLeft(s, " \t")
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i]
	}
	return s
}
