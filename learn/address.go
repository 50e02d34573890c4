// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/mail"
)

// maxAddresses bounds the addresses of one field that are looked at.
const maxAddresses = 10

// addresses takes a field of addresses apart. A comma within a quoted name cuts it in two, which is a feature like any other.
func (s *session) addresses(name, v string) {
	n := 0
	for one := range strings.SplitSeq(v, ",") {
		if n++; n > maxAddresses {
			break
		}
		s.address(name, one)
	}
	s.add(Trace, "count", name+strconv.Itoa(min(strings.Count(v, "@"), 8)))
	s.add(Trace, "addrshape", name+" "+shape(cut(v, 60)))
}

func (s *session) address(name, v string) {
	a := addressOf(v)
	local, domain, _ := strings.Cut(a, "@")
	s.add(Names, name, cut(a, 80))
	s.add(Names, name+".domain", cut(domain, 80))
	s.add(Names, name+".local", cut(local, 40))
	s.add(Names, name+".tld", domain[strings.LastIndexByte(domain, '.')+1:])
	for range 3 {
		_, parent, ok := strings.Cut(domain, ".")
		if !ok || !strings.Contains(parent, ".") {
			break
		}
		domain = parent
		s.add(Names, name+".parent", cut(domain, 80))
	}
	if i := strings.LastIndexByte(v, '<'); i > 0 {
		n := 0
		words(plain(mail.DecodeWords(v[:i])), func(w string) bool {
			s.add(Names, name+".name", cut(w, maxWord))
			n++
			return n < 8
		})
	}
}

// addressOf is the address in a field body, in lower case: what stands in the last angle brackets.
func addressOf(v string) string {
	if i := strings.LastIndexByte(v, '<'); i >= 0 {
		v, _, _ = strings.Cut(v[i+1:], ">")
	}
	return strings.ToLower(strings.Trim(v, " \t<>"))
}

// domainOf is the domain of that address; "" if there is none.
func domainOf(v string) string {
	a := addressOf(v)
	if i := strings.LastIndexByte(a, '@'); i >= 0 {
		return a[i+1:]
	}
	return ""
}
