// SPDX-License-Identifier: Apache-2.0

package facts

import (
	_ "embed"
	"strings"
)

//go:embed freemail.txt
var freemailText string

// Freemail are well-known domains where anybody gets a mailbox at once. The filters known and phishing go by them.
func Freemail() []string {
	var all []string
	for line := range strings.Lines(freemailText) {
		line, _, _ = strings.Cut(line, "#")
		all = append(all, strings.Fields(line)...)
	}
	return all
}

// freemails are those and further ones, of which the facts are.
var freemails = func() map[string]bool {
	m := setOf(`
	outlook.es outlook.it outlook.jp live.fr live.it yahoo.ca yahoo.in yahoo.com.ar yahoo.com.hk yahoo.com.tw yahoo.com.mx yahoo.com.au
	yahoo.com.ph yahoo.com.sg yahoo.co.id myyahoo.com aim.com protonmail.ch tutanota.de tuta.com freenet.de t-online.de ya.ru ukr.net i.ua
	post.com europe.com myself.com engineer.com lawyer.com accountant.com dr.com sina.cn sohu.com foxmail.com yeah.net naver.com
	hanmail.net daum.net nate.com zohomail.eu fastmail.fm centrum.cz alice.it tin.it wanadoo.fr sfr.fr bluewin.ch bol.com.br uol.com.br
	terra.com.br ig.com.br cock.li disroot.org riseup.net mail.ee abv.bg azet.sk excite.com lycos.com netscape.net juno.com netzero.net
	hotpop.com mailinator.com guerrillamail.com fastservice.com netcourrier.com voila.fr caramail.com latinmail.com walla.com walla.co.il
	o2.co.uk btinternet.com onmail.com skiff.com
`)
	for _, name := range Freemail() {
		m[name] = true
	}
	return m
}()

func freemail(org string) bool { return freemails[org] }
