// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestGuess(t *testing.T) {
	for text, want := range map[string]string{
		"Dear customer, your account has been locked. Please follow the link to verify that it is you.":                                "en",
		"Cher client, votre compte a été bloqué. Veuillez suivre le lien pour vérifier que vous êtes le titulaire de ce compte.":       "fr",
		"Sehr geehrte Kundin, Ihr Konto wurde gesperrt. Bitte folgen Sie dem Link, um sich zu bestätigen; das ist nicht schwer.":       "de",
		"Estimado cliente: su cuenta ha sido bloqueada. Siga el enlace para confirmar que es usted el titular de la cuenta.":           "es",
		"Gentile cliente, il suo conto è stato bloccato. Segua il link per confermare che è lei il titolare della carta; non aspetti.": "it",
		"Beste klant, uw rekening is geblokkeerd. Volg de link om te bevestigen dat u het bent; dit is niet moeilijk.":                 "nl",
		"": "", "lorem ipsum dolor": "", "1234 5678": "", "Заблокирован ваш счёт, пожалуйста, перейдите по ссылке": "",
	} {
		got, ok := Guess(text)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", text, got, ok, want)
		}
	}
}

func TestForTag(t *testing.T) {
	for tag, want := range map[string]string{"de": "de", "de-AT": "de", "EN_us": "en", " fr ": "fr", "pl": "", "": "", "d": ""} {
		if got, ok := ForTag(tag); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v", tag, got, ok)
		}
	}
}

// Every language has every text, with both addresses in it, and each can be written in US-ASCII.
func TestLinkTexts(t *testing.T) {
	for _, l := range Languages() {
		for reason, english := range linkTexts()[English] {
			got := Link{reason, "shown.example", "real.example"}.Text(l)
			if !strings.Contains(got, "real[.]example") || strings.Contains(english, "{shown}") != strings.Contains(got, "shown[.]example") || strings.ContainsAny(got, "{}") {
				t.Errorf("%s, %s: got %q", l, reason, got)
			}
			if a := ASCII(got); strings.ContainsAny(a, "?\x7f") || len(a) != utf8.RuneCountInString(a) || !strings.Contains(a, "real[.]example") {
				t.Errorf("%s, %s: in US-ASCII %q", l, reason, a)
			}
		}
		if len(linkTexts()[l]) != len(linkTexts()[English]) {
			t.Errorf("%s has %d texts", l, len(linkTexts()[l]))
		}
	}
	if got := (Link{LooksLike, "", "real.example"}).Text("xx"); !strings.Contains(got, "letters that look like others") {
		t.Errorf("got %q", got)
	}
}

func TestHTML(t *testing.T) {
	if got, want := HTML("<b a=\"'&\">é\n\x7f😀"), "&#60;b a=&#34;&#39;&#38;&#34;&#62;&#233; &#127;&#128512;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestASCII(t *testing.T) {
	if got, want := ASCII("Größe, é «x» ’ 世\n"), `Grosse, e "x" ' ? `; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
