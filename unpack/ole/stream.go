// SPDX-License-Identifier: Apache-2.0

package ole

import (
	"fmt"
	"io"
	"slices"
)

// Run is a piece of a stream: octets of the file.
type Run struct{ Offset, Length int64 }

// Runs tells where in the file a stream lies, piece by piece. If they are shorter than e.Size, the file is damaged there.
func (f *File) Runs(e *Entry) ([]Run, error) {
	if e.Kind != Stream {
		return nil, fmt.Errorf("%q is no stream", e.Name)
	}
	if e.Size >= miniCutoff {
		return f.chain(f.fat, e.start, e.Size, f.sector)
	}
	runs, err := f.chain(f.miniFAT, e.start, e.Size, miniSector)
	if err != nil {
		return nil, err
	}
	return f.miniRuns(runs), nil
}

// Open is the content of a stream, as far as it is there.
func (f *File) Open(e *Entry) (*io.SectionReader, error) {
	runs, err := f.Runs(e)
	if err != nil {
		return nil, err
	}
	if len(runs) == 1 {
		return io.NewSectionReader(f.r, runs[0].Offset, runs[0].Length), nil
	}
	s := &stream{r: f.r, runs: runs, starts: make([]int64, len(runs))}
	size := int64(0)
	for i, r := range runs {
		s.starts[i] = size
		size += r.Length
	}
	return io.NewSectionReader(s, 0, size), nil
}

// Read reads up to limit octets of a stream.
func (f *File) Read(e *Entry, limit int64) ([]byte, error) {
	r, err := f.Open(e)
	if err != nil {
		return nil, err
	}
	b := make([]byte, min(r.Size(), limit))
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("stream %q: %w", e.Name, err)
	}
	return b, nil
}

// chain follows a chain of sectors for size octets at most. In a chain of mini sectors the offsets are those of the mini stream.
func (f *File) chain(table []uint32, start uint32, size, sector int64) ([]Run, error) {
	var runs []Run
	mini := sector == miniSector
	end := f.size
	if mini {
		end = f.miniEnd
	}
	for at := start; size > 0 && at <= maxSector; {
		if f.steps--; f.steps < 0 {
			return nil, ErrLimit
		}
		off := int64(at) * sector
		if !mini {
			off += sector // The header is before sector 0, and fills as much.
		}
		if off >= end {
			f.damage("a chain of sectors leaves the file")
			break
		}
		n := min(sector, size, end-off)
		if last := len(runs) - 1; last >= 0 && runs[last].Offset+runs[last].Length == off {
			runs[last].Length += n
		} else {
			runs = append(runs, Run{off, n})
		}
		size -= n
		if int64(at) >= int64(len(table)) {
			if size > 0 {
				f.damage("a chain of sectors leaves the allocation table")
			}
			break
		}
		next := table[at]
		if next == at {
			f.damage("a sector follows itself")
			break
		}
		at = next
	}
	return runs, nil
}

// miniRuns makes runs of the file of runs of the mini stream.
func (f *File) miniRuns(in []Run) []Run {
	var out []Run
	for _, r := range in {
		i, found := slices.BinarySearch(f.miniAt, r.Offset)
		if !found {
			i--
		}
		for ; i >= 0 && i < len(f.mini) && f.miniAt[i] < r.Offset+r.Length; i++ {
			m, start := f.mini[i], f.miniAt[i]
			from, to := max(r.Offset, start), min(r.Offset+r.Length, start+m.Length)
			out = append(out, Run{m.Offset + from - start, to - from})
		}
	}
	return out
}

// stream reads a stream of several runs.
type stream struct {
	r      io.ReaderAt
	runs   []Run
	starts []int64 // Offset in the stream of each run.
}

func (s *stream) ReadAt(p []byte, off int64) (int, error) {
	i, found := slices.BinarySearch(s.starts, off)
	if !found {
		i--
	}
	done := 0
	for ; i >= 0 && i < len(s.runs) && done < len(p); i++ {
		skip := off + int64(done) - s.starts[i]
		if skip >= s.runs[i].Length {
			break
		}
		n := int(min(int64(len(p)-done), s.runs[i].Length-skip))
		if err := readFull(s.r, p[done:done+n], s.runs[i].Offset+skip); err != nil {
			return done, err
		}
		done += n
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}
