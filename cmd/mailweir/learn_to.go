// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/filters/rspamd"
	"github.com/mailweir/mailweir/filters/spamd"
	"github.com/mailweir/mailweir/mail"
)

// pupil is a spam server that learns.
type pupil interface {
	Learn(ctx context.Context, message io.ReaderAt, size int64, spam bool) (learned bool, err error)
}

// forgetful is a spam server that forgets too.
type forgetful interface {
	Forget(ctx context.Context, message io.ReaderAt, size int64) (forgotten bool, err error)
}

// What --to names.
const (
	toBayes  = "bayes"
	toSpamd  = "spamd"
	toRspamd = "rspamd"
)

var errTo = errors.New("--to: want bayes, spamd or rspamd")

// pupil is the server that --to names, with the options of the first such filter in the chain.
func (o *learnOptions) pupil(cfg *config.Config) (pupil, error) {
	for _, stage := range cfg.Chain {
		for _, f := range stage {
			switch options := f.Options.(type) {
			case *spamd.Options:
				if o.to == toSpamd {
					return o.spamdPupil(options)
				}
			case *rspamd.Options:
				if o.to == toRspamd {
					return o.rspamdPupil(options)
				}
			}
		}
	}
	return nil, fmt.Errorf("--to %s: the config has no such filter in its chain", o.to)
}

func (o *learnOptions) spamdPupil(options *spamd.Options) (pupil, error) {
	l, err := spamd.NewLearner(options)
	if err == nil && o.user != "" {
		return l.ForUser(trimPath(o.user))
	}
	return l, err
}

func (o *learnOptions) rspamdPupil(options *rspamd.Options) (pupil, error) {
	l, err := rspamd.NewLearner(options)
	if err == nil && o.user != "" {
		return l.ForUser(trimPath(o.user))
	}
	return l, err
}

// teachServer is "mailweir learn spam", "ham" and "forget" with --to spamd or rspamd.
func (o *learnOptions) teachServer(cmd *cobra.Command, args []string, what lesson) error {
	if o.to != toSpamd && o.to != toRspamd {
		return errTo
	}
	cfg, err := loadConfig(cmd)
	if err != nil {
		return err
	}
	p, err := o.pupil(cfg)
	if err != nil {
		return err
	}
	if _, ok := p.(forgetful); what == teachForget && !ok {
		return fmt.Errorf("--to %s: it forgets only what it learns as the other thing", o.to)
	}
	sources, cleanup, err := learnSources(cmd, args)
	if err != nil {
		return err
	}
	defer cleanup()
	ctx := cmd.Context()
	c := &toldCount{errs: cmd.ErrOrStderr(), show: newProgress(cmd.ErrOrStderr(), time.Now)}
	err = inOrder(o.jobs, 0, sources.until(ctx), func(s source) told { return tellPupil(ctx, p, s, what) }, c.take)
	c.tell(cmd.OutOrStdout(), o.to)
	switch {
	case err == nil && c.silent > 0:
		return c.noAnswer()
	case err == nil && c.failed > 0:
		return errFault
	}
	return err
}

// tellPupil tells the server of one message.
func tellPupil(ctx context.Context, p pupil, s source, what lesson) told {
	t := told{name: s.name}
	content, size, closeContent, err := s.openMessage()
	if err != nil {
		t.err = err
		return t
	}
	defer closeContent()
	msg, err := mail.Parse(content, size, mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		t.err = err
		return t
	}
	defer func() { _ = msg.Close() }()
	if !isMail(msg.Header()) {
		t.err = errNoMail
		return t
	}
	if f, ok := p.(forgetful); ok && what == teachForget {
		t.new, t.err = f.Forget(ctx, content, size)
	} else {
		t.new, t.err = p.Learn(ctx, content, size, what == teachSpam)
	}
	t.byServer, t.silent = t.err != nil, ctx.Err() == nil && isSilence(t.err)
	return t
}
