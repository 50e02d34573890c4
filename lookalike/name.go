// SPDX-License-Identifier: Apache-2.0

package lookalike

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Named is what Name found.
type Named struct {
	Name string // Main domain of the name.
	Word string // As it is shown.
	How  How    // Letters or Digits if it is only made to look like the name; else "".
	// Alone tells that nothing else is in the text but words such as "support" and numbers, and that the name is no ordinary word.
	Alone bool
}

// maxWords is the number of words of a text that Name looks at.
const maxWords = 32

// Name finds a name of the list in the words of a text, such as a display name. Names that are also ordinary words are passed over, unless nothing else
// is in the text but words such as "support". ok is false if there is none.
func (j *Judge) Name(text string) (n Named, ok bool) {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Variation_Selector, r) {
			return -1 // Only tells how the sign before it is drawn.
		}
		return r
	}, cut(text))
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.In(r, unicode.Mn, unicode.Cf) && !strings.ContainsRune("!|@$", r)
	})
	if len(words) > maxWords {
		words = words[:maxWords]
	}
	words = unspaced(words)
	all := 0
	for _, w := range words {
		all += len(w)
	}
	for i, w := range words {
		alone := fillers(words[:i], words[i+1:])
		if n, ok := j.word(w, alone); ok {
			n.Alone = n.Alone && alone
			return n, true
		}
		// "Bank of America", "Wells Fargo", "Deutsche Post".
		var joined strings.Builder
		joined.WriteString(w)
		for k, next := range words[i+1 : min(i+3, len(words))] {
			joined.WriteString(next)
			if n, ok := j.word(joined.String(), len(joined.String()) == all); ok {
				n.Alone = n.Alone && fillers(words[:i], words[i+k+2:])
				return n, true
			}
		}
	}
	return Named{}, false
}

// minSpaced is the number of letters with blanks between them that are one word.
const minSpaced = 4

// unspaced joins words of which each letter stands by itself: "P a y P a l", "P.a.y.P.a.l".
func unspaced(words []string) []string {
	var all []string
	for i := 0; i < len(words); {
		n := i
		for n < len(words) && utf8.RuneCountInString(words[n]) == 1 {
			n++
		}
		if n-i >= minSpaced {
			all = append(all, strings.Join(words[i:n], ""))
			i = n
			continue
		}
		all = append(all, words[i:max(n, i+1)]...)
		i = max(n, i+1)
	}
	return all
}

func (j *Judge) word(w string, whole bool) (Named, bool) {
	i, ok := j.skeletons[Skeleton(w)]
	if !ok {
		return Named{}, false
	}
	e := &j.entries[i]
	if e.common && !e.plain && !whole {
		return Named{}, false
	}
	n := Named{Name: e.domains[0], Word: w, Alone: !e.common || e.plain}
	switch low := strings.ToLower(w); {
	case low == e.word:
	case isASCII(w):
		n.How = Digits
	default:
		n.How = Letters
	}
	return n, true
}

// fillers tells if words say nothing of their own.
func fillers(parts ...[]string) bool {
	for _, words := range parts {
		for _, w := range words {
			if w = strings.ToLower(w); !isLure(w) && !isFiller(w) {
				return false
			}
		}
	}
	return true
}

// isFiller tells if a word beside a name says only that the name writes: an office, a form of company, a prize.
func isFiller(w string) bool {
	switch strings.Trim(w, "0123456789") {
	case "", "the", "com", "io", "de", "no", "reply", "noreply", "official", "express", "priority", "department", "dept", "secured", "inc", "message", "system",
		"servicio", "servicios", "cliente", "clientes", "atendimento", "kundendienst", "livraison", "assistenza", "klantenservice", "and", "for":
		return true
	case "s", "a", "sa", "ag", "corp", "corporation", "llc", "ltd", "gmbh", "of", "from", "von", "do", "da", "du", "des", "banco", "prime", "important", "importante",
		"privacy", "subscription", "membership", "mitgliedschaft", "renewal", "storage", "speicher", "almacenamiento", "aviso", "informa", "comunicado":
		return true
	case "gutschein", "gutscheine", "voucher", "coupon", "giftcard", "surprise", "congratulations", "gewinner", "gagnant", "pontos", "recompensas", "cadeau",
		"cadeaux", "airdrop", "token", "nachricht", "benachrichtigung", "zustellung", "versand", "lieferung":
		return true
	}
	return false
}
