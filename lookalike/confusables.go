// SPDX-License-Identifier: Apache-2.0

package lookalike

// confusables are the characters that look like a letter or digit of US-ASCII, by that letter or digit. Characters whose compatibility
// decomposition is US-ASCII already (full-width, mathematical, accented ones) are not in it. What looks like 1 or i stands under
// l, what looks like 0 under o.
//
// Source: the skeletons of Unicode Technical Standard 39, version 15.0, as ICU 72 computes them, for letters and digits of the scripts
// that are seen in host names; and what is no skeleton but read as the letter all the same, such as the Cyrillic letters of the
// shape of small capitals.
var confusables = [...]struct {
	as   byte
	look string
}{
	{'2', "ƧϨᒿꙄꝚ"},
	{'3', "ƷȜЗӠⳌꝪꞫ𝈆"},
	{'4', "Ꮞ"},
	{'5', "Ƽ"},
	{'6', "бᏮⳒ"},
	{'7', "𝈒"},
	{'8', "Ȣȣ"},
	{'9', "ⳊꝮ"},
	{'a', "ɐɑΑαАаӓᎪᗅᴀꓮ"},
	{'b', "ßþƀƃƄɓʙΒβВЬвъьᏏᏴᑲᖯᗷꓐꞴ"},
	{'c', "¢ƈȼςϲСсᏟᴄⲤⲥꓚꮯ𐐕𐐽"},
	{'d', "đɖɗԁᎠᏧᑯᗞᗪᴅꓒꓓ"},
	{'e', "ɘəɛΕεЕезёєҽәᎬᴇⴹꓰꬲ"},
	{'f', "ƒϜքᖴẝꓝꜰꞘꞙꬵ𝈓"},
	{'g', "ƍǥɠɡɢԌցᏀᏳᶃꓖ"},
	{'h', "ħʜΗНнңһհᎻᏂᕼⲎꓧ"},
	{'j', "ȷɟͿϳЈјᎫᒍᴊꓙꞲ"},
	{'k', "ƙΚκКкқҝҟӄᏦᴋⲔꓗ"},
	{'l', "ıłƖƚǀɩɪɭʟΙιІіӀӏ\u05c0\u05d5\u05df\u0627\u0661۱ᎥᏞᒪⲒⳐⵏꓡꓲꙇꭵ𐐛𝈪"},
	{'m', "ɱΜϺМмᎷᗰᴍⲘꓟ"},
	{'n', "ŋƞɲɴΝήηипղոռἠⲚꓠ"},
	{'o', "øɵΟοσОофөՕօ\u05e1\u0647\u0665\u06be\u06c1\u06d5۵ჿᴏᴑⲞⲟⵔ〇ꓳꬽ𐐄𐐬"},
	{'p', "ƥΡρРрᏢᑭᴘⲢⲣꓑ"},
	{'q', "ʠԛգզⵕ"},
	{'r', "ƦɼɽɾʀгᎡᏒᖇᴦⲅꓣꭇꭈꮁ𝈖"},
	{'s', "ƽʂЅѕՏᏕᏚꓢꜱꮪ𐐠𐑈"},
	{'t', "ŧƭʈΤτТтҭᎢᴛⲦꓔ"},
	{'u', "ʋμυцՍսᑌᴜꓴꞟꭎꭒ"},
	{'v', "νѴѵ\u05d8\u0667۷Ꮩᐯᴠⴸꓦꮩ𝈍"},
	{'w', "ɯωшщѡԜԝաᎳᏔᴡꓪꮃ"},
	{'x', "ΧχХхҳӽᕁᕽ᙭᙮ⲬⵝꓫꞳ"},
	{'y', "ɣʏΥγУуҮүұყᎩᎽᶌỿⲨꓬꭚ"},
	{'z', "ƶȥʐΖᏃᴢꓜꮓ𐋵"},
}
