// SPDX-License-Identifier: Apache-2.0

package filetype

import "bytes"

// script tells programs as text. A letter about programs is none, so it takes both: the first line that is no comment is a statement of
// the language, and enough of its marks follow.
func script(t []byte) kind {
	if bytes.HasPrefix(t, []byte("#!")) {
		return shebang(t)
	}
	for i := range languages {
		if l := &languages[i]; l.is(t) {
			return l.kind
		}
	}
	return unknown
}

// shebang goes by the interpreter that the first line names.
func shebang(t []byte) kind {
	line, _, _ := bytes.Cut(t, []byte("\n"))
	if !bytes.Contains(line, []byte("/")) {
		return unknown
	}
	for _, m := range []struct {
		mark string
		kind kind
	}{
		{"python", scriptPy}, {"perl", scriptPl}, {"php", scriptPHP}, {"node", scriptJS}, {"pwsh", scriptPS1}, {"osascript", scriptAS},
	} {
		if bytes.Contains(line, []byte(m.mark)) {
			return m.kind
		}
	}
	return scriptSh
}

// language is how a script is known.
type language struct {
	kind     kind
	comments []string // What a comment of one line begins with.
	block    [2]string
	starts   []string // What the first statement may begin with.
	assigns  bool     // It may also be an assignment or a call.
	marks    []string // At least need of these.
	need     int
	alone    []string // Enough as the start.
}

// is tells if t is a script in the language.
func (l *language) is(t []byte) bool {
	t = l.code(t)
	if hasAnyPrefix(t, l.alone) {
		return true
	}
	if !hasAnyPrefix(t, l.starts) && !(l.assigns && isStatement(t)) {
		return false
	}
	n := 0
	for _, m := range l.marks {
		if bytes.Contains(t, []byte(m)) {
			n++
			if n >= l.need {
				return true
			}
		}
	}
	return false
}

// code is what follows the comments at the start.
func (l *language) code(t []byte) []byte {
	for {
		t = bytes.TrimLeft(t, " \t\r\n;")
		switch {
		case l.block[0] != "" && bytes.HasPrefix(t, []byte(l.block[0])):
			t = behind(t[len(l.block[0]):], l.block[1])
		case hasAnyPrefix(t, l.comments):
			end := bytes.IndexAny(t, "\r\n")
			if end < 0 {
				return nil
			}
			t = t[end:]
		default:
			return t
		}
	}
}

func hasAnyPrefix(t []byte, list []string) bool {
	for _, p := range list {
		if bytes.HasPrefix(t, []byte(p)) {
			return true
		}
	}
	return false
}

// isStatement tells if t begins with a name, or a path of names, that is assigned to or called.
func isStatement(t []byte) bool {
	n := 0
	for n < len(t) && (isWord(t[n]) || n > 0 && t[n] == '.') {
		n++
	}
	if n == 0 || t[0] >= '0' && t[0] <= '9' {
		return false
	}
	t = bytes.TrimLeft(t[n:], " \t")
	return len(t) > 1 && (t[0] == '=' && t[1] != '=' || t[0] == '(' || t[0] == '[' || t[0] == '+' && t[1] == '=')
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '$'
}

