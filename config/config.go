// SPDX-License-Identifier: Apache-2.0

// Package config reads mailweir's one YAML file into typed options. It is strict: a key that is not known, a value of the wrong
// type, a policy that can never match, a file that is not there are faults, all told at once, each with its line and what was
// expected. It also writes the effective config, and the reference of all keys from the same struct tags. It opens no
// socket and starts nothing; that is for package gateway, which is given the Config.
package config

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
	"github.com/mailweir/mailweir/unpack"
)

// Config is a whole config file with all defaults filled in. It does not change after Load.
type Config struct {
	Listen      []Listener             `yaml:"listen" required:"true" doc:"The sockets that Postfix hands mail to."`
	Hostname    string                 `yaml:"hostname" default:"the name of the host" doc:"Our name in greetings, Received fields and notifications."`
	WorkDir     string                 `yaml:"work_dir" doc:"Folder for the journal of retries and the files of scanners that are commands. It has to exist; absolute."`
	Spool       Spool                  `yaml:"spool" doc:"Where message content is kept while it is looked at."`
	MaxHops     int                    `yaml:"max_hops" min:"1" max:"100" doc:"Received fields of ours in a message before it is refused as a loop (5.4.6)."`
	MessageSize mail.Size              `yaml:"message_size" min:"0" doc:"Largest message; 0 for what the next hop says."`
	Limits      Limits                 `yaml:"limits" doc:"What mailweir takes on at one time, and what a message may cost. What is over a limit is never taken for clean."`
	Unpack      Unpack                 `yaml:"unpack" doc:"How archives and documents are opened."`
	Timeouts    Timeouts               `yaml:"timeouts" doc:"How long things may take."`
	Networks    Networks               `yaml:"networks" doc:"Networks with a name."`
	DNS         DNS                    `yaml:"dns" doc:"The resolver of all filters, with one cache."`
	Signing     Signing                `yaml:"signing" doc:"Signatures on mail as it leaves."`
	Quarantine  Quarantine             `yaml:"quarantine" doc:"Where messages are kept, and for how long."`
	Metrics     Metrics                `yaml:"metrics" doc:"Metrics and health."`
	Log         Log                    `yaml:"log" doc:"The log, on standard error."`
	Scanners    map[string]ScannerSpec `yaml:"scanners" doc:"Virus scanners by names of your choice: each is one kind of scanner with its options."`
	StopEarly   bool                   `yaml:"stop_early" doc:"Skip the later stages of the chain once the fate of every recipient is sealed, and filters about spam once a list keeps the message from every recipient."`
	Chain       [][]FilterSpec         `yaml:"chain" doc:"Stages of filters. The filters of a stage run side by side, the stages one after the other."`
	Rules       []PolicySpec           `yaml:"policies" doc:"What becomes of messages. The first policy whose when matches a recipient is that recipient's; what it leaves out comes from the one named default."`

	Policies *policy.Set `yaml:"-"` // Rules, ready for use.
	File     string      `yaml:"-"` // As it was named to Load; "" for Default and Embedded.
	Warnings []string    `yaml:"-"` // What is no fault but likely no intention, as file:line: path: text.
}

// Default is what a file leaves out. It has no listener, no scanner and no filter; its one policy is the built-in default.
func Default() *Config {
	l := mail.DefaultLimits()
	host, _ := os.Hostname()
	c := &Config{
		Hostname: host,
		WorkDir:  "/var/lib/mailweir/work",
		Spool:    Spool{Memory: 1 << 20, MemoryTotal: 32 << 20},
		MaxHops:  5,
		Limits: Limits{
			Connections: 500, ConnectionsPerClient: 200, Messages: 100, InFlight: 4 << 30,
			Depth: l.Depth, Parts: l.Parts, HeaderOctets: mail.Size(l.HeaderOctets), Params: l.Params,
			Unpacked: mail.Size(l.Octets), Ratio: l.Ratio, Entries: l.Entries, Time: l.Time,
		},
		Unpack: Unpack{PasswordTries: unpack.DefaultTries},
		Timeouts: Timeouts{
			Filter: time.Minute, Message: 90 * time.Second, Idle: 5 * time.Minute, Data: 10 * time.Minute,
			NextHop: 5 * time.Minute, Shutdown: 30 * time.Second,
		},
		Networks:   Networks{Trusted: loopback()[:1]},
		DNS:        defaultDNS(),
		Signing:    defaultSigning(),
		Quarantine: Quarantine{Dir: "/var/lib/mailweir/quarantine", Keep: 30 * day, MaxSize: 10 << 30},
		Metrics:    Metrics{Address: Address{"tcp", "127.0.0.1:9125"}},
		Log:        Log{Level: "info", Format: "text"},
		StopEarly:  true,
	}
	var err error
	if c.Policies, err = policy.New(nil, c.Networks.Trusted); err != nil {
		panic(fmt.Sprintf("config: built-in policy: %v", err))
	}
	return c
}

// Outbound tells if a message is from our own people: by the listener that it came in by, or by the policies' direction.
func (c *Config) Outbound(env *mail.Envelope) bool {
	return slices.ContainsFunc(c.Listen, func(l Listener) bool { return l.Outbound && l.Name == env.Listener }) || c.Policies.Outbound(env)
}

// MailLimits are the limits of the budget that each message gets.
func (c *Config) MailLimits() mail.Limits {
	l := c.Limits
	return mail.Limits{
		Depth: l.Depth, Parts: l.Parts, HeaderOctets: int64(l.HeaderOctets), Params: l.Params,
		Octets: int64(l.Unpacked), Ratio: l.Ratio, Entries: l.Entries, Time: l.Time,
	}
}
