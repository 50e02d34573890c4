// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// ErrTooLarge is returned when something is longer than the caller is ready to hold in memory.
var ErrTooLarge = errors.New("too large")

// Source is the body of a leaf as text that can be looked at and changed: offsets in Text are those of EditBody.
type Source struct {
	// Text is the body without its transfer encoding, the octets as they are if US-ASCII stands for itself in the charset and in nothing else,
	// so that markup can be found in it; else it is UTF-8.
	Text    []byte
	Charset string // Of Text, lower case: that which the entity names, "" if none, "utf-8" if Recoded.
	Recoded bool   // Text was converted; once edited, the body is written as UTF-8 and says so.
}

// Source reads the body of a leaf for editing. It fails with ErrTooLarge if the body, or what it is in UTF-8, is longer than max octets.
func (p *Part) Source(max int64) (*Source, error) {
	if !p.IsLeaf() {
		return nil, fmt.Errorf("source of part %s: it is no leaf", p.ID)
	}
	b, err := p.read(p.Open(), max+1)
	if err != nil {
		return nil, fmt.Errorf("source of part %s: %w", p.ID, err)
	}
	s := newSource(b, p.Params["charset"])
	if int64(len(b)) > max || int64(len(s.Text)) > max {
		return nil, fmt.Errorf("source of part %s: %w", p.ID, ErrTooLarge)
	}
	return s, nil
}

// newSource decides how text in the charset can be edited. As in clients that show HTML, a byte order mark has the last word.
func newSource(b []byte, charset string) *Source {
	charset = markedCharset(b, charset)
	if isTransparent(charset) {
		return &Source{Text: b, Charset: charset}
	}
	text, ok := convert(charset, string(b))
	if !ok {
		// Nobody else reads it in that charset either: it is the octets that count.
		return &Source{Text: b, Charset: charset}
	}
	return &Source{Text: []byte(text), Charset: "utf-8", Recoded: true}
}

// markedCharset is the charset that a byte order mark tells, else the one given.
func markedCharset(b []byte, charset string) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return "utf-8"
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return "utf-16"
	}
	return lower(strings.Trim(charset, " \t\"'"))
}

// isTransparent tells if the octets of US-ASCII always are the characters of US-ASCII in the charset. That is so if each character is one octet,
// and in UTF-8; in other charsets of several octets they may be the second of a character, or shifted to mean another.
func isTransparent(charset string) bool {
	switch charset {
	case "", "us-ascii", "ascii", "utf-8", "utf8", "macintosh", "latin1", "latin-1", "tis-620", "ansi_x3.4-1968":
		return true
	}
	for _, prefix := range []string{
		"iso-8859-", "iso8859-", "iso_8859-", "windows-125", "windows-874", "cp125", "koi8-", "x-mac-", "ibm85", "ibm86", "cp85", "cp86", "cp437",
	} {
		if strings.HasPrefix(charset, prefix) {
			return true
		}
	}
	return false
}

// Protected tells that the body of p is never edited: p is inside a multipart/signed or multipart/encrypted, where a change would break what the
// sender signed or sealed, or a limit kept it from being read, so that nobody knows what is in it. Then p, or the outermost entity that is signed,
// see Seal, can be replaced as a whole.
func (p *Part) Protected() bool { return p.opaque || p.sealed() }

// sealed tells that p is inside what is signed or encrypted.
func (p *Part) sealed() bool {
	seal := p.Seal()
	return seal != nil && seal != p
}

// Seal is the outermost entity that signs or encrypts p: a multipart/signed or multipart/encrypted (RFC 1847) or an S/MIME body (RFC 8551) that p is
// or is in; nil if there is none.
func (p *Part) Seal() *Part {
	var seal *Part
	for ; p != nil; p = p.Parent {
		switch p.MediaType {
		case "multipart/signed", "multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime":
			seal = p
		}
	}
	return seal
}
