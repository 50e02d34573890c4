// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/mail"
)

func TestContainers(t *testing.T) {
	stub := append([]byte("MZ"), make([]byte, 100)...)
	tests := []struct {
		name string
		file []byte
		want []string
		told []string
	}{
		{"tar", tarBytes(t, "a", "one", "dir/b.gz", string(gz(t, "packed"))), []string{"a=one", "dir/b.gz=", "dir/b.gz/dir/b=packed"}, nil},
		{"tar.gz", gz(t, string(tarBytes(t, "a", "one"))), []string{"f=", "f/a=one"}, nil},
		{"tar, gone on behind the end", concat(tarBytes(t, "a", "one"), tarBytes(t, "b", "two")), []string{"a=one", "b=two"}, nil},
		{"tar with rubbish", concat(tarBytes(t, "a", "one"), bytes.Repeat([]byte("?"), 1024)), []string{"a=one"}, []string{"damaged : tar archive is damaged"}},
		{"ar", arBytes("a/", "one", "control.tar", string(tarBytes(t, "b", "two"))), []string{"a=one", "control.tar=", "control.tar/b=two"}, nil},
		{"thin ar", []byte("!<thin>\n" + string(arBytes("a/", "")[8:])), nil, []string{"unscannable : an archive of names"}},
		{"cpio", cpioBytes("a", "one", "b", "two"), []string{"a=one", "b=two"}, nil},
		{
			"cpio and one more", concat(cpioBytes("a", "one"), make([]byte, 512), cpioBytes("b", "two")),
			[]string{"a=one", "behind the end=", "behind the end/b=two"},
			nil,
		},
		{"rpm", rpmBytes(gz(t, string(cpioBytes("a", "one")))), []string{"pack-.=", "pack-./pack-.=", "pack-./pack-./a=one"}, nil},
		{"rpm cut", rpmBytes(nil)[:100], nil, []string{"damaged : rpm package is damaged", "unscannable : a file of type rpm of which nothing could be read"}},
		{"cabinet", cabBytes(`dir\a.exe`, "one"), []string{`dir\a.exe=one`}, nil},
		{"cabinet and junk", concat(cabBytes("a", "one"), []byte("junk")), []string{"a=one", "behind the end=junk"}, nil},
		{"cabinet in a program", concat(stub, cabBytes("a", "one"), []byte("junk")), []string{"a=one"}, nil},
		{"cabinet cut", cabBytes("a", "one")[:62], []string{"a="}, []string{"damaged a: breaks off"}},
		{"arj", arjBytes("a", "one", 0), []string{"a=one"}, nil},
		{"arj in a program", concat(stub, []byte("\x60\xea not here"), arjBytes("a", "one", 0)), []string{"a=one"}, nil},
		{"arj, garbled", arjBytes("a", "one", 1), []string{"a="}, []string{"encrypted a: needs a password"}},
		{"arj, of several volumes", arjBytes("a", "one", 4), []string{"a="}, []string{"unscannable a: goes on in another volume"}},
		{"lha", lhaBytes("a", "-lh0-", "one"), []string{"a=one"}, nil},
		{"lha in a program", concat(stub, []byte("a-lh5-"), lhaBytes("a", "-lh0-", "one")), []string{"a=one"}, nil},
		{"lha, old method", lhaBytes("a", "-lh1-", "one"), []string{"a="}, []string{"unscannable a: cannot be read: lha method is not supported: lh1"}},
		{"szdd", []byte("SZDD\x88\xf0\x27\x33A\x00\x09\x00\x00\x00\x07abc\xf0\xf3"), []string{"f=abcabcabc"}, nil},
		{"tnef", tnefBytes("EVIL~1.EXE", "evil.exe", "MZ"), []string{"evil.exe=MZ"}, nil},
		{"yenc", []byte("Some text\r\n" + yencText("a b.exe", "MZ\x00\xd6") + "and more\r\n" + yencText("b", "two")), []string{"a b.exe=MZ\x00\xd6", "b=two"}, nil},
		{"yenc in the midst of a line", []byte("the line =ybegin line=128 size=3 name=x begins a file"), nil, nil},
		{
			"yenc part", []byte("=ybegin part=1 line=128 size=9 name=x\r\n=ypart begin=1 end=3\r\n\x8b\x8b\x8b\r\n=yend size=3\r\n"),
			[]string{"x=aaa"},
			[]string{"unscannable : part of a file in yEnc"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaves, problems := walkFile(t, tt.file)
			checkLeaves(t, leaves, tt.want)
			checkProblems(t, problems, tt.told)
		})
	}
}

