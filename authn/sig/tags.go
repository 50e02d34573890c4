// SPDX-License-Identifier: Apache-2.0

package sig

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// MaxTags bounds the tags of one list; the RFCs have less than twenty.
const MaxTags = 100

// Tags is a tag list (RFC 6376 section 3.2): values by name, with the white space around them gone. Names are case-sensitive.
type Tags map[string]string

var errTags = errors.New("malformed tag list")

// ParseTags reads a tag list. A tag that is there twice makes it malformed, and so does an empty one that is not the last.
func ParseTags(s string) (Tags, error) {
	t := Tags{}
	for more := true; more; {
		var spec string
		spec, s, more = strings.Cut(s, ";")
		name, value, ok := strings.Cut(spec, "=")
		name, value = trim(name), trim(value)
		if !ok && name == "" && !more && len(t) > 0 {
			break
		}
		if _, twice := t[name]; !ok || twice || !isTagName(name) || !isTagValue(value) || len(t) == MaxTags {
			return nil, errTags
		}
		t[name] = value
	}
	return t, nil
}

func trim(s string) string { return strings.Trim(s, " \t\r\n") }

func isTagName(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || (s[i] < '0' || s[i] > '9') && s[i] != '_') {
			return false
		}
	}
	return s != ""
}

// isTagValue tells that there is nothing but printable characters and white space. Octets above 127 are from RFC 8616.
func isTagValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f {
			return false
		}
	}
	return true
}

// Word is a value without any white space in it.
func (t Tags) Word(name string) string { return squeeze(t[name]) }

func squeeze(s string) string {
	if !strings.ContainsFunc(s, isFWS) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, isFWS), "")
}

// MaxNames bounds the names of fields that a signature may list in h=; those in use have less than a hundred.
const MaxNames = 1000

// Names is the list of h= in lower case; ok is false if it has more than MaxNames.
func (t Tags) Names() (names []string, ok bool) {
	if strings.Count(t["h"], ":") >= MaxNames {
		return nil, false
	}
	names = t.List("h")
	for i := range names {
		names[i] = strings.ToLower(names[i])
	}
	return names, true
}

// List is a value taken apart at its colons, without white space; nil if there is no such tag.
func (t Tags) List(name string) []string {
	v, ok := t[name]
	if !ok {
		return nil
	}
	list := strings.Split(v, ":")
	for i := range list {
		list[i] = squeeze(list[i])
	}
	return list
}

// Base64 is a value in base64, which may be folded and lack the "=" at its end (RFC 6376 section 2.10); an empty one is an error.
func (t Tags) Base64(name string) ([]byte, error) {
	v := strings.TrimSuffix(strings.TrimSuffix(t.Word(name), "="), "=")
	b, err := base64.RawStdEncoding.DecodeString(v)
	if err == nil && len(b) == 0 {
		err = errTags
	}
	return b, err
}

// Number is a value of 1 to 12 digits, as times are (RFC 6376 section 3.5); ok is false if there is none or it is no number.
func (t Tags) Number(name string) (n int64, ok bool) {
	v := t[name]
	if len(v) == 0 || len(v) > 76 || strings.Trim(v, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		n = 1<<63 - 1 // Longer than any body, later than any time.
	}
	return n, true
}
