// SPDX-License-Identifier: Apache-2.0

package mailscanner

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mailweir/mailweir/config"
)

// seeds adds the files of testdata with one of the endings, each with more arguments.
func seeds(f *testing.F, more []any, endings ...string) {
	f.Helper()
	err := filepath.WalkDir("testdata", func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, filepath.Join("testdata", "fuzz")) {
			return err
		}
		for _, e := range endings {
			if strings.HasSuffix(name, e) {
				text, err := os.ReadFile(name)
				if err != nil {
					return err
				}
				f.Add(append([]any{text}, more...)...)
			}
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
}

// sound imports a folder of one or two files. The result has to be a config that mailweir loads, and small enough.
func sound(t *testing.T, files map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	res, err := Import(dir, Options{Env: environment})
	if err != nil {
		if !utf8.ValidString(err.Error()) {
			t.Errorf("the error is no text: %q", err)
		}
		if strings.Contains(err.Error(), "not sound") {
			t.Error(err)
		}
		return
	}
	if len(res.Config) > maxConfig {
		t.Errorf("%d octets", len(res.Config))
	}
	file := filepath.Join(dir, "out.yaml")
	text := fmt.Appendf(bytes.Clone(res.Config), "work_dir: %s\nquarantine: {dir: %s}\n", dir, dir)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(file); err != nil {
		t.Errorf("%v\n%s", err, res.Config)
	}
}

func FuzzConf(f *testing.F) {
	seeds(f, nil, ".conf")
	f.Fuzz(func(t *testing.T, text []byte) {
		sound(t, map[string][]byte{mainFile: text})
	})
}

func FuzzRuleset(f *testing.F) {
	seeds(f, nil, ".rules", ".list")
	conf := ""
	for _, name := range []string{
		"Spam Actions", "Virus Subject Text", "Scan Messages", "Required SpamAssassin Score", "Maximum Attachment Size", "Allow Form Tags", "Deny Filenames",
		"Is Definitely Spam", "Is Definitely Not Spam", "Spam Checks", "Use SpamAssassin", "Language Strings",
	} {
		conf += name + " = /etc/MailScanner/x.rules\n"
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		sound(t, map[string][]byte{mainFile: []byte(conf), "x.rules": text})
	})
}

// FuzzSpamLists: whatever stands in the definitions of DNS lists, the config has none that a filter does not take.
func FuzzSpamLists(f *testing.F) {
	seeds(f, []any{uint8(1)}, "lists.conf", "lists")
	const conf = "Spam List = zen, cop codes one two three three-again\nSpam Domain List = dbl names a b\n"
	f.Fuzz(func(t *testing.T, text []byte, least uint8) {
		sound(t, map[string][]byte{mainFile: fmt.Appendf(nil, "%sSpam Lists To Be Spam = %d\n", conf, least), "spam.lists.conf": text})
	})
}

func FuzzFileRules(f *testing.F) {
	seeds(f, nil, "rules.conf", "filename.conf")
	const conf = "Filename Rules = /etc/MailScanner/f\nFiletype Rules = /etc/MailScanner/f\nArchives: Filename Rules = /etc/MailScanner/f\n"
	f.Fuzz(func(t *testing.T, text []byte) {
		sound(t, map[string][]byte{mainFile: []byte(conf), "f": text})
	})
}

// FuzzTranslate: what comes out compiles, and is what went in or says that it is wider.
func FuzzTranslate(f *testing.F) {
	for _, s := range []string{`\.exe$`, `(\.[a-z0-9]{3})\1$`, `^(?!ok)x`, `(?<=a(b)c)x`, `[^]\]x]++`, `(?#c)a`, `\`, `((((`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, perl string) {
		e, ok := translate(perl)
		if !ok {
			return
		}
		if _, err := regexp.Compile("(?i)" + e.text); err != nil || len(e.text) > maxExpr {
			t.Errorf("%q became %q: %v", perl, e.text, err)
		}
	})
}
