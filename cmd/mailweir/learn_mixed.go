// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/spf13/cobra"
)

// mixedCommand is "mailweir learn mixed".
func (o *learnOptions) mixedCommand() *cobra.Command {
	var ham, spam []string
	cmd := &cobra.Command{
		Use:   "mixed --ham PATH --spam PATH",
		Short: "Learn ham and spam side by side: the way to begin",
		Long: "Learn ham and spam side by side, as they would have arrived: the way to begin. Who learns much of the one and then much of the other comes to\n" +
			"one-sided verdicts; later on, when much is known, that does no harm. Both flags may be given more than once.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(ham) == 0 || len(spam) == 0 {
				return errors.New("want both --ham and --spam")
			}
			if slices.Contains(ham, "-") && slices.Contains(spam, "-") {
				return errors.New("- is named twice")
			}
			good, cleanGood, err := learnSources(cmd, ham)
			if err != nil {
				return err
			}
			defer cleanGood()
			bad, cleanBad, err := learnSources(cmd, spam)
			if err != nil {
				return err
			}
			defer cleanBad()
			return o.teach(cmd, mixed(good, bad), teachMixed)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&ham, "ham", nil, "PATH of ham, see mailweir learn")
	f.StringArrayVar(&spam, "spam", nil, "PATH of spam")
	jobsFlag(cmd, &o.jobs, "messages that are read at the same time; they are learned in order")
	return cmd
}

// sources visits messages, until visit gives an error.
type sources func(visit func(source) error) error

// until visits the same messages until ctx is done.
func (s sources) until(ctx context.Context) sources {
	return func(visit func(source) error) error {
		return s(func(src source) error {
			if ctx.Err() != nil {
				return errInterrupted
			}
			return visit(src)
		})
	}
}

// mixed visits ham and spam side by side, each evenly over the whole. For that it counts them first.
func mixed(ham, spam sources) sources {
	return func(visit func(source) error) error {
		hams, err1 := count(ham)
		spams, err2 := count(spam)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		var failed error // Of the one or the other.
		nextHam, stopHam := iter.Pull(ham.all(&failed))
		defer stopHam()
		nextSpam, stopSpam := iter.Pull(spam.all(&failed))
		defer stopSpam()
		for h, s := 0, 0; ; {
			isSpam := (2*s+1)*hams < (2*h+1)*spams // Whose middle comes first.
			src, ok := next(isSpam, nextHam, nextSpam)
			if failed != nil {
				return failed
			}
			if !ok { // There are fewer than there were; or none is left.
				isSpam = !isSpam
				if src, ok = next(isSpam, nextHam, nextSpam); !ok {
					return failed
				}
			}
			if src.spam = isSpam; isSpam {
				s++
			} else {
				h++
			}
			if err := visit(src); err != nil {
				return err
			}
		}
	}
}

func next(isSpam bool, ham, spam func() (source, bool)) (source, bool) {
	if isSpam {
		return spam()
	}
	return ham()
}

func count(s sources) (n int, err error) {
	err = s(func(source) error { n++; return nil })
	return n, err
}

// all are the messages as a sequence. An error that is not the visitor's ends it, and is put into failed.
func (s sources) all(failed *error) iter.Seq[source] {
	return func(yield func(source) bool) {
		err := s(func(src source) error {
			if !yield(src) {
				return errEnded
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnded) {
			*failed = err
		}
	}
}
