// SPDX-License-Identifier: Apache-2.0

package markup

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden disarms whole files. An XML file is one afterwards.
func TestGolden(t *testing.T) {
	for name, media := range map[string]string{"outlook.html": "text/html", "drawing.svg": "image/svg+xml"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + name)
			if err != nil {
				t.Fatal(err)
			}
			p := Scan(text, media)
			got := p.Disarm(Kinds()...)
			if p.Unreadable != "" {
				t.Errorf("unreadable: %s", p.Unreadable)
			}
			if *update {
				if err := os.WriteFile("testdata/"+name+".want", got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile("testdata/" + name + ".want")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(got)); d != "" {
				t.Errorf("disarmed (-want +got):\n%s", d)
			}
			if again := Scan(got, media); len(again.Dangers) > 0 || again.Unreadable != "" {
				t.Errorf("again: got %+v %s", again.Dangers, again.Unreadable)
			}
			if strings.HasSuffix(media, "xml") {
				wellFormed(t, got)
			}
		})
	}
}

func wellFormed(t *testing.T, text []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("no XML any more: %v", err)
		}
	}
}
