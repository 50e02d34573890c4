// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"fmt"
	"strings"

	"github.com/mailweir/mailweir/unpack/vba"
)

// maxModules is how many modules of a document are told of one by one.
const maxModules = 10

// macros tells of Visual Basic.
func (c *compound) macros() error {
	projects, err := vba.Projects(c.file)
	if err != nil {
		c.ended(err)
		return nil
	}
	for _, p := range projects {
		c.project(p)
	}
	return nil
}

// project tells of the modules that have code: Excel and Word write empty ones by themselves.
func (c *compound) project(p *vba.Project) {
	told, more := 0, 0
	for _, m := range p.Modules {
		c.taken[m.Entry] = true
		auto, danger := vba.Auto(m.Source), vba.Danger(m.Source)
		if len(auto) > 0 {
			c.fact("macro.autorun", fmt.Sprintf("VBA macro runs by itself: %s in module %q", strings.Join(auto, ", "), m.Name))
		}
		if m.Err == nil && !vba.HasCode(m.Source) {
			continue
		}
		if told++; told > maxModules {
			more++
			continue
		}
		c.fact("macro.vba", moduleDetail(m, append(auto, danger...)))
	}
	if more > 0 {
		c.fact("macro.vba", fmt.Sprintf("VBA macros in %d more modules", more))
	}
	if stomped := p.Stomped(); len(stomped) > 0 {
		c.fact("macro.stomped", "compiled VBA is not of the source that is shown: it has "+strings.Join(stomped, ", "))
		if told == 0 {
			c.fact("macro.vba", "VBA macro without source")
		}
	}
}

// moduleDetail tells of one module, such as: VBA macro with AutoOpen, Shell in module "ThisDocument".
func moduleDetail(m vba.Module, with []string) string {
	switch {
	case m.Err != nil && m.Source == "":
		return fmt.Sprintf("VBA macro in module %q, whose source cannot be read", m.Name)
	case len(with) > 0:
		return fmt.Sprintf("VBA macro with %s in module %q", strings.Join(with, ", "), m.Name)
	}
	return fmt.Sprintf("VBA macro in module %q", m.Name)
}
