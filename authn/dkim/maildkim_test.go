// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/internal/corpora"
)

// expected is what Mail::DKIM's own tests want of its messages; their names tell.
func expected(name string) string {
	switch {
	case strings.HasPrefix(name, "good"), strings.HasPrefix(name, "mine"), strings.HasPrefix(name, "multiple"), strings.HasPrefix(name, "no_body"), strings.HasPrefix(name, "dk_"):
		return "pass"
	case name == "badkey2_ed25519", name == "badkey3_ed25519": // Their texts say so: signature and body were modified.
		return "fail"
	case strings.HasPrefix(name, "bad_dk"), strings.HasPrefix(name, "badkey"), strings.HasPrefix(name, "ignore"):
		return "invalid"
	}
	return "fail"
}

// otherwise says why we say something else about some messages.
func otherwise(name string) string {
	switch {
	case strings.Contains(name, "dk_") && !strings.Contains(name, "badkey"):
		return "DomainKeys (RFC 4870), which is historic; there is no DKIM signature"
	case strings.HasPrefix(name, "good_ietf00"):
		return "a draft without bh=; Mail::DKIM's own tests skip it"
	case name == "badkey_8", name == "badkey_9", name == "badkey_12", name == "badkey_13":
		return "g= of key records, which RFC 6376 has dropped; the signature is by rsa-sha1, so that it does not count anyway"
	}
	return ""
}

// mailDKIMCases and mailDKIMPasses are how many messages there are, and about how many we say what Mail::DKIM says.
const (
	mailDKIMCases  = 79
	mailDKIMPasses = 53
)

// TestMailDKIM compares with Mail::DKIM. A signature that holds and is too weak to count (rsa-sha1, short keys, drafts without a version) is a pass there; here it
// says Holds, and its result is policy.
func TestMailDKIM(t *testing.T) {
	dir := corpora.Dir(t, "auth/mail-dkim/t")
	zone := fakeDNS(t, filepath.Join(dir, "FAKE_DNS.dat"))
	files := corpora.Files(t, "auth/mail-dkim/t/corpus/*.txt")
	passes := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		got, why := verifyFile(t, zone, file)
		same, reason := got == expected(name), otherwise(name)
		if same {
			passes++
		}
		if same != (reason == "") {
			t.Errorf("%s: got %s (%s), want %s", name, got, why, expected(name))
		} else if !same {
			t.Logf("%s: %s instead of %s: %s", name, got, expected(name), reason)
		}
	}
	if len(files) != mailDKIMCases || passes != mailDKIMPasses {
		t.Errorf("%d of %d, want %d of %d", passes, len(files), mailDKIMPasses, mailDKIMCases)
	}
	t.Logf("%d of %d", passes, len(files))
}

func verifyFile(t *testing.T, zone *authntest.Zone, file string) (result, why string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	m, err := sig.Read(f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	v := &Verifier{Resolver: zone, Now: func() time.Time { return time.Unix(1_200_000_000, 0) }}
	list, err := v.Verify(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	result = "none"
	for _, s := range list {
		why += string(s.Result) + " " + s.Reason + ";"
		switch {
		case s.Holds:
			result = "pass"
		case s.Result == authn.Fail && result != "pass":
			result = "fail"
		case result == "none":
			result = "invalid"
		}
	}
	return result, why
}

func fakeDNS(t *testing.T, file string) *authntest.Zone {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := &authntest.Zone{TXT: map[string][]string{}, Errs: map[string]error{}}
	for in := bufio.NewScanner(f); in.Scan(); {
		line := in.Text()
		name, value, ok := strings.Cut(line, " ")
		name = strings.ToLower(name)
		value = strings.TrimSpace(value)
		switch {
		case !ok || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(value, "~~"):
			z.Errs[name] = authntest.Temporary(name)
		case value != "NXDOMAIN":
			z.TXT[name] = []string{strings.Trim(value, `"`)}
		}
	}
	return z
}