// languages are the ones that a double click, or a program that Windows brings, runs. The marks are what samples of malware and administrators'
// scripts have in common; those that prose has too are not among them.
var languages = [...]language{
	{
		kind: scriptBat, comments: []string{"rem ", "rem\r", "rem\n", "::", "@rem "}, need: 2,
		alone: []string{"@echo off", "@echo  off", "@setlocal", "@if ", "@powershell", "@cmd", "@start ", "@cls"},
		starts: []string{
			"@", "echo", "set ", "set/", "setlocal", "start ", "cmd", "powershell", "pwsh", "if ", "cd ", "call ", "copy ", "del ", "mshta", "certutil", "bitsadmin",
			"cls", "goto ", "for ", "title ", "pushd", ":", "%", "rundll32", "regsvr32", "reg ", "net ", "curl ", "wmic ", "timeout ", "mode ", "color ", "md ", "mkdir ", "(", "&", "chcp ",
		},
		marks: []string{
			"%~dp0", "%~", "setlocal", "%comspec%", "goto :eof", "goto ", "cmd /c", "cmd.exe", "powershell", "certutil -", "bitsadmin /", "mshta ", "%appdata%", "%temp%",
			"%tmp%", "%windir%", "%systemroot%", "%userprofile%", "%public%", "%programdata%", "set /a", "set /p", "errorlevel", "exit /b", "start /b", "start /min", "start \"\"",
			"if exist ", "if not exist ", "for /f", "for %%", ">nul", "> nul", "rundll32 ", "regsvr32 ", "wmic ", "schtasks /", "reg add ", "taskkill /", "timeout /t", "xcopy ", "@echo",
			"echo off", "enabledelayedexpansion", "msiexec ",
		},
	},
	{
		kind: scriptPS1, comments: []string{"#"}, block: [2]string{"<#", "#>"}, need: 2,
		alone: []string{"[cmdletbinding(", "set-executionpolicy ", "invoke-expression", "powershell -e", "powershell.exe -e", "powershell -nop", "powershell.exe -nop", "powershell -w", "powershell.exe -w"},
		starts: []string{
			"$", "function ", "param(", "param (", "import-module", "set-", "get-", "new-", "invoke-", "start-", "stop-", "add-", "remove-", "write-", "iex", "[", "&", ".", "try", "if(",
			"if (", "using ", "powershell", "(", "while", "foreach", "sleep ", "irm ", "iwr ",
		},
		marks: []string{
			"new-object", "invoke-", "iex ", "iex(", "iex (", "|iex", "| iex", "downloadstring", "downloadfile", "downloaddata", "frombase64string", "[system.", "[convert]", "[text.encoding]", "start-process",
			"executionpolicy", "write-host", "write-output", "get-wmiobject", "get-ciminstance", "-encodedcommand", "$env:", "$psscriptroot", "param(", "set-itemproperty", "start-sleep", "get-item",
			"get-childitem", "out-file", "foreach-object", "where-object", "$_.", "$null", "$true", "$false", "-erroraction", "add-type", "[byte[]]", "join-path", "test-path", " -eq ", " -ne ",
			"net.webclient", "[io.", "[reflection.assembly]", "[char]", "-windowstyle", "-join", "-replace",
		},
	},
	{
		kind: scriptVBS, comments: []string{"'", "rem "}, need: 2,
		alone: []string{"on error resume next", "option explicit"},
		starts: []string{
			"dim ", "set ", "sub ", "function ", "const ", "private ", "public ", "execute", "class ", "wscript.", "if ", "for ", "do", "while ", "msgbox", "createobject(", "call ", "with ",
			"randomize", "redim ", "select case", "attribute vb_name",
		},
		assigns: true,
		marks: []string{
			"createobject(", "createobject (", "getobject(", "wscript.", "end sub", "end function", "\nend if", "execute(", "execute (", "executeglobal", "on error resume next", "chr(", "chrw(", "chr (",
			"scripting.filesystemobject", "wscript.shell", "shell.application", "adodb.stream", "msxml2.", "microsoft.xmlhttp", "strreverse(", "\ndim ", "\nset ", "\nnext", "\nloop", "\nwend", "vbcrlf", "attribute vb_",
			"msgbox ", "\" & \"", "\"&\"", "&h",
		},
	},
	{
		kind: scriptJS, comments: []string{"//", "<!--"}, block: [2]string{"/*", "*/"}, need: 2,
		alone: []string{"new activexobject", "/*@cc_on", "eval(function(p,a,c,k,e,d)"},
		starts: []string{
			"var ", "let ", "const ", "function", "(function", "!function", "(()", "(async", "try", "if(", "if (", "for(", "for (", "while(", "while (", "eval(", "this[", "this.", "window.", "window[",
			"document.", "new ", "import ", "export ", "\"use strict\"", "'use strict'", "async ", "class ", "$(", "[", "{", "do{", "do {", "switch", "@if", "@set", "throw ", "return ",
		},
		assigns: true,
		marks: []string{
			"activexobject", "wscript.", "wsh.", "string.fromcharcode", "eval(", "eval (", "unescape(", "document.write(", "document.getelementbyid", "function(", "function (", ".prototype", "=== ", "!== ", "=>",
			"require(", "module.exports", "addeventlistener", "settimeout(", "json.parse(", "json.stringify(", "charcodeat(", "charat(", "parseint(", ".split('", ".split(\"", ".join('", ".join(\"", "atob(",
			"new array(", "new function(", "typeof ", "return this", "getobject(", "createobject(", "window.location", "location.href", "new blob(", "\nvar ", ";var ", "\nlet ", "\nconst ", "].push(", "console.log(", "}catch(",
			"} catch",
		},
	},
	{
		kind: scriptPy, comments: []string{"#"}, block: [2]string{`"""`, `"""`}, need: 2,
		starts: []string{"import ", "from ", "def ", "class ", "exec(", "print(", "__import__("},
		marks: []string{
			"\nimport ", "import os", "import sys", "subprocess", "\ndef ", "    return ", "if __name__", "exec(", "print(", "__import__(", "base64.b64decode", "    self.", "\nfrom ", "\nclass ", "    except",
		},
	},
	{
		kind: scriptAHK, comments: []string{";"}, block: [2]string{"#cs", "#ce"}, need: 2,
		alone:  []string{"#notrayicon", "#requireadmin", "#singleinstance", "#persistent", "#noenv", "#autoit3wrapper", "#region ;**** directives created by autoit3wrapper"},
		starts: []string{"#include", "global $", "local $", "func ", "run(", "run,", "msgbox("},
		marks:  []string{"endfunc", "shellexecute(", "inetget(", "filewrite(", "@tempdir", "@scriptdir", "%a_", "a_scriptdir", "fileinstall", "winactivate", "#include <"},
	},
	{
		kind: scriptAS, comments: []string{"--"}, block: [2]string{"(*", "*)"}, need: 1,
		alone:  []string{"do shell script \"", "tell application \"", "use applescript version"},
		starts: []string{"set ", "on run", "property ", "use scripting additions", "display dialog"},
		marks:  []string{"do shell script", "end tell", "tell application"},
	},
}
