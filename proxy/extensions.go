// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"strconv"
	"strings"
)

// extensions are the EHLO keywords of the next hop, in upper case, with their parameters.
type extensions map[string]string

func parseExtensions(lines []string) extensions {
	ext := extensions{}
	for _, line := range lines[min(1, len(lines)):] {
		keyword, params, _ := strings.Cut(line, " ")
		// "AUTH=LOGIN" is an old way to write "AUTH LOGIN".
		keyword, _, _ = strings.Cut(keyword, "=")
		ext[strings.ToUpper(keyword)] = strings.TrimSpace(params)
	}
	return ext
}

func (e extensions) has(keyword string) bool {
	_, ok := e[keyword]
	return ok
}

func (e extensions) xforward() []string { return strings.Fields(e["XFORWARD"]) }

// size is the limit of the SIZE extension (RFC 1870), 0 if there is none.
func (e extensions) size() int64 {
	n, err := strconv.ParseInt(e["SIZE"], 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// lacking names a carried extension that other has and e does not; "" if there is none.
func (e extensions) lacking(other extensions) string {
	for _, keyword := range carried() {
		if other.has(keyword) && !e.has(keyword) {
			return keyword
		}
	}
	return ""
}

// carried are the extensions of the next hop that are relayed.
func carried() []string { return []string{"8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"} }
