// SPDX-License-Identifier: Apache-2.0

package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

func TestParseDuration(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"0s", 0, true},
		{"90s", 90 * time.Second, true},
		{"1h30m", 90 * time.Minute, true},
		{"30d", 720 * time.Hour, true},
		{"1d12h", 36 * time.Hour, true},
		{"0d", 0, true},
		{"", 0, false},
		{"d", 0, false},
		{"60", 0, false},
		{"-5s", 0, false},
		{"+5s", 0, false},
		{"1d-5s", 0, false},
		{"1.5d", 0, false},
		{"12h1d", 0, false},
		{"65536d", 0, false},
		{"60000d2562047h", 0, false},
	} {
		got, err := parseDuration(tc.in)
		if got != tc.want || (err == nil) != tc.ok {
			t.Errorf("parseDuration(%q) = %v, %v; want %v, ok %v", tc.in, got, err, tc.want, tc.ok)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"0s", "0s"}, {"90s", "90s"}, {"100s", "100s"}, {"120s", "2m"}, {"24h", "1d"}, {"36h", "36h"}, {"1500ms", "1.5s"},
	} {
		d, err := time.ParseDuration(tc.in)
		if err != nil {
			t.Fatal(err)
		}
		got := formatDuration(d)
		if back, err := parseDuration(got); got != tc.want || back != d || err != nil {
			t.Errorf("formatDuration(%s) = %s, want %s; read again %v, %v", tc.in, got, tc.want, back, err)
		}
	}
}

func TestParsePrefix(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"192.0.2.0/24", "192.0.2.0/24"},
		{"192.0.2.1", "192.0.2.1/32"},
		{"::1", "::1/128"},
		{"2001:db8::/32", "2001:db8::/32"},
		{"192.0.2.1/24", ""},
		{"fe80::1%eth0", ""},
		{"localhost", ""},
		{"", ""},
	} {
		got, err := parsePrefix(tc.in)
		if err == nil && got.String() != tc.want || err != nil && tc.want != "" {
			t.Errorf("parsePrefix(%q) = %v, %v; want %s", tc.in, got, err, tc.want)
		}
	}
}

func TestAddressClashes(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"127.0.0.1:25", "127.0.0.1:25", true},
		{"127.0.0.1:25", "127.0.0.1:26", false},
		{"127.0.0.1:25", "127.0.0.2:25", false},
		{"127.0.0.1:25", "0.0.0.0:25", true},
		{"127.0.0.1:25", ":25", true},
		{"127.0.0.1:25", "[::]:25", true},
		{"[::1]:25", "0.0.0.0:25", false},
		{"[::1]:25", "[::]:25", true},
		{"0.0.0.0:25", "[::]:25", true},
		{"[::ffff:127.0.0.1]:25", "127.0.0.1:25", true},
		{"[::1]:25", "[0:0:0:0:0:0:0:1]:25", true},
		{"localhost:25", "127.0.0.1:25", true},
		{"mx.example.org:25", "MX.example.org:25", true},
		{"mx.example.org:25", "0.0.0.0:25", true},
		{"127.0.0.1:0", "127.0.0.1:0", false},
		{"unix:/run/a", "unix:/run/a", true},
		{"unix:/run/a", "unix:/run/b", false},
		{"systemd:a", "systemd:a", true},
		{"", "", false},
	} {
		var a, b Address
		if err := a.UnmarshalText([]byte(tc.a)); err != nil {
			t.Fatal(err)
		}
		if err := b.UnmarshalText([]byte(tc.b)); err != nil {
			t.Fatal(err)
		}
		if a.clashes(b) != tc.want || b.clashes(a) != tc.want {
			t.Errorf("%q and %q clash: %v and %v, want %v", tc.a, tc.b, a.clashes(b), b.clashes(a), tc.want)
		}
	}
}

// TestPathTag: a field with the tag path takes paths of what exists only.
func TestPathTag(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "list")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ tag, path, want string }{
		{"file", file, ""},
		{"dir", dir, ""},
		{"file", "", ""},
		{"file", dir, "is no file"},
		{"dir", file, "is no folder"},
		{"file", file + "x", "no such file"},
		{"dir", dir + "x", "no such folder"},
		{"file", "list", "want the absolute path of a file"},
	} {
		f := field{path: tc.tag}
		got := ""
		if err := f.check(reflect.ValueOf(tc.path), tc.path); err != nil {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("%s %q: got %q, want %q", tc.tag, tc.path, got, tc.want)
		}
	}
}

// TestDecoderTypes decodes options of all types that scanners and filters may use.
func TestDecoderTypes(t *testing.T) {
	type inner struct {
		Deep int `yaml:"deep"`
	}
	type common struct {
		Shared string `yaml:"shared"`
	}
	type options struct {
		common  `yaml:",inline"`
		Text    string             `yaml:"text"`
		Count   uint16             `yaml:"count"`
		Points  float64            `yaml:"points"`
		On      bool               `yaml:"on"`
		Wait    time.Duration      `yaml:"wait"`
		Next    Address            `yaml:"next"`
		Words   []string           `yaml:"words"`
		Table   map[string]float64 `yaml:"table"`
		Inner   *inner             `yaml:"inner"`
		List    []inner            `yaml:"list"`
		Kept    string             `yaml:"kept"`
		Secret  string             `yaml:"secret" secret:"true"`
		private int
	}
	const text = `{shared: s, text: "t", count: 65535, points: 2.5, on: true, wait: 5s, next: "unix:/x",
		words: [a, "1"], table: {a: 1, "b c": .5}, inner: {deep: 1}, list: [{deep: 2}, {}], secret: x}`
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	got := options{Kept: "default"}
	d := &decoder{lines: map[string]int{}}
	d.value(doc.Content[0], "", reflect.ValueOf(&got), nil)
	if err := d.faults.err(); err != nil {
		t.Fatal(err)
	}
	want := options{
		common: common{"s"}, Text: "t", Count: 65535, Points: 2.5, On: true, Wait: 5 * time.Second, Next: Address{"unix", "/x"},
		Words: []string{"a", "1"}, Table: map[string]float64{"a": 1, "b c": .5}, Inner: &inner{1}, List: []inner{{2}, {0}},
		Kept: "default", Secret: "x", private: got.private,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	shown, err := yaml.Marshal(encode(reflect.ValueOf(got)))
	if err != nil || strings.Contains(string(shown), "secret: x") || !strings.Contains(string(shown), "secret: <hidden>") {
		t.Errorf("the secret is not hidden: %v\n%s", err, shown)
	}
}
