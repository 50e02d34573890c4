// SPDX-License-Identifier: Apache-2.0

// Package outgoing signs and seals messages as they leave: DKIM for authors of our own, an ARC set for mail of others that was changed here. It writes the message once to
// see the octets that will leave, and gives the fields to be added as edits.
package outgoing

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mailweir/mailweir/authn/arc"
	"github.com/mailweir/mailweir/authn/author"
	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/mail"
)

// Signer signs. Safe for many goroutines; its fields do not change.
type Signer struct {
	Keys   *dkim.Keyring // For DKIM; nil for none.
	Sealer *arc.Sealer   // For ARC; nil for none.
}

// Seal is what a seal says of a message that came from outside.
type Seal struct {
	Chain   arc.Chain // As it was when the message came.
	Results string    // The body of our Authentication-Results field.
}

// Edits gives the fields for the message as it is with the edits, to be put before those edits: DKIM signatures if sign is set and there are keys for the author's domain, and
// a seal if it is given and may be added. Nil if there is nothing to add. An error means that the message could not be written or signed before ctx ended.
func (s *Signer) Edits(ctx context.Context, msg *mail.Message, edits []mail.Edit, sign bool, seal *Seal) ([]mail.Edit, error) {
	var bodies sig.Bodies
	var signBody, sealBody *sig.BodyHash
	if sign && s.Keys != nil {
		if signers := s.signers(msg.Header().Values("From")); len(signers) > 0 {
			signBody = signers[0].Body(&bodies)
		}
	}
	if seal != nil && s.Sealer != nil {
		sealBody = s.Sealer.Body(&bodies)
	}
	if signBody == nil && sealBody == nil {
		return nil, nil
	}
	w := sig.NewStream(&bodies)
	if err := errors.Join(msg.Write(until{ctx, w}, edits), w.Close()); err != nil {
		return nil, fmt.Errorf("write for signing: %w", err)
	}
	added, err := s.seal(w.Message(), sealBody, seal)
	if err != nil || signBody == nil {
		return added, err
	}
	var from []string // As it leaves: edits may have changed it.
	for _, i := range w.Message().All("from") {
		from = append(from, w.Message().Fields[i].Body())
	}
	for _, d := range s.signers(from) {
		v, err := d.Sign(w.Message(), signBody)
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		added = append(added, mail.AddField{Name: dkim.SignatureField, Value: v})
	}
	return added, nil
}

// until is a writer that takes no more once ctx has ended.
type until struct {
	ctx context.Context //nolint:containedctx // It lives no longer than one call.
	w   io.Writer
}

func (u until) Write(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(p)
}

// seal gives the fields of a new instance; nil where none is asked for or may be added.
func (s *Signer) seal(m *sig.Message, body *sig.BodyHash, seal *Seal) ([]mail.Edit, error) {
	if body == nil {
		return nil, nil
	}
	fields, err := s.Sealer.Seal(m, body, seal.Chain, seal.Results)
	if errors.Is(err, arc.ErrEnded) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	var added []mail.Edit
	for _, f := range fields {
		added = append(added, mail.AddField{Name: f.Name, Value: f.Value})
	}
	return added, nil
}

// signers are those for the one author; nil if there are several.
func (s *Signer) signers(from []string) []*dkim.Signer {
	a := author.Read(from)
	if !a.One() {
		return nil
	}
	return s.Keys.For(a.Domains[0])
}
