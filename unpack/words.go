// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mailweir/mailweir/mail"
)

// Bounds of the text in which passwords are looked for.
const (
	maxWordText  = 64 << 10  // Octets of one body part.
	maxWordTexts = 256 << 10 // Octets of all.
	maxWords     = 2000      // Words kept as candidates.
	maxPassword  = 64        // Octets of a candidate.
	nearWords    = 6         // Words behind one that means "password".
)

// passwordWords mean "password", in lower case; they may be part of a longer word.
func passwordWords() []string {
	return []string{
		"password", "passwort", "passwd", "passcode", "passphrase", "pwd", "pass", "kennwort", "mot de passe", "passe", "mdp",
		"contraseña", "contrasena", "clave", "wachtwoord", "hasło", "haslo", "senha", "parola", "heslo", "jelszó", "lösenord", "lösen",
		"adgangskode", "kodeord", "passord", "salasana", "şifre", "sifre", "пароль", "κωδικός", "code", "pin", "key", "pw",
		"密码", "密碼", "パスワード", "비밀번호",
	}
}

// messageWords are the words of the message's Subject and own text that may be a password: those behind a word that means so, then those with digits
// in them, then the others.
func (w *walk) messageWords() []string {
	c := &wordList{meaning: passwordWords(), seen: map[string]bool{}}
	c.text(mail.DecodeWords(w.msg.Header().Get("Subject")))
	left := int64(maxWordTexts)
	for p := range w.msg.Parts() {
		if left <= 0 {
			break
		}
		if !p.IsLeaf() || !strings.HasPrefix(p.MediaType, "text/") || p.Filename() != "" {
			continue
		}
		s, err := p.Text(min(left, maxWordText))
		if err != nil {
			break // What reads the part to unpack it will say so.
		}
		left -= int64(len(s))
		if p.MediaType == "text/html" {
			s = html.UnescapeString(withoutTags(s))
		}
		c.text(s)
	}
	return c.ranked()
}

// withoutTags puts a blank for each tag. Where the text ends inside of one, the rest is gone.
func withoutTags(s string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "<")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteByte(' ')
		if _, s, ok = strings.Cut(rest, ">"); !ok {
			return b.String()
		}
	}
}

// wordList gathers words that may be passwords.
type wordList struct {
	meaning []string
	seen    map[string]bool
	near    []string // Behind a word that means "password",
	mixed   []string // with digits or signs in them,
	others  []string // and all others.
}

func (c *wordList) ranked() []string { return slices.Concat(c.near, c.mixed, c.others) }

// text takes the words of a text in, in two turns so that none that stands near is counted among the others.
func (c *wordList) text(s string) {
	words := strings.Fields(s)
	for i, word := range words {
		end, ok := c.means(strings.ToLower(word)) // Of the same length, but for few letters.
		if !ok {
			continue
		}
		// "Password:1234", "密码1234".
		if end < len(word) {
			c.add(&c.near, strings.TrimLeft(word[end:], ":=-–—：＝"))
		}
		for _, next := range words[i+1 : min(len(words), i+1+nearWords)] {
			c.add(&c.near, next)
		}
	}
	for _, word := range words {
		to := &c.others
		if strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) {
			to = &c.mixed
		}
		c.add(to, word)
	}
}

// means tells if a word in lower case has one in it that means "password", and where that ends.
func (c *wordList) means(word string) (end int, ok bool) {
	if len(word) > 4*maxPassword {
		return 0, false
	}
	for _, m := range c.meaning {
		i := strings.Index(word, m)
		if i < 0 {
			continue
		}
		end := i + len(m)
		before, _ := utf8.DecodeLastRuneInString(word[:i])
		after, _ := utf8.DecodeRuneInString(word[end:])
		// Short ones are in many words ("shopping").
		if len(m) > 4 || !unicode.IsLetter(before) && !unicode.IsLetter(after) {
			return end, true
		}
	}
	return 0, false
}

// add adds a word as it is without the marks around it and, if these may belong to it, with them.
func (c *wordList) add(to *[]string, word string) {
	const marks = "\"'`“”„‘’‚«»‹›()[]{}<>.,;:!?*_：，。！？「」『』【】"
	bare := strings.Trim(word, marks)
	// A mark at the end may be a letter of the password; one that opens before it is none.
	closed := strings.TrimLeft(word, marks)
	for _, s := range []string{bare, closed, word} {
		if s == "" || len(s) > maxPassword || c.seen[s] || len(c.seen) >= maxWords || !utf8.ValidString(s) {
			continue
		}
		c.seen[s] = true
		*to = append(*to, s)
		if to != &c.near {
			return // Only what stands near is tried in all forms.
		}
	}
}
