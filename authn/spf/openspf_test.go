// SPDX-License-Identifier: Apache-2.0

package spf

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/internal/corpora"
)

type suite struct {
	Description string                 `yaml:"description"`
	Tests       map[string]*testCase   `yaml:"tests"`
	Zone        map[string][]yaml.Node `yaml:"zonedata"`
}

type testCase struct {
	HELO     string `yaml:"helo"`
	Host     string `yaml:"host"`
	MailFrom string `yaml:"mailfrom"`
	Result   texts  `yaml:"result"`
}

// texts is one text or several.
type texts []string

func (t *texts) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*t = texts{n.Value}
		return nil
	}
	for _, c := range n.Content {
		*t = append(*t, c.Value)
	}
	return nil
}

// otherwise says why we say something else about some cases.
func otherwise() map[string]string {
	slash := "the domain name has a slash in it, which the engine takes for a prefix length"
	return map[string]string{
		"a-colon-domain": slash, "a-colon-domain-ip4mapped": slash, "mx-colon-domain": slash, "mx-colon-domain-ip4mapped": slash,
		"p-macro-multiple": "the macro p is always unknown: RFC 7208 section 5.5 advises against asking for it",
	}
}

// suiteCases is how many cases there are.
const suiteCases = 203

func TestRFC7208(t *testing.T) {
	f, err := os.Open(filepath.Join(corpora.Dir(t, "auth/pyspf/test"), "rfc7208-tests.yml"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	passes, all := 0, 0
	reasons := otherwise()
	for dec := yaml.NewDecoder(f); ; {
		var s suite
		err := dec.Decode(&s)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		zone := makeZone(t, s.Zone)
		for name, c := range s.Tests {
			all++
			got := (&Checker{Resolver: zone}).MailFrom(t.Context(), netip.MustParseAddr(c.Host), c.HELO, c.MailFrom)
			one := (&Checker{Resolver: oneFamily{zone}}).MailFrom(t.Context(), netip.MustParseAddr(c.Host), c.HELO, c.MailFrom)
			if one.Result != got.Result {
				t.Errorf("%s: got %s, asked for one family %s (%s)", name, got.Result, one.Result, one.Reason)
			}
			same := slices.Contains(c.Result, string(got.Result))
			if same {
				passes++
			}
			if same != (reasons[name] == "") {
				t.Errorf("%s: got %s (%s), want %s", name, got.Result, got.Reason, c.Result)
			} else if !same {
				t.Logf("%s: %s instead of %s: %s", name, got.Result, c.Result, reasons[name])
			}
		}
	}
	if all != suiteCases || passes != suiteCases-len(reasons) {
		t.Errorf("%d of %d, want %d of %d", passes, all, suiteCases-len(reasons), suiteCases)
	}
	t.Logf("%d of %d", passes, all)
}

// oneFamily can be asked for the addresses of one family.
type oneFamily struct{ *authntest.Zone }

func (z oneFamily) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	list, err := z.LookupIPAddr(ctx, host)
	var addrs []netip.Addr
	for _, a := range list {
		if addr, ok := netip.AddrFromSlice(a.IP); ok && addr.Unmap().Is4() == (network == "ip4") {
			addrs = append(addrs, addr.Unmap())
		}
	}
	if err == nil && len(addrs) == 0 {
		err = authntest.NotFound(host)
	}
	return addrs, err
}

// makeZone reads zone data. SPF records are for TXT too where there is none (that is how the suite is meant); a name that times out does for what it
// has no record of.
func makeZone(t *testing.T, data map[string][]yaml.Node) *authntest.Zone {
	t.Helper()
	z := &authntest.Zone{TXT: map[string][]string{}, MX: map[string][]*net.MX{}, IP: map[string][]string{}, PTR: map[string][]string{}, CNAME: map[string]string{}, Errs: map[string]error{}}
	for name, records := range data {
		name = strings.ToLower(name)
		var spf []string
		txt := false
		for _, r := range records {
			if r.Kind == yaml.ScalarNode {
				z.Errs[name] = authntest.Temporary(name)
				continue
			}
			kind, v := r.Content[0].Value, r.Content[1]
			switch kind {
			case "SPF", "TXT":
				var list texts
				if err := v.Decode(&list); err != nil {
					t.Fatal(err)
				}
				text := strings.Join(list, "")
				switch {
				case kind == "SPF":
					spf = append(spf, text)
				case text == "NONE":
					txt = true
				default:
					txt = true
					z.TXT[name] = append(z.TXT[name], text)
				}
			case "A", "AAAA":
				z.IP[name] = append(z.IP[name], v.Value)
			case "MX":
				z.MX[name] = append(z.MX[name], &net.MX{Host: v.Content[1].Value})
			case "PTR":
				addr := reverse(name)
				z.PTR[addr] = append(z.PTR[addr], v.Value)
			case "CNAME":
				z.CNAME[name] = v.Value
			default:
				t.Fatalf("%s: %s", name, kind)
			}
		}
		if !txt {
			z.TXT[name] = append(z.TXT[name], spf...)
		}
	}
	return z
}

// reverse is the address that a name in the reverse zone stands for.
func reverse(name string) string {
	labels, v6 := strings.CutSuffix(name, ".ip6.arpa")
	labels, _ = strings.CutSuffix(labels, ".in-addr.arpa")
	l := strings.Split(labels, ".")
	slices.Reverse(l)
	if !v6 {
		return strings.Join(l, ".")
	}
	var b strings.Builder
	for i, d := range l {
		if i > 0 && i%4 == 0 {
			b.WriteByte(':')
		}
		b.WriteString(d)
	}
	return netip.MustParseAddr(b.String()).String()
}
