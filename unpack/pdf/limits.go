// SPDX-License-Identifier: Apache-2.0

package pdf

// Limits of what is read of one file. What lies beyond most of them is told in Report.Problems.
const (
	maxObjects      = 1 << 19   // Places where an object is defined.
	maxTrailers     = 1 << 12   // Trailers looked at; each revision has one.
	maxDepth        = 64        // Dictionaries and arrays inside one another.
	maxValues       = 1 << 17   // Values in one object.
	maxNumbers      = 1 << 10   // Numbers in a row that are kept of an array.
	maxNameOctets   = 1 << 10   // Kept of one name or word.
	maxStringOctets = 1 << 16   // Kept of one string.
	maxRefs         = 8         // References to references.
	maxRevisions    = 16        // Definitions of one object that a reference is followed to, the last ones.
	maxFilters      = 8         // Filters of one stream.
	maxRow          = 1 << 20   // Columns of a predictor, pixels of an image's row.
	maxRowOctets    = 4 << 20   // Octets of such a row.
	maxColours      = 32        // Components of a pixel.
	maxPackOctets   = 32 << 20  // Content of one object stream.
	maxPacked       = 256 << 20 // Content of all object streams.
	maxHeld         = 32 << 20  // Octets of object streams that are kept in memory.
	maxPasswords    = 100       // Passwords tried for one file.
	maxFactsEach    = 10        // Facts of one code.
	maxLinks        = 10_000    // Links of one file.
	maxFiles        = 1_000     // Embedded files.
	maxImages       = 64        // Images of one file.
	maxNext         = 32        // Actions that follow one another.
	maxMarks        = 10_000    // Names that Neutralise changes.
	maxQuote        = 80        // Characters of a script or name in a detail.
	maxScript       = 4 << 10   // Octets of a script that are looked at for its detail.
	workFactor      = 6         // Octets parsed for each octet of the file.
	workFree        = 4 << 20   // Octets that may be parsed of any file.
	loadCost        = 16        // Octets that looking up an object counts as.
	jumpCost        = 1 << 10   // The same, if another page of the file has to be read.
	minImageSide    = 21        // Pixels: the smallest QR code has so many modules.
	maxImagePixels  = 64 << 20  // Pixels of an image that is read.
)
