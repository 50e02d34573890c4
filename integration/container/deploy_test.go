// SPDX-License-Identifier: Apache-2.0

package container

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/config"
)

// compose is what the test looks at of deploy/compose.yaml.
type compose struct {
	Services map[string]struct {
		Build    string   `yaml:"build"`
		Image    string   `yaml:"image"`
		Volumes  []string `yaml:"volumes"`
		Networks []string `yaml:"networks"`
	} `yaml:"services"`
	Networks map[string]any `yaml:"networks"`
	Volumes  map[string]any `yaml:"volumes"`
}

// TestComposeFile checks what deploy/compose.yaml names: folders to build, files to mount, volumes, networks.
func TestComposeFile(t *testing.T) {
	text, err := os.ReadFile("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c compose
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postfix", "mailweir", "clamd"} {
		if _, ok := c.Services[name]; !ok {
			t.Errorf("no service %s", name)
		}
	}
	for name, s := range c.Services {
		if s.Build != "" {
			needFile(t, name, filepath.Join(s.Build, "Dockerfile"))
		} else if s.Image == "" {
			t.Errorf("service %s has neither build nor image", name)
		}
		for _, v := range s.Volumes {
			source, _, _ := strings.Cut(v, ":")
			if strings.HasPrefix(source, ".") {
				needFile(t, name, source)
			} else if _, ok := c.Volumes[source]; !ok {
				t.Errorf("service %s: no volume %s", name, source)
			}
		}
		for _, n := range s.Networks {
			if _, ok := c.Networks[n]; !ok {
				t.Errorf("service %s: no network %s", name, n)
			}
		}
	}
}

func needFile(t *testing.T, service, name string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join("../../deploy", name)); err != nil {
		t.Errorf("service %s: %v", service, err)
	}
}

// TestConfigs loads the configs of the compose file and of the container test.
func TestConfigs(t *testing.T) {
	for _, file := range []string{"../../deploy/mailweir.yaml", "mailweir.yaml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		copied := filepath.Join(dir, "mailweir.yaml")
		// The folder of the default is in the image, and need not be on this host.
		text = append(text, "\nwork_dir: "+dir+"\nquarantine: {dir: "+dir+"}\n"...)
		if err := os.WriteFile(copied, text, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(copied)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for _, w := range c.Warnings {
			t.Errorf("%s: warning: %s", file, w)
		}
	}
}
