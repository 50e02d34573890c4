// SPDX-License-Identifier: Apache-2.0

package facts

// aboutText are facts about how the text is written.
var aboutText = []About{
	{"head_zero_width", Bad, 3, "There are characters without width within the Subject or the author's name."},
	{"head_soft_hyphens", Bad, 3, "There are soft hyphens in the Subject or the author's name."},
	{"head_styled_letters", Bad, 3, "Letters of the Subject or the author's name are mathematical or circled ones."},
	{"head_wide_letters", Bad, 2, "Letters of the Subject or the author's name are full-width."},
	{"head_stacked_marks", Bad, 2, "There are marks on top of letters in the Subject or the author's name."},
	{"head_mixed_scripts", Bad, 3, "A word of the Subject or the author's name has letters of several scripts."},
	{"head_leet", Bad, 2.5, "A word of the Subject or the author's name has digits or signs for letters."},
	{"text_zero_width", Bad, 2, "There are characters without width within words."},
	{"text_zero_width_many", Bad, 3, "There are characters without width all over the text."},
	{"text_mostly_digits", Bad, 2, "Most words of the text are numbers."},
	{"text_soft_hyphens", Bad, 2, "There are many soft hyphens."},
	{"text_styled_letters", Bad, 2.5, "Letters are mathematical or circled ones."},
	{"text_wide_letters", Bad, 1.5, "Letters are full-width."},
	{"text_stacked_marks", Bad, 1.5, "There are marks on top of letters."},
	{"text_mixed_scripts", Bad, 3, "Words have letters of several scripts that look alike."},
	{"text_leet", Bad, 2.5, "Words have digits or signs for letters."},
	{"text_gappy", Bad, 2, "The letters of words stand apart."},
	{"text_shouting", Bad, 1.5, "The text is in capitals."},
	{"text_names_recipient", Bad, 1.5, "The text greets the recipient by address."},
	{"money_sum", Neutral, 0, "There is a sum of money."},
	{"money_millions", Bad, 2, "The text speaks of millions in money."},
	{"wallet_address", Bad, 2.5, "There is an address of a wallet for electronic money."},
	{"telephone", Neutral, 0, "There is a telephone number."},
	{"telephone_instead_of_link", Bad, 2.5, "The text asks for a call about a charge, and has no link."},
}
