// SPDX-License-Identifier: Apache-2.0

package facts_test

import (
	"strings"
	"testing"
)

const (
	express = "X-Mailer: Microsoft Outlook Express 6.00.2900.2180"
	library = "X-MimeOLE: Produced By Microsoft MimeOLE V6.00.2900."
)

// programCases are facts about what mail programs write. Times in identifiers are in steps of 100 ns since 1601: 01da581a 14ab1000 is the Date of the base, 65C0B1A0 the same in seconds since 1970.
func programCases() []example {
	return []example{
		is("message_id_other_time", "Message-ID: <000801da5833$39f84800$0201a8c0@pc>"), is("message_id_other_time", "Message-ID: <659924A0.5060103@example.org>"),
		{"boundary_other_time", []string{`Content-Type: multipart/mixed; boundary="----=_NextPart_000_0006_01DA4087.1C469000"`}},
		is("thread_index_broken", "Thread-Index: Acdx"), is("thread_index_broken", "Thread-Index: x y z"),
		is("mime_library_older", express, library+"1106"), is("priority_without_library", "X-MSMail-Priority: Normal"), is("priority_by_nobody", "X-Priority: 3"),
		is("to_bare_microsoft", express, "To: bob.jones@example.net"), is("date_wrong_weekday", "Date: Sun, 5 Feb 2024 10:00:00 +0000"),
	}
}

// handoverCases are facts about the hand-over to us and the hops before.
func handoverCases() []example {
	before := func(by string) string {
		return "Received: from pc (pc.example.com [198.51.100.9]) by " + by + " with ESMTP id 2; Mon, 5 Feb 2024 10:00:01 +0000"
	}
	ours := "+" + received("mail.example.org (mail.example.org [203.0.113.5])")
	household := received("pc (p203-0-113-57.dsl.example.org [203.0.113.57])")
	return []example{
		is("program_to_us", express, household), is("program_to_us", "User-Agent: Mozilla Thunderbird", household), is("hops_do_not_join", before("mx.garden.com"), ours),
		is("author_of_our_domain", "From: anna@example.net"),
	}
}

