// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/unpack/ole"
	"github.com/mailweir/mailweir/unpack/ole/oletest"
)

// wordStream is a stream WordDocument with text behind so much as its header fills.
func wordStream(magic, text string) oletest.Stream {
	return oletest.Stream{Path: "WordDocument", Data: magic + strings.Repeat("\x00", 600) + text}
}

// slideObject is an object in the stream of a PowerPoint document, packed.
func slideObject(t testing.TB, content string) string {
	data := le32(len(content)) + packedText(t, content)
	return "\x10\x00\x11\x10" + le32(len(data)) + data
}

// TestOfficeDisguise: documents that do not look like one, and what stands in them where it is not expected. Each row tells of one line, by how it
// begins, that must be there.
func TestOfficeDisguise(t *testing.T) {
	macro := macroFile()
	vba := `macro.vba: VBA macro with AutoOpen, Shell in module "M"`
	const dde = "\x13DDEAUTO cmd \"/c x\"\x15"
	ddeFact := `! macro.dde: field "DDEAUTO cmd /c x"`
	decoy := []byte("ActiveMime" + strings.Repeat("\x00", 40) + packedText(t, "harmless"))
	binary.LittleEndian.PutUint16(decoy[0x1E:], uint16(len(decoy)-46))
	browser := oletest.Build(ole.GUID{0x61, 0xF9, 0x56, 0x88, 0x0A, 0x34, 0xD0, 0x11, 0xA9, 0x6B, 0, 0xC0, 0x4F, 0xD7, 0x05, 0xA2}, oletest.Stream{Path: "x", Data: "x"})
	const span = `<span style="mso-element:field-begin"></span>DDEAUTO cmd "/c x"<span style="mso-element:field-end"></span>`
	pieces := wordStream("\xEC\xA5", "")
	pieces.Data = pieces.Data[:422] + le32(45) + pieces.Data[426:]
	const script = "1 0 obj\n<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\nendobj\ntrailer\n<</Root 1 0 R>>\n"
	for _, c := range []struct{ name, content, want string }{
		{"decoy.mso", string(decoy) + packedText(t, macro), "project! " + vba},
		{"no packed data.mso", "ActiveMime" + strings.Repeat("\x00", 100), "? unscannable"},
		{"embedded.doc", compoundOf(oletest.Stream{Path: "x", Data: "x"}, oletest.Stream{Path: "ObjectPool/_1/WordDocument", Data: wordStream("\xEC\xA5", dde).Data}), ddeFact},
		{"word 6.doc", compoundOf(wordStream("\xDC\xA5", dde)), ddeFact},
		{"encrypted word 6.doc", compoundOf(oletest.Stream{Path: "WordDocument", Data: "\xDC\xA5" + strings.Repeat("\x00", 9) + "\x01" + strings.Repeat("\x00", 600)}), "? encrypted"},
		{"browser.doc", string(browser), "! macro.object: object that shows or runs what comes from elsewhere (8856F961"},
		{"long link.doc", compoundOf(oletest.Stream{Path: "\x01Ole", Data: strings.Repeat("\x00", maxLinkStream+1)}), "? unscannable"},
		{"slides.ppt", compoundOf(oletest.Stream{Path: "PowerPoint Document", Data: strings.Repeat("\x00\x00\x11\x10\x00\x00\x00\x00", 1000) + slideObject(t, macro)}), "? unscannable"},
		{"start object.ppt", compoundOf(oletest.Stream{Path: "PowerPoint Document", Data: "\x00\x00\xF3\x0F" + le32(16) + strings.Repeat("\x00", 8) + "\x05" + strings.Repeat("\x00", 7)}), `! macro.action: a click runs "object"`},
		{"server.one", "\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3" + strings.Repeat("x", 32) + "\x2C\xE9\x8D\x63\xD4\xA6\xC1\x4B\x9A\x36\xB3\xFC\x25\x11\xA5\xB7MZ", "? unscannable"},
		{"no list.odt", string(zipBytes(deflated("content.xml", `<x><script:event-listener script:event-name="dom:load" xlink:href="vnd.sun.star.script:a"/></x>`))), "! macro.autorun"},
		{"charset.docx", string(zipBytes(deflated("[Content_Types].xml", types), deflated("a.rels", `<?xml version="1.0" encoding="UTF-7"?>+ADw-x/+AD4-`))), "? unscannable"},
		{"page.doc", `<html><span style="mso-element:field-begin"></span>DDEAUTO cmd "/c x"<span style="mso-element:field-end"></span></html>`, `! macro.dde: field "DDEAUTO cmd /c x"`},
		{"body.doc", "<body>" + span, ddeFact},
		{"span.doc", span, ddeFact},
		{"head.doc", "<!DOCTYPE html><head><title>" + strings.Repeat("x", 5000) + "</title></head>" + span, ddeFact},
		{"last of a style.doc", "<html>" + strings.Replace(span, "mso-element:", "mso-element:field-x;mso-element:", 1), ddeFact},
		{"pieces.doc", compoundOf(pieces, oletest.Stream{Path: "0Table", Data: "\x02" + le32(40) + le32(0) + le32(1000) + le32(2000) + le32(3000) + strings.Repeat("\x00\x00"+le32(1<<30)+"\x00\x00", 3)}), "? unscannable"},
		{"utf-16.csv", "\xff\xfea\x00,\x00=\x00c\x00m\x00d\x00|\x00'\x00x\x00'\x00!\x00A\x00", "! macro.dde"},
		{"long.csv", strings.Repeat("a,b\n", 1<<21+1) + "=cmd|'/c calc'!A0\n", "! macro.dde"},
		{"long record.slk", "ID;P" + strings.Repeat("x", 100) + "\r\nO;E\r\nE\r\n", "! macro.xlm"},
		{"no hyphen.bin", "%PDF 1.4\n" + script, "! macro.pdf_javascript"},
		{"no header.pdf", script, "! macro.pdf_javascript"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := opened(t, c.name, c.content)
			if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, c.want) }) {
				t.Errorf("no line %s in\n%s", c.want, strings.Join(lines, "\n"))
			}
		})
	}
	// What is no text is not read as such, whatever its name.
	if lines := opened(t, "book.xls", compoundOf(oletest.Stream{Path: "x", Data: "=cmd|'/c calc'!A0"})); len(lines) > 0 {
		t.Errorf("got %s", strings.Join(lines, "\n"))
	}
}

// onlyLock is a lock that one password opens.
type onlyLock string

func (l onlyLock) Unlock(password string) bool { return password == string(l) }
func (l onlyLock) Rounds() int                 { return 1 }

// TestUnlock: what programs open without asking is opened, however many passwords there are.
func TestUnlock(t *testing.T) {
	for password, want := range map[string]bool{"VelvetSweatshop": true, "/01Hannes Ruescher/01": true, "listed": true, "other": false} {
		w := &walk{u: &Unpacker{Options: Options{Passwords: []string{"listed", "more"}, PasswordTries: 1}}, stopped: func() error { return nil }, secrets: secrets{made: true}}
		if got := (&box{walk: w, leaf: &Leaf{}}).unlock(onlyLock(password)); got != want {
			t.Errorf("%s: got %v", password, got)
		}
	}
}
