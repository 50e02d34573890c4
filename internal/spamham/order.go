// SPDX-License-Identifier: Apache-2.0

package spamham

import (
	"errors"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// arrival tells when a message came, by its name, the line of an mbox on top, and its header section.
type arrival func(name string, line []byte, h mail.Header) (int64, error)

// byNumber goes by the number in the name, inmail.N.eml: the order of arrival in TREC 2007.
func byNumber(name string, _ []byte, _ mail.Header) (int64, error) {
	f := strings.Split(path.Base(name), ".")
	if len(f) < 2 {
		return 0, errors.New("there is no number in the name")
	}
	return strconv.ParseInt(f[1], 10, 64)
}

// byDate goes by the date of the mbox line, else that of the Received field on top, else Date.
func byDate(_ string, line []byte, h mail.Header) (int64, error) {
	if f := strings.Fields(string(line)); len(f) >= 7 {
		if t, err := time.Parse("Mon Jan 2 15:04:05 2006", strings.Join(f[len(f)-5:], " ")); err == nil {
			return t.Unix(), nil
		}
	}
	for _, v := range []string{mail.ParseReceived(h.Get("Received")).Date, h.Get("Date")} {
		if t, ok := mail.ParseDate(v); ok {
			return t.Unix(), nil
		}
	}
	return 0, errors.New("there is no date in it")
}
