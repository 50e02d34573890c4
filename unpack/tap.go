// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"fmt"
	"io"
)

// maxBoxReads is how often all octets of a container may be read, so that members which unpack to little are bounded too.
const maxBoxReads = 16

var errReads = fmt.Errorf("limit reads (%d) exceeded: the same is read again and again", maxBoxReads)

// tap is the content of a container. Readers of formats take every error for damage, so one that is not stays in fault.
type tap struct {
	walk  *walk
	r     io.ReaderAt
	size  int64
	read  int64
	fault error
}

func (t *tap) ReadAt(p []byte, off int64) (int, error) {
	if t.fault == nil {
		t.fault = t.walk.stopped()
	}
	if t.fault == nil {
		t.fault = t.walk.budget.CheckTime()
	}
	if t.read += int64(len(p)); t.fault == nil && t.read > maxBoxReads*t.size+1<<20 {
		t.fault = errReads
	}
	if t.fault != nil {
		return 0, t.fault
	}
	if off < 0 || off >= t.size {
		return 0, io.EOF
	}
	n, err := t.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		t.fault = err
	}
	return n, err
}
