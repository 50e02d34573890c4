// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"bytes"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/markup"
)

// Sizes of texts, in octets that a reader sees.
const (
	littleText = 200
	laidText   = 50 // Octets of text that other text may lie over; less is a badge or a button.
	noText     = 25
)

// maxLine is the length of a line of text (RFC 5322 section 2.1.1).
const maxLine = 998

// Extensions of files.
var (
	pageFiles    = setOf("htm html shtml xhtml svg")
	archiveFiles = setOf("zip rar 7z gz ace iso img r00 z arj cab lzh tar")
	programFiles = setOf("exe scr pif js vbs bat com lnk wsf hta")
)

// structure looks at what the message is made of.
func (s *session) structure() {
	b := &s.b
	s.when(b.htmls > 0 && b.plains == 0, "html_only")
	s.when(b.htmls > 0 && b.plains > 0 && len(strings.TrimSpace(b.plain)) < noText && len(b.visible) > littleText, "alternative_empty")
	s.when(b.htmls > 1, "html_twice")
	seen := b.seen()
	images := b.images + b.inHTML
	s.when(images > 0 && seen < littleText, "image_little_text")
	s.when(images > 0 && seen < noText, "image_only")
	s.when(seen == 0 && len(b.files) == 0 && images == 0, "empty")
	s.when(seen > 0 && seen < littleText, "little_text")
	s.when(b.padded, "padded_text")
	s.files(seen)
	s.encodings()
	s.when(s.longQuoted(), "qp_long_line")
	s.comparedVersions()
	root := s.msg.Root()
	s.when(strings.HasPrefix(root.MediaType, "multipart/") && len(root.Children) == 1, "multipart_of_one")
	s.when(strings.HasPrefix(root.MediaType, "multipart/") && len(root.Children) == 0, "multipart_of_none")
	for _, d := range s.msg.Defects() {
		s.when(d.Ambiguous(), "mime_ambiguous")
	}
	s.markup()
}

// files looks at attachments.
func (s *session) files(seen int) {
	for i := range s.b.files {
		f := &s.b.files[i]
		switch {
		case f.media == "application/pdf" || f.ext == "pdf":
			s.when(seen < littleText, "pdf_little_text")
		case f.media == "text/calendar" || f.ext == "ics":
			s.when(seen < noText, "calendar_no_text")
		case pageFiles[f.ext] || f.media == "text/html":
			s.note("attached_page", "")
		case archiveFiles[f.ext]:
			s.when(seen < 4*littleText, "archive_little_text")
		case programFiles[f.ext]:
			s.note("attached_program", "")
		case f.media == "message/rfc822" || f.ext == "eml":
			s.when(seen < noText, "message_no_text")
		case strings.HasPrefix(f.media, "application/") && seen < noText:
			s.note("attachment_no_text", "")
		}
	}
}

// encodings looks at transfer encodings and charsets of texts.
func (s *session) encodings() {
	seen := map[string]bool{}
	for _, p := range s.b.parts {
		if !strings.HasPrefix(p.MediaType, "text/") || p.Filename() != "" {
			continue
		}
		seen[p.Encoding] = true
		charset := strings.ToLower(p.Params["charset"])
		s.when(p.Encoding == "base64" && (charset == "" || charset == "us-ascii" || charset == "ascii"), "base64_ascii")
		s.when(p.Encoding == "base64" && p.MediaType == "text/html", "base64_html")
		s.when(oldCharset(charset), "charset_other_script")
		s.when(charset != "" && strings.Trim(charset, "abcdefghijklmnopqrstuvwxyz0123456789-_:") != "", "charset_odd")
		s.when(p.MediaType == "text/html" && p.Params["charset"] == "", "html_no_charset")
	}
	text := 0
	for _, e := range [...]string{"base64", "quoted-printable", "8bit"} {
		if seen[e] {
			text++
		}
	}
	s.when(text > 1, "encodings_mixed")
	plain := s.b.plain + s.b.visible
	s.when(seen["base64"] && plain != "" && isASCII(plain), "base64_needless")
}

