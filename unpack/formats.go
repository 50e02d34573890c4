// SPDX-License-Identifier: Apache-2.0

package unpack

// formats are all containers that are opened, in the order in which they are asked. A file may be of several of them and is opened as
// each. Those that look for archives anywhere, or at what others have taken out, stand behind them.
func formats() []format {
	return []format{
		{name: "gzip", holds: Archive, sniff: isGzip, open: openGzip},
		{name: "bzip2", holds: Archive, sniff: isBzip2, open: openBzip2},
		{name: "xz", holds: Archive, sniff: isXZ, open: openXZ},
		{name: "lzma", holds: Archive, sniff: isLZMA, open: openLZMA},
		{name: "lzip", holds: Archive, sniff: isLzip, open: openLzip},
		{name: "zstd", holds: Archive, sniff: isZstd, open: openZstd},
		{name: "lz4", holds: Archive, sniff: isLZ4, open: openLZ4},
		{name: "compress", holds: Archive, sniff: isCompress, open: openCompress},
		{name: "zlib", holds: Archive, sniff: isZlib, open: openZlib},
		{name: "tar", holds: Archive, sniff: isTar, open: openTar},
		{name: "cpio", holds: Archive, sniff: isCpio, open: openCpio},
		{name: "ar", holds: Archive, sniff: isAr, open: openAr},
		{name: "rpm", holds: Archive, sniff: isRPM, open: openRPM},
		{name: "iso9660", holds: Archive, sniff: isISO, open: openISO},
		{name: "tnef", holds: Archive, sniff: isTNEF, open: openTNEF},
		{name: "zip", holds: Archive, sniff: func(h *head) bool { return h.leaf.signs.zip }, open: openZip},
		{name: "cab", holds: Archive, sniff: isCab, open: openCab},
		{name: "arj", holds: Archive, sniff: isARJ, open: openARJ},
		{name: "lha", holds: Archive, sniff: isLHA, open: openLHA},
		{name: "szdd", holds: Archive, sniff: isSZDD, open: openSZDD},
		{name: "yenc", holds: Archive, sniff: hasLine(yencLine), open: openYEnc},
		{name: "binhex", holds: Archive, sniff: isBinHex, open: openBinHex},
		{name: "sealed", holds: Archive, sniff: isSealed, open: openSealed},
		{name: "pdf", holds: Document, sniff: isPDF, open: openPDF},
		{name: "7z", holds: Archive, sniff: isSevenZip, open: openSevenZip},
		{name: "rar", holds: Archive, sniff: isRAR, open: openRAR},
		{name: "within", holds: Archive, sniff: isMedia, open: openWithin},
		{name: "volume", holds: Archive, sniff: isVolume, open: openVolume},
		{name: "smime", holds: Letter, sniff: isCMS, open: openCMS},
		{name: "pgp", holds: Letter, sniff: isPGP, open: openPGP},
		{name: "armour", holds: Letter, sniff: isArmoured, open: openArmour},
		{name: "calendar", holds: Letter, sniff: isCalendar, open: openCalendar},
		{name: "ole", holds: Document, sniff: isOLE, open: openOLE},
		{name: "rtf", holds: Document, sniff: isRTF, open: openRTF},
		{name: "object", holds: Document, sniff: isObject, open: openObject},
		{name: "onenote", holds: Document, sniff: isOneNote, open: openOneNote},
		{name: "officexml", holds: Document, sniff: isOfficeXML, open: openOfficeXML},
		{name: "activemime", holds: Document, sniff: isActiveMime, open: openActiveMime},
		{name: "biff", holds: Document, sniff: isBIFF, open: openBIFF},
		{name: "sheettext", holds: Document, sniff: isSheetText, open: openSheetText},
		{name: "ooxml", holds: Document, sniff: anything, open: openOOXML},
	}
}
