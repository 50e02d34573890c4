// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"strings"
	"sync"
)

// Reason is why a link was made inert.
type Reason string

// The reasons.
const (
	Differs   Reason = "differs"   // It shows another address than it leads to.
	Number    Reason = "number"    // A number for the host.
	User      Reason = "user"      // What stands before the @ looks like the host.
	Letters   Reason = "letters"   // Letters that look like others.
	LooksLike Reason = "lookslike" // A name that looks like another one.
	Program   Reason = "program"   // Opens a file share or a program.
	KnownBad  Reason = "knownbad"  // A site on a list.
	Personal  Reason = "personal"  // Carries the recipient's address.
	Hidden    Reason = "hidden"    // Written so that the host cannot be read.
)

// Link is a link that was made inert.
type Link struct {
	Reason Reason
	Shown  string // The address that is shown, or the name that is imitated; "" if there is none.
	Real   string // The host that it leads to.
}

// Text is the warning that stands beside the link, in Unicode, without brackets around it. The addresses in it are written so that mail clients make no
// links of them.
func (k Link) Text(lang string) string {
	t, ok := linkTexts()[lang]
	if !ok {
		t = linkTexts()[English]
	}
	s := t[k.Reason]
	if k.Shown == "" && k.Reason == LooksLike {
		s = t[Letters]
	}
	before, after, ok := strings.Cut(s, "{real}")
	if !ok {
		return s
	}
	// What is shown is put in only where the text has a place for it: it may itself look like one.
	shown := inert(k.Shown)
	return strings.Replace(before, "{shown}", shown, 1) + inert(k.Real) + strings.Replace(after, "{shown}", shown, 1)
}

// inert is an address that can be read and that no program makes a link of: example[.]org.
func inert(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, ".", "[.]"), "://", "[:]//")
}