// Names that different programs show for the same member are aliases of it.
func TestContainerNames(t *testing.T) {
	u := &Unpacker{}
	for name, file := range map[string][]byte{
		"tnef": tnefBytes("EVIL~1.EXE", "good.txt", "MZ"),
		"gzip": gzNamed(t, "evil.exe", "MZ"),
	} {
		u.Spooler = mail.DefaultSpooler(t.TempDir())
		c := contents(t, u, parse(t, message("good.txt.gz", file), smallLimits()))
		all := strings.ToLower(strings.Join(c.Leaves[1].Aliases, "|"))
		if !strings.Contains(all, "evil") || !strings.Contains(all, "good.txt") {
			t.Errorf("%s: aliases %q", name, all)
		}
	}
}

// Formats that are not opened are told by what they are.
func TestSealed(t *testing.T) {
	at := func(off int, text string) []byte { return append(make([]byte, off), text+strings.Repeat("x", 600)...) }
	arc := append([]byte("\x1a\x02EVIL.EXE\x00\x00\x00\x00\x00\x03\x00\x00\x00"), make([]byte, 40)...)
	fat := make([]byte, 1024)
	copy(fat, "\xeb\x3c\x90 MSDOS  \x00\x02\x04\x01\x00\x02\x00\x02\x00\x10\xf8")
	copy(fat[510:], bootMark)
	mbr := make([]byte, 4096)
	copy(mbr[446:], "\x80\x01\x01\x00\x0c\xfe\xff\xff\x01\x00\x00\x00\x07\x00\x00\x00")
	copy(mbr[510:], bootMark)
	ext := make([]byte, 4096)
	copy(ext[1024+56:], "\x53\xef\x01\x00")
	hfs := make([]byte, 4096)
	copy(hfs[1024:], "BD")
	hfs[1024+22] = 2 // Blocks of 512 octets.
	for want, file := range map[string][]byte{
		"CHM": at(0, "ITSF"), "VHD": append(make([]byte, 1024), "conectix"+strings.Repeat("x", 504)...), "VHDX": at(0, "vhdxfile"), "VMDK": at(0, "KDMV"),
		"DMG": append(make([]byte, 1024), "koly"+strings.Repeat("x", 508)...), "WIM": at(0, "MSWIM\x00\x00\x00"),
		"ACE": at(7, "**ACE**"), "ZOO": at(20, "\xdc\xa7\xc4\xfd"), "ALZ": at(0, "ALZ\x01"), "EGG": at(0, "EGGA"), "ZPAQ": at(0, "zPQ\x01"),
		"XAR": at(0, "xar!\x00\x1c\x00\x01"), "InstallShield": at(0, "ISc("), "squashfs": at(0, "hsqs"), "HFS+": at(1024, "H+\x00\x04"), "FAT": fat,
		"NTFS": at(3, "NTFS    "), "ARC": arc,
		"ext2": ext, "HFS file": hfs, "MBR": mbr, "APFS": at(32, "NXSB"), "exFAT": at(3, "EXFAT   "), "GPT": at(512, "EFI PART\x00\x00\x01\x00"),
		"a XAR": at(0, "xar!\x00\x40\x00\x01"), "before version 0.8": at(0, "\x27\xb5\x2f\xfd"), "file from before": at(0, "\xfd\x2f\xb5\x1e"),
	} {
		leaves, problems := walkFile(t, file)
		if len(leaves) > 0 || len(problems) != 1 || problems[0].Kind != Unscannable || !strings.Contains(problems[0].Detail, want) {
			t.Errorf("%s: %d leaves and problems %v", want, len(leaves), problems)
		}
	}
	for _, text := range []string{"some text", "\x1a\x02not an archive of anything at all, that is", strings.Repeat("x", 1024)} {
		if leaves, problems := walkFile(t, []byte(text)); len(leaves)+len(problems) > 0 {
			t.Errorf("%.20q: %d leaves and problems %v", text, len(leaves), problems)
		}
	}
}

// Programs differ in what they take for a member of type V: a label, or a file.
func TestTarLabel(t *testing.T) {
	b := tarBytes(t, "evil.exe", "one")
	b[156] = 'V'
	sum := 0
	for i, c := range b[:512] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	leaves, _ := walkFile(t, b)
	checkLeaves(t, leaves, []string{"evil.exe=one"})
}

