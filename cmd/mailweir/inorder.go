// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"runtime"
	"sync"

	"github.com/spf13/cobra"
)

// jobsFlag is the flag --jobs: how much is done at the same time, as many as there are processors unless it is given. Help and manual pages say that in words, so that they are the
// same on all hosts.
func jobsFlag(cmd *cobra.Command, jobs *int, usage string) {
	f := cmd.Flags()
	f.IntVarP(jobs, "jobs", "j", runtime.GOMAXPROCS(0), usage)
	f.Lookup("jobs").DefValue = "processors"
}

// errEnded ends visits that nobody wants any more.
var errEnded = errors.New("ended")

// inOrder does the work for what each visits, for several at the same time, and hands over what came of it in the order of the visits. While take is busy, work
// goes on for ahead more. It returns the first error of take, which ends the visits, or else that of each.
func inOrder[S, R any](jobs, ahead int, each func(visit func(S) error) error, work func(S) R, take func(R) error) error {
	jobs = max(jobs, 1)
	queue := make(chan chan R, jobs-1+ahead) // As many as may be under way or waiting, less the one that is waited for.
	slots := make(chan struct{}, jobs)
	ended := make(chan struct{}) // Closed when take wants no more.
	var taken error
	var taker sync.WaitGroup
	taker.Go(func() {
		for ch := range queue {
			r := <-ch
			if taken != nil {
				continue
			}
			if taken = take(r); taken != nil {
				close(ended)
			}
		}
	})
	var workers sync.WaitGroup
	err := each(func(s S) error {
		select {
		case <-ended:
			return errEnded
		default:
		}
		ch := make(chan R, 1)
		queue <- ch // Blocks while as many as may be are waiting.
		slots <- struct{}{}
		workers.Go(func() {
			defer func() { <-slots }()
			ch <- work(s)
		})
		return nil
	})
	workers.Wait()
	close(queue)
	taker.Wait()
	if taken != nil {
		return taken
	}
	return err
}
