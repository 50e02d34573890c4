// SPDX-License-Identifier: Apache-2.0

package scanners

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestSend(t *testing.T) {
	broken := errors.New("broken")
	content := strings.Repeat("0123456789", 20_000)
	var sent bytes.Buffer
	if reading, writing := Send(&sent, iotest.DataErrReader(strings.NewReader(content))); reading != nil || writing != nil || sent.String() != content {
		t.Errorf("got %d octets, %v, %v, want %d", sent.Len(), reading, writing, len(content))
	}
	half := io.MultiReader(strings.NewReader(content), iotest.ErrReader(broken))
	if reading, writing := Send(io.Discard, half); !errors.Is(reading, broken) || writing != nil {
		t.Errorf("reader fails: got %v, %v", reading, writing)
	}
	if reading, writing := Send(failingWriter{broken}, strings.NewReader(content)); reading != nil || !errors.Is(writing, broken) {
		t.Errorf("writer fails: got %v, %v", reading, writing)
	}
}
