// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/base64"
	"strings"
	"time"
)

//go:embed messages
var files embed.FS

// fate is what becomes of a message for one recipient.
type fate string

const (
	delivered  fate = "delivered unchanged"
	tagged     fate = "delivered, tagged"
	quarantine fate = "in quarantine"
	nowhere    fate = "NOWHERE"
	disarmed   fate = "delivered, disarmed"
	changed    fate = "delivered, CHANGED"
)

// sample is a message to send, and what is expected of it.
type sample struct {
	name string // What the table calls it.
	file string // In messages/.
	to   []string
	want []fate // For each of to.
	harm string // Text that is gone if the message was disarmed; "" if it is not to be.
}

// samples are sent in this order. The message in the file 8bit.eml needs BODY=8BITMIME on the way.
func samples() []sample {
	return []sample{
		{"clean, with an attachment", "clean.eml", []string{"ben@example.net"}, []fate{delivered}, ""},
		{"clean, 8-bit", "8bit.eml", []string{"ben@example.net"}, []fate{delivered}, ""},
		{"EICAR test file as text", "plain.eml", []string{"ben@example.net"}, []fate{quarantine}, ""},
		{"EICAR in base64", "base64.eml", []string{"ben@example.net"}, []fate{quarantine}, ""},
		{"EICAR in a zip in a zip", "zip.eml", []string{"ben@example.net"}, []fate{quarantine}, ""},
		{"EICAR in a forwarded message", "forwarded.eml", []string{"ben@example.net"}, []fate{quarantine}, ""},
		{"EICAR, two policies", "base64.eml", []string{"ben@example.net", "lab@example.net"}, []fate{quarantine, tagged}, ""},
		{"a program in a zip", "program.eml", []string{"ben@example.net"}, []fate{disarmed}, "UEsDB"},
		{"a script in HTML", "script.eml", []string{"ben@example.net"}, []fate{disarmed}, "<script>"},
		{"GTUBE, the test of spam filters", "spam.eml", []string{"ben@example.net"}, []fate{quarantine}, ""},
		{"a link that lies", "link.eml", []string{"ben@example.net"}, []fate{disarmed}, `href="http://login.elsewhere.test/bank"`},
	}
}

// config is the chain of the demo: the scanner that needs no daemon, the filters that look at content, and a policy of its own for one
// recipient. Who sends is a stranger: mail of one's own people is not looked at for spam.
const config = `scanners: {list: {hashes: {}}}
networks: {trusted: [192.0.2.0/24]}
chain: [[virus: {scanners: [list]}, attachments, html, macros, phishing, rules]]
policies:
  - {name: lab, when: {to: ["lab@example.net"]}, do: {virus: [tag, deliver], file: [deliver]}}
  - {name: default, do: {virus: [quarantine], failure: [defer]}}
`

// message reads a message, with line ends as they are on the wire, and puts in the EICAR test file and GTUBE, which no file of the project may
// have whole: scanners would take the file away.
func message(file string) ([]byte, error) {
	b, err := files.ReadFile("messages/" + file)
	if err != nil {
		return nil, err
	}
	eicar := []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)
	gtube := `XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-` + `ANTI-UBE-TEST-EMAIL*C.34X`
	zipped, err := archive("photo.com", eicar)
	if err != nil {
		return nil, err
	}
	twice, err := archive("photo.zip", zipped)
	if err != nil {
		return nil, err
	}
	program, err := archive("invoice.pdf.exe", []byte("MZ, and not a program in truth"))
	if err != nil {
		return nil, err
	}
	text := strings.NewReplacer(
		"@PROGRAM-ZIP@", lines(program), "@DATE@", time.Now().Format(time.RFC1123Z), "@GTUBE@", gtube, "@EICAR@", string(eicar),
		"@EICAR-BASE64@", lines(eicar), "@EICAR-ZIP-ZIP@", lines(twice), "\n", "\r\n",
	).Replace(string(b))
	return []byte(text), nil
}

func archive(name string, content []byte) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// lines is base64 as mail has it, in lines of 76.
func lines(content []byte) string {
	s := base64.StdEncoding.EncodeToString(content)
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s + "\r\n"
}
