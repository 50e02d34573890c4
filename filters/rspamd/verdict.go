// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
)

// Limits of a verdict.
const (
	maxSymbols   = 2000 // rspamd has about 800 in all.
	maxName      = 128  // Octets of a symbol's name.
	maxAction    = 64   // Octets of an action's.
	maxMagnitude = 1e6  // Of points.
)

// verdict is what rspamd makes of a message.
type verdict struct {
	Score     float64
	Required  float64 // The score from which on it rejects.
	Action    string
	Skipped   bool // It has not looked at all of the message: its settings say so, or it is the GTUBE test.
	Symbols   []symbol
	Explained string // What it says with a soft reject.
}

// symbol is one that the message has.
type symbol struct {
	Name  string
	Score float64
}

// answer is the reply to /checkv2, as far as it is of use.
type answer struct {
	score, required *float64
	action          *string
	skipped         bool
	symbols         []symbol
	explained       messageText
}

// parseVerdict reads a verdict. One without a score or an action is none.
func parseVerdict(r io.Reader) (*verdict, error) {
	var a answer
	if err := a.read(r); err != nil {
		return nil, fmt.Errorf("reply: %w", err)
	}
	switch {
	case a.score == nil || a.action == nil || a.required == nil:
		return nil, errors.New("reply has no score, required_score or action")
	case !(math.Abs(*a.score) <= maxMagnitude) || !(math.Abs(*a.required) <= maxMagnitude):
		return nil, fmt.Errorf("reply has a score of %v of %v", *a.score, *a.required)
	case *a.action == "" || len(*a.action) > maxAction:
		return nil, fmt.Errorf("reply has the action %.80q", *a.action)
	}
	return &verdict{
		Score: *a.score, Required: *a.required, Action: *a.action, Skipped: a.skipped, Symbols: a.symbols, Explained: string(a.explained),
	}, nil
}

// read reads an object to the end of r. What is of no use is passed over as it comes: whoever writes a message chooses how many links and addresses of it
// rspamd tells.
func (a *answer) read(r io.Reader) error {
	d := newDecoder(r)
	err := d.object(func(name string) error {
		switch name {
		case "score":
			return d.Decode(&a.score)
		case "required_score":
			return d.Decode(&a.required)
		case "action":
			return d.Decode(&a.action)
		case "is_skipped":
			return d.Decode(&a.skipped)
		case "messages":
			return d.Decode(&a.explained)
		case "symbols":
			return a.readSymbols(d)
		}
		return d.skip()
	})
	if err != nil {
		return err
	}
	if t, err := d.Token(); err == nil {
		return fmt.Errorf("%.40q behind its end", fmt.Sprint(t))
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// readSymbols reads an object of objects, one by one, so that their number is known before they take memory.
func (a *answer) readSymbols(d *decoder) error {
	a.symbols = nil // What stands twice counts the last time, as elsewhere.
	return d.object(func(name string) error {
		switch {
		case name == "" || len(name) > maxName || !isWord(name):
			return fmt.Errorf("unexpected name of a symbol %.40q", name)
		case len(a.symbols) == maxSymbols:
			return fmt.Errorf("more than %d symbols", maxSymbols)
		}
		var one struct {
			Score float64 `json:"score"`
		}
		if err := d.Decode(&one); err != nil {
			return fmt.Errorf("symbol %s: %w", name, err)
		}
		a.symbols = append(a.symbols, symbol{name, one.Score})
		return nil
	})
}

// messageText is what rspamd says to the client, of which only the text of a soft reject or a rejection is of use; anything else is passed over.
type messageText string

// UnmarshalJSON reads an object with a smtp_message.
func (m *messageText) UnmarshalJSON(text []byte) error {
	var one struct {
		SMTP string `json:"smtp_message"`
	}
	if json.Unmarshal(text, &one) == nil {
		*m = messageText(one.SMTP)
	}
	return nil
}

// maxRefusal is the number of octets of a refusal that are read.
const maxRefusal = 64 << 10

// refused is the error of a reply that is none.
func refused(status int, body io.Reader) error {
	if status == http.StatusNoContent { // Only learning is answered so.
		return errors.New("rspamd says 204: it learns nothing from this; it needs Redis for its statistics, and some words in a message")
	}
	var a struct {
		Error string `json:"error"`
	}
	if err := json.NewDecoder(io.LimitReader(body, maxRefusal)).Decode(&a); err != nil || a.Error == "" {
		return fmt.Errorf("rspamd says %d", status)
	}
	return fmt.Errorf("rspamd says %d %.200q", status, a.Error)
}