// oldCharset tells if a charset is for one script that is not Latin, as programs wrote it before UTF-8.
func oldCharset(charset string) bool {
	return startsWithOne(
		charset, "koi8", "windows-1251", "gb2312", "gbk", "gb18030", "big5", "iso-2022-jp", "shift_jis", "euc-kr", "ks_c_5601", "iso-2022-kr", "windows-1256",
		"windows-874", "iso-8859-5",
	)
}

// comparedVersions looks if the versions of an alternative have hardly a word in common.
func (s *session) comparedVersions() {
	if s.b.plains == 0 || s.b.htmls == 0 || s.msg.Root().MediaType != "multipart/alternative" && !hasAlternative(s.b.parts) {
		return
	}
	a, b := wordSet(s.b.plain), wordSet(s.b.visible)
	if len(a) < 10 || len(b) < 10 {
		return
	}
	common := 0
	for w := range a {
		if b[w] {
			common++
		}
	}
	s.counted(common*4 < min(len(a), len(b)), "alternatives_differ", 100*common/min(len(a), len(b)))
}

func hasAlternative(parts []*mail.Part) bool {
	for _, p := range parts {
		if p.Parent != nil && p.Parent.MediaType == "multipart/alternative" {
			return true
		}
	}
	return false
}

// wordSet are some of the longer words of a text.
func wordSet(text string) map[string]bool {
	const most = 150
	m := make(map[string]bool, most)
	for w := range strings.FieldsSeq(cut(text, maxLooks)) {
		if len(m) == most {
			break
		}
		if len(w) >= 4 && len(w) <= 24 && !strings.Contains(w, "/") {
			m[strings.ToLower(w)] = true
		}
	}
	return m
}

// markup looks at what the pages are made of.
func (s *session) markup() {
	s.when(s.b.far, "page_far_below")
	s.when(s.b.more, "html_unread")
	s.when(s.b.behind && !s.h.list, "html_text_behind")
	for _, p := range s.b.pages {
		for i := range p.Dangers {
			switch p.Dangers[i].Kind {
			case markup.Form:
				s.note("html_form", "")
			case markup.Script, markup.Handler:
				s.note("html_script", "")
			case markup.Iframe, markup.Object:
				s.note("html_frame", "")
			case markup.Smuggling:
				s.note("html_smuggling", "")
			case markup.Scheme:
				s.when(strings.HasPrefix(p.Dangers[i].Detail, "data:"), "link_data")
				s.when(!strings.HasPrefix(p.Dangers[i].Detail, "data:"), "link_program")
			case markup.Refresh:
				s.note("html_refresh", "")
			default:
			}
		}
		s.when(p.Unreadable != "", "html_unreadable")
		s.when(p.Unfollowed != "", "html_unfollowed")
		s.counted(p.Laid >= laidText && len(s.b.visible) >= littleText, "text_laid_over", p.Laid)
		s.when(len(p.Matrices) > 0, "html_drawn_code")
	}
	for line := range strings.SplitSeq(s.b.plain, "\n") {
		s.when(len(line) > 4*maxLine, "plain_long_line")
	}
	s.when(s.b.htmls > 0 && s.b.source > 40*max(len(s.b.visible), 200), "html_mostly_markup")
	s.when(s.b.remote > 0 && s.b.inHTML == s.b.remote && s.b.remote <= 2 && len(s.b.links) > 0 && s.b.seen() < 2*littleText, "html_one_picture")
}

// longQuoted tells if a text in quoted-printable has a line that is longer than RFC 2045 section 6.7 (5) allows.
func (s *session) longQuoted() bool {
	const (
		most = 78       // 76, and some for programs that count otherwise.
		look = 32 << 10 // Octets that are looked at.
	)
	for _, p := range s.b.parts {
		if p.Encoding != "quoted-printable" || !strings.HasPrefix(p.MediaType, "text/") {
			continue
		}
		raw := make([]byte, max(0, min(p.End-p.Body, look)))
		if n, err := s.msg.Reader().ReadAt(raw, p.Body); n < len(raw) && err != nil {
			return false
		}
		for line := range bytes.SplitSeq(raw, []byte("\n")) {
			if len(bytes.TrimRight(line, "\r")) > most {
				return true
			}
		}
	}
	return false
}
