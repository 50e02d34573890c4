// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

// packed has a program pack a file "a.txt" of that content; it gives the archive that the last argument names.
func packed(t testing.TB, content, program string, args ...string) []byte {
	t.Helper()
	tool, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool, append(args, "a.txt")...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", program, args, err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, args[len(args)-1]))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// letter is a message with a text and an attachment.
func letter(text, name string, attachment []byte) []byte {
	return concat([]byte("Subject: your files\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+text+
		"\r\n--b\r\nContent-Type: application/octet-stream; name=\""+name+"\"\r\nContent-Transfer-Encoding: binary\r\n\r\n"), attachment, []byte("\r\n--b--\r\n"))
}

// TestPasswords: what is encrypted opens under a password of the message's text, of the list, or of custom; else it is named.
func TestPasswords(t *testing.T) {
	content := strings.Repeat("what is inside. ", 200)
	kinds := []struct {
		name  string
		args  []string
		names bool // Even these are encrypted.
	}{
		{"zip, traditional", []string{"7z", "a", "-tzip", "-mem=ZipCrypto", "-p%s", "x.zip"}, false},
		{"zip, traditional, stored", []string{"7z", "a", "-tzip", "-mx=0", "-mem=ZipCrypto", "-p%s", "x.zip"}, false},
		{"zip by Info-ZIP", []string{"zip", "-P%s", "x.zip"}, false},
		{"zip, AES-128", []string{"7z", "a", "-tzip", "-mem=AES128", "-p%s", "x.zip"}, false},
		{"zip, AES-256", []string{"7z", "a", "-tzip", "-mem=AES256", "-p%s", "x.zip"}, false},
		{"zip, AES-256, LZMA", []string{"7z", "a", "-tzip", "-mem=AES256", "-mm=LZMA", "-p%s", "x.zip"}, false},
		{"7z", []string{"7z", "a", "-t7z", "-p%s", "x.7z"}, false},
		{"7z, LZMA", []string{"7z", "a", "-t7z", "-m0=LZMA", "-p%s", "x.7z"}, false},
		{"7z, stored", []string{"7z", "a", "-t7z", "-mx=0", "-p%s", "x.7z"}, false},
		{"7z, with encrypted names", []string{"7z", "a", "-t7z", "-mhe=on", "-p%s", "x.7z"}, true},
	}
	tries := []struct {
		name, password, text string
		opens                bool
	}{
		{"in the text", "Xy7!pq", "Hello,\r\nplease find the files attached. The password is: Xy7!pq\r\nRegards", true},
		{"of custom", "infected", "Hello", true},
		{"of the list", "from-the-config", "Hello", true},
		{"of the file's name", "invoice", "Hello", true},
		{"not known", "nobody knows this", "Hello, the password comes in another mail", false},
	}
	for _, k := range kinds {
		for i, try := range tries {
			if slow := k.args[2] == "-t7z"; i > 0 && i < len(tries)-1 && slow {
				continue
			}
			t.Run(k.name+", "+try.name, func(t *testing.T) {
				args := slices.Clone(k.args[1:])
				for i, a := range args {
					args[i] = strings.ReplaceAll(a, "%s", try.password)
				}
				archive := packed(t, content, k.args[0], args...)
				u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir()), Options: Options{Passwords: []string{"from-the-config"}, PasswordTries: 7}}
				c := contents(t, u, parse(t, letter(try.text, "invoice.bin", archive), mail.DefaultLimits()))
				var got *Leaf
				for _, l := range c.Leaves {
					if slices.Contains(l.Aliases, "a.txt") {
						got = l
					}
				}
				if try.opens {
					if got == nil || read(t, got) != content || len(c.Problems) > 0 {
						t.Fatalf("got %v, problems %v", got, c.Problems)
					}
					return
				}
				if len(c.Problems) != 1 || c.Problems[0].Kind != Encrypted {
					t.Errorf("got problems %v", c.Problems)
				}
				if !k.names && (got == nil || got.Sealed != Encrypted || got.Size != 0) {
					t.Errorf("got %+v", got)
				}
			})
		}
	}
}

// TestPasswordRounds: archives whose keys are slow to make do not take more than one message may cost.
func TestPasswordRounds(t *testing.T) {
	b := &box{walk: &walk{}}
	if !b.affords(maxRounds-1) || b.affords(2) || !b.affords(1) || b.affords(1) || b.affords(-1) {
		t.Error("more rounds are given than there are")
	}
}

