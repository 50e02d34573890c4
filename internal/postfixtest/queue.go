// SPDX-License-Identifier: Apache-2.0

package postfixtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Queued is a message in the queue of an instance, as "postqueue -j" tells it.
type Queued struct {
	Queue      string `json:"queue_name"` // active, deferred, hold, incoming.
	ID         string `json:"queue_id"`
	Arrival    int64  `json:"arrival_time"` // Seconds since 1970.
	Size       int64  `json:"message_size"` // Octets.
	Sender     string `json:"sender"`
	Recipients []struct {
		Address string `json:"address"`
		Reason  string `json:"delay_reason"` // Why it could not be delivered so far; "" if it was not tried.
	} `json:"recipients"`
}

// Queue lists the queue.
func (i *Instance) Queue(ctx context.Context) ([]Queued, error) {
	out, err := run(ctx, "postqueue", "-c", i.ConfigDir(), "-j")
	if err != nil {
		return nil, err
	}
	var list []Queued
	d := json.NewDecoder(bytes.NewReader([]byte(out)))
	for {
		var q Queued
		if err := d.Decode(&q); err != nil {
			if errors.Is(err, io.EOF) {
				return list, nil
			}
			return nil, fmt.Errorf("read the answer of postqueue: %w", err)
		}
		list = append(list, q)
	}
}

// Flush makes the instance try all that it holds at once.
func (i *Instance) Flush(ctx context.Context) error {
	_, err := run(ctx, "postqueue", "-c", i.ConfigDir(), "-f")
	return err
}

// pollEvery is the time between two looks at the queue or the log, for which Postfix has no signal.
const pollEvery = 50 * time.Millisecond

// flushEvery is the time after which Drain has what is left tried again.
const flushEvery = 5 * time.Second

// looks is the number of looks in a row that have to find nothing before Drain takes the queue for empty.
const looks = 2

// Drain waits until the queue is empty, or ctx ends. It does not rely on the queue's own turns: a message of which the last delivery is not quite over when its
// turn comes is left in incoming, where the queue manager looks next after minutes. Nor does it rely on one look: Postfix lists the active queue before the incoming
// one, and a message that is moved between the two in that moment is in neither list.
func (i *Instance) Drain(ctx context.Context) error {
	next := time.Now().Add(flushEvery)
	empty := 0 // Looks that found nothing, in a row.
	return poll(ctx, func() (bool, string, error) {
		q, err := i.Queue(ctx)
		if err == nil && time.Now().After(next) {
			err = i.Flush(ctx)
			next = time.Now().Add(flushEvery)
		}
		if len(q) == 0 {
			empty++
		} else {
			empty = 0
		}
		return err == nil && empty == looks, fmt.Sprintf("drain the queue, now %+v", q), err
	})
}

// WaitQueue looks at the queue until done says true of it, or ctx ends.
func (i *Instance) WaitQueue(ctx context.Context, done func([]Queued) bool) error {
	return poll(ctx, func() (bool, string, error) {
		q, err := i.Queue(ctx)
		return err == nil && done(q), fmt.Sprintf("wait for the queue, now %+v", q), err
	})
}

// WaitLog looks at the log until done says true of it, or ctx ends.
func (i *Instance) WaitLog(ctx context.Context, done func(string) bool) error {
	return poll(ctx, func() (bool, string, error) {
		log, err := i.Log()
		return err == nil && done(log), "wait for the log", err
	})
}

func poll(ctx context.Context, look func() (done bool, state string, err error)) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		done, state, err := look()
		if err != nil || done {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", state, ctx.Err())
		}
	}
}
