// SPDX-License-Identifier: Apache-2.0

package arc

import (
	"cmp"
	"crypto"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/authn/sig"
)

// ErrEnded is returned where no seal may be added: the chain has failed before, or it is as long as it may be (RFC 8617 section 5.1).
var ErrEnded = errors.New("the chain has ended")

// Sealer adds instances to chains. Safe for many goroutines; its fields do not change.
type Sealer struct {
	Domain   string // As authn.Domain gives it.
	Selector string
	Key      crypto.Signer
	Headers  []string // Fields that are signed, those that are there; nil for DefaultHeaders.
	Now      func() time.Time

	lineB int // Octets of b= on one line; 0 for sig.LineB.
}

// DefaultHeaders are the fields that are signed. Trace fields are not among them, nor those that others may add on the way.
func DefaultHeaders() []string {
	return []string{
		"from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version", "content-type",
		"content-transfer-encoding", "content-disposition", "list-id", "list-post", "list-unsubscribe", "list-unsubscribe-post", "dkim-signature",
	}
}

// HeaderField is a field to be put on top of the message. Its value may be folded, with CRLF.
type HeaderField struct{ Name, Value string }

// Body asks for the hash of the body that a seal needs. The body is the one that leaves.
func (s *Sealer) Body(b *sig.Bodies) *sig.BodyHash { return b.Add(sig.Relaxed, crypto.SHA256, -1) }

// Seal gives the fields of a new instance, in the order in which they are to stand, the first on top. m is the header section that leaves, with the chain as it came;
// body the hash that Body has asked for; chain what validation of the message as it came has given; results the body of the Authentication-Results field that
// is to be kept. The error is ErrEnded, or that of the key.
func (s *Sealer) Seal(m *sig.Message, body *sig.BodyHash, chain Chain, results string) ([]HeaderField, error) {
	algo, err := sig.AlgorithmOf(s.Key)
	if err != nil {
		return nil, err
	}
	before, cv, err := s.status(m, chain)
	if err != nil {
		return nil, err
	}
	i := strconv.Itoa(len(before) + 1)
	now := strconv.FormatInt(s.Now().Unix(), 10)

	aar := HeaderField{"ARC-Authentication-Results", "i=" + i + "; " + results}
	names := s.present(m)
	d := sig.NewDigest(algo.Hash, sig.Relaxed)
	d.AddNamed(m, names, -1)
	ams := HeaderField{Name: "ARC-Message-Signature"}
	ams.Value, err = sig.SignField(s.Key, algo, d, ams.Name, []sig.Tag{
		{Name: "a", Value: algo.Name},
		{Name: "b"},
		{Name: "bh", Value: base64.StdEncoding.EncodeToString(body.Sum())},
		{Name: "c", Value: "relaxed/relaxed"},
		{Name: "d", Value: s.Domain},
		{Name: "h", Value: strings.Join(names, ":")},
		{Name: "i", Value: i},
		{Name: "s", Value: s.Selector},
		{Name: "t", Value: now},
	}, cmp.Or(s.lineB, sig.LineB))
	if err != nil {
		return nil, err
	}
	d = sig.NewDigest(algo.Hash, sig.Relaxed)
	if cv != authn.Fail { // RFC 8617 section 5.1.2: a chain that has failed is not signed again.
		for _, b := range before {
			d.Add(m.Fields[b.results])
			d.Add(m.Fields[b.signature])
			d.Add(m.Fields[b.seal])
		}
	}
	d.Add(sig.ParseField(aar.Name + ": " + aar.Value))
	d.Add(sig.ParseField(ams.Name + ": " + ams.Value))
	seal := HeaderField{Name: "ARC-Seal"}
	seal.Value, err = sig.SignField(s.Key, algo, d, seal.Name, []sig.Tag{
		{Name: "a", Value: algo.Name}, {Name: "b"}, {Name: "cv", Value: string(cv)}, {Name: "d", Value: s.Domain}, {Name: "i", Value: i}, {Name: "s", Value: s.Selector}, {Name: "t", Value: now},
	}, cmp.Or(s.lineB, sig.LineB))
	return []HeaderField{seal, ams, aar}, err
}

// status tells what the new seal says of the chain before it.
func (s *Sealer) status(m *sig.Message, chain Chain) (before []set, cv authn.Result, err error) {
	if chain.Ended || chain.Result == authn.TempError {
		return nil, "", ErrEnded // Without an answer nothing true can be said.
	}
	before, fault := sets(m)
	if fault != nil || len(before) >= MaxInstances {
		return nil, "", ErrEnded // Nobody can tell what number is next.
	}
	switch {
	case len(before) == 0:
		return nil, authn.None, nil
	case chain.Result == authn.Pass && len(before) == len(chain.Sets):
		return before, authn.Pass, nil
	}
	return before, authn.Fail, nil
}

// present are the names to be signed that the message has, each as often as it is there.
func (s *Sealer) present(m *sig.Message) []string {
	want := s.Headers
	if want == nil {
		want = DefaultHeaders()
	}
	var names []string
	for _, name := range want {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "arc-seal") || slices.Contains(names, name) {
			continue
		}
		names = append(names, slices.Repeat([]string{name}, len(m.All(name)))...)
	}
	return names
}