func TestMessageWords(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // The first candidates.
	}{
		{"behind the word", "Dear all, the password is Xy7pq. Bye", []string{"is", "Xy7pq", "Xy7pq.", "Bye"}},
		{"in one word with it", "Passwort:1234", []string{"1234"}},
		{"in quotes", "Kennwort „geheim“ verwenden", []string{"geheim", "geheim“", "„geheim“", "verwenden"}},
		{"with marks of its own", "contraseña: abc!", []string{"abc", "abc!"}},
		{"two words", "mot de passe: bonjour", []string{"bonjour"}},
		{"no blanks", "解压密码：8848", []string{"8848"}},
		{"digits before words", "hello 4711 there", []string{"4711", "hello", "there"}},
		{"part of another word", "happy shopping today", []string{"happy", "shopping", "today"}},
		{"short word on its own", "PIN 0815", []string{"0815"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &wordList{meaning: passwordWords(), seen: map[string]bool{}}
			c.text(tt.text)
			got := c.ranked()
			if got = got[:min(len(got), len(tt.want))]; !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("of a message", func(t *testing.T) {
		text := "Subject: =?utf-8?q?code_Abc1?=\r\nContent-Type: text/html\r\n\r\n<p>Use <b>p&amp;q9</b>&nbsp;now</p><!-- hidden -->"
		w := &walk{msg: parse(t, []byte(text), mail.DefaultLimits())}
		got := w.messageWords()
		for _, want := range []string{"Abc1", "p&q9"} {
			if !slices.Contains(got, want) {
				t.Errorf("got %q, want %q in it", got, want)
			}
		}
	})
	t.Run("bounded", func(t *testing.T) {
		c := &wordList{meaning: passwordWords(), seen: map[string]bool{}}
		for i := range 3 * maxWords {
			c.text(fmt.Sprintf("password w%d", i))
		}
		if n := len(c.ranked()); n > maxWords {
			t.Errorf("%d words", n)
		}
	})
}

// TestZipMethods: every method that is read gives back what was packed.
func TestZipMethods(t *testing.T) {
	content := strings.Repeat("what is inside. ", 5000)
	for _, method := range []string{"Copy", "Deflate", "Deflate64", "BZip2", "LZMA", "PPMd"} {
		t.Run(method, func(t *testing.T) {
			leaves, problems := walkFile(t, packed(t, content, "7z", "a", "-tzip", "-mm="+method, "x.zip"))
			if method == "PPMd" {
				checkLeaves(t, leaves, []string{"a.txt="})
				checkProblems(t, problems, []string{"unscannable a.txt: compression method PPMd is not supported"})
				return
			}
			checkLeaves(t, leaves, []string{"a.txt=" + content})
			checkProblems(t, problems, nil)
		})
	}
}

func TestSevenZip(t *testing.T) {
	content := strings.Repeat("what is inside. ", 5000)
	for _, method := range []string{"Copy", "Deflate", "Deflate64", "BZip2", "LZMA", "LZMA2", "PPMd", "BCJ2", "Delta:256"} {
		archive := packed(t, content, "7z", "a", "-t7z", "-m0="+method, "x.7z")
		for name, file := range map[string][]byte{
			"": archive, " behind a program": concat([]byte("MZ stub 7z\xbc\xaf\x27\x1c and more"), archive), " before rubbish": concat(archive, []byte("rubbish")),
		} {
			t.Run(method+name, func(t *testing.T) {
				leaves, problems := walkFile(t, file)
				checkLeaves(t, leaves, []string{"a.txt=" + content})
				checkProblems(t, problems, nil)
			})
		}
		t.Run(method+" cut", func(t *testing.T) {
			_, problems := walkFile(t, archive[:len(archive)-1])
			checkProblems(t, problems, []string{"damaged : 7z: ", "unscannable : a file of type 7z of which nothing could be read"})
		})
		t.Run(method+" changed", func(t *testing.T) {
			changed := bytes.Clone(archive)
			changed[40] ^= 0xff
			_, problems := walkFile(t, changed)
			if len(problems) == 0 {
				t.Error("nothing is said")
			}
		})
	}
	t.Run("in a stored member, once", func(t *testing.T) {
		archive := string(packed(t, content, "7z", "a", "-t7z", "x.7z"))
		leaves, problems := walkFile(t, zipBytes(stored("in.7z", archive)))
		checkLeaves(t, leaves, []string{"in.7z=" + archive, "in.7z/a.txt=" + content})
		checkProblems(t, problems, nil)
	})
}

// TestSaidBombs: what says itself that it is a bomb is not unpacked, however the message's own time stands.
func TestSaidBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 4<<20)
	archive := packed(t, zeros, "7z", "a", "-t7z", "x.7z")
	c := contents(t, newTestUnpacker(t), parse(t, message("f", archive), smallLimits()))
	if len(c.Leaves) != 1 {
		t.Errorf("got %d leaves", len(c.Leaves))
	}
	checkProblems(t, c.Problems, []string{"unscannable : limit ratio (100) exceeded"})
}

// TestSevenZipFolders: the library takes what lies across two of its pages for the end of the header, so headers are written anew.
func TestSevenZipFolders(t *testing.T) {
	const n = 700
	for shift := range 9 {
		data := string(lzmaBytes(t, "abc")[lzmaHeader:]) + strings.Repeat("\x00", shift)
		leaves, problems := walkFile(t, sevenFolders(n, "\x03\x01\x01", "\x5d\x00\x00\x01\x00", 3, data))
		checkProblems(t, problems, nil)
		var all strings.Builder
		for _, l := range leaves {
			all.WriteString(l.content)
		}
		if all.String() != strings.Repeat("abc", n) {
			t.Errorf("%d: got %d leaves, %.20q", shift, len(leaves), all.String())
		}
	}
}
