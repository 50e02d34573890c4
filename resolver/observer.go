// SPDX-License-Identifier: Apache-2.0

package resolver

import "time"

// Source is where the answer to a look-up came from.
type Source string

// The sources.
const (
	FromCache  Source = "cache"  // It was known.
	FromServer Source = "server" // A server was asked.
	FromFlight Source = "flight" // A server was being asked the same by somebody else.
	FromNobody Source = "nobody" // Nobody was asked: the name is none, or the message has used up its look-ups.
)

// Result is what a look-up or a query came to.
type Result string

// The results.
const (
	Found     Result = "found"
	NoName    Result = "no_name"
	NoData    Result = "no_data"
	Temporary Result = "temporary"
	Limit     Result = "limit"
	BadName   Result = "bad_name"
)

// Sources lists every source.
func Sources() []Source { return []Source{FromCache, FromServer, FromFlight, FromNobody} }

// Results lists every result.
func Results() []Result { return []Result{Found, NoName, NoData, Temporary, Limit, BadName} }

// Observer is told what a resolver does. Its methods are called by many goroutines at once and must not wait.
type Observer interface {
	Lookup(from Source, result Result)                            // A look-up has ended.
	Query(server string, result Result, took time.Duration)       // A server was asked.
	Server(server string, up bool, cause error)                   // A server went out of use, or is in use again; up at the start.
	Cache(entries int, octets int64, evicted int)                 // Something was added; evicted are the answers that had to make room.
	Suspicious(server string, what string, stray int, byTCP bool) // Datagrams came that are no answers to what was asked.
}

// noObserver looks away.
type noObserver struct{}

var _ Observer = noObserver{}

func (noObserver) Lookup(Source, Result)                {}
func (noObserver) Query(string, Result, time.Duration)  {}
func (noObserver) Server(string, bool, error)           {}
func (noObserver) Cache(int, int64, int)                {}
func (noObserver) Suspicious(string, string, int, bool) {}
