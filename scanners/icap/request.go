// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// requestHead is all of a request that comes before the body: the ICAP header section, and the header sections of an HTTP
// message made up around the content (RFC 3507 sections 4.8.1 and 4.9.1).
func (s *Scanner) requestHead(size int64, preview int) string {
	length := strconv.FormatInt(size, 10)
	host := "Host: mailweir\r\n"
	entity := "Content-Type: application/octet-stream\r\nContent-Length: " + length + "\r\n\r\n"
	request, response := "GET /message HTTP/1.1\r\n"+host+"\r\n", "HTTP/1.1 200 OK\r\n"+entity
	encapsulated := fmt.Sprintf("req-hdr=0, res-hdr=%d, res-body=%d", len(request), len(request)+len(response))
	if s.options.Method == "reqmod" {
		request, response = "POST /message HTTP/1.1\r\n"+host+entity, ""
		encapsulated = fmt.Sprintf("req-hdr=0, req-body=%d", len(request))
	}
	var b strings.Builder
	b.WriteString(s.icapHead(strings.ToUpper(s.options.Method)))
	b.WriteString("Allow: 204\r\n")
	if preview >= 0 {
		fmt.Fprintf(&b, "Preview: %d\r\n", preview)
	}
	b.WriteString("Encapsulated: " + encapsulated + "\r\n\r\n" + request + response)
	return b.String()
}

// icapHead is the start of every request.
func (s *Scanner) icapHead(method string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s ICAP/1.0\r\nHost: %s\r\n", method, s.service.uri, s.service.host)
	for _, name := range slices.Sorted(maps.Keys(s.options.Headers)) {
		b.WriteString(name + ": " + s.options.Headers[name] + "\r\n")
	}
	return b.String()
}
