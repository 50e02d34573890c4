// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"testing"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/arc"
	"github.com/mailweir/mailweir/authn/authntest"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/sig"
)

// script has dkimpy judge a message. It asks no DNS but the records that it is given.
const script = `
import sys, json, base64, dkim
q = json.load(sys.stdin)
def txt(name, timeout=5):
    if isinstance(name, bytes):
        name = name.decode()
    t = q["records"].get(name.rstrip(".").lower())
    return t.encode() if t else None
m = base64.b64decode(q["message"])
signatures = []
for i in range(sum(1 for h in dkim.DKIM(m).headers if h[0].lower() == b"dkim-signature")):
    try:
        signatures.append("pass" if dkim.DKIM(m).verify(idx=i, dnsfunc=txt) else "fail")
    except Exception as e:
        signatures.append(str(e))
cv, sets, reason = dkim.arc_verify(m, dnsfunc=txt)
json.dump({"DKIM": signatures, "ARC": (cv or b"none").decode(), "Sets": len(sets), "Reason": str(reason)}, sys.stdout)
`

// verdict is what a judge says of a message.
type verdict struct {
	DKIM   []string // From the top.
	ARC    string
	Sets   int
	Reason string
}

// python is a Python that has dkimpy and, for Ed25519, PyNaCl.
func python(ctx context.Context) (string, error) {
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(ctx, name, "-c", "import dkim, nacl").Run() == nil {
			return name, nil
		}
	}
	return "", errors.New("dkimpy is not installed (python3-dkim, python3-nacl)")
}

// judge asks dkimpy, and wants our own verifiers to say the same.
func judge(ctx context.Context, t *testing.T, zone *authntest.Zone, message []byte) verdict {
	t.Helper()
	records := map[string]string{}
	for name, list := range zone.TXT {
		records[name] = list[0]
	}
	question, err := json.Marshal(map[string]any{"records": records, "message": message})
	if err != nil {
		t.Fatal(err)
	}
	name, err := python(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, name, "-c", script)
	cmd.Stdin = bytes.NewReader(question)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var v verdict
	if err == nil {
		err = json.Unmarshal(out, &v)
	}
	if err != nil {
		t.Fatalf("dkimpy: %v: %s%s", err, out, &stderr)
	}
	if ours := judgeOurselves(ctx, t, zone, message); fmt.Sprint(passed(ours)) != fmt.Sprint(passed(v)) {
		t.Errorf("we say %+v, dkimpy %+v of\n%s", ours, v, message)
	}
	return v
}

// passed is what passes. There are many words for what does not.
func passed(v verdict) []bool {
	list := []bool{v.ARC == "pass"}
	for _, result := range v.DKIM {
		list = append(list, result == "pass")
	}
	return list
}

func judgeOurselves(ctx context.Context, t *testing.T, zone *authntest.Zone, message []byte) verdict {
	t.Helper()
	m, err := sig.Read(bytes.NewReader(message), int64(len(message)))
	if err != nil {
		t.Fatal(err)
	}
	list, err := (&dkim.Verifier{Resolver: zone}).Verify(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	v := verdict{DKIM: []string{}}
	for _, s := range list {
		v.DKIM = append(v.DKIM, string(s.Result))
	}
	chain, err := arc.Validate(ctx, zone, m)
	if err != nil {
		t.Fatal(err)
	}
	v.ARC, v.Sets, v.Reason = string(chain.Result), len(chain.Sets), chain.Reason
	if chain.Result == authn.TempError {
		t.Error("the DNS gave no answer")
	}
	return v
}
