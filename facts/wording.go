// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"math"
	"strings"
)

// How many phrases of a group a text of up to wordsUnit words has to have for the fact, and for the stronger one. In a longer text more are by chance:
// the numbers grow with the root of its length.
const (
	someAt    = 2
	manyAt    = 4
	wordsUnit = 200
)

// telling are groups of which a single phrase says something, as nobody writes it by chance.
var telling = setOf("pharmacy replica casino adult mailbox task")

// wording counts the phrases of each group in Subject and text.
func (s *session) wording() {
	text := s.b.folded
	words := tokens(make([]string, 0, min(len(text)/5+16, maxWords)), plainForm(s.h.subject+"\n"+s.h.author.name), maxWords/10)
	head := len(words)
	words = tokens(words, text, maxWords)
	s.b.words = len(words) - head
	counts := s.t.phrases.found(words)
	unit := math.Sqrt(max(1, float64(len(words))/wordsUnit))
	for i, n := range counts {
		if n == 0 {
			continue
		}
		name := s.t.phrases.groups[i]
		weight := float64(n) / unit
		s.counted(weight >= someAt || telling[name] && weight >= 1, "words_"+name, n)
		s.counted(weight >= manyAt, "words_"+name+"_many", n)
	}
	for i, n := range s.t.phrases.found(words[:head]) {
		s.counted(n > 0, "subject_"+s.t.phrases.groups[i], n)
	}
	s.figures()
}

// figures looks for sums of money, telephone numbers, and addresses of wallets.
func (s *session) figures() {
	money, wallet := false, false
	for w := range strings.FieldsSeq(s.b.all) {
		if len(w) > 100 || countDigits(w) == 0 {
			continue
		}
		w = strings.Trim(w, ".,;:()[]<>\"'")
		switch {
		case isWallet(w):
			wallet = true
		case isSum(w):
			money = true
		}
	}
	s.when(money, "money_sum")
	s.when(wallet, "wallet_address")
	phones := telephones(s.b.all)
	s.counted(phones > 0, "telephone", phones)
	s.when(phones > 0 && len(s.b.links) == 0 && s.has("words_callback"), "telephone_instead_of_link")
	text := s.b.folded
	for _, sum := range [...]string{"000,000", "000.000", "million us", "million dollar", "million euro"} {
		s.when(strings.Contains(text, sum), "money_millions")
	}
	for i := range s.h.to {
		if a := s.h.to[i].address; len(a) > 5 && a != s.h.author.address && strings.Contains(cut(text, 1000), a) && !s.h.list {
			s.note("text_names_recipient", "")
		}
	}
}

// isWallet tells if a word has the form of an address of Bitcoin, Ethereum or Tron.
func isWallet(w string) bool {
	n := len(w)
	switch {
	case n >= 26 && n <= 35 && (w[0] == '1' || w[0] == '3') || n == 34 && w[0] == 'T':
		l := lettersOf(w)
		return l.digits >= 3 && l.upper >= 4 && l.lower >= 4 && l.digits+l.upper+l.lower == n && !strings.ContainsAny(w, "0OIl")
	case n >= 42 && n <= 62 && (strings.HasPrefix(w, "bc1") || strings.HasPrefix(w, "BC1")):
		l := lettersOf(w)
		return l.digits+l.lower+l.upper == n && l.digits > 5
	case n == 42 && strings.HasPrefix(w, "0x"):
		return strings.Trim(strings.ToLower(w[2:]), "0123456789abcdef") == ""
	}
	return false
}

// isSum tells if a word is a sum of money with its sign.
func isSum(w string) bool {
	for _, sign := range [...]string{"$", "€", "£", "us$", "usd", "r$", "eur"} {
		if len(w) > len(sign) && strings.EqualFold(w[:len(sign)], sign) && w[len(sign)] >= '0' && w[len(sign)] <= '9' {
			return true
		}
	}
	return strings.HasSuffix(w, "€") && isDigit(w[0]) || strings.HasSuffix(w, "$") && isDigit(w[0])
}

// telephones counts runs of ten to thirteen digits with the signs that stand in telephone numbers, at least one of them.
func telephones(text string) int {
	n, digits, signs := 0, 0, 0
	for i := 0; i <= len(text); i++ {
		c := byte('\n')
		if i < len(text) {
			c = text[i]
		}
		switch {
		case isDigit(c):
			digits++
		case digits > 0 && (c == ' ' || c == '-' || c == '(' || c == ')' || c == '.' || c == '+') && signs < 8:
			signs++
		default:
			if digits >= 10 && digits <= 13 && signs >= 2 {
				n++
			}
			digits, signs = 0, 0
			if c == '+' || c == '(' {
				signs = 1
			}
		}
	}
	return n
}
