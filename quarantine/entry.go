// SPDX-License-Identifier: Apache-2.0

package quarantine

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/policy"
)

// version is that of the JSON that this build writes. A change that an older build would misread gets another.
const version = 1

// Entry is all that is known about one kept message, apart from its octets. The JSON beside the message holds it.
type Entry struct {
	Version    int         `json:"version"`
	ID         ID          `json:"id"`      // Put sets it.
	Time       time.Time   `json:"time"`    // When it was kept, UTC; Put sets it.
	State      State       `json:"state"`   // Put sets it; later it follows from Releases.
	Shelves    []string    `json:"shelves"` // As the dispositions had it, sorted.
	Size       int64       `json:"size"`    // Octets of the message; Put sets it.
	SHA256     string      `json:"sha256"`  // Of the message, in hexadecimal; Put sets it.
	Envelope   Envelope    `json:"envelope"`
	Recipients []Recipient `json:"recipients"` // Those that this copy is kept for, in the order of the envelope.
	Score      float64     `json:"score"`      // The most that any of the recipients has.
	Findings   []Finding   `json:"findings"`
	Omitted    int         `json:"findings_omitted,omitempty"` // Findings beyond MaxFindings.
	Releases   []Release   `json:"releases,omitempty"`         // Oldest first.
	Openings   []Opening   `json:"openings,omitempty"`         // Oldest first.
}

// State says what was done with an entry.
type State string

// The states.
const (
	Kept     State = "kept"
	Released State = "released" // To at least one recipient; Releases tells whom.
)

// Envelope is the envelope that the message came in.
type Envelope struct {
	ID       string    `json:"id"` // Of the message: as in the log, the reply and the result field.
	Listener string    `json:"listener"`
	Client   Client    `json:"client"`
	MailFrom Path      `json:"mail_from"`
	Received time.Time `json:"received"`
}

// Client is what XFORWARD said of the remote client.
type Client struct {
	Name   string `json:"name,omitempty"`
	Addr   string `json:"addr,omitempty"`
	Port   string `json:"port,omitempty"`
	Proto  string `json:"proto,omitempty"`
	HELO   string `json:"helo,omitempty"`
	Ident  string `json:"ident,omitempty"`
	Source string `json:"source,omitempty"`
}

// Recipient is one forward-path, and what was decided for it.
type Recipient struct {
	Path    Path     `json:"path"`
	Fate    string   `json:"fate"`
	Policy  string   `json:"policy"`
	Score   float64  `json:"score"`
	Because []Reason `json:"because"` // The first MaxReasons.
}

// Reason is one reason of a disposition.
type Reason struct {
	Code   string `json:"code"`
	Class  string `json:"class"`
	Rule   string `json:"rule"`
	Where  string `json:"where,omitempty"`
	Action string `json:"action"`
}

// Finding is one finding, cut to what may be kept of it.
type Finding struct {
	Filter string  `json:"filter"`
	Code   string  `json:"code"`
	Class  string  `json:"class"`
	Score  float64 `json:"score,omitempty"`
	Part   string  `json:"part,omitempty"`
	For    []Path  `json:"for,omitempty"`    // Recipients that it holds for; empty for all.
	Detail string  `json:"detail,omitempty"` // Cut at MaxDetail octets.
}

// Release is one release that the next hop has answered 250 to.
type Release struct {
	Time       time.Time `json:"time"`
	Recipients []Path    `json:"recipients"`
	Reply      string    `json:"reply"` // Of the next hop, cut at MaxDetail octets.
}

// Opening is one look at the message by a person.
type Opening struct {
	Time time.Time `json:"time"`
	Who  string    `json:"who"` // Cut at MaxDetail octets.
}

// Limits of what an entry keeps.
const (
	MaxFindings = 1000 // Findings of one message.
	MaxReasons  = 20   // Reasons for one recipient.
	MaxDetail   = 500  // Octets of a finding's detail, or of a reply.
)

