// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"bufio"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
)

// stream is one compressed stream. A file may have several, one behind another, with padding between them: most programs unpack all of them
// into one file, some the first one only.
type stream struct {
	io.Reader        // What it unpacks to.
	name      string // Of the file, if the stream tells it.

	// end is called behind the last octet, if it is not nil, and reads what the format has there. Its error is a fault, such as a wrong
	// checksum: the octets are there and the next stream is too.
	end func() error
}

// opener begins the stream that f is before. It is nil if none begins there.
type opener func(f *feed) (*stream, error)

// feed reads the container from its start on, through a buffer. Decompressors read no more of it than they need.
type feed struct {
	*bufio.Reader
	box *box
	in  *io.SectionReader
}

func (b *box) feed() *feed {
	r, size := b.content()
	in := io.NewSectionReader(r, 0, size)
	return &feed{Reader: bufio.NewReaderSize(in, int(min(32<<10, max(size, 16)))), box: b, in: in}
}

// at is the offset behind what was read.
func (f *feed) at() int64 {
	n, _ := f.in.Seek(0, io.SeekCurrent)
	return n - int64(f.Buffered())
}

// begins tells if the next octets are the text.
func (f *feed) begins(text string) bool {
	b, _ := f.Peek(len(text))
	return string(b) == text
}

// padding reads zeros. more is false if the container ends with them.
func (f *feed) padding() (more bool, err error) {
	for {
		c, err := f.ReadByte()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if c != 0 {
			return true, f.UnreadByte()
		}
	}
}

// openStreams takes out what all streams unpack to; what the first one unpacks to, if there are several; and what is behind them.
// suffixes are those of file names by which programs tell the format, with what they put in their place (".tgz>.tar").
func openStreams(b *box, open opener, suffixes ...string) error {
	f := b.feed()
	first, err := open(f)
	if err != nil {
		return b.member(member{names: []string{b.inner(suffixes)}, sealed: Unscannable, detail: cleanName(err.Error())})
	}
	if first == nil {
		return nil
	}
	all := &joined{feed: f, open: open, stream: first}
	names := []string{first.name, b.inner(suffixes)}
	if names[0] == "" || names[0] == names[1] {
		names = names[1:]
	}
	// The slice may be cut where it is kept.
	if err := b.member(member{names: slices.Clone(names), size: -1, open: all.start}); err != nil {
		return err
	}
	for _, fault := range all.faults {
		b.problem(faultKind(fault), cleanName(fault.Error()))
	}
	if all.count > 1 && all.first > 0 && all.first < all.size {
		if err := b.alone(open, names, all.first); err != nil {
			return err
		}
	}
	if all.broken {
		return nil
	}
	return b.rest(all.end)
}

// alone takes out what the first stream unpacks to, size octets.
func (b *box) alone(open opener, names []string, size int64) error {
	return b.member(member{names: names, size: size, open: func() (io.Reader, error) {
		first, err := open(b.feed())
		if err == nil && first == nil {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		return io.LimitReader(first, size), nil
	}})
}

// inner is the name of the container without the suffix of its format.
func (b *box) inner(suffixes []string) string {
	name := b.leaf.File
	if n := len(b.leaf.Names); n > 0 {
		name = b.leaf.Names[n-1]
	}
	if len(b.leaf.Aliases) > 0 {
		name = b.leaf.Aliases[0]
	}
	ext := path.Ext(name)
	for _, s := range suffixes {
		if from, to, _ := strings.Cut(s, ">"); strings.EqualFold(ext, from) {
			return name[:len(name)-len(ext)] + to
		}
	}
	return name
}

// joined reads streams as one file.
type joined struct {
	begun int64 // Offset of the stream at hand.
	*stream
	feed   *feed
	open   opener
	ahead  []byte  // What was read and not handed out.
	count  int     // Of streams that were read.
	first  int64   // Octets of the first one.
	size   int64   // Of all.
	end    int64   // Offset behind the last one.
	broken bool    // In the midst of one.
	faults []error // At most maxFaults.
}

// start reads the first octets: what cannot be unpacked at all, as it needs what is not supported, fails here.
func (j *joined) start() (io.Reader, error) {
	j.ahead = make([]byte, 512)
	n, err := j.stream.Read(j.ahead)
	j.ahead = j.ahead[:n]
	j.size += int64(n)
	if n == 0 && err != nil && !errors.Is(err, io.EOF) {
		j.broken = true
		return nil, err
	}
	return j, nil
}

func (j *joined) Read(p []byte) (int, error) {
	if len(j.ahead) > 0 {
		n := copy(p, j.ahead)
		j.ahead = j.ahead[n:]
		return n, nil
	}
	for {
		n, err := j.stream.Read(p)
		j.size += int64(n)
		if err == nil {
			return n, nil
		}
		if !errors.Is(err, io.EOF) {
			j.broken = true
			return n, err
		}
		if err = j.goOn(); err != nil || n > 0 {
			return n, err
		}
	}
}

// goOn opens the next stream; io.EOF if there is none.
func (j *joined) goOn() error {
	if j.count++; j.count == 1 {
		j.first = j.size
	}
	if j.stream.end != nil {
		j.fault(j.stream.end())
	}
	j.end = j.feed.at()
	more, err := j.feed.padding()
	if err != nil {
		return err
	}
	if !more {
		return io.EOF
	}
	at := j.feed.at()
	if at <= j.begun {
		j.fault(io.ErrUnexpectedEOF) // The stream took nothing, and the next would be the same.
		return io.EOF
	}
	j.begun = at
	next, err := j.open(j.feed)
	j.fault(err)
	if err != nil || next == nil {
		return io.EOF
	}
	j.stream = next
	return nil
}

func (j *joined) fault(err error) {
	if err != nil && len(j.faults) < maxFaults {
		j.faults = append(j.faults, err)
	}
}

// frame reads what is made of parts with headers, octet for octet, so that what is behind it stays in the feed.
type frame struct {
	feed *feed
	next func() error // Reads a header into head, and tells the rest.
	head []byte       // To hand out first.
	rest int64        // Octets to hand out before the next header is there.
}

func (f *frame) Read(p []byte) (int, error) {
	for len(f.head) == 0 && f.rest == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	if len(f.head) > 0 {
		n := copy(p, f.head)
		f.head = f.head[n:]
		return n, nil
	}
	n, err := f.feed.Read(p[:min(int64(len(p)), f.rest)])
	f.rest -= int64(n)
	return n, err
}
