// SPDX-License-Identifier: Apache-2.0

package greylist

import (
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
)

func filtersTrusted(t testing.TB) []netip.Prefix {
	t.Helper()
	return []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
}

func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		"a@example.org": "a@example.org", "Joe.Doe@Example.ORG": "joe.doe@example.org", `"joe doe"@example.org`: "joe doe@example.org",
		"a+b@example.org": "a@example.org", "+b@example.org": "+b@example.org", "joe7@example.org": "joe7@example.org",
		"bounce-12-34@example.org": "bounce-#-#@example.org", "b.9f8e7d6c5b4a@example.org": "b.#@example.org",
		"prvs=0123abcdef=a@example.org": "prvs=#=a@example.org", "SRS0=Ab+d=7X=example.com=joe@example.org": "srs0=example.com=joe@example.org",
		"srs0+x/y1=ab=example.com=joe+t@example.org":                     "srs0=example.com=joe@example.org",
		"SRS1=a/bc=fwd.example.com==xY1z=7X=example.net=joe@example.org": "srs1=fwd.example.com=example.net=joe@example.org",
		"srs0=@x.org": "srs0=@x.org", "srs1=a=b=@x.org": "srs1=a=b=@x.org", "srs1=a=b==@x.org": "srs1=a=b==@x.org",
		"a1b2c3@host7.example.org":                    "#@host7.example.org",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org": "#@example.org", "1@": "#@", "": "", "postmaster": "postmaster", "@": "@",
	} {
		if got := normal(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// FuzzNormal: two forms of one address stay one, and nothing grows.
func FuzzNormal(f *testing.F) {
	f.Add("SRS0=hjk2s=XY=example.com=a@example.org")
	f.Add(`"a b"+c@[192.0.2.1]`)
	f.Fuzz(func(t *testing.T, address string) {
		got := normal(address)
		if len(got) > 3*maxAddress {
			t.Errorf("%d octets", len(got))
		}
		if again := normal(strings.ToUpper(address)); isASCII(address) && again != got {
			t.Errorf("%q, in upper case %q", got, again)
		}
		if len(address) < maxAddress/2 && strings.Contains(address, "@") && isASCII(address) {
			if i := strings.LastIndexByte(address, '@'); !strings.HasSuffix(got, strings.ToLower(address[i:])) {
				t.Errorf("%q has another domain than %q", got, address)
			}
		}
	})
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) }

// BenchmarkInspect is a look-up of what is known.
func BenchmarkInspect(b *testing.B) {
	o := DefaultOptions()
	o.File = filepath.Join(b.TempDir(), "greylist")
	f, err := newFilter(o, filters.Deps{})
	if err != nil {
		b.Fatal(err)
	}
	msg := filtertest.Message(b, letter)
	env := from("192.0.2.1", "a@example.org", "u@example.net")
	outcome := filters.Outcome{Recipients: []filters.Settled{{Fate: fateDeliver}}}
	f.Follow(b.Context(), env, msg, outcome)
	b.Run("inspect", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if found, err := f.Inspect(b.Context(), env, msg); err != nil || len(found) > 0 {
				b.Fatal(found, err)
			}
		}
	})
	b.Run("follow known", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.Follow(b.Context(), env, msg, outcome)
		}
	})
	b.Run("follow new", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			i++
			env := from("192.0.2.1", strings.Repeat("a", i%50)+string(rune('a'+i%26))+"@example.org", "u@example.net")
			env.RcptTo[0].Address = strings.Repeat("b", i/50%300) + "@example.net"
			f.Follow(b.Context(), env, msg, filters.Outcome{Recipients: []filters.Settled{{Fate: fateDefer}}})
		}
	})
}
