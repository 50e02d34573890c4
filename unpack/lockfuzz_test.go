// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/mail"
)

// fuzzArchive walks a file; the invariants are those of FuzzWalk: no panic, nothing beyond the limits, nothing left open.
func fuzzArchive(t *testing.T, data []byte) {
	l := smallLimits()
	l.Octets, l.Entries = 1<<20, 200
	u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir()), Options: Options{PasswordTries: 2}}
	msg := parse(t, append([]byte("Content-Transfer-Encoding: binary\r\n\r\n"), data...), l)
	c, err := u.Contents(t.Context(), msg)
	if err != nil {
		t.Fatal(err)
	}
	var octets int64
	for _, leaf := range c.Leaves {
		octets += leaf.Size
		if leaf.Sealed != "" && leaf.Size != 0 {
			t.Errorf("%s is sealed and has %d octets", leaf, leaf.Size)
		}
	}
	// Readings of the same octets are leaves as well.
	if octets > 2*(l.Octets+int64(maxExtra*len(data))+pageSize) || len(c.Problems) > MaxProblems {
		t.Errorf("%d octets, %d problems", octets, len(c.Problems))
	}
	for _, p := range c.Problems {
		if strings.Contains(p.Detail, "broke off") {
			t.Logf("%s", p)
		}
	}
	if err := msg.Close(); err != nil || u.Spooler.Used() != 0 {
		t.Errorf("%v, %d octets are not closed", err, u.Spooler.Used())
	}
}

// seedArchives adds small archives that 7-Zip packs, if it is installed.
func seedArchives(f *testing.F, kind string, methods ...string) {
	f.Helper()
	if _, err := exec.LookPath("7z"); err != nil {
		return
	}
	for _, m := range methods {
		f.Add(packed(f, strings.Repeat("what is inside. ", 20), "7z", "a", "-t"+kind, m, "x."+kind))
	}
}

// seedCorpus adds the small archives of the test corpora, if these are there.
func seedCorpus(f *testing.F, pattern string) {
	f.Helper()
	if !corpora.Set() {
		return
	}
	for _, name := range corpora.Files(f, "attach", pattern) {
		if b, err := os.ReadFile(name); err == nil && len(b) < 20<<10 {
			f.Add(b)
		}
	}
}

func FuzzSevenZip(f *testing.F) {
	seedArchives(f, "7z", "-m0=Copy", "-m0=LZMA", "-m0=LZMA2", "-m0=PPMd", "-m0=BZip2", "-m0=Deflate64", "-m0=BCJ2", "-m0=Delta:256", "-mhe=on", "-pinfected")
	seedCorpus(f, "sevenzip/testdata/*.7z")
	f.Fuzz(fuzzArchive)
}

func FuzzRAR(f *testing.F) {
	f.Add(rarBytes(0, rarStored("a.txt", "one", nil)))
	f.Add(rarBytes(0, rarStored("link", "", rarRecord(5, append([]byte{1, 0, 12}, "../../target"...)...))))
	f.Add(rarBytes(0, rarStored("c", "noise noise noise", rarRecord(1, append([]byte{0, 0, 3}, make([]byte, 32)...)...))))
	seedCorpus(f, "sharpcompress/tests/TestArchives/Archives/*.rar")
	seedCorpus(f, "strelka/src/python/strelka/tests/fixtures/*.rar")
	f.Fuzz(fuzzArchive)
}

func FuzzZipMethods(f *testing.F) {
	seedArchives(f, "zip", "-mm=Deflate64", "-mm=BZip2", "-mm=LZMA", "-mm=PPMd", "-pinfected", "-mem=AES256")
	f.Add(zipBytes(zipEntry{name: "a", content: "x", method: methodZstd, raw: zstdBytes(f, "x")}))
	f.Fuzz(fuzzArchive)
}

func FuzzSMIME(f *testing.F) {
	f.Add([]byte(cms(2, "Content-Type: text/plain\r\n\r\ntext")))
	f.Add([]byte(cms(3, "noise")))
	f.Add([]byte("-----BEGIN PKCS7-----\r\nMIIBAA==\r\n-----END PKCS7-----\r\n"))
	f.Add([]byte("\x85\x01\x0c\x03abcdefgh\x01"))
	f.Fuzz(fuzzArchive)
}
