// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"fmt"
	"slices"
)

// Defect is something that had to be forgiven when the message was read. Of several alike in one entity only the first
// is kept.
type Defect struct {
	Code   string // Stable, one of DefectCodes: "header.no_colon", "mime.missing_close", "limit.depth".
	Part   PartID
	Offset int64
	Detail string // One line, cut; quoted where it comes from the message.
}

// Ambiguous tells if the defect may hide content: some clients see body parts, or decode them, where others do not. The others are
// common in legitimate mail or hide nothing.
func (d Defect) Ambiguous() bool {
	i := slices.Index(defectCodes[:], d.Code)
	return i >= 0 && defect(i).ambiguous()
}

// ambiguous tells if p has a defect on its own that may hide content.
func (p *Part) ambiguous() bool {
	for code := range defectCount {
		if p.defects&(1<<code) != 0 && code.ambiguous() {
			return true
		}
	}
	return false
}

func (c defect) ambiguous() bool {
	switch c {
	case lineBareCR, headerNoColon, headerBlankColon, headerBlankLine, headerLeadingBlank, headerDelimiter, headerNUL,
		headerControl, mimeBadType, mimeTwoTypes, mimeTwoEncodings, mimeUnknownEncoding, mimeEncodedMultipart, mimeNoBoundary, mimeBoundaryTooLong,
		mimeBoundaryBlank, mimeBoundaryExtended, mimeTwoBoundaries, mimeBoundaryPrefix, mimeBoundaryReused, mimeDelimiterJunk,
		mimeDelimiterBareCR, mimeDelimiterBlank, mimeNoParts, mimePreamblePart, mimeEpiloguePart:
		return true
	default:
		return false
	}
}

// maxDefects bounds the defects kept of one message. That there were more is a defect of its own, "limit.defects".
const maxDefects = 1000

// defect is a code in few bits, so that an entity can remember which it had.
type defect uint8

const (
	lineBareCR defect = iota
	lineMixed
	lineCROnly
	headerMissing
	headerNoEmptyLine
	headerNoColon
	headerBlankColon
	headerBlankLine
	headerLeadingBlank
	headerMboxFrom
	headerDelimiter
	headerNUL
	headerControl
	mimeBadType
	mimeTwoTypes
	mimeTwoEncodings
	mimeTwoDispositions
	mimeOddEncoding
	mimeUnknownEncoding
	mimeEncodedMultipart
	mimeEncodedMessage
	mimeNoBoundary
	mimeBoundaryTooLong
	mimeBoundaryBlank
	mimeBoundaryExtended
	mimeTwoBoundaries
	mimeBoundaryPrefix
	mimeBoundaryReused
	mimeDelimiterJunk
	mimeDelimiterBareCR
	mimeDelimiterBlank
	mimeMissingClose
	mimeNoParts
	mimePreamblePart
	mimeEpiloguePart
	mimePartAfterClose
	paramDuplicate
	paramUnclosedQuote
	paramJunk
	paramGap
	limitDepth
	limitParts
	limitHeaderOctets
	limitParams
	limitTime
	limitDefects
	defectCount
)

