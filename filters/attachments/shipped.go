// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"bytes"
	_ "embed"
	"fmt"

	"go.yaml.in/yaml/v3"
)

//go:embed shipped.yaml
var shippedRules []byte

// shipped are the rules that come with the program. They are made ready by the same code as those of the config.
func shipped() []Rule {
	var rules []Rule
	d := yaml.NewDecoder(bytes.NewReader(shippedRules))
	d.KnownFields(true)
	if err := d.Decode(&rules); err != nil {
		panic(fmt.Sprintf("attachments: shipped rules: %v", err))
	}
	return rules
}
