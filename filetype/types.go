// SPDX-License-Identifier: Apache-2.0

package filetype

// kind is a type in few bits: the place in the table.
type kind uint8

const (
	unknown kind = iota // Of no type yet; never told.
	data
	empty
	text

	pe
	mz
	elf
	macho
	javaClass
	dex
	wasm
	swf
	msi
	chm
	hlp
	jar
	apk
	appx
	crx
	xpi
	sis

	scriptJS
	scriptVBS
	scriptWSF
	scriptSCT
	scriptPS1
	scriptBat
	scriptSh
	scriptPy
	scriptPl
	scriptPHP
	scriptAHK
	scriptXSL
	scriptAS
	scriptEncoded
	hta
	reg
	msc
	inf
	autorun
	msbuild

	lnk
	urlFile
	webloc
	desktop
	libraryMS
	searchMS
	settingcontent
	rdp
	jnlp
	iqy
	scf
	clickonce
	theme
	mobileconfig

	zip
	rar
	sevenZip
	gzip
	bzip2
	xz
	lzma
	lzip
	zstd
	lz4
	lzop
	lrzip
	compress
	tar
	cab
	installShield
	iso
	udf
	cpio
	ar
	deb
	rpm
	arj
	lha
	ace
	arc
	zoo
	alz
	egg
	zpaq
	xar
	stuffit
	squashfs
	vhd
	vhdx
	vmdk
	vdi
	qcow
	dmg
	wim
	fat
	tnef
	szdd
	binhex
	uu
	yenc

	pdf
	ps
	rtf
	ole
	doc
	xls
	ppt
	ooxml
	docx
	xlsx
	pptx
	docm
	xlsm
	pptm
	xlsb
	visio
	odf
	epub
	onenote
	access
	publisher
	sylk
	flatOPC
	wordML
	html
	xhtml
	mht
	activeMime
	djvu
	dwg
	xps

	jpeg
	png
	gif
	bmp
	tiff
	webp
	ico
	cur
	wmf
	emf
	psd
	jp2
	heif
	jxl
	svg

	mp3
	wav
	ogg
	flac
	midi
	aac
	amr
	aiff
	mp4
	quicktime
	avi
	matroska
	asf
	flv
	mpeg

	ttf
	otf
	woff
	woff2
	eot

	eml
	msg
	mbox
	pst
	pkcs7
	pgp

	xml
	json
	ics
	vcard

	sqlite
	regf
	bplist
	kindCount
)

const octets = "application/octet-stream"

