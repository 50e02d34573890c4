// SPDX-License-Identifier: Apache-2.0

package facts

import "slices"

// What honest mail has of one kind it seldom has of two. A fact about a pair of kinds is true if a fact of each of them is.
var (
	// lures are what makes a reader follow a link or open a file.
	lures = both("words_", "subject_", "credential", "threat", "mailbox", "delivery", "prize", "wallet", "tax", "document", "callback", "payment")
	// appeals are what makes a reader answer.
	appeals = both("words_", "subject_", "advance", "loan", "task", "contact", "extortion", "approach")
	// wares are what is sold.
	wares = both(
		"words_", "subject_", "pharmacy", "replica", "casino", "loan", "investment", "adult", "health", "work", "degree", "software", "promotion", "offer",
	)
	// pushes are what makes a reader hurry.
	pushes = both("words_", "subject_", "urgency", "click", "greeting")
	// concealed: the recipient is not to see who else has got it.
	concealed = []string{"to_undisclosed", "to_author_only", "bcc_shown", "no_recipient_field", "recipient_not_named"}
	// hosted: a link leads to a page that its owner need not answer for.
	hosted = []string{
		"link_free_hosting", "link_shortened", "link_cheap_suffix", "link_random_domain", "link_imitates", "link_into_cms", "link_address",
		"link_not_ascii", "link_odd_port", "link_disguised", "link_data",
	}
	// elsewhere: links lead to somebody else.
	elsewhere = []string{"link_none_to_author"}
	// loose: the author's address is worth little.
	loose = []string{
		"from_freemail", "from_cheap_suffix", "from_tenant_domain", "from_domain_random", "from_domain_digits", "from_local_random", "unsigned",
		"mail_from_other_domain", "mail_from_freemail", "mail_from_random", "client_dynamic", "client_no_name", "helo_no_domain",
		"helo_other_domain", "freemail_by_other_client", "php_script", "mailer_library",
	}
	// names: a well-known name is shown by somebody else.
	names = []string{
		"brand_in_name", "brand_in_subject", "brand_in_text", "brand_in_text_end", "brand_in_local_part", "name_is_role", "name_role_freemail",
		"name_has_recipient_domain",
	}
	// answers go to somebody else.
	answers = []string{"reply_to_freemail", "reply_to_second_freemail", "reply_to_from_freemail", "link_mail_freemail", "reply_to_other_domain"}
	// enclosed: the message is in a file.
	enclosed = []string{"attached_page", "pdf_little_text", "archive_little_text", "attachment_no_text", "calendar_no_text", "message_no_text"}
	// pictured: the message is in a picture.
	pictured = []string{"image_little_text", "image_only", "html_one_picture"}
	// disguised: letters are not what they look like.
	disguised = []string{
		"head_zero_width", "head_soft_hyphens", "head_styled_letters", "head_stacked_marks", "head_mixed_scripts", "head_leet",
		"text_zero_width", "text_styled_letters", "text_stacked_marks", "text_mixed_scripts", "text_leet", "brand_disguised", "subject_gappy",
		"page_far_below", "hidden_salad", "html_unfollowed", "text_laid_over",
	}
)

// pair is a fact about two kinds.
type pair struct {
	name string
	a, b []string
}

var pairs = []pair{
	{"lure_elsewhere", lures, elsewhere},
	{"lure_hosted", lures, hosted},
	{"lure_concealed", lures, concealed},
	{"lure_loose", lures, loose},
	{"lure_enclosed", lures, enclosed},
	{"lure_pictured", lures, pictured},
	{"lure_named", lures, names},
	{"lure_answered_elsewhere", lures, answers},
	{"push_elsewhere", pushes, elsewhere},
	{"push_hosted", pushes, hosted},
	{"push_loose", pushes, loose},
	{"push_lure", pushes, lures},
	{"appeal_concealed", appeals, concealed},
	{"appeal_loose", appeals, loose},
	{"appeal_answered_elsewhere", appeals, answers},
	{"wares_elsewhere", wares, elsewhere},
	{"wares_hosted", wares, hosted},
	{"wares_loose", wares, loose},
	{"wares_concealed", wares, concealed},
	{"named_elsewhere", names, elsewhere},
	{"named_hosted", names, hosted},
	{"named_loose", names, loose},
	{"pictured_elsewhere", pictured, elsewhere},
	{"pictured_hosted", pictured, hosted},
	{"pictured_loose", pictured, loose},
	{"enclosed_loose", enclosed, loose},
	{"elsewhere_loose", elsewhere, loose},
	{"hosted_loose", hosted, loose},
	{"concealed_loose", concealed, loose},
	{"concealed_hosted", concealed, hosted},
	{"concealed_letter", concealed, []string{"no_link"}},
	{"concealed_saying_nothing", concealed, []string{"subject_empty", "no_subject"}},
	{"appeal_telephone", appeals, []string{"telephone"}},
	{"appeal_letter", appeals, []string{"no_link", "link_mail_only"}},
	{"disguised_elsewhere", disguised, elsewhere},
}

// both are names with each of two beginnings.
func both(a, b string, names ...string) []string {
	var all []string
	for _, n := range names {
		all = append(all, a+n, b+n)
	}
	return all
}

// combined finds the pairs.
func (s *session) combined() {
	if s.h.list {
		return
	}
	so := make(map[string]bool, len(s.list))
	for _, f := range s.list {
		so[f.Name] = true
	}
	for _, p := range pairs {
		s.when(oneOf(so, p.a) && oneOf(so, p.b), p.name)
	}
}

func oneOf(so map[string]bool, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return so[n] })
}
