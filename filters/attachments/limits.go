// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"fmt"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// size holds an attachment against the limits of size, and counts it. What is in an archive or in a message inside is a part of that.
func (j *judge) size(l *unpack.Leaf, text bool) {
	if l.Within != nil || text || l.Sealed != "" {
		return
	}
	j.count++
	j.total += l.Size
	o := &j.f.options
	f := filters.Finding{Code: codeSize, Class: filters.File, Part: l.Part, File: fileOf(l)}
	switch size := mail.Size(l.Size); {
	case o.MaxSize > 0 && size > o.MaxSize:
		f.Detail = fmt.Sprintf("%s: %d octets, max_size is %s", l, l.Size, o.MaxSize)
	case size < o.MinSize:
		f.Detail = fmt.Sprintf("%s: %d octets, min_size is %s", l, l.Size, o.MinSize)
	default:
		return
	}
	j.add("", f)
}

// limits holds all attachments together against the limits.
func (j *judge) limits() {
	o := &j.f.options
	if o.MaxCount > 0 && j.count > o.MaxCount {
		j.add("", filters.Finding{
			Code: codeCount, Class: filters.File, Detail: fmt.Sprintf("%d attachments, max_count is %d", j.count, o.MaxCount),
		})
	}
	if o.MaxTotal > 0 && mail.Size(j.total) > o.MaxTotal {
		j.add("total", filters.Finding{
			Code: codeSize, Class: filters.File, Detail: fmt.Sprintf("%d octets in all attachments, max_total is %s", j.total, o.MaxTotal),
		})
	}
	if j.tooMany {
		j.add("names", filters.Finding{
			Code: codeLimit, Class: filters.Unscannable,
			Detail: fmt.Sprintf("limit names (%d octets) exceeded: not all names of files were judged", maxNameOctets),
		})
	}
}

// pieces looks for bodies that are not in the message, or not whole (RFC 2046 sections 5.2.2 and 5.2.3).
func (j *judge) pieces() {
	for p := range j.msg.Parts() {
		switch {
		case p.MediaType == "message/partial" && j.f.options.Partial == wordDeny:
			j.add("", filters.Finding{
				Code: codePartial, Class: filters.File, Part: p.ID, File: j.files[p.ID], Detail: fmt.Sprintf("part %s: a piece of a message, the others come by other mail", p.ID),
			})
		case p.MediaType == "message/external-body" && j.f.options.ExternalBody == wordDeny:
			j.add("", filters.Finding{
				Code: codeExternal, Class: filters.File, Part: p.ID, File: j.files[p.ID],
				Detail: fmt.Sprintf("part %s: the body is elsewhere, access-type %q", p.ID, p.Params["access-type"]),
			})
		}
	}
}
