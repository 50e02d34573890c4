// SPDX-License-Identifier: Apache-2.0

package filetype

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
)

// detectName is the name of the type of b.
func detectName(b []byte) string { return Detect(bytes.NewReader(b), int64(len(b))).Name }

func TestDetectBinary(t *testing.T) {
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":               {nil, "empty"},
		"png":                 {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "png"},
		"jpeg":                {[]byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "jpeg"},
		"gif":                 {[]byte("GIF89a\x01\x00\x01\x00"), "gif"},
		"pdf":                 {[]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "pdf"},
		"pdf behind junk":     {[]byte("junk line\n%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"), "pdf"},
		"pdf behind octets":   {[]byte("\x00\x01\x80\xff%PDF-1.4\n"), "pdf"},
		"windows program":     {program(), "pe"},
		"dos program":         {append([]byte("MZ\x90\x00\x03\x00\x00\x00"), make([]byte, 100)...), "mz"},
		"two letters":         {[]byte("MZ is a country code top-level domain."), "text"},
		"elf":                 {[]byte("\x7fELF\x02\x01\x01"), "elf"},
		"mach-o":              {[]byte("\xcf\xfa\xed\xfe\x07\x00\x00\x01"), "macho"},
		"fat mach-o":          {[]byte("\xca\xfe\xba\xbe\x00\x00\x00\x02\x01\x00"), "macho"},
		"java class":          {[]byte("\xca\xfe\xba\xbe\x00\x00\x00\x34\x00\x10"), "class"},
		"flash":               {[]byte("CWS\x0a\x00\x01\x00\x00"), "swf"},
		"shortcut":            {[]byte("L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F\x9b"), "lnk"},
		"chm":                 {[]byte("ITSF\x03\x00\x00\x00"), "chm"},
		"onenote":             {[]byte("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3\x00"), "onenote"},
		"tnef":                {[]byte("\x78\x9f\x3e\x22\x01\x00\x01"), "tnef"},
		"zip":                 {zipOf(t, "a.txt"), "zip"},
		"empty zip":           {zipOf(t), "zip"},
		"split zip":           {append([]byte("PK\x07\x08"), zipOf(t, "a.txt")...), "zip"},
		"jar":                 {zipOf(t, "META-INF/MANIFEST.MF", "a.class"), "jar"},
		"apk":                 {zipOf(t, "AndroidManifest.xml", "META-INF/MANIFEST.MF"), "apk"},
		"msix":                {zipOf(t, "a.dll", "AppxManifest.xml", "[Content_Types].xml"), "appx"},
		"docx":                {zipOf(t, "[Content_Types].xml", "_rels/.rels", "word/document.xml"), "docx"},
		"docm":                {zipOf(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "docm"},
		"xlsx":                {zipOf(t, "xl/workbook.xml", "[Content_Types].xml"), "xlsx"},
		"xlsm":                {zipOf(t, "[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "xlsm"},
		"xlsb":                {zipOf(t, "[Content_Types].xml", "xl/workbook.bin"), "xlsb"},
		"pptx":                {zipOf(t, "[Content_Types].xml", "ppt/presentation.xml"), "pptx"},
		"pptm, backslashes":   {zipOf(t, "[Content_Types].xml", `ppt\presentation.xml`, `ppt\vbaProject.bin`), "pptm"},
		"other package":       {zipOf(t, "[Content_Types].xml", "_rels/.rels"), "ooxml"},
		"xps":                 {zipOf(t, "[Content_Types].xml", "FixedDocSeq.fdseq"), "xps"},
		"odt":                 {zipOf(t, "mimetype=application/vnd.oasis.opendocument.text", "content.xml"), "odf"},
		"epub":                {zipOf(t, "mimetype=application/epub+zip", "META-INF/container.xml"), "epub"},
		"rar 4":               {[]byte("Rar!\x1a\x07\x00"), "rar"},
		"rar 5":               {[]byte("Rar!\x1a\x07\x01\x00"), "rar"},
		"7z":                  {[]byte("7z\xbc\xaf\x27\x1c\x00\x04"), "7z"},
		"gzip":                {[]byte("\x1f\x8b\x08\x00\x00\x00"), "gzip"},
		"no gzip":             {[]byte("\x1f\x8b\xff\xff\x00\x00"), "data"},
		"bzip2":               {[]byte("BZh91AY&SY\x00\x00"), "bzip2"},
		"no bzip2":            {[]byte("BZh9 is how bzip2 begins"), "text"},
		"xz":                  {[]byte("\xfd7zXZ\x00\x00\x04"), "xz"},
		"lzma":                {[]byte("\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00"), "lzma"},
		"lzip":                {[]byte("LZIP\x01"), "lzip"},
		"zstd":                {[]byte("\x28\xb5\x2f\xfd\x04"), "zstd"},
		"zstd, skippable":     {[]byte("\x50\x2a\x4d\x18\x04\x00\x00\x00"), "zstd"},
		"lz4":                 {[]byte("\x04\x22\x4d\x18\x64"), "lz4"},
		"compress":            {[]byte("\x1f\x9d\x90\x00"), "compress"},
		"tar":                 {tarOf(t, false), "tar"},
		"old tar":             {tarOf(t, true), "tar"},
		"cab":                 {[]byte("MSCF\x00\x00\x00\x00\x99"), "cab"},
		"iso 9660":            {at(0x9000, 0x8000, "\x01CD001\x01"), "iso"},
		"udf":                 {append(at(0x8800, 0x8000, "\x00BEA01\x01"), at(0x800, 0, "\x00NSR02\x01")...), "udf"},
		"iso and udf":         {append(at(0x8800, 0x8000, "\x00BEA01\x01"), at(0x800, 0, "\x01CD001\x01")...), "iso"},
		"cpio":                {[]byte("070701000000"), "cpio"},
		"deb":                 {[]byte("!<arch>\ndebian-binary   "), "deb"},
		"ar":                  {[]byte("!<arch>\na.o/            "), "ar"},
		"rpm":                 {[]byte("\xed\xab\xee\xdb\x03\x00"), "rpm"},
		"arj":                 {[]byte("\x60\xea\x2b\x00\x22\x0b\x01\x0b\x10\x00\x02\x31"), "arj"},
		"lha":                 {[]byte("\x22\x8d-lh5-\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x20\x01\x05"), "lha"},
		"ace":                 {[]byte("\x12\x34\x31\x00\x00\x00\x90**ACE**\x14\x14"), "ace"},
		"arc":                 {append([]byte("\x1a\x02FILE.TXT\x00\x00\x00\x00\x00\x05\x00\x00\x00"), make([]byte, 20)...), "arc"},
		"alz":                 {[]byte("ALZ\x01\x0a"), "alz"},
		"zpaq":                {[]byte("7kSt\xa0\x31"), "zpaq"},
		"xar":                 {[]byte("xar!\x00\x1c"), "xar"},
		"vhd, dynamic":        {[]byte("conectix\x00\x00"), "vhd"},
		"vhd, fixed":          {append(make([]byte, 4096), at(512, 0, "conectix")...), "vhd"},
		"vhdx":                {[]byte("vhdxfile\x00"), "vhdx"},
		"vmdk":                {[]byte("KDMV\x01\x00"), "vmdk"},
		"vmdk, text":          {[]byte("# Disk DescriptorFile\nversion=1\n"), "vmdk"},
		"dmg":                 {append(make([]byte, 4096), at(512, 0, "koly\x00\x00\x00\x04")...), "dmg"},
		"wim":                 {[]byte("MSWIM\x00\x00\x00\xd0"), "wim"},
		"fat image":           {bootSector(), "img"},
		"szdd":                {[]byte("SZDD\x88\xf0\x27\x33A"), "szdd"},
		"compound file":       {oleOf("", "Something"), "ole"},
		"doc":                 {oleOf("", "1Table", "WordDocument"), "doc"},
		"xls by class":        {oleOf("\x20\x08\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"), "xls"},
		"ppt":                 {oleOf("", "PowerPoint Document"), "ppt"},
		"msi":                 {oleOf("\x84\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"), "msi"},
		"msg":                 {oleOf("", "__properties_version1.0"), "msg"},
		"encrypted package":   {oleOf("", "EncryptionInfo", "EncryptedPackage"), "ooxml"},
		"cut compound file":   {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00"), "ole"},
		"rtf":                 {[]byte(`{\rtf1\ansi`), "rtf"},
		"short rtf":           {[]byte(`{\rt{\object`), "rtf"},
		"bmp":                 {append([]byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), make([]byte, 20)...), "bmp"},
		"icon":                {append([]byte("\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00\x01\x00\x20\x00\x01\x00\x00\x00\x16\x00\x00\x00"), make([]byte, 20)...), "ico"},
		"webp":                {[]byte("RIFF\x24\x00\x00\x00WEBPVP8 "), "webp"},
		"wmf":                 {[]byte("\xd7\xcd\xc6\x9a\x00\x00"), "wmf"},
		"emf":                 {append([]byte("\x01\x00\x00\x00\x6c"), at(60, 35, " EMF")...), "emf"},
		"heic":                {[]byte("\x00\x00\x00\x18ftypheic\x00\x00"), "heif"},
		"mp4":                 {[]byte("\x00\x00\x00\x18ftypisom\x00\x00"), "mp4"},
		"pkcs7":               {[]byte("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80"), "pkcs7"},
		"pst":                 {[]byte("!BDN\x00\x00"), "pst"},
		"access":              {[]byte("\x00\x01\x00\x00Standard Jet DB\x00"), "access"},
		"known to library":    {[]byte("\x93NUMPY\x01\x00"), "data"},
		"octets":              {bytes.Repeat([]byte{0x80, 0x00, 0xff, 0x01, 0x13}, 50), "data"},
		"text":                {[]byte("Dear all,\n\nplease find the minutes attached.\n"), "text"},
		"latin-1 text":        {[]byte("Sch\xf6ne Gr\xfc\xdfe\n"), "text"},
		"utf-16 text":         {wideText("Grüße aus Köln", binary.LittleEndian, true), "text"},
		"utf-16be, no mark":   {wideText("plain words", binary.BigEndian, false), "text"},
		"text with an escape": {[]byte("\x1b[1mbold\x1b[0m\n"), "text"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := detectName(c.content); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// bootSector is a floppy's first sector and one more.
func bootSector() []byte {
	b := make([]byte, 1024)
	copy(b, "\xeb\x3c\x90MSDOS5.0\x00\x02")
	b[510], b[511] = 0x55, 0xaa
	return b
}

func TestLibraryGivesMediaType(t *testing.T) {
	b := []byte("\x00\x00\x00\x18\x00\x00\x00\x00")
	if got := Detect(bytes.NewReader(b), int64(len(b))); got.Name != "data" || got.Group != Data {
		t.Errorf("got %+v", got)
	}
	b = []byte("gimp xcf v010\x00\x00\x00\x00\x01")
	if got := Detect(bytes.NewReader(b), int64(len(b))); got.Media != "image/x-xcf" || got.Group != Image {
		t.Errorf("got %+v", got)
	}
}

func TestAll(t *testing.T) {
	archive := zipOf(t, "evil.exe")
	gif := "GIF89a\x01\x00\x01\x00\x00\x00\x00;"
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"gif alone":             {[]byte(gif), "gif"},
		"gif and zip":           {append([]byte(gif), archive...), "gif zip"},
		"gif and zip far off":   {slices.Concat([]byte(gif), bytes.Repeat([]byte{1}, 300_000), archive), "gif zip"},
		"jpeg and rar":          {[]byte("\xff\xd8\xff\xe0" + strings.Repeat("\x00", 70_000) + "Rar!\x1a\x07\x01\x00"), "jpeg rar"},
		"mark over a window":    {[]byte("\xff\xd8\xff\xe0" + strings.Repeat("\x00", window-6) + "Rar!\x1a\x07\x01\x00"), "jpeg rar"},
		"png and html":          {[]byte("\x89PNG\r\n\x1a\n\x00\x00<SCRIPT>x</SCRIPT>"), "png html"},
		"png and program":       {append([]byte("\x89PNG\r\n\x1a\n"), program()...), "png pe"},
		"self-extracting":       {append(program(), "7z\xbc\xaf\x27\x1c\x00\x04"...), "pe 7z"},
		"pdf and zip":           {append([]byte("%PDF-1.7\n"), archive...), "pdf zip"},
		"gif and pdf":           {[]byte(gif + "\n%PDF-1.7\n"), "gif pdf"},
		"pdf too far":           {append(append([]byte(gif), make([]byte, 2000)...), "%PDF-1.7\n"...), "gif"},
		"pdf and mht":           {[]byte("%PDF-1.7\n" + base64.StdEncoding.EncodeToString([]byte("ActiveMime\x00\x00"))), "pdf activemime"},
		"pdf and iso":           {append([]byte("%PDF-1.7\n"), at(0x9000, 0x8000-9, "\x01CD001\x01")...), "pdf iso"},
		"zip of programs":       {zipOf(t, "a.exe="+string(program())), "zip"},
		"document":              {append(oleOf("", "WordDocument"), oleOf("")...), "doc"},
		"document and program":  {append(oleOf("", "WordDocument"), program()...), "doc pe"},
		"png and part of a tag": {[]byte("\x89PNG\r\n\x1a\n\x00\x00<svg\x93<htmlx<SVG"), "png"},
		"html with svg":         {[]byte("<html><svg></svg></html>"), "html"},
		"text":                  {[]byte("only text, no <tags> of note"), "text"},
		"empty":                 {nil, "empty"},
		"gif and hta":           {[]byte(gif + `<hta:application id="x"/>`), "gif hta"},
		"end record in comment": {[]byte(gif + "PK\x05\x06" + strings.Repeat("\x00", 18)), "gif zip"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, typ := range All(bytes.NewReader(c.content), int64(len(c.content))) {
				got = append(got, typ.Name)
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

// broken cannot be read.
type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errors.New("broken") }

func TestUnreadableIsData(t *testing.T) {
	if got := Detect(broken{}, 100); got.Name != "data" {
		t.Errorf("got %+v", got)
	}
	if got := All(broken{}, 100); len(got) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestTypes(t *testing.T) {
	seen := map[string]bool{}
	for _, typ := range Types() {
		if typ.Name == "" || typ.Media == "" || seen[typ.Name] || !slices.Contains(Groups(), typ.Group) {
			t.Errorf("%+v has no name, no media type, no group, or a name that is taken", typ)
		}
		if typ.Media != strings.ToLower(typ.Media) || !strings.Contains(typ.Media, "/") {
			t.Errorf("%s: media type %q", typ, typ.Media)
		}
		seen[typ.Name] = true
		if got, ok := Named(typ.Name); !ok || got != typ {
			t.Errorf("Named(%q): got %+v", typ.Name, got)
		}
	}
	if len(seen) != int(kindCount)-1 {
		t.Errorf("got %d types, want %d", len(seen), kindCount-1)
	}
	if _, ok := Named(""); ok {
		t.Error("there is a type without a name")
	}
}

func TestExt(t *testing.T) {
	for name, want := range map[string]string{"pe": "exe", "script.js": "js", "zip": "zip", "data": "", "jpeg": "jpg", "script.encoded": "jse"} {
		typ, _ := Named(name)
		if got := typ.Ext(); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for name := range extensions {
		if _, ok := Named(name); !ok {
			t.Errorf("there is no type %q", name)
		}
	}
}

func TestEndsAsZip(t *testing.T) {
	archive := zipOf(t, "evil.exe")
	comment := slices.Concat(archive[:len(archive)-2], []byte{5, 0}, []byte("%%EOF"))
	for name, c := range map[string]struct {
		content []byte
		want    bool
	}{
		"zip":                {archive, true},
		"behind a pdf":       {append([]byte("%PDF-1.7\n"), archive...), true},
		"pdf in the comment": {append([]byte("%PDF-1.7\n"), comment...), true},
		"inside":             {append(append([]byte("%PDF-1.7\n"), archive...), "\nendstream"...), false},
		"record in a record": {append(slices.Clone(comment[:len(comment)-5]), "PK\x05\x06."...), true},
		"cut record":         {archive[:len(archive)-1], false},
		"mark alone":         {[]byte("PK\x05\x06"), false},
		"empty":              {nil, false},
	} {
		if got := EndsAsZip(bytes.NewReader(c.content), int64(len(c.content))); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
