// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// engine is a scanner of ours for one of MailScanner's.
type engine struct {
	name    string // Of the scanner in the config.
	options string // YAML, a flow mapping of kind and options.
	note    string // What is other than it was; "" if nothing is.
}

// engines are the scanners for MailScanner's names. Those that are not here have no equivalent.
func (im *importer) engines() map[string]engine {
	byProfile := func(name, note string) engine {
		return engine{name, fmt.Sprintf("{command: {profile: %s}}", name), note}
	}
	const daemon = "its daemon is not spoken to; the program for the command line is run"
	clamd := engine{"clamav", fmt.Sprintf("{clamd: {address: %s}}", scalar(im.clamd())), ""}
	table := map[string]engine{
		"clamd":        clamd,
		"clamav":       byProfile("clamscan", "it loads all signatures for every scan; clamd is faster by far"),
		"clamavmodule": {clamd.name, clamd.options, "ClamAV within the process is clamd here"},
		"sophos":       byProfile("sophos", ""),
		"sophossavi":   byProfile("sophos", "the library is not loaded; the program is run. savdid, the daemon, is the kind sssp"),
		"bitdefender":  byProfile("bitdefender", ""),
		"esets":        byProfile("eset", "esets_scan is cls in newer versions"),
		"eset":         byProfile("eset", ""),
		"esetsefs":     byProfile("eset-odscan", ""),
		"f-secure":     byProfile("f-secure", ""),
		"f-secured":    byProfile("f-secure", daemon),
		"f-prot":       byProfile("f-prot", ""),
		"f-prot-6":     byProfile("f-prot", ""),
		"avast":        byProfile("avast", ""),
		"avastd":       byProfile("avast", daemon),
		"drweb":        byProfile("drweb", ""),
		"kaspersky":    byProfile("kaspersky", ""),
		"mcafee":       byProfile("mcafee", ""),
		"mcafee6":      byProfile("mcafee", ""),
		"antivir":      byProfile("antivir", ""),
		"command":      byProfile("command", ""),
		"kse":          {"kse", "{kse: {}}", ""},
	}
	port := im.views[len(im.views)-1].number("fpscandport")
	table["f-protd-6"] = engine{"fpscan", fmt.Sprintf("{fpscan: {address: %s}}", scalar("127.0.0.1:"+strconv.Itoa(int(port)))), ""}
	return table
}

// clamd is the address of clamd.
func (im *importer) clamd() string {
	v := im.views[len(im.views)-1]
	socket, _, _ := strings.Cut(v.get("clamdsocket"), " ")
	switch {
	case strings.HasPrefix(socket, "/") && len(socket) < 100:
		return "unix:" + printable(socket)
	case net.ParseIP(socket) != nil:
		if port := v.number("clamdport"); port >= 1 && port <= 65535 {
			return net.JoinHostPort(socket, strconv.Itoa(int(port)))
		}
		return net.JoinHostPort(socket, "3310")
	}
	im.warn("clamdsocket", "want a path or an IP address; taken is the usual socket")
	return "unix:/run/clamav/clamd.ctl"
}

// scanners are the engines that the settings name, and none if nothing is to be scanned.
func (im *importer) scanners() []engine {
	if !slices.ContainsFunc(im.views, func(v view) bool { return v.scansViruses() }) {
		return nil
	}
	table := im.engines()
	var list []engine
	for name := range strings.FieldsSeq(strings.ToLower(im.views[len(im.views)-1].get("virusscanners"))) {
		e, ok := table[name]
		switch {
		case name == "none":
			return nil
		case name == "auto":
			im.warn("virusscanners", "auto: taken is clamd; name what else is installed under scanners, and see mailweir scanners probe")
			e = table["clamd"]
		case !ok:
			im.warn("virusscanners", "%s: there is no scanner for it; one for any program: scanners: {NAME: {command: {profile: /FILE}}}", printable(name))
			continue
		case e.note != "":
			im.warn("virusscanners", "%s: %s", name, e.note)
		}
		if !slices.ContainsFunc(list, func(x engine) bool { return x.name == e.name }) {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		im.warn("virusscanners", "none of them is known here; clamd stands in, so that no mail passes unscanned: it is put off until clamd answers")
		list = []engine{table["clamd"]}
	}
	if len(list) > 1 {
		im.note("virusscanners", "all have to answer (require: all), or the message is put off; MailScanner went on with one of them")
	}
	return list
}

func (v view) scansViruses() bool { return v.yes("virusscanning") && v.word("scanmessages") != "no" }

// spamNames are the signatures that are points towards spam.
func (im *importer) spamNames() []string {
	var names []string
	for n := range strings.FieldsSeq(im.views[len(im.views)-1].get("virusnameswhicharespam")) {
		if n = printable(n); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) > 0 {
		im.note("virusnameswhicharespam", "SpamAssassin gave them points; here each has those of Required SpamAssassin Score, so that the message is spam")
	}
	return names
}
