// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"net/netip"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// Protocol is what a listener or a next hop speaks.
type Protocol string

// The protocols.
const (
	SMTP Protocol = "smtp"
	LMTP Protocol = "lmtp"
)

// Mode is where a listener stands: behind Postfix's queue or before it.
type Mode string

// The modes.
const (
	AfterQueue  Mode = "after-queue"
	BeforeQueue Mode = "before-queue"
)

// Listener says where mail objects are taken, and where they go.
type Listener struct {
	Name            string
	Address         Address
	Protocol        Protocol
	Mode            Mode
	NextHop         Address
	NextHopProtocol Protocol
	AllowClients    []netip.Prefix // Peers that may connect over TCP.
	PassBareLF      bool           // Take messages that a next hop of loose habits could read as two.
	MaxConnections  int            // At the same time; 0 for no limit but the server's.
}

// Timeouts of both sides.
type Timeouts struct {
	Idle    time.Duration // For the next command, and for the next octets of a body.
	Data    time.Duration // For a whole body.
	NextHop time.Duration // For each reply of the next hop.
}

// Options is all that a Server goes by.
type Options struct {
	Hostname    string
	Listeners   []Listener
	MessageSize int64 // Octets; 0 for no limit but the next hop's.
	Limits      Limits
	Timeouts    Timeouts
	Spooler     *mail.Spooler
	Handle      Handler
}
