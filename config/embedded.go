// SPDX-License-Identifier: Apache-2.0

package config

import (
	_ "embed"
	"fmt"
	"os"
)

//go:embed embedded.yaml
var embedded []byte

// Embedded is the config for where no file is named: the scanner "hashes", the filter "virus" and the built-in policy. Its
// work folder is the system's for temporary files; it has no folder for the quarantine, so nothing can be kept before it is given
// one.
func Embedded() *Config {
	c, err := parse("embedded", embedded, embeddedDefaults(), builtin())
	if err != nil {
		panic(fmt.Sprintf("config: embedded default: %v", err))
	}
	c.File, c.Quarantine.Dir = "", ""
	return c
}

func embeddedDefaults() *Config {
	c := Default()
	c.WorkDir = os.TempDir()
	c.Quarantine.Dir = os.TempDir()
	return c
}