// linkTexts are the warnings by language.
var linkTexts = sync.OnceValue(func() map[string]map[Reason]string {
	return map[string]map[Reason]string{
		English: {
			Differs:   "Warning: this link shows {shown} but leads to {real}. It was disabled.",
			Number:    "Warning: this link leads to a bare number, {real}. It was disabled.",
			User:      "Warning: this link leads to {real}, whatever stands before the @. It was disabled.",
			Letters:   "Warning: this link leads to {real}, a name made of letters that look like others. It was disabled.",
			LooksLike: "Warning: this link leads to {real}, which looks like {shown} but is not. It was disabled.",
			Program:   "Warning: this link opens a file or a program instead of a web page ({real}). It was disabled.",
			KnownBad:  "Warning: this link leads to {real}, a site known for fraud. It was disabled.",
			Personal:  "Warning: this link to {real} carries your address, to ask for your password. It was disabled.",
			Hidden:    "Warning: this link hides that it leads to {real}. It was disabled.",
		},
		"fr": {
			Differs:   "Attention : ce lien affiche {shown} mais mène à {real}. Il a été désactivé.",
			Number:    "Attention : ce lien mène à un simple numéro, {real}. Il a été désactivé.",
			User:      "Attention : ce lien mène à {real}, quoi qu’il y ait devant le signe @. Il a été désactivé.",
			Letters:   "Attention : ce lien mène à {real}, un nom écrit avec des lettres qui en imitent d’autres. Il a été désactivé.",
			LooksLike: "Attention : ce lien mène à {real}, qui ressemble à {shown} sans l’être. Il a été désactivé.",
			Program:   "Attention : ce lien ouvre un fichier ou un programme au lieu d’une page web ({real}). Il a été désactivé.",
			KnownBad:  "Attention : ce lien mène à {real}, un site connu pour fraude. Il a été désactivé.",
			Personal:  "Attention : ce lien vers {real} contient votre adresse, pour demander votre mot de passe. Il a été désactivé.",
			Hidden:    "Attention : ce lien cache qu’il mène à {real}. Il a été désactivé.",
		},
		"de": {
			Differs:   "Warnung: Dieser Link zeigt {shown}, führt aber zu {real}. Er wurde unwirksam gemacht.",
			Number:    "Warnung: Dieser Link führt zu einer bloßen Nummer, {real}. Er wurde unwirksam gemacht.",
			User:      "Warnung: Dieser Link führt zu {real}, was auch vor dem @ steht. Er wurde unwirksam gemacht.",
			Letters:   "Warnung: Dieser Link führt zu {real}, einem Namen aus Buchstaben, die wie andere aussehen. Er wurde unwirksam gemacht.",
			LooksLike: "Warnung: Dieser Link führt zu {real}; das sieht aus wie {shown}, ist es aber nicht. Er wurde unwirksam gemacht.",
			Program:   "Warnung: Dieser Link öffnet eine Datei oder ein Programm statt einer Webseite ({real}). Er wurde unwirksam gemacht.",
			KnownBad:  "Warnung: Dieser Link führt zu {real}, einer als betrügerisch bekannten Seite. Er wurde unwirksam gemacht.",
			Personal:  "Warnung: Dieser Link zu {real} enthält Ihre Adresse, um nach Ihrem Passwort zu fragen. Er wurde unwirksam gemacht.",
			Hidden:    "Warnung: Dieser Link verbirgt, dass er zu {real} führt. Er wurde unwirksam gemacht.",
		},
		"es": {
			Differs:   "Aviso: este enlace muestra {shown} pero lleva a {real}. Se ha desactivado.",
			Number:    "Aviso: este enlace lleva a un simple número, {real}. Se ha desactivado.",
			User:      "Aviso: este enlace lleva a {real}, diga lo que diga delante de la @. Se ha desactivado.",
			Letters:   "Aviso: este enlace lleva a {real}, un nombre escrito con letras que parecen otras. Se ha desactivado.",
			LooksLike: "Aviso: este enlace lleva a {real}, que se parece a {shown} pero no lo es. Se ha desactivado.",
			Program:   "Aviso: este enlace abre un archivo o un programa en lugar de una página web ({real}). Se ha desactivado.",
			KnownBad:  "Aviso: este enlace lleva a {real}, un sitio conocido por fraude. Se ha desactivado.",
			Personal:  "Aviso: este enlace a {real} contiene su dirección, para pedirle la contraseña. Se ha desactivado.",
			Hidden:    "Aviso: este enlace oculta que lleva a {real}. Se ha desactivado.",
		},
		"it": {
			Differs:   "Attenzione: questo link mostra {shown} ma porta a {real}. È stato disattivato.",
			Number:    "Attenzione: questo link porta a un semplice numero, {real}. È stato disattivato.",
			User:      "Attenzione: questo link porta a {real}, qualunque cosa ci sia prima della @. È stato disattivato.",
			Letters:   "Attenzione: questo link porta a {real}, un nome scritto con lettere che ne imitano altre. È stato disattivato.",
			LooksLike: "Attenzione: questo link porta a {real}, che somiglia a {shown} ma non lo è. È stato disattivato.",
			Program:   "Attenzione: questo link apre un file o un programma invece di una pagina web ({real}). È stato disattivato.",
			KnownBad:  "Attenzione: questo link porta a {real}, un sito noto per frode. È stato disattivato.",
			Personal:  "Attenzione: questo link a {real} contiene il suo indirizzo, per chiederle la password. È stato disattivato.",
			Hidden:    "Attenzione: questo link nasconde che porta a {real}. È stato disattivato.",
		},
		"nl": {
			Differs:   "Waarschuwing: deze link toont {shown} maar leidt naar {real}. Hij is uitgeschakeld.",
			Number:    "Waarschuwing: deze link leidt naar een kaal nummer, {real}. Hij is uitgeschakeld.",
			User:      "Waarschuwing: deze link leidt naar {real}, wat er ook voor de @ staat. Hij is uitgeschakeld.",
			Letters:   "Waarschuwing: deze link leidt naar {real}, een naam van letters die op andere lijken. Hij is uitgeschakeld.",
			LooksLike: "Waarschuwing: deze link leidt naar {real}; dat lijkt op {shown} maar is het niet. Hij is uitgeschakeld.",
			Program:   "Waarschuwing: deze link opent een bestand of programma in plaats van een webpagina ({real}). Hij is uitgeschakeld.",
			KnownBad:  "Waarschuwing: deze link leidt naar {real}, een site die bekend is van fraude. Hij is uitgeschakeld.",
			Personal:  "Waarschuwing: deze link naar {real} bevat uw adres, om naar uw wachtwoord te vragen. Hij is uitgeschakeld.",
			Hidden:    "Waarschuwing: deze link verbergt dat hij naar {real} leidt. Hij is uitgeschakeld.",
		},
	}
})
