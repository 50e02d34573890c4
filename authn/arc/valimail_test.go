// SPDX-License-Identifier: Apache-2.0

package arc

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/results"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/internal/corpora"
)

// suite is one scenario of ValiMail's suite. Tests are kept in order, because names are there twice.
type suite struct {
	Description string            `yaml:"description"`
	Tests       yaml.Node         `yaml:"tests"`
	Records     map[string]string `yaml:"txt-records"`
	Domain      string            `yaml:"domain"`
	Selector    string            `yaml:"sel"`
	Key         string            `yaml:"privatekey"`
}

type testCase struct {
	name    string
	Message string `yaml:"message"`
	CV      string `yaml:"cv"`
	Time    int64  `yaml:"t"`
	Headers string `yaml:"sig-headers"`
	ServID  string `yaml:"srv-id"`
	AS      string `yaml:"AS"`
	AMS     string `yaml:"AMS"`
	AAR     string `yaml:"AAR"`
}

// suites reads a file of the suite, with the cases of each scenario.
func suites(t *testing.T, name string, use func(s suite, z *authntest.Zone, c testCase)) {
	t.Helper()
	f, err := os.Open(filepath.Join(corpora.Dir(t, "auth/arc_test_suite/tests"), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for dec := yaml.NewDecoder(f); ; {
		var s suite
		err := dec.Decode(&s)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		z := &authntest.Zone{TXT: map[string][]string{}}
		for name, record := range s.Records {
			z.TXT[strings.ToLower(name)] = []string{strings.TrimSpace(record)}
		}
		for i := 0; i+1 < len(s.Tests.Content); i += 2 {
			c := testCase{name: s.Tests.Content[i].Value}
			if err := s.Tests.Content[i+1].Decode(&c); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			use(s, z, c)
		}
	}
}

// otherwise says why we say something else about some cases.
func otherwise() map[string]string {
	ended := "a seal says cv=fail: the suite wants no answer, RFC 8617 section 5.2 wants fail"
	return map[string]string{
		"cv_fail_i1_as_cv_fail": ended, "cv_fail_i2_as2_fail": ended, "cv_fail_i2_as1_fail": ended,
		"ams_fields_c_na":    "c= is missing: the suite takes it for relaxed, RFC 6376 section 3.5 says simple; the copy of the suite in Mail::DKIM wants fail too",
		"ams_fields_h_empty": "no field is signed at all: such a signature says nothing about the message",
	}
}

func TestValiMailValidation(t *testing.T) {
	passes, all := 0, 0
	reasons := otherwise()
	suites(t, "arc-draft-validation-tests.yml", func(_ suite, z *authntest.Zone, c testCase) {
		want := authn.Result(strings.ToLower(strings.TrimSpace(c.CV)))
		m, err := sig.Read(strings.NewReader(c.Message), int64(len(c.Message)))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got, err := Validate(t.Context(), z, m)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		all++
		same := got.Result == want
		if same {
			passes++
		}
		if same != (reasons[c.name] == "") {
			t.Errorf("%s: got %s (%s), want %q", c.name, got.Result, got.Reason, want)
		} else if !same {
			t.Logf("%s: %s instead of %q: %s", c.name, got.Result, want, reasons[c.name])
		}
	})
	if all != 175 || passes != all-len(reasons) {
		t.Errorf("%d of %d, want %d of 175", passes, all, 175-len(reasons))
	}
	t.Logf("%d of %d", passes, all)
}

func TestValiMailSealing(t *testing.T) {
	passes, all := 0, 0
	suites(t, "arc-draft-sign-tests.yml", func(s suite, z *authntest.Zone, c testCase) {
		all++
		got, err := seal(t, s, z, c)
		switch {
		case errors.Is(err, ErrEnded) && strings.TrimSpace(c.AS+c.AMS+c.AAR) == "":
			passes++
			return
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
			return
		}
		same := true
		for i, want := range []string{c.AS, c.AMS, c.AAR} {
			if g, w := canonical(got[i].Value, i < 2), canonical(want, i < 2); g != w {
				t.Errorf("%s: %s\n got %s\nwant %s", c.name, got[i].Name, g, w)
				same = false
			}
		}
		if same {
			passes++
		}
	})
	if all != 17 || passes != all {
		t.Errorf("%d of %d, want 17 of 17", passes, all)
	}
	t.Logf("%d of %d", passes, all)
}

// seal seals the message of a case. The suite wants b= on one line, which the seal signs.
func seal(t *testing.T, s suite, z *authntest.Zone, c testCase) ([]HeaderField, error) {
	t.Helper()
	m, err := sig.Read(strings.NewReader(c.Message), int64(len(c.Message)))
	if err != nil {
		t.Fatal(err)
	}
	chain, err := Validate(t.Context(), z, m)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(s.Key))
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sealer := &Sealer{Domain: s.Domain, Selector: s.Selector, Key: key, Headers: strings.Split(c.Headers, ":"), Now: func() time.Time { return time.Unix(c.Time, 0) }, lineB: 1000}
	var bodies sig.Bodies
	hash := sealer.Body(&bodies)
	if err := bodies.Read(t.Context(), m.Body()); err != nil {
		t.Fatal(err)
	}
	return sealer.Seal(m, hash, chain, merged(t, m, c.ServID))
}

// merged puts the results of all fields with the authserv-id together, as the suite wants it.
func merged(t *testing.T, m *sig.Message, servID string) string {
	t.Helper()
	list := []string{servID}
	for _, i := range m.All("authentication-results") {
		pieces, err := results.Split(m.Fields[i].Body())
		if err != nil {
			t.Fatal(err)
		}
		if id, ok := results.ServID(pieces[0]); ok && id == servID {
			list = append(list, pieces[1:]...)
		}
	}
	return strings.Join(list, "; ")
}

// canonical is a value without its folding; the values of tags also without blanks.
func canonical(s string, tags bool) string {
	s = strings.Join(strings.Fields(s), " ")
	if !tags {
		return s
	}
	t, err := sig.ParseTags(s)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(t)) {
		b.WriteString(name + "=" + t.Word(name) + ";")
	}
	return b.String()
}
