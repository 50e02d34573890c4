// SPDX-License-Identifier: Apache-2.0

package dkim

import (
	"crypto"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mailweir/mailweir/authn/sig"
)

// SignatureField is the name of the field as it is written.
const SignatureField = "DKIM-Signature"

// ErrNoFrom is returned for a message that cannot be signed, because it has no From field, or several.
var ErrNoFrom = errors.New("message has not exactly one From field")

// Signer makes signatures with one key. Safe for many goroutines; its fields do not change.
type Signer struct {
	Domain   string // d=, as authn.Domain gives it.
	Selector string
	Key      crypto.Signer
	Now      func() time.Time
	Lifetime time.Duration // Until x=; 0 for no end.
}

// signed are the fields that are signed if they are there.
func signed() []string {
	return append(single(), "resent-date", "resent-from", "resent-to", "resent-cc", "list-id", "list-help", "list-unsubscribe",
		"list-unsubscribe-post", "list-subscribe", "list-post", "list-owner", "list-archive")
}

// oversigned are those that are named once more than they are there, so that none can be added.
func oversigned() []string {
	return []string{"from", "sender", "reply-to", "to", "cc", "date", "subject", "message-id", "mime-version", "content-type", "content-transfer-encoding"}
}

// Body asks for the hash of the body that a signature needs.
func (s *Signer) Body(b *sig.Bodies) *sig.BodyHash { return b.Add(sig.Relaxed, crypto.SHA256, -1) }

// Sign gives the value of a DKIM-Signature field, folded with CRLF. m is the header section that leaves, body the hash that Body has asked for. The
// field is to be put on top.
func (s *Signer) Sign(m *sig.Message, body *sig.BodyHash) (string, error) {
	if len(m.All("from")) != 1 {
		return "", ErrNoFrom
	}
	algo, err := sig.AlgorithmOf(s.Key)
	if err != nil {
		return "", err
	}
	names := signNames(m)
	d := sig.NewDigest(algo.Hash, sig.Relaxed)
	d.AddNamed(m, names, -1)
	now := s.Now()
	tags := []sig.Tag{
		{Name: "v", Value: "1"},
		{Name: "a", Value: algo.Name},
		{Name: "c", Value: "relaxed/relaxed"},
		{Name: "d", Value: s.Domain},
		{Name: "s", Value: s.Selector},
		{Name: "t", Value: strconv.FormatInt(now.Unix(), 10)},
	}
	if s.Lifetime > 0 {
		tags = append(tags, sig.Tag{Name: "x", Value: strconv.FormatInt(now.Add(s.Lifetime).Unix(), 10)})
	}
	tags = append(tags, sig.Tag{Name: "h", Value: strings.Join(names, ":")},
		sig.Tag{Name: "bh", Value: base64.StdEncoding.EncodeToString(body.Sum())}, sig.Tag{Name: "b"})
	return sig.SignField(s.Key, algo, d, SignatureField, tags, sig.LineB)
}

// signNames is the list of h=.
func signNames(m *sig.Message) []string {
	over := oversigned()
	var names []string
	for _, name := range signed() {
		n := len(m.All(name))
		if slices.Contains(over, name) {
			n++
		}
		names = append(names, slices.Repeat([]string{name}, n)...)
	}
	return names
}
