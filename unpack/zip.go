// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack/ole"
)

// zipFile is content in which zip signatures were found.
//
// Programs differ in how they read a zip file: from the last directory or the first, by the directory or by the local
// headers, with or without what stands before the archive. So every directory is read, last one first, and then every local
// header that no member read so far covers. What two programs may read in two ways is a Problem, and both readings are visited.
//
// The standard library's reader is not used: it keeps the whole directory in memory, sees one directory only, and does not look at
// the encryption flag.
type zipFile struct {
	*box
	place Place
	c     content
	find  *finder

	ends    []int64 // Offsets of all end of central directory records.
	formal  bool    // Some program opens the content as a zip file. Else an archive is only somewhere in it.
	records ranges  // Directory records read so far.
	taken   ranges  // Members that were read whole, from their local header on.
	read    int64   // Octets that members were read from, overlaps counted each time.
}

// needsPassword is the detail of a Problem of kind Encrypted.
const needsPassword = "needs a password"

// maxReads is how often all octets of an archive may be read, so that overlapping members that unpack to little are an
// end of the budget too.
const maxReads = 4

// errOverlap is returned when members overlap so much that their data is longer than maxReads archives.
var errOverlap = fmt.Errorf("limit reads (%d) exceeded: members overlap", maxReads)

// maxTail is how far before the end of a file programs look for the end record: its length and the longest comment.
const maxTail = endLen + math.MaxUint16

// openZip opens the zip files that the content is, or has somewhere in it.
func openZip(b *box) error {
	z := &zipFile{box: b, place: b.leaf.Place, c: content{r: b.leaf.Content, size: b.leaf.Size}, find: b.finder(b.leaf)}
	defer z.find.close()
	z.ends, z.formal, z.taken = b.leaf.signs.ends, b.leaf.signs.formal, slices.Clone(b.leaf.covered)
	if most := b.budget.Limits().Entries; len(z.ends) > most {
		return &mail.LimitError{Limit: "entries", Max: int64(most)}
	}
	if err := b.budget.Depth(b.leaf.Depth + 1); err != nil {
		b.problem(Unscannable, err.Error())
		return nil
	}
	return z.walkZip()
}

// walkZip visits the members. Limits become Problems here, so that they name the archive.
func (z *zipFile) walkZip() error {
	z.budget.Packed(z.c.size)
	for _, end := range slices.Backward(z.ends) {
		if z.taken.has(end) {
			continue // It belongs to an archive that is a member, and is read there.
		}
		if err := z.directory(end); err != nil {
			return z.spent(z.place, err)
		}
	}
	return z.spent(z.place, z.orphans())
}

// directory visits the members that the directory before the end record at off lists.
func (z *zipFile) directory(off int64) error {
	ends, err := readEnds(z.c.r, off)
	if err != nil {
		return ignoreMissing(err)
	}
	found := false
	for _, e := range ends {
		// The directory is where it ends minus its size, and where it says, unless something stands before the archive.
		for _, start := range []int64{e.at - e.size, e.offset} {
			listed, err := z.list(e, start)
			if err != nil {
				return err
			}
			found = found || listed
		}
	}
	if !z.formal {
		return nil
	}
	z.empty = z.empty || ends[0].entries == 0
	if v := ends[0].volume; v > 0 && v < math.MaxUint16 {
		z.problem(Unscannable, fmt.Sprintf("volume %d of several, the others are not here", v+1))
	}
	if !found && ends[0].entries > 0 {
		z.problem(Damaged, "there is no directory where its end record says")
	}
	return nil
}

// list visits what is listed from start on; found is false if there is no directory.
func (z *zipFile) list(e directoryEnd, start int64) (found bool, err error) {
	if z.records.has(start) {
		return true, nil
	}
	h, err := readRecord(z.c.r, start)
	if err != nil {
		return false, ignoreMissing(err)
	}
	// In a compound file a zip file may lie in pieces: it is read whole as the stream that it is.
	if e.at >= z.c.size-maxTail && !ole.Is(firstOctets(z.leaf)) {
		z.formal = true
	}
	n, off := int64(0), start
	for ; err == nil; h, err = readRecord(z.c.r, off) {
		if err := z.budget.Entry(); err != nil {
			return true, err
		}
		if err := z.listed(h, start-e.offset); err != nil {
			return true, err
		}
		n, off = n+1, off+h.length
	}
	z.records.add(start, off)
	// The count is cut to 16 bits by some who write more members, and stands in the zip64 record if it is the highest.
	if uint16(n) != uint16(e.entries) && e.entries != math.MaxUint16 && z.formal {
		z.problem(Damaged, fmt.Sprintf("the directory lists %d members and says %d", n, e.entries))
	}
	return true, ignoreMissing(err)
}

// listed visits the member that a directory record tells of. base is where the archive begins.
func (z *zipFile) listed(h header, base int64) error {
	at := z.leaf.member("zip", z.kept, h.names()...)
	local, err := readLocal(z.c.r, base+h.local)
	if errors.Is(err, errNoHeader) && base != 0 {
		local, err = readLocal(z.c.r, h.local)
	}
	if errors.Is(err, errNoHeader) {
		if z.formal {
			z.walk.problem(at.Place, Damaged, "there is no local header where the directory says")
			z.nameOnly(at)
		}
		return nil
	}
	if err != nil {
		return err
	}
	z.taken.add(local.local, local.local+local.length)
	if diff := local.differs(h); diff != "" && z.formal {
		z.walk.problem(at.Place, Damaged, "local header and directory differ in "+diff)
	}
	at = z.leaf.member("zip", z.kept, append(h.names(), local.names()...)...)
	_, err = z.visit(z.readings(at, h, local)...)
	return err
}

// nameOnly adds a leaf of which only the names are known, after a Problem has told why.
func (z *zipFile) nameOnly(at origin) { z.walk.add(at, content{r: nothing{}}).Sealed = Unscannable }

// differs names what a local header says otherwise than the directory; "" if that is nothing.
func (h header) differs(listed header) string {
	var diff []string
	if h.nameLen != listed.nameLen || h.name != listed.name {
		diff = append(diff, fmt.Sprintf("name (%s)", cleanName(h.name)))
	}
	if h.method != listed.method {
		diff = append(diff, "method")
	}
	if h.flags&flagDescriptor == 0 && (h.packed != listed.packed || h.size != listed.size) {
		diff = append(diff, "size")
	}
	if h.encrypted() != listed.encrypted() {
		diff = append(diff, "encryption")
	}
	return strings.Join(diff, ", ")
}

// readings are the ways to read a member: by the directory, and by its local header if that says something else.
func (z *zipFile) readings(at origin, h, local header) []packedMember {
	m := h.packedMember(at)
	m.start, m.data, m.listed, m.loud = local.local, local.local+local.length, true, z.formal
	m.encrypted = m.encrypted || local.encrypted()
	if m.aes.Strength == 0 {
		m.aes = local.aes
	}
	// Deflated data ends by itself, whatever the headers say.
	resized := h.method == methodStored && local.flags&flagDescriptor == 0 && local.packed != h.packed
	if local.method == h.method && !resized {
		return []packedMember{m}
	}
	other := m
	other.method = local.method
	if local.flags&flagDescriptor == 0 {
		other.crc, other.packed, other.size = local.crc, local.packed, local.size
	}
	return []packedMember{m, other}
}
