// SPDX-License-Identifier: Apache-2.0

package known

import (
	"context"
	"fmt"

	"github.com/mailweir/mailweir/authn"
	"github.com/mailweir/mailweir/mail"
)

// fact is what is known of the author for one recipient.
type fact struct {
	address bool // The recipient has written to that address.
	domain  bool // The recipient has written to somebody in the author's domain, which is not one of many.
	answers bool // The message answers one of the recipient's.
}

func (f *filter) lookUp(l *letter, rcpt mail.Path) (k fact) {
	user, _, ok := normal(rcpt.Address)
	if !ok || l.author == "" {
		return fact{}
	}
	_, k.address = f.store.Get(f.secret.Key("pair", user, l.author))
	if !l.shared {
		_, k.domain = f.store.Get(f.secret.Key("domain", user, l.domain))
	}
	for _, id := range l.ids {
		if _, k.answers = f.store.Get(f.secret.Key("sent", user, id)); k.answers {
			break
		}
	}
	return k
}

// proof is what speaks for the author's name, and against it.
type proof struct {
	authenticated bool // SPF or DKIM of the author's organisation has passed.
	forged        bool // DMARC fails, or SPF says that the client may not send for the reverse-path.
}

// prove finds out who sent the message; most likely the filter auth has done so already. It makes no difference if anybody knows the author: he sees
// the questions at the name servers of the domains that he has signed with, and would learn from them whom the recipients write to.
func (f *filter) prove(ctx context.Context, env *mail.Envelope, msg *mail.Message, l *letter) (proof, error) {
	if f.checker == nil || l.author == "" {
		return proof{}, nil
	}
	r, err := f.checker.Shared(ctx, env, msg)
	if err != nil {
		return proof{}, err
	}
	p := proof{authenticated: r.Authenticated(l.domain), forged: r.MailFrom.Result == authn.Fail}
	for _, o := range r.DMARC {
		p.forged = p.forged || o.Result == authn.Fail
	}
	return p, nil
}

// code is the finding that a fact leads to. Whoever knows both a Message-ID of ours and the address that it went to needs no other proof, as long as
// the owner of no domain says that it is forged.
func (k fact) code(p proof) string {
	switch {
	case k.answers && k.address && (p.authenticated || !p.forged),
		k.answers && k.domain && p.authenticated:
		return codeAnswer
	case k.address && p.authenticated:
		return codeCorrespondent
	case k.domain && p.authenticated:
		return codeDomain
	case k.answers && p.authenticated:
		return codeThread
	case k.address || k.domain || k.answers:
		return codeUnproven
	}
	return codeFirstContact
}

// told is the detail of a finding.
func (l *letter) told(code string, p proof, some, all int) string {
	var text string
	switch code {
	case codeAnswer:
		text = "answers a message of ours, from where that went"
	case codeCorrespondent:
		text = "the author has been written to"
	case codeDomain:
		text = "somebody in the author's domain has been written to"
	case codeThread:
		text = "answers a message of ours, from somewhere else"
	case codeUnproven:
		text = "nothing vouches for the author, whose name is known"
		if p.forged {
			text = "SPF or DMARC fails for the author, whose name is known"
		}
	default:
		text = "the author is not known"
		if l.author == "" {
			text = "From does not name one author"
		}
	}
	return fmt.Sprintf("%s (%d of %d recipients)", text, some, all)
}