// types are the types by kind. Media types are those of the IANA registry where there is one, else what file(1) and shared-mime-info say.
var types = [kindCount]Type{
	data:  {"data", octets, Data},
	empty: {"empty", "application/x-empty", Data},
	text:  {"text", "text/plain", Text},

	pe:        {"pe", "application/vnd.microsoft.portable-executable", Executable},
	mz:        {"mz", "application/x-msdos-program", Executable}, // DOS, and what claims to be: NE, LE, or too short for PE.
	elf:       {"elf", "application/x-elf", Executable},
	macho:     {"macho", "application/x-mach-binary", Executable},
	javaClass: {"class", "application/java-vm", Executable},
	dex:       {"dex", "application/vnd.android.dex", Executable},
	wasm:      {"wasm", "application/wasm", Executable},
	swf:       {"swf", "application/vnd.adobe.flash.movie", Executable},
	msi:       {"msi", "application/x-msi", Executable},
	chm:       {"chm", "application/vnd.ms-htmlhelp", Executable},
	hlp:       {"hlp", "application/winhlp", Executable},
	jar:       {"jar", "application/java-archive", Executable},
	apk:       {"apk", "application/vnd.android.package-archive", Executable},
	appx:      {"appx", "application/appx", Executable}, // And msix.
	crx:       {"crx", "application/x-chrome-extension", Executable},
	xpi:       {"xpi", "application/x-xpinstall", Executable},
	sis:       {"sis", "application/vnd.symbian.install", Executable},

	scriptJS:      {"script.js", "text/javascript", Script},
	scriptVBS:     {"script.vbs", "text/vbscript", Script},
	scriptWSF:     {"script.wsf", "text/x-wsf", Script},
	scriptSCT:     {"script.sct", "text/scriptlet", Script},
	scriptPS1:     {"script.ps1", "text/x-powershell", Script},
	scriptBat:     {"script.bat", "text/x-msdos-batch", Script},
	scriptSh:      {"script.sh", "application/x-sh", Script},
	scriptPy:      {"script.py", "text/x-python", Script},
	scriptPl:      {"script.pl", "text/x-perl", Script},
	scriptPHP:     {"script.php", "application/x-php", Script},
	scriptAHK:     {"script.au3", "text/x-autoit", Script}, // AutoIt and AutoHotkey.
	scriptXSL:     {"script.xsl", "application/xslt+xml", Script},
	scriptAS:      {"script.applescript", "text/x-applescript", Script},
	scriptEncoded: {"script.encoded", "application/x-encoded-script", Script}, // JSE and VBE, as the Windows Script Encoder makes them.
	hta:           {"hta", "application/hta", Script},
	reg:           {"reg", "text/x-ms-regedit", Script},
	msc:           {"msc", "application/x-ms-msc", Script},
	inf:           {"inf", "text/x-setup-inf", Script},
	autorun:       {"autorun", "text/x-autorun-inf", Script},
	msbuild:       {"msbuild", "application/x-msbuild+xml", Script},

	lnk:            {"lnk", "application/x-ms-shortcut", Shortcut},
	urlFile:        {"url", "application/internet-shortcut", Shortcut},
	webloc:         {"webloc", "application/x-webloc", Shortcut},
	desktop:        {"desktop", "application/x-desktop", Shortcut},
	libraryMS:      {"library-ms", "application/windows-library+xml", Shortcut},
	searchMS:       {"search-ms", "application/windows-search+xml", Shortcut}, // And searchConnector-ms.
	settingcontent: {"settingcontent-ms", "application/windows-settings+xml", Shortcut},
	rdp:            {"rdp", "application/x-rdp", Shortcut},
	jnlp:           {"jnlp", "application/x-java-jnlp-file", Shortcut},
	iqy:            {"iqy", "text/x-ms-iqy", Shortcut}, // And oqy, dqy, rqy.
	scf:            {"scf", "application/x-windows-explorer-command", Shortcut},
	clickonce:      {"clickonce", "application/x-ms-application", Shortcut},
	theme:          {"theme", "application/x-windows-theme", Shortcut},
	mobileconfig:   {"mobileconfig", "application/x-apple-aspen-config", Shortcut},

	zip:           {"zip", "application/zip", Archive},
	rar:           {"rar", "application/vnd.rar", Archive},
	sevenZip:      {"7z", "application/x-7z-compressed", Archive},
	gzip:          {"gzip", "application/gzip", Archive},
	bzip2:         {"bzip2", "application/x-bzip2", Archive},
	xz:            {"xz", "application/x-xz", Archive},
	lzma:          {"lzma", "application/x-lzma", Archive},
	lzip:          {"lzip", "application/lzip", Archive},
	zstd:          {"zstd", "application/zstd", Archive},
	lz4:           {"lz4", "application/x-lz4", Archive},
	lzop:          {"lzop", "application/x-lzop", Archive},
	lrzip:         {"lrzip", "application/x-lrzip", Archive},
	compress:      {"compress", "application/x-compress", Archive},
	tar:           {"tar", "application/x-tar", Archive},
	cab:           {"cab", "application/vnd.ms-cab-compressed", Archive},
	installShield: {"iscab", "application/x-installshield", Archive},
	iso:           {"iso", "application/x-iso9660-image", Archive},
	udf:           {"udf", "application/x-udf-image", Archive},
	cpio:          {"cpio", "application/x-cpio", Archive},
	ar:            {"ar", "application/x-archive", Archive},
	deb:           {"deb", "application/vnd.debian.binary-package", Archive},
	rpm:           {"rpm", "application/x-rpm", Archive},
	arj:           {"arj", "application/x-arj", Archive},
	lha:           {"lha", "application/x-lzh-compressed", Archive},
	ace:           {"ace", "application/x-ace-compressed", Archive},
	arc:           {"arc", "application/x-arc", Archive},
	zoo:           {"zoo", "application/x-zoo", Archive},
	alz:           {"alz", "application/x-alz", Archive},
	egg:           {"egg", "application/x-egg", Archive},
	zpaq:          {"zpaq", "application/x-zpaq", Archive},
	xar:           {"xar", "application/x-xar", Archive},
	stuffit:       {"stuffit", "application/x-stuffit", Archive},
	squashfs:      {"squashfs", "application/vnd.squashfs", Archive},
	vhd:           {"vhd", "application/x-vhd", Archive},
	vhdx:          {"vhdx", "application/x-vhdx", Archive},
	vmdk:          {"vmdk", "application/x-vmdk-disk", Archive},
	vdi:           {"vdi", "application/x-vdi-disk", Archive},
	qcow:          {"qcow", "application/x-qemu-disk", Archive},
	dmg:           {"dmg", "application/x-apple-diskimage", Archive},
	wim:           {"wim", "application/x-ms-wim", Archive},
	fat:           {"img", "application/x-raw-disk-image", Archive}, // A boot sector: FAT, NTFS, a partitioned disk.
	tnef:          {"tnef", "application/vnd.ms-tnef", Archive},
	szdd:          {"szdd", "application/x-ms-compress", Archive}, // And KWAJ.
	binhex:        {"binhex", "application/mac-binhex40", Archive},
	uu:            {"uuencode", "text/x-uuencode", Archive},
	yenc:          {"yenc", "text/x-yenc", Archive},

	pdf:        {"pdf", "application/pdf", Document},
	ps:         {"ps", "application/postscript", Document},
	rtf:        {"rtf", "application/rtf", Document},
	ole:        {"ole", "application/x-ole-storage", Document}, // A compound file of a kind not told apart.
	doc:        {"doc", "application/msword", Document},
	xls:        {"xls", "application/vnd.ms-excel", Document},
	ppt:        {"ppt", "application/vnd.ms-powerpoint", Document},
	ooxml:      {"ooxml", "application/vnd.openxmlformats-officedocument", Document}, // Of a kind not told apart.
	docx:       {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Document},
	xlsx:       {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Document},
	pptx:       {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", Document},
	docm:       {"docm", "application/vnd.ms-word.document.macroenabled.12", Document},
	xlsm:       {"xlsm", "application/vnd.ms-excel.sheet.macroenabled.12", Document},
	pptm:       {"pptm", "application/vnd.ms-powerpoint.presentation.macroenabled.12", Document},
	xlsb:       {"xlsb", "application/vnd.ms-excel.sheet.binary.macroenabled.12", Document},
	visio:      {"visio", "application/vnd.visio", Document},
	odf:        {"odf", "application/vnd.oasis.opendocument", Document},
	epub:       {"epub", "application/epub+zip", Document},
	onenote:    {"onenote", "application/onenote", Document},
	access:     {"access", "application/x-msaccess", Document},
	publisher:  {"publisher", "application/x-mspublisher", Document},
	sylk:       {"slk", "application/x-sylk", Document},
	flatOPC:    {"flatopc", "application/vnd.ms-office.flatopc+xml", Document},
	wordML:     {"officexml", "application/vnd.ms-office.xml", Document}, // Office 2003 XML.
	html:       {"html", "text/html", Document},
	xhtml:      {"xhtml", "application/xhtml+xml", Document},
	mht:        {"mht", "multipart/related", Document},
	activeMime: {"activemime", "application/x-mso", Document},
	djvu:       {"djvu", "image/vnd.djvu", Document},
	dwg:        {"dwg", "image/vnd.dwg", Document},
	xps:        {"xps", "application/oxps", Document},

	jpeg: {"jpeg", "image/jpeg", Image},
	png:  {"png", "image/png", Image},
	gif:  {"gif", "image/gif", Image},
	bmp:  {"bmp", "image/bmp", Image},
	tiff: {"tiff", "image/tiff", Image},
	webp: {"webp", "image/webp", Image},
	ico:  {"ico", "image/vnd.microsoft.icon", Image},
	cur:  {"cur", "image/x-win-bitmap", Image},
	wmf:  {"wmf", "image/wmf", Image},
	emf:  {"emf", "image/emf", Image},
	psd:  {"psd", "image/vnd.adobe.photoshop", Image},
	jp2:  {"jp2", "image/jp2", Image},
	heif: {"heif", "image/heif", Image}, // And AVIF.
	jxl:  {"jxl", "image/jxl", Image},
	svg:  {"svg", "image/svg+xml", Image},

	mp3:       {"mp3", "audio/mpeg", Audio},
	wav:       {"wav", "audio/vnd.wave", Audio},
	ogg:       {"ogg", "audio/ogg", Audio},
	flac:      {"flac", "audio/flac", Audio},
	midi:      {"midi", "audio/midi", Audio},
	aac:       {"aac", "audio/aac", Audio},
	amr:       {"amr", "audio/amr", Audio},
	aiff:      {"aiff", "audio/aiff", Audio},
	mp4:       {"mp4", "video/mp4", Video},
	quicktime: {"quicktime", "video/quicktime", Video},
	avi:       {"avi", "video/vnd.avi", Video},
	matroska:  {"matroska", "video/matroska", Video},
	asf:       {"asf", "video/x-ms-asf", Video},
	flv:       {"flv", "video/x-flv", Video},
	mpeg:      {"mpeg", "video/mpeg", Video},

	ttf:   {"ttf", "font/ttf", Font},
	otf:   {"otf", "font/otf", Font},
	woff:  {"woff", "font/woff", Font},
	woff2: {"woff2", "font/woff2", Font},
	eot:   {"eot", "application/vnd.ms-fontobject", Font},

	eml:   {"eml", "message/rfc822", Message},
	msg:   {"msg", "application/vnd.ms-outlook", Message},
	mbox:  {"mbox", "application/mbox", Message},
	pst:   {"pst", "application/vnd.ms-outlook-pst", Message},
	pkcs7: {"pkcs7", "application/pkcs7-mime", Message},
	pgp:   {"pgp", "application/pgp-encrypted", Message},

	xml:   {"xml", "application/xml", Text},
	json:  {"json", "application/json", Text},
	ics:   {"ics", "text/calendar", Text},
	vcard: {"vcard", "text/vcard", Text},

	sqlite: {"sqlite", "application/vnd.sqlite3", Data},
	regf:   {"regf", "application/x-ms-registry", Data},
	bplist: {"bplist", "application/x-bplist", Data},
}