// NewEntry is the entry for a message and those of its recipients that a copy is kept for; dispositions has one for each
// of rcpts.
func NewEntry(env *mail.Envelope, findings []filters.Finding, rcpts []mail.Path, dispositions []policy.Disposition) Entry {
	e := Entry{Envelope: newEnvelope(env)}
	for i, rcpt := range rcpts {
		d := dispositions[i]
		e.Shelves = append(e.Shelves, d.Store...)
		if i == 0 || d.Score > e.Score {
			e.Score = d.Score
		}
		e.Recipients = append(e.Recipients, newRecipient(rcpt, d))
	}
	slices.Sort(e.Shelves)
	e.Shelves = slices.Compact(e.Shelves)
	e.Omitted = max(0, len(findings)-MaxFindings)
	for _, f := range findings[:len(findings)-e.Omitted] {
		e.Findings = append(e.Findings, newFinding(env, f))
	}
	return e
}

func newEnvelope(env *mail.Envelope) Envelope {
	c := env.Client
	return Envelope{
		ID: env.ID, Listener: env.Listener, MailFrom: Path(env.MailFrom.Raw), Received: env.Received.UTC(),
		Client: Client{Name: c.Name, Addr: c.Addr, Port: c.Port, Proto: c.Proto, HELO: c.HELO, Ident: c.Ident, Source: c.Source},
	}
}

func newRecipient(rcpt mail.Path, d policy.Disposition) Recipient {
	r := Recipient{Path: Path(rcpt.Raw), Fate: d.Fate.String(), Policy: d.Policy, Score: d.Score}
	for _, b := range d.Because[:min(len(d.Because), MaxReasons)] {
		r.Because = append(r.Because, Reason{Code: b.Code, Class: b.Class, Rule: b.Rule, Where: b.Where, Action: b.Action})
	}
	return r
}

func newFinding(env *mail.Envelope, f filters.Finding) Finding {
	score := f.Score
	if math.IsNaN(score) || math.IsInf(score, 0) {
		score = 0 // JSON has no such numbers; the detail of a sound filter tells.
	}
	var who []Path
	for _, i := range f.For {
		if i >= 0 && i < len(env.RcptTo) {
			who = append(who, Path(env.RcptTo[i].Raw))
		}
	}
	return Finding{
		Filter: f.Filter, Code: f.Code, Class: string(f.Class), Score: score, Part: string(f.Part), For: who,
		Detail: cut(f.Detail, MaxDetail),
	}
}

// cut shortens s to at most n octets, not in the middle of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Mail is the envelope as it came in, with the recipients that the entry is kept for: what a release begins with.
func (e *Entry) Mail() *mail.Envelope {
	c := e.Envelope.Client
	env := &mail.Envelope{
		ID: e.Envelope.ID, Listener: e.Envelope.Listener, MailFrom: e.Envelope.MailFrom.Mail(), Received: e.Envelope.Received,
		Client: mail.Client{Name: c.Name, Addr: c.Addr, Port: c.Port, Proto: c.Proto, HELO: c.HELO, Ident: c.Ident, Source: c.Source},
	}
	for _, r := range e.Recipients {
		env.RcptTo = append(env.RcptTo, r.Path.Mail())
	}
	return env
}

// HasClass tells if a finding is of the class, or a recipient's disposition because of it.
func (e *Entry) HasClass(class string) bool {
	if slices.ContainsFunc(e.Findings, func(f Finding) bool { return f.Class == class }) {
		return true
	}
	return slices.ContainsFunc(e.Recipients, func(r Recipient) bool {
		return slices.ContainsFunc(r.Because, func(b Reason) bool { return b.Class == class })
	})
}

// Path is the argument of MAIL or RCPT octet for octet, mail.Path.Raw. In JSON it is a string; one that is not UTF-8 is
// {"base64": "..."}, so that no octet of it is lost.
type Path string

// Mail is the path as package mail has it.
func (p Path) Mail() mail.Path { return mail.ParsePath(string(p)) }

type pathOctets struct {
	Base64 string `json:"base64"`
}

// MarshalJSON writes the path.
func (p Path) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(p)) {
		return encode(string(p))
	}
	return json.Marshal(pathOctets{base64.StdEncoding.EncodeToString([]byte(p))})
}

// UnmarshalJSON reads the path.
func (p *Path) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err == nil {
		*p = Path(s)
		return nil
	}
	var o pathOctets
	if err := json.Unmarshal(text, &o); err != nil {
		return fmt.Errorf("path: %w", err)
	}
	raw, err := base64.StdEncoding.DecodeString(o.Base64)
	if err != nil {
		return fmt.Errorf("path: %w", err)
	}
	*p = Path(raw)
	return nil
}
