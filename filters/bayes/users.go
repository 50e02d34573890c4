// SPDX-License-Identifier: Apache-2.0

package bayes

import (
	"container/list"
	"context"
	"strings"
	"sync"

	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/mail"
)

// Bounds of users. What their models take in memory is bounded by the store.
const (
	maxUsers = 10_000 // Of whom it is known when to look again, some hundred octets each. Those whose mail came last are.
	maxReads = 4      // Users whose data is read at the same time.
)

// users are the models of recipients.
type users struct {
	like   *watched      // How they are watched; nil if they are not.
	places chan struct{} // Of those that read.
	mu     sync.Mutex
	by     map[string]*list.Element
	last   list.List // Of *watched, those whose mail came last in front.
}

func newUsers(o *Options, like *watched) *users {
	if !o.Users {
		return &users{}
	}
	return &users{like: like, places: make(chan struct{}, maxReads), by: map[string]*list.Element{}}
}

// model is that of the recipient, if there is just one; nil if there is none. A finding holds for all recipients, so what one of several has learned counts for nobody.
func (u *users) model(ctx context.Context, env *mail.Envelope) *learn.Model {
	if u.like == nil || env == nil || len(env.RcptTo) != 1 || env.RcptTo[0].IsNull() {
		return nil
	}
	return u.of(strings.ToLower(env.RcptTo[0].Address)).model(ctx)
}

func (u *users) of(owner string) *watched {
	u.mu.Lock()
	defer u.mu.Unlock()
	if e := u.by[owner]; e != nil {
		u.last.MoveToFront(e)
		return e.Value.(*watched)
	}
	if u.last.Len() >= maxUsers {
		oldest := u.last.Remove(u.last.Back()).(*watched)
		delete(u.by, oldest.owner)
	}
	w := &watched{store: u.like.store, owner: owner, every: u.like.every, now: u.like.now, log: u.like.log, empty: u.like.empty, site: u.like}
	w.reader.remote, w.reader.readers, w.reader.places = u.like.reader.remote, u.like.reader.readers, u.places
	u.by[owner] = u.last.PushFront(w)
	return w
}
