// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"fmt"
	"strings"
	"unicode"
)

// English is the language of all texts that nobody chose a language for.
const English = "en"

// Languages are the languages that there are texts in, by their ISO 639 codes, in alphabetical order.
func Languages() []string { return []string{"de", English, "es", "fr", "it", "nl"} }

// Bounds of what a text lists.
const (
	maxItems = 20
	maxFile  = 120 // Octets of a file name.
)

// Item is one thing that was taken out of a message.
type Item struct {
	File string // Its name; "" if it has none.
	Code string // Of the finding.
	Why  string // What the config says to recipients; "" if nothing.
}

// Removed tells what was taken out of a message.
type Removed struct {
	ID    string // Under which it can be asked for.
	Items []Item
}

// removedWords are the words of RemovedText and AttachedText.
type removedWords struct {
	name     string // Of the file that stands in the place of another.
	removed  string
	attached string
	file     string
	unnamed  string
	why      string
	rule     string
	ask      string // With %s for the ID.
	more     string // With %d for how many.
}

func wordsOfRemoved(lang string) removedWords {
	switch lang {
	case "de":
		return removedWords{
			"entfernt.txt", "Ein Teil dieser Nachricht wurde vom Mailfilter entfernt.",
			"Der Mailfilter hält die angehängte Nachricht für verdächtig. Bitte öffnen Sie sie mit Vorsicht.",
			"Datei", "(ohne Namen)", "Grund", "Regel", "Wenn Sie ihn brauchen, fragen Sie Ihren Postmaster unter Angabe von: %s", "und %d weitere",
		}
	case "es":
		return removedWords{
			"eliminado.txt", "El filtro de correo ha eliminado una parte de este mensaje.",
			"El filtro de correo considera sospechoso el mensaje adjunto. Ábralo con precaución.",
			"Archivo", "(sin nombre)", "Motivo", "Regla", "Si lo necesita, pídalo a su postmaster indicando: %s", "y %d más",
		}
	case "fr":
		return removedWords{
			"supprime.txt", "Une partie de ce message a été supprimée par le filtre de messagerie.",
			"Le filtre de messagerie juge le message joint suspect. Ouvrez-le avec prudence.",
			"Fichier", "(sans nom)", "Motif", "Règle", "Si vous en avez besoin, demandez-le à votre postmaster en indiquant : %s", "et %d autres",
		}
	case "it":
		return removedWords{
			"rimosso.txt", "Una parte di questo messaggio è stata rimossa dal filtro di posta.",
			"Il filtro di posta ritiene sospetto il messaggio allegato. Aprirlo con cautela.",
			"File", "(senza nome)", "Motivo", "Regola", "Se le serve, lo chieda al suo postmaster indicando: %s", "e altri %d",
		}
	case "nl":
		return removedWords{
			"verwijderd.txt", "Een deel van dit bericht is door het mailfilter verwijderd.",
			"Het mailfilter vindt het bijgevoegde bericht verdacht. Open het met zorg.",
			"Bestand", "(zonder naam)", "Reden", "Regel", "Als u het nodig hebt, vraag uw postmaster ernaar onder vermelding van: %s", "en nog %d",
		}
	}
	return removedWords{
		"removed.txt", "A part of this message was removed by the mail filter.",
		"The mail filter found the attached message suspicious. Open it with care.",
		"File", "(without a name)", "Reason", "Rule", "If you need it, ask your postmaster for it and give this ID: %s", "and %d more",
	}
}

// RemovedName is the name of the file that stands in the place of what was taken out.
func RemovedName(lang string) string { return wordsOfRemoved(lang).name }

// RemovedText says what was taken out, why, by which rule, and under what ID it can be asked for. Lines end in CRLF; at most 20 things
// are listed.
func RemovedText(lang string, r Removed) string {
	w := wordsOfRemoved(lang)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\r\n", w.removed)
	for i, it := range r.Items {
		if i == maxItems {
			fmt.Fprintf(&b, "\r\n"+w.more+"\r\n", len(r.Items)-maxItems)
			break
		}
		file := shown(it.File)
		if file == "" {
			file = w.unnamed
		}
		fmt.Fprintf(&b, "\r\n%s: %s\r\n", w.file, file)
		if it.Why != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", w.why, shown(it.Why))
		}
		fmt.Fprintf(&b, "%s: %s\r\n", w.rule, shown(it.Code))
	}
	fmt.Fprintf(&b, "\r\n"+w.ask+"\r\n", shown(r.ID))
	return b.String()
}

// AttachedText is the note that a suspicious message is attached to.
func AttachedText(lang, id, codes string) string {
	w := wordsOfRemoved(lang)
	return fmt.Sprintf("%s\r\n\r\n%s: %s\r\nID: %s\r\n", w.attached, w.rule, shown(codes), shown(id))
}

// shown is a name on one line: what cannot be printed or turns the direction of writing is left out.
func shown(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) <= maxFile {
		return s
	}
	return strings.ToValidUTF8(s[:maxFile], "") + "..."
}