// TestNotProgram: what programs do write.
func TestNotProgram(t *testing.T) {
	const sent = "Received: from pc (pc.example.com [198.51.100.9]) by "
	ours := "+" + received("mail.example.org (mail.example.org [203.0.113.5])")
	for _, c := range []struct {
		fact  string
		edits []string
	}{
		{"message_id_other_time", []string{"Message-ID: <000801da581a$14ab1000$0201a8c0@pc>"}},
		{"message_id_other_time", []string{"Message-ID: <000801da5833$39f84800$0201a8c0@pc>", "Date: yesterday"}},
		{"message_id_other_time", []string{"Message-ID: <65C0B1A0.5060103@example.org>"}},
		{"message_id_other_time", []string{"Message-ID: <20240105.12345@example.org>"}},
		{"message_id_other_time", []string{"Message-ID: <1CACEAE0.3735AD7B@example.org>"}},
		{"message_id_other_time", []string{"Message-ID: <B99C0020.1411192@example.org>"}},
		{"boundary_other_time", []string{`Content-Type: multipart/mixed; boundary="----=_NextPart_000_0006_01DA5819.F8A1B9B0"`}},
		{"boundary_other_time", []string{`Content-Type: multipart/mixed; boundary="----=_NextPart_000_0006_ffffffff.ffffffff"`}},
		{"thread_index_broken", []string{"Thread-Index: Adpx08RAFmTXuWGZTmGJMO1SjDhIHg=="}},
		{"thread_index_broken", []string{"Thread-Index: Adpx08RAFmTXuWGZTmGJMO1SjDhI\n HgABAgME"}},
		{"thread_index_broken", []string{"Thread-Index: " + strings.Repeat("QUFB", 1000)}},
		{"mime_library_older", []string{express, library + "3028"}},
		{"mime_library_older", []string{express, library + "2180"}},
		{"priority_without_library", []string{"X-MSMail-Priority: High", "X-Mailer: Microsoft Outlook 16.0"}},
		{"priority_without_library", []string{"X-MSMail-Priority: High", "X-Mailer: Microsoft Office Outlook 12.0"}},
		{"priority_by_nobody", []string{"X-Priority: 3", express}},
		{"priority_by_nobody", []string{"Importance: high", "X-Priority: 1", "X-MS-Has-Attach:"}},
		{"to_bare_microsoft", []string{express}},
		{"date_wrong_weekday", []string{"Date: 5 Feb 2024 10:00:00 +0000"}},
		{"program_to_us", []string{express}}, // Its server takes out what was there before.
		{"program_to_us", []string{express, sent + "mail.example.org with ESMTP; Mon, 5 Feb 2024 10:00:01 +0000", ours}},
		{"program_to_us", []string{express, "Received: from pc (pc.example.com [198.51.100.9]) by mx.example.net with ESMTPSA id 2; Mon, 5 Feb 2024 10:00:01 +0000"}},
		{"hops_do_not_join", []string{sent + "relay7.example.org with ESMTP; Mon, 5 Feb 2024 10:00:01 +0000", ours}},
		{"hops_do_not_join", []string{sent + "relay.example.com with ESMTP; Mon, 5 Feb 2024 10:00:01 +0000", ours}},
		{"hops_do_not_join", []string{sent + "exchange.garden.local with ESMTP; Mon, 5 Feb 2024 10:00:01 +0000", ours}},
		{"hops_do_not_join", []string{sent + "mx.garden.com with ESMTP; Mon, 5 Feb 2024 10:00:01 +0000", ours, "List-Id: <garden.example.org>"}},
		{"hops_do_not_join", []string{sent + "SN6PR01MB1234.prod.exchangelabs.com with ESMTP; Mon, 5 Feb 2024 10:00:01 +0000", "+" + received("NAM10-MW2-obe.outbound.protection.outlook.com (NAM10-MW2-obe.outbound.protection.outlook.com [203.0.113.5])")}},
		{"hops_do_not_join", []string{sent + "mx.zohomail.com with ESMTP; Mon, 5 Feb 2024 10:00:01 +0000", "+" + received("sender4-op-o12.zoho.com (sender4-op-o12.zoho.com [203.0.113.5])")}},
		{"hops_do_not_join", []string{sent + "smtp.strato.de with ESMTP; Mon, 5 Feb 2024 10:00:01 +0000", "+" + received("mo4-p00-ob.smtp.rzone.de (mo4-p00-ob.smtp.rzone.de [203.0.113.5])")}},
		{"hops_do_not_join", []string{sent + "smtpcorp.com with ESMTP; Mon, 5 Feb 2024 10:00:01 +0000", "+" + received("e2i340.smtp2go.com (e2i340.smtp2go.com [203.0.113.5])")}},
		{"hops_do_not_join", []string{sent + "smtp-out-n01.prod.us-west-2.postgun.com with ESMTP; Mon, 5 Feb 2024 10:00:01 +0000", "+" + received("m42-5.mailgun.net (m42-5.mailgun.net [203.0.113.5])")}},
		{"author_of_our_domain", []string{"From: anna@example.net", received("mail.example.net (mail.example.net [203.0.113.5])")}},
		{"author_of_our_domain", []string{"From: anna@gmail.com", "To: bob@gmail.com"}},
		{"html_text_behind", []string{html, "=<html><p>" + baseBody + "</p></html>\n<!-- made by hand -->"}},
		{"qp_long_line", []string{"Content-Transfer-Encoding: quoted-printable", "=Hello Bob, here is what we said about the garden. =\nMore.\n"}},
	} {
		if f := find(t, nil, built(c.edits...)); f.Has(c.fact) {
			t.Errorf("%s: found in %q", c.fact, c.edits)
		}
	}
}
