// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"errors"
	"fmt"
)

// RenameEntity gives an entity one file name, in filename of Content-Disposition and name of Content-Type; all that clients may take for
// another name goes: other forms of these parameters, other such fields, Content-Description and Content-Location. Of Name at most 255 octets
// are kept. Of several names of one entity the last counts.
type RenameEntity struct {
	Part PartID
	Name string
}

var _ Edit = RenameEntity{}

func (e RenameEntity) String() string { return fmt.Sprintf("rename entity %s to %q", e.Part, e.Name) }

// Apply adds the change to d.
func (e RenameEntity) Apply(d *Draft) error {
	p := d.msg.Part(e.Part)
	switch {
	case p == nil:
		return errNoEntity
	case p.sealed():
		return errProtected
	case e.Name == "":
		return errors.New("no name")
	}
	r := d.revision(p)
	r.name, r.renamed = e.Name, true
	return nil
}
