// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/authn/dkim"
)

// Signing says what is signed as it leaves.
type Signing struct {
	Keys     []dkim.KeyFile `yaml:"keys" doc:"Keys for DKIM signatures on outgoing mail. Those of the author's domain sign, or of the nearest domain above it that has any; an RSA and an Ed25519 key side by side each make one. A copy that cannot be signed within timeouts.filter goes as it is."`
	Lifetime time.Duration  `yaml:"lifetime" min:"0s" doc:"How long a DKIM signature holds (x=), so that a message cannot be sent again by others for ever; 0s for no end. Not less than mail may wait in queues."`
	Seal     Seal           `yaml:"seal" doc:"Key for ARC seals on mail from outside."`
}

// Seal is a key for ARC seals, and what they are for.
type Seal struct {
	dkim.KeyFile `yaml:",inline"`

	Mail string `yaml:"mail" oneof:"changed all" doc:"Which mail from outside is sealed. changed: what we change below the fields on top, such as by disarm or a tag in the subject. all: whatever the filter auth has looked at, for a site that forwards it."`
}

// Words of Seal.Mail.
const (
	SealChanged = "changed"
	SealAll     = "all"
)

// minLifetime is less than any queue waits before it tries again.
const minLifetime = time.Hour

// IsZero tells if there is no key, whatever it would be for.
func (s Seal) IsZero() bool { return s.KeyFile == dkim.KeyFile{} }

func defaultSigning() Signing { return Signing{Seal: Seal{Mail: SealChanged}} }

// validateSigning reads the keys, so that one that is wrong is told with its line.
func (d *decoder) validateSigning(c *Config) {
	s := &c.Signing
	for i, k := range s.Keys {
		path := fmt.Sprintf("signing.keys[%d]", i)
		d.keyFile(path, k)
		same := func(o dkim.KeyFile) bool {
			return strings.EqualFold(o.Domain, k.Domain) && strings.EqualFold(o.Selector, k.Selector)
		}
		if j := slices.IndexFunc(s.Keys[:i], same); j >= 0 {
			d.faultAt(path+".selector", "%q of %s is the selector of signing.keys[%d] too", k.Selector, k.Domain, j)
		}
	}
	if s.Lifetime > 0 && s.Lifetime < minLifetime {
		d.faultAt("signing.lifetime", "want 0s or at least %s, have %s", formatDuration(minLifetime), formatDuration(s.Lifetime))
	}
	if s.Seal.IsZero() {
		return
	}
	d.keyFile("signing.seal", s.Seal.KeyFile)
	if !c.hasFilter("auth") {
		d.warn("signing.seal", "the chain has no filter auth, which tells what a seal is to say; nothing is sealed")
	}
}

// keyFile tells what is wrong with a key. What this user may not read may be the service's all the same: that it finds out at start.
func (d *decoder) keyFile(path string, k dkim.KeyFile) {
	if d.isFaulty(path) {
		return
	}
	if err := k.Validate(); err != nil {
		d.optionFault(path, &k, err.Error())
		return
	}
	switch _, err := k.Load(time.Now); {
	case errors.Is(err, fs.ErrPermission): // What this user may not read may be the service's all the same.
		d.warn(path+".file", "%v; the service has to be able to read it", err)
	case err != nil:
		d.faultAt(path+".file", "%v", err)
		return
	}
	if err := k.Exposed(); err != nil {
		d.warn(path+".file", "%v", err)
	}
}

// hasFilter tells if a filter is in the chain.
func (c *Config) hasFilter(name string) bool {
	return slices.ContainsFunc(c.Chain, func(stage []FilterSpec) bool {
		return slices.ContainsFunc(stage, func(f FilterSpec) bool { return f.Name == name })
	})
}
