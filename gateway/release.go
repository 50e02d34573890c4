// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/proxy"
	"github.com/mailweir/mailweir/quarantine"
)

// NewSender makes what a release from the quarantine is sent by: straight to the next hop of the listener that the message came in
// by, or of the first listener if that one is gone. It passes no filter again, and is marked on top. Mail from our own people is signed, for which the keys are
// read; that it could not be is logged, and it goes as it is.
func NewSender(cfg *config.Config, log logrus.FieldLogger) (quarantine.Sender, error) {
	if len(cfg.Listen) == 0 {
		return nil, errors.New("the config has no listener, so there is no next hop")
	}
	signs := sync.OnceValues(func() (*signing, error) { return newSigning(cfg, nil, time.Now) })
	return func(ctx context.Context, e *quarantine.Entry, message *io.SectionReader, rcpts []mail.Path) ([]mail.Path, string, error) {
		l := cfg.Listen[0]
		if i := slices.IndexFunc(cfg.Listen, func(l config.Listener) bool { return l.Name == e.Envelope.Listener }); i >= 0 {
			l = cfg.Listen[i]
		}
		msg, err := mail.Parse(message, message.Size(), mail.NewBudget(cfg.MailLimits(), nil))
		if err != nil {
			return nil, "", err
		}
		defer func() { _ = msg.Close() }()
		env := e.Mail()
		env.Outbound = cfg.Outbound(env)
		edits := append([]mail.Edit{e.ReleaseEdit(time.Now())}, cleanup(msg.Header(), cfg.Hostname)...)
		if env.Outbound {
			s, err := signs()
			if err != nil {
				return nil, "", fmt.Errorf("signing: %w", err)
			}
			edits = s.add(ctx, log.WithField("id", env.ID), &Account{Envelope: env, Message: msg}, edits, nil)
		}
		hop, err := proxy.DialHop(ctx, proxy.HopOptions{
			Address: proxy.Address(l.NextHop), Protocol: proxy.Protocol(l.NextHopProtocol), Hostname: cfg.Hostname, Timeout: cfg.Timeouts.NextHop,
		})
		if err != nil {
			return nil, "", err
		}
		defer hop.Quit()
		return release(hop, env, rcpts, func(w io.Writer) error { return msg.Write(w, edits) })
	}, nil
}

// release hands a message to the next hop. It returns those that the next hop has answered 250 for; the error is about the others.
func release(hop *proxy.Hop, env *mail.Envelope, rcpts []mail.Path, write func(io.Writer) error) ([]mail.Path, string, error) {
	r, err := hop.Mail(env.MailFrom, env.Client, rcpts...)
	if err != nil || !r.Positive() {
		return nil, "", refusal(r, err)
	}
	replies, err := hop.Rcpts(rcpts)
	if err != nil {
		return nil, "", err
	}
	var open []mail.Path
	var refused []error
	for i, r := range replies {
		if r.Positive() {
			open = append(open, rcpts[i])
			continue
		}
		refused = append(refused, fmt.Errorf("%s: %w", rcpts[i], refusal(r, nil)))
	}
	if len(open) == 0 {
		return nil, "", errors.Join(refused...)
	}
	if r, err = hop.Data(write); err != nil || r.Code != 354 {
		return nil, "", errors.Join(append(refused, refusal(r, err))...)
	}
	final, err := hop.Dot() // Over LMTP the first of the replies may be there even if it fails.
	if err != nil {
		refused = append(refused, err)
	}
	if !hop.PerRecipient() {
		final = slices.Repeat(final, len(open)) // One reply for all, if there is one.
	}
	var taken []mail.Path
	reply := ""
	for i, r := range final {
		if r.Positive() {
			taken, reply = append(taken, open[i]), r.String()
			continue
		}
		refused = append(refused, fmt.Errorf("%s: %w", open[i], refusal(r, nil)))
	}
	return taken, reply, errors.Join(refused...)
}

// refusal is the error that a reply stands for.
func refusal(r proxy.Reply, err error) error {
	if err != nil {
		return err
	}
	return &proxy.ReplyError{Reply: r}
}
