// SPDX-License-Identifier: Apache-2.0

package store

import (
	"sync"

	"github.com/mailweir/mailweir/learn"
)

// held is a model in memory.
type held struct {
	mu     sync.Mutex // For those behind it; taken before Store.mu.
	model  *learn.Model
	octets int64 // That the model takes.
	epoch  int64 // Of the database that it comes from.
	at     int64 // Entry of the journal up to which it has learned.

	// For these it is Store.mu.
	given *learn.Model // What Model gave last. It goes on to serve if the database cannot be read.
	size  int64        // The octets, as they were when mu was released last.
	used  int64        // When it was asked for last, by Store.tick.
}

// Held is what Model gave last for an owner, without a look at the database; nil if it gave nothing, or if that had to make room for others.
func (s *Store) Held(owner string) *learn.Model {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.held[owner]
	if h == nil {
		return nil
	}
	s.tick++
	h.used = s.tick
	return h.given
}

// give notes what is given for an owner.
func (s *Store) give(owner string, m *learn.Model) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.held[owner]
	switch {
	case h == nil: // It had to make room already.
	case m == nil:
		delete(s.held, owner)
	default:
		h.given = m
	}
}

// holder is the place of an owner's model in memory. The caller locks it, and gives it to release.
func (s *Store) holder(owner string) *held {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick++
	h := s.held[owner]
	if h == nil {
		h = &held{}
		s.held[owner] = h
	}
	h.used = s.tick
	return h
}

// release unlocks a place, and makes room: the site's model stays, and of users those asked for last.
func (s *Store) release(owner string, h *held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer h.mu.Unlock()
	h.size = h.octets
	if s.held[owner] != h {
		return
	}
	if h.model == nil && h.given == nil {
		delete(s.held, owner)
		return
	}
	for s.octets() > s.o.Memory {
		oldest := s.oldest(owner)
		if oldest == Site {
			return
		}
		delete(s.held, oldest)
	}
}

// octets are what users' models take.
func (s *Store) octets() int64 {
	sum := int64(0)
	for owner, h := range s.held {
		if owner != Site {
			sum += h.size
		}
	}
	return sum
}

// oldest is the user, other than but, whose model was asked for longest ago; Site if there is none.
func (s *Store) oldest(but string) string {
	oldest, used := Site, s.tick+1
	for owner, h := range s.held {
		if owner != Site && owner != but && h.used < used {
			oldest, used = owner, h.used
		}
	}
	return oldest
}
