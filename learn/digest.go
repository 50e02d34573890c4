// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mailweir/mailweir/facts"
	"github.com/mailweir/mailweir/mail"
)

// Digest identifies a message, whoever kept it: fields that are added on the way, empty lines, line ends, and blanks at the end of lines do not count.
type Digest [sha256.Size]byte

// Digest gives the digest of a message. The error tells why the message could not be read.
func (x *Extractor) Digest(msg *mail.Message) (Digest, error) {
	h := sha256.New()
	for _, f := range msg.Header() {
		name := strings.ToLower(f.Name)
		switch {
		case name == "received" || name == "return-path" || x.strip.strips(name):
			continue
		case name == "subject":
			_, _ = io.WriteString(h, "subject:"+facts.PlainSubject(f.Value())+"\n")
		default:
			_, _ = io.WriteString(h, name+":"+f.Value()+"\n")
		}
	}
	root := msg.Root()
	if err := digestLines(h, io.NewSectionReader(msg.Reader(), root.Body, root.End-root.Body)); err != nil {
		return Digest{}, fmt.Errorf("digest: %w", err)
	}
	return Digest(h.Sum(nil)), nil
}

// digestLines writes the lines of a body that are not empty, in pieces of bounded length. An mbox puts ">" before lines that begin like its own, and
// before those that begin so already.
func digestLines(w io.Writer, r io.Reader) error {
	in := bufio.NewReaderSize(r, 1<<14)
	inside := false // Of a line that is longer than a piece.
	for {
		line, err := in.ReadSlice('\n')
		whole := bytes.TrimRight(line, " \t\r\n")
		if from := bytes.TrimLeft(whole, ">"); !inside && bytes.HasPrefix(from, []byte("From ")) {
			whole = from
		}
		inside = errors.Is(err, bufio.ErrBufferFull)
		if len(whole) > 0 {
			_, _ = w.Write(whole)
			_, _ = w.Write([]byte{'\n'})
		}
		if inside {
			continue
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
