// SPDX-License-Identifier: Apache-2.0

package facts_test

import "strings"

func headerCases() []example {
	return []example{
		is("no_date", "-Date"),
		is("date_unreadable", "Date: yesterday at noon"),
		is("date_odd_zone", "Date: Mon, 5 Feb 2024 10:00:00 +1733"),
		is("date_ahead", "Date: Wed, 7 Feb 2024 10:00:00 +0000"),
		is("date_behind", "Date: Mon, 22 Jan 2024 10:00:00 +0000"),
		is("no_message_id", "-Message-ID"),
		is("message_id_odd", "Message-ID: 12345@example.org"),
		is("message_id_no_domain", "Message-ID: <1@localhost>"),
		is("message_id_address", "Message-ID: <1@192.0.2.1>"),
		is("message_id_other_domain", "Message-ID: <1@example.com>"),
		is("message_id_by_receiver", "Message-ID: <1@mx.example.net>"),
		is("message_id_is_author", "Message-ID: <anna.miller@example.org>"),
		is("field_twice", "+Subject: other"),
		is("field_empty", "Cc:"),
		is("header_eight_bit", "Subject: Grüße"),
		is("no_mime_version", "-MIME-Version", "Content-Transfer-Encoding: 7bit"),
		is("no_recipient_field", "-To"),
		is("bcc_shown", "Bcc: bob@example.net"),
		is("no_received", "-Received"),
		is("marked_urgent", "X-Priority: 1 (Highest)"),
		is("marked_urgent", "Importance: High"),
		is("php_script", "X-PHP-Script: example.org/a.php for 192.0.2.1"),
		is("to_undisclosed", "To: undisclosed-recipients:;"),
		is("to_no_address", "To: all of you"),
		is("to_author_only", "To: anna.miller@example.org"),
		is("many_recipients", "To: "+strings.Repeat("a@example.net, ", 12)),
		is("no_subject", "-Subject"),
		is("subject_empty", "Subject:"),
		is("subject_shouting", "Subject: MINUTES OF THE MEETING"),
		is("subject_gappy", "Subject: Buy V I A G R A now"),
		is("subject_gappy", "Subject: f.r.e.e.d.o.m"),
		is("subject_ends_in_id", "Subject: Minutes x7k2m9q4"),
		is("subject_encoded_needlessly", "Subject: =?utf-8?B?TWludXRlcw==?="),
		is("subject_blanks", "Subject: Minutes        zz"),
		is("subject_exclaims", "Subject: Minutes!!"),
		is("subject_picture", "Subject: =?utf-8?Q?=F0=9F=8E=81_Minutes?="),
		is("subject_money", "Subject: $500 for you"),
		is("subject_bracket", "Subject: [garden] Minutes"),
		is("subject_names_recipient", "Subject: bob.jones, your minutes"),
		is("answer_without_thread", "Subject: Re: Minutes"),
		is("answer_to_nothing", "Subject: AW: Minutes"),
		is("answer_to_itself", "In-Reply-To: <12345.67890@example.org>"),
		is("history_without_thread", "=Yes.\n\n-----Original Message-----\nFrom: Bob\n"),
		is("forward_of_nothing", "Subject: Fwd: Minutes"),
		is("list_mail", "List-Id: <garden.example.org>"),
		is("precedence_bulk", "Precedence: bulk"),
		is("list_unsubscribe", "List-Unsubscribe: <mailto:x@example.org>"),
		is("list_unsubscribe_post", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
		is("feedback_id", "Feedback-ID: 1:2:3:x"),
		is("auto_submitted", "Auto-Submitted: auto-generated"),
	}
}

func senderCases() []example {
	tiny := "=Are you available? I need you to handle a task.\n"
	brand := "From: PayPal <x@example.org>"
	return []example{
		is("no_from", "-From"),
		is("from_no_address", "From: Anna Miller"),
		is("from_several", "From: anna@example.org, bob@example.org"),
		is("from_malformed", "From: Miller, Anna <anna@example.org>"),
		is("from_no_domain", "From: anna@localhost"),
		is("from_no_name", "From: anna@example.org"),
		is("from_name_encoded_needlessly", "From: =?utf-8?B?QW5uYQ==?= <anna@example.org>"),
		is("from_name_picture", "From: =?utf-8?Q?=F0=9F=8E=81_Anna?= <anna@example.org>"),
		is("from_name_shouting", "From: ANNA MILLER <anna@example.org>"),
		is("from_name_long", "From: "+strings.Repeat("Anna ", 20)+"<anna@example.org>"),
		is("from_name_ends_in_id", "From: Anna x7k2m9q4 <anna@example.org>"),
		is("from_name_other_address", `From: "anna@example.com" <x@example.org>`),
		is("from_local_random", "From: xkqzvbnw@example.org"),
		is("from_local_digits", "From: anna84736@example.org"),
		is("from_domain_random", "From: anna@xkqzvbnw.com"),
		is("from_domain_digits", "From: anna@shop8473.com"),
		is("from_cheap_suffix", "From: anna@garden.xyz"),
		is("from_domain_deep", "From: anna@a.b.example.org"),
		is("from_tenant_domain", "From: anna@x.onmicrosoft.com"),
		is("from_freemail", "From: anna@gmail.com"),
		is("from_imitates", "From: a@paypa1.com"),
		is("null_path_no_report", "Return-Path: <>"),
		is("mail_from_other_domain", "Return-Path: <x@example.com>"),
		is("mail_from_freemail", "Return-Path: <x@gmail.com>"),
		is("freemail_by_other_path", "From: anna@gmail.com"),
		is("mail_from_random", "Return-Path: <x@xkqzvbnw.com>"),
		is("mail_from_tenant_domain", "Return-Path: <x@y.onmicrosoft.com>"),
		is("mail_from_per_recipient", "Return-Path: <x-bob.jones=example.net@example.org>"),
		is("reply_to_same", "Reply-To: anna.miller@example.org"),
		is("reply_to_several", "Reply-To: a@example.org, b@example.org"),
		is("reply_to_other_domain", "Reply-To: x@example.com"),
		is("reply_to_freemail", "Reply-To: x@gmail.com"),
		is("reply_to_second_freemail", "From: a@gmail.com", "Reply-To: x@yahoo.com"),
		is("reply_to_from_freemail", "From: a@gmail.com", "Reply-To: x@example.com"),
		is("reply_to_random", "Reply-To: xkqzvbnw@example.com"),
		is("brand_in_name", brand),
		is("brand_is_name", brand),
		is("brand_disguised", "From: =?utf-8?B?"+"0KBheVBhbA=="+"?= <x@example.org>"),
		is("brand_in_local_part", "From: paypal-service@example.org"),
		is("brand_in_subject", "Subject: Your PayPal account"),
		is("brand_in_text", "=PayPal has news for you.\n"),
		is("brand_in_text_end", baseTwice("Your team at PayPal.\n")),
		is("brand_not_linked", brand, "=See https://example.com/x\n"),
		is("brand_linked_beside", brand, "=See https://example.com/x and https://www.paypal.com/\n"),
		is("brand_no_link", brand),
		is("name_is_role", "From: Customer Support <x@example.org>"),
		is("name_role_freemail", "From: IT Helpdesk <x@gmail.com>"),
		is("freemail_other_name", "From: Anna Miller <zq7@gmail.com>"),
		is("name_has_recipient_domain", "From: Acme Support <x@example.org>", "To: bob@acme.example"),
		is("from_domain_has_recipient_domain", "From: x@acme-login.com", "To: bob@acme.example"),
		is("name_is_our_address", `From: "office@example.net" <x@example.org>`),
		is("mailer_nonsense", "X-Mailer: xkq zvb"),
		is("mailer_forged_outlook", "X-Mailer: Microsoft Outlook Express 6.00.2600"),
		is("mailer_forged_outlook", "X-Mailer: Microsoft Outlook 16.0"),
		is("mailer_forged_thunderbird", "User-Agent: Mozilla Thunderbird", "Message-ID: <xyz@example.org>"),
		is("mailer_forged_apple", "X-Mailer: Apple Mail (2.3445)"),
		is("mailer_extinct", "X-Mailer: Microsoft Outlook Express 6.00"),
		is("mailer_library", "X-Mailer: PHPMailer 5.2.9"),
		is("tiny_task", tiny),
		is("tiny_task_freemail", tiny, "From: Anna Miller <anna@gmail.com>"),
		is("tiny_reply_elsewhere", tiny, "Reply-To: x@example.com"),
		is("tiny_from_freemail", "=Hello there\n", "From: a@gmail.com"),
	}
}

func baseTwice(end string) string { return "=" + strings.Repeat(baseBody, 4) + end }

// received is the field that our own server writes.
func received(from string) string {
	return "Received: from " + from + " by mx.example.net with ESMTP id 1; Mon, 5 Feb 2024 10:00:05 +0000"
}

func transportCases() []example {
	hops := make([]string, 15)
	for i := range hops {
		hops[i] = "+" + received("a.example.org (a.example.org [203.0.113.5])")
	}
	return []example{
		{"many_hops", hops},
		is("helo_no_domain", received("pc (mail.example.org [203.0.113.5])")),
		is("helo_address", received("203.0.113.5 (mail.example.org [203.0.113.5])")),
		is("helo_other_domain", received("mail.example.com (mail.example.org [203.0.113.5])")),
		is("helo_is_ours", received("mx.example.net (a.example.org [203.0.113.5])")),
		is("helo_forged", received("mail.google.com (a.example.org [203.0.113.5])")),
		is("client_no_name", received("mail.example.org (unknown [203.0.113.5])")),
		is("client_dynamic", received("x (p203-0-113-57.dsl.example.org [203.0.113.57])")),
		is("client_dynamic", received("web2.example.org (p203-0-113-57.dsl.example.org [203.0.113.57])")),
		is("client_dynamic", received("example.org (203-0-113-57.example.org [203.0.113.57])")),
		is("client_rented", received("x (ec2-1.compute.amazonaws.com [203.0.113.5])")),
		is("freemail_by_other_client", "From: anna@gmail.com"),
		is("handed_in_from_rented", "+"+received("x.example.org (x.example.org [203.0.113.5])"), "Received: from vps7 (vps7.example.com [198.51.100.9]) by x.example.org with ESMTPSA id 2; Mon, 5 Feb 2024 10:00:01 +0000"),
		is("handed_in_by_address", "+"+received("x.example.org (x.example.org [203.0.113.5])"), "Received: from [198.51.100.9] (a.example.com [198.51.100.9]) by x.example.org with ESMTPSA id 2; Mon, 5 Feb 2024 10:00:01 +0000"),
		is("unsigned", "-DKIM-Signature"),
		is("signed_by_other", "DKIM-Signature: v=1; d=example.com; s=s; b=y"),
		is("freemail_unsigned", "From: anna@gmail.com"),
	}
}