// What an image shows, in all its name spaces, comes out; what is around the file system too.
func TestISO(t *testing.T) {
	tool, err := exec.LookPath("genisoimage")
	if err != nil {
		t.Skip("no genisoimage here")
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"autorun.inf": "[autorun]", "evil long name.exe": "MZ program"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(t.TempDir(), "x.iso")
	if b, err := exec.CommandContext(t.Context(), tool, "-quiet", "-J", "-R", "-o", out, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	image, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	copy(image, "boot sector")
	u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
	c := contents(t, u, parse(t, message("f", append(image, "behind"...)), smallLimits()))
	var got []string
	for _, l := range c.Leaves[1:] {
		got = append(got, strings.Join(l.Aliases, "|")+"="+strings.TrimRight(read(t, l), "\x00"))
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{"autorun.inf=[autorun]", "|evil long name.exe=MZ program", "EVIL_LON.EXE", "system area=boot sector", "behind the end=behind"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	checkProblems(t, c.Problems, nil)
}

// Files of which only the UDF side of an image tells come out, and a volume that cannot be read is told of.
func TestUDF(t *testing.T) {
	leaves, problems := walkFile(t, append(make([]byte, 16*2048+1), "BEA01"+strings.Repeat("\x00", 300*2048)...))
	checkLeaves(t, leaves, nil)
	checkProblems(t, problems, []string{"damaged : udf image is damaged", "unscannable : a file of type udf of which nothing could be read"})
	tool, err := exec.LookPath("genisoimage")
	if err != nil {
		t.Skip("no genisoimage here")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "evil long name.exe"), []byte("MZ program"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "x.iso")
	if b, err := exec.CommandContext(t.Context(), tool, "-quiet", "-udf", "-o", out, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	image, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bridge", "UDF only"} {
		if name == "UDF only" {
			copy(image[16*2048:], make([]byte, 2*2048))
			copy(image[16*2048+1:], "BEA01")
		}
		u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
		c := contents(t, u, parse(t, message("f", image), smallLimits()))
		if len(c.Leaves) != 2 || !strings.Contains(strings.Join(c.Leaves[1].Aliases, "|"), "evil long name.exe") || read(t, c.Leaves[1]) != "MZ program" {
			t.Errorf("%s: got %d leaves, problems %v", name, len(c.Leaves), c.Problems)
		}
		checkProblems(t, c.Problems, nil)
	}
}

// Many entries end within the budget, as unscannable.
func TestContainerBombs(t *testing.T) {
	many := make([]string, 20_000)
	for i := range many {
		if i%2 == 0 {
			many[i] = "a"
		}
	}
	for name, file := range map[string][]byte{
		"ar": arBytes(many...), "cpio": cpioBytes(many...), "tar": bytes.Repeat(tarBytes(t, "a", "")[:512], 10_000),
		"lha":  bytes.Repeat(bytes.TrimSuffix(lhaBytes("a", "-lh0-", ""), []byte{0}), 10_000),
		"yenc": []byte(strings.Repeat("=ybegin size=0 name=a\n", 10_000)),
	} {
		t.Run(name, func(t *testing.T) {
			l := smallLimits()
			_, problems := walkMessage(t, parse(t, message("f", file), l))
			if len(problems) == 0 || !strings.Contains(problems[len(problems)-1].Detail, "limit entries") {
				t.Errorf("problems %v, want one of a limit", problems)
			}
		})
	}
}

// FuzzContainers: no panic, no error, nothing beyond the limits, no spool left open, whatever format the content seems to have.
func FuzzContainers(f *testing.F) {
	for _, seed := range [][]byte{
		gz(f, "one"), xzBytes(f, "one"), lzmaBytes(f, "one"), lzipBytes(f, "one"), zstdBytes(f, "one"), lz4Bytes(f, "one"), zlibBytes(f, "one"),
		compressed("one"), concat(gz(f, "one"), gz(f, "two")), tarBytes(f, "a", "one")[:1024], arBytes("a/", "one"), cpioBytes("a", "one"),
		rpmBytes(cpioBytes("a", "one")), cabBytes("a", "one"), arjBytes("a", "one", 0), lhaBytes("a", "-lh0-", "one"), tnefBytes("a", "b", "one"),
		[]byte(yencText("a", "one")), []byte("(This file must be converted with BinHex 4.0)\n\n:$f*TEQKPH#jdCA0d,R0dG!!!:\n"),
		[]byte("SZDD\x88\xf0\x27\x33A\x00\x09\x00\x00\x00\x07abc\xf0\xf3"), []byte("BZh91AY&SY"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := smallLimits()
		l.Octets, l.Entries = 1<<18, 200
		u := &Unpacker{Spooler: mail.DefaultSpooler(t.TempDir())}
		text := append([]byte("Content-Transfer-Encoding: binary\r\n\r\n"), data...)
		msg := parse(t, text, l)
		c, err := u.Contents(t.Context(), msg)
		if err != nil {
			t.Fatal(err)
		}
		var octets int64
		for _, l := range c.Leaves[1:] {
			octets += l.Size
		}
		for _, p := range c.Problems {
			if strings.Contains(p.Detail, "broke off") {
				t.Fatal(p)
			}
		}
		if most := l.Octets + 20*int64(len(data)); octets > most || len(c.Leaves) > 10*l.Entries {
			t.Fatalf("%d leaves of %d octets", len(c.Leaves), octets)
		}
		if err := msg.Close(); err != nil || u.Spooler.Used() != 0 {
			t.Fatalf("%d octets are kept, %v", u.Spooler.Used(), err)
		}
	})
}
