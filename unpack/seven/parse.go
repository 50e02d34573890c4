// SPDX-License-Identifier: Apache-2.0

package seven

import "fmt"

// Identifiers of the parts of a header.
const (
	idEnd             = 0x00
	idHeader          = 0x01
	idMainStreams     = 0x04
	idFiles           = 0x05
	idPackInfo        = 0x06
	idUnpackInfo      = 0x07
	idSubStreams      = 0x08
	idSize            = 0x09
	idCRC             = 0x0a
	idFolder          = 0x0b
	idCodersSize      = 0x0c
	idNumUnpackStream = 0x0d
	idEncodedHeader   = 0x17
)

// streams are the packed streams and how they are unpacked.
type streams struct {
	position int64   // Of the first, behind the start.
	packed   []int64 // Their lengths in octets.
	folders  []folder
	files    int // That have content.
}

// streams reads a StreamsInfo.
func (c *cursor) streams() (s streams) {
	id := c.octet()
	if id == idPackInfo {
		c.packInfo(&s)
		id = c.octet()
	}
	if id == idUnpackInfo {
		c.unpackInfo(&s)
		id = c.octet()
	}
	s.files = len(s.folders)
	if id == idSubStreams {
		c.subStreams(&s)
		id = c.octet()
	}
	c.expect(id, idEnd)
	return s
}

func (c *cursor) expect(got, want byte) {
	if c.err == nil && got != want {
		c.fail(fmt.Errorf("part %#02x where %#02x is due: %w", got, want, ErrFormat))
	}
}

func (c *cursor) packInfo(s *streams) {
	s.position = c.length()
	n := c.count(MaxFolders+maxStreams, "packed streams")
	id := c.octet()
	if id == idSize {
		for range n {
			if s.packed = append(s.packed, c.length()); c.err != nil {
				return
			}
		}
		id = c.octet()
	}
	if id == idCRC {
		c.sums(n)
		id = c.octet()
	}
	c.expect(id, idEnd)
}

func (c *cursor) unpackInfo(s *streams) {
	c.expect(c.octet(), idFolder)
	n := c.count(MaxFolders, "folders")
	c.expect(c.octet(), 0) // The folders are here, and not elsewhere.
	first := 0
	for range n {
		f := c.folder()
		if c.err != nil {
			return
		}
		f.first = first
		first += f.streams
		s.folders = append(s.folders, f)
	}
	c.expect(c.octet(), idCodersSize)
	for i := range s.folders {
		f := &s.folders[i]
		for range f.outs {
			f.sizes = append(f.sizes, c.length())
		}
	}
	id := c.octet()
	if id == idCRC {
		for i, sum := range c.sums(n) {
			s.folders[i].sum = sum
		}
		id = c.octet()
	}
	c.expect(id, idEnd)
}

// subStreams reads how many files are in each folder. The rest is as long as the count says, and is skipped by who reads it.
func (c *cursor) subStreams(s *streams) {
	id := c.octet()
	counts := make([]int, len(s.folders))
	for i := range counts {
		counts[i] = 1
	}
	if id == idNumUnpackStream {
		s.files = 0
		for i := range counts {
			v := c.number()
			if v > MaxFiles || s.files+int(v) > MaxFiles {
				c.fail(fmt.Errorf("files (%d): %w", MaxFiles, ErrLimit))
				return
			}
			counts[i] = int(v)
			s.files += int(v)
		}
		id = c.octet()
	}
	if id == idSize {
		for _, n := range counts {
			for range n - 1 {
				if c.number(); c.err != nil {
					return
				}
			}
		}
		id = c.octet()
	}
	if id == idCRC {
		c.sums(s.files)
		id = c.octet()
	}
	c.expect(id, idEnd)
}

// parseHeader reads a plain header as far as its counts go: what follows has no more than they say.
func parseHeader(plain []byte) (*Header, error) {
	c := &cursor{b: plain, all: len(plain)}
	c.expect(c.octet(), idHeader)
	h := &Header{}
	var s streams
	id := c.octet()
	if id == idMainStreams {
		s = c.streams()
		id = c.octet()
	}
	if id == idFiles {
		h.Files = c.count(MaxFiles, "files")
		id = idEnd
	}
	c.expect(id, idEnd)
	if c.err != nil {
		return nil, c.err
	}
	if int64(h.Files)*int64(len(s.folders)) > maxWork {
		return nil, fmt.Errorf("files times folders (%d): %w", maxWork, ErrLimit)
	}
	for i := range s.folders {
		h.Folders = append(h.Folders, s.folder(i))
	}
	h.plain = aligned(plain, c.marks)
	return h, nil
}