var defectCodes = [defectCount]string{
	lineBareCR:           "line.bare_cr",           // CR without LF in a header section or delimiter line.
	lineMixed:            "line.mixed",             // Some lines of a header section end with CRLF, others with LF.
	lineCROnly:           "line.cr_only",           // The message's lines end with CR alone.
	headerMissing:        "header.missing",         // No header section at all; all is body.
	headerNoEmptyLine:    "header.no_empty_line",   // The body begins without an empty line before it.
	headerNoColon:        "header.no_colon",        // A line that is no field, between fields or between them and the empty line.
	headerBlankColon:     "header.blank_colon",     // Blanks or a comment between a field's name and its colon.
	headerBlankLine:      "header.blank_line",      // A line of blanks only, which some take for the empty line.
	headerLeadingBlank:   "header.leading_blank",   // The header section begins with a continuation line.
	headerMboxFrom:       "header.mbox_from",       // An mbox "From " line comes first.
	headerDelimiter:      "header.delimiter",       // A delimiter line ends the header section.
	headerNUL:            "header.nul",             // NUL in the header section.
	headerControl:        "header.control",         // A content field behind a control that some take for a line end.
	mimeBadType:          "mime.bad_type",          // Content-Type does not begin with type "/" subtype.
	mimeTwoTypes:         "mime.two_types",         // Several Content-Type fields; the first counts.
	mimeTwoEncodings:     "mime.two_encodings",     // Several transfer encodings, in one field or in several; the first counts.
	mimeTwoDispositions:  "mime.two_dispositions",  // Several Content-Disposition fields; the first counts.
	mimeOddEncoding:      "mime.odd_encoding",      // Comments, quotes or junk around the transfer encoding.
	mimeUnknownEncoding:  "mime.unknown_encoding",  // Transfer encoding that is not known; the body is taken as it is.
	mimeEncodedMultipart: "mime.encoded_multipart", // A multipart says that it is base64, quoted-printable or uuencode.
	mimeEncodedMessage:   "mime.encoded_message",   // A message/rfc822 is base64, quoted-printable or uuencode: not looked into here.
	mimeNoBoundary:       "mime.no_boundary",       // A multipart without a boundary parameter.
	mimeBoundaryTooLong:  "mime.boundary_too_long", // Boundary over maxBoundary octets.
	mimeBoundaryBlank:    "mime.boundary_blank",    // Boundary that ends with a blank.
	mimeBoundaryExtended: "mime.boundary_extended", // Boundary in the form of RFC 2231.
	mimeTwoBoundaries:    "mime.two_boundaries",    // Several boundary parameters; the first counts.
	mimeBoundaryPrefix:   "mime.boundary_prefix",   // Boundary that a line of another open multipart may be taken for.
	mimeBoundaryReused:   "mime.boundary_reused",   // Boundary that an open multipart outside has, too.
	mimeDelimiterJunk:    "mime.delimiter_junk",    // A line begins like a delimiter line but goes on; it is not taken for one.
	mimeDelimiterBareCR:  "mime.delimiter_bare_cr", // A delimiter behind a bare CR; it is not taken for one.
	mimeDelimiterBlank:   "mime.delimiter_blank",   // A delimiter behind blanks, with a content field below it; it is not taken for one.
	mimeMissingClose:     "mime.missing_close",     // A multipart without its close delimiter.
	mimeNoParts:          "mime.no_parts",          // A multipart without a delimiter line.
	mimePreamblePart:     "mime.preamble_part",     // What looks like a body part before the first delimiter line.
	mimeEpiloguePart:     "mime.epilogue_part",     // What looks like a body part behind the close delimiter, or text between that and another one.
	mimePartAfterClose:   "mime.part_after_close",  // A body part behind the close delimiter; it is taken for one.
	paramDuplicate:       "param.duplicate",        // A parameter given twice; the first counts.
	paramUnclosedQuote:   "param.unclosed_quote",   // A quoted value without its end.
	paramJunk:            "param.junk",             // Something between parameters that is none, or a missing semicolon.
	paramGap:             "param.gap",              // RFC 2231 sections missing.
	limitDepth:           "limit.depth",
	limitParts:           "limit.parts",
	limitHeaderOctets:    "limit.header_octets",
	limitParams:          "limit.params",
	limitTime:            "limit.time",
	limitDefects:         "limit.defects", // More defects than are kept.
}

// DefectCodes lists the code of every defect that Parse may record.
func DefectCodes() []string { return defectCodes[:] }

// defects collects the defects of a message.
type defects struct {
	list []Defect
}

// maxExcerpt bounds the octets of a message that a Detail quotes.
const maxExcerpt = 60

// add records a defect; text is that of the message which shows it, "" if the code says enough.
func (d *defects) add(code defect, p *Part, off int64, text string) {
	if !d.mark(code, p) {
		return
	}
	switch {
	case len(text) > maxExcerpt:
		text = fmt.Sprintf("%q...", text[:maxExcerpt])
	case text != "":
		text = fmt.Sprintf("%q", text)
	}
	d.keep(Defect{defectCodes[code], p.ID, off, text})
}

// addLimit records that a limit was hit.
func (d *defects) addLimit(code defect, p *Part, off int64, err error) {
	if d.mark(code, p) {
		d.keep(Defect{defectCodes[code], p.ID, off, err.Error()})
	}
}

// mark tells if the defect is the first of its kind in p, and remembers it.
func (d *defects) mark(code defect, p *Part) bool {
	first := p.defects&(1<<code) == 0
	p.defects |= 1 << code
	return first && len(d.list) <= maxDefects
}

func (d *defects) keep(f Defect) {
	if len(d.list) == maxDefects {
		f.Code, f.Detail = defectCodes[limitDefects], fmt.Sprintf("more than %d defects", maxDefects)
	}
	d.list = append(d.list, f)
}

// clip is as much of a line as a Detail quotes and one octet more.
func clip(line []byte) string { return string(line[:min(len(line), maxExcerpt+1)]) }
