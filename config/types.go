// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/unpack"
)

// Pos is a place in a config file.
type Pos struct {
	File string
	Line int // First line is 1; 0 if the value is a default.
}

// String is file:line.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Protocols of a listener or a next hop.
const (
	LMTP = "lmtp"
	SMTP = "smtp"
)

// Modes of a listener.
const (
	AfterQueue  = "after-queue"
	BeforeQueue = "before-queue"
)

// Listener is one socket that Postfix hands mail to, and where that mail goes on to.
type Listener struct {
	Name            string         `yaml:"name" default:"the address" doc:"Name in logs, metrics and the policies' when."`
	Address         Address        `yaml:"address" required:"true" doc:"Where to listen. systemd:NAME takes the socket that systemd hands over under that name."`
	Protocol        string         `yaml:"protocol" oneof:"lmtp smtp" doc:"What Postfix speaks here. Over lmtp each recipient gets a reply of its own."`
	Mode            string         `yaml:"mode" oneof:"after-queue before-queue" doc:"after-queue: a content_filter, Postfix has the message in its queue. before-queue: an smtpd_proxy_filter, the remote client waits for the reply."`
	NextHop         Address        `yaml:"next_hop" required:"true" doc:"Where the mail goes on to: Postfix's listener for re-injection."`
	NextHopProtocol string         `yaml:"next_hop_protocol" oneof:"smtp lmtp" doc:"What the next hop speaks."`
	AllowClients    []netip.Prefix `yaml:"allow_clients" doc:"Peers that may connect. Whoever may can relay, and can tell us any client address."`
	BareNewline     string         `yaml:"bare_newline" oneof:"refuse pass" doc:"What becomes of a message with a dot alone on a line behind a bare LF, which Postfix never sends. refuse: a reply of 550 5.5.2. pass: it goes on as it is, which lets mail be smuggled if the next hop takes LF for a line end."`
	Outbound        bool           `yaml:"outbound" doc:"All mail that comes by here is from our own people, such as that of a submission service that asks for a password: it is outgoing in the policies' when, and skips the filters against spam."`
	MaxConnections  int            `yaml:"max_connections" min:"1" max:"100000" doc:"Connections to this listener at one time; beyond it 421."`
	Pos             Pos            `yaml:"-"`
}

func (l *Listener) setDefaults() {
	l.Protocol = LMTP
	l.Mode = AfterQueue
	l.NextHopProtocol = SMTP
	l.AllowClients = loopback()
	l.BareNewline = "refuse"
	l.MaxConnections = 200
}

func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// Spool says where message content is kept while it is looked at.
type Spool struct {
	Dir         string    `yaml:"dir" default:"work_dir" doc:"Folder for content that is too large for memory, in files without a name. A tmpfs is advised."`
	Memory      mail.Size `yaml:"memory" min:"0" doc:"Octets of one message that may be kept in memory."`
	MemoryTotal mail.Size `yaml:"memory_total" min:"0" doc:"Octets that all messages together may keep in memory."`
}

// Limits bound what mailweir takes on at one time, and what looking into one message may cost.
type Limits struct {
	Connections          int           `yaml:"connections" min:"1" max:"100000" doc:"Connections to all listeners at one time; beyond it 421."`
	ConnectionsPerClient int           `yaml:"connections_per_client" min:"1" max:"100000" doc:"Connections from one peer address at one time; beyond it 421."`
	Messages             int           `yaml:"messages" min:"1" max:"100000" doc:"Messages in work at one time; beyond it 452."`
	InFlight             mail.Size     `yaml:"octets" min:"1MiB" doc:"Octets of all messages in work at one time; beyond it 452."`
	Depth                int           `yaml:"depth" min:"1" max:"100" doc:"Entities and archives inside one another in a message."`
	Parts                int           `yaml:"parts" min:"1" max:"1000000" doc:"Entities in a message, nested messages included."`
	HeaderOctets         mail.Size     `yaml:"header_octets" min:"1KiB" doc:"Octets of all header sections of a message together."`
	Params               int           `yaml:"params" min:"1" max:"100000" doc:"Parameters of one Content-Type or Content-Disposition field."`
	Unpacked             mail.Size     `yaml:"unpacked" min:"1MiB" doc:"Octets that all archives of a message together unpack to."`
	Ratio                int64         `yaml:"ratio" min:"10" max:"1000000" doc:"Unpacked octets for one packed octet, once a sixteenth of unpacked is used up."`
	Entries              int           `yaml:"entries" min:"1" max:"10000000" doc:"Entries of all archives of a message together."`
	Time                 time.Duration `yaml:"time" min:"1s" doc:"From the first to the last look into a message."`
}

// Unpack says how archives and documents are opened.
type Unpack struct {
	Passwords     []string `yaml:"passwords" doc:"Passwords to try on encrypted archives and documents, before the words of the message itself."`
	PasswordTries int      `yaml:"password_tries" min:"1" max:"1000" doc:"Passwords that are tried on one archive or document."`
}

// Options are the unpacker's options.
func (u Unpack) Options() unpack.Options {
	return unpack.Options{Passwords: u.Passwords, PasswordTries: u.PasswordTries}
}

// Timeouts bound how long things take.
type Timeouts struct {
	Filter   time.Duration `yaml:"filter" min:"1s" doc:"One filter with one message, where the chain gives the filter no timeout of its own."`
	Message  time.Duration `yaml:"message" min:"1s" doc:"All filters with one message. Postfix waits 100s before the queue (smtpd_proxy_timeout) and 600s after it (lmtp_data_done_timeout)."`
	Idle     time.Duration `yaml:"idle" min:"1s" doc:"A peer that sends nothing; then 421."`
	Data     time.Duration `yaml:"data" min:"1s" doc:"A whole body, from 354 to its end; then the connection is closed and Postfix tries again."`
	NextHop  time.Duration `yaml:"next_hop" min:"1s" doc:"One reply of the next hop."`
	Shutdown time.Duration `yaml:"shutdown" min:"0s" doc:"Messages in work at the end of the program; what is not done by then, Postfix sends again."`
}

// Networks are the networks that have a name of their own.
type Networks struct {
	Trusted []netip.Prefix `yaml:"trusted" doc:"Clients that are ours: their mail is outgoing in the policies' when, and skips the filters against spam."`
}

// Quarantine says where messages are kept and for how long.
type Quarantine struct {
	Dir     string        `yaml:"dir" doc:"Folder of the kept messages; needed if a policy keeps any. It has to exist."`
	Keep    time.Duration `yaml:"keep" min:"0s" doc:"How long a message is kept; 0s for ever."`
	MaxSize mail.Size     `yaml:"max_size" min:"0" doc:"Octets kept in all; the oldest go first. 0 for no limit."`
}

// Metrics says where the metrics are served.
type Metrics struct {
	Address Address `yaml:"address" doc:"Where /metrics, /healthz and /readyz are served, by HTTP; \"\" for nowhere."`
}

// Log says what is logged and how.
type Log struct {
	Level  string `yaml:"level" oneof:"error warn info debug" doc:"Least level that is logged. info is one line per message, debug one more per filter."`
	Format string `yaml:"format" oneof:"text json" doc:"How a line looks."`
}
