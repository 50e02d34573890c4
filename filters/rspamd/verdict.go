// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
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
	Score    *float64    `json:"score"`
	Required *float64    `json:"required_score"`
	Action   *string     `json:"action"`
	Skipped  bool        `json:"is_skipped"`
	Symbols  symbols     `json:"symbols"`
	Messages messageText `json:"messages"`
}

// parseVerdict reads a verdict. One without a score or an action is none.
func parseVerdict(body []byte) (*verdict, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("reply: %w", err)
	}
	switch {
	case a.Score == nil || a.Action == nil || a.Required == nil:
		return nil, errors.New("reply has no score, required_score or action")
	case !(math.Abs(*a.Score) <= maxMagnitude) || !(math.Abs(*a.Required) <= maxMagnitude):
		return nil, fmt.Errorf("reply has a score of %v of %v", *a.Score, *a.Required)
	case *a.Action == "" || len(*a.Action) > maxAction:
		return nil, fmt.Errorf("reply has the action %.80q", *a.Action)
	}
	return &verdict{
		Score: *a.Score, Required: *a.Required, Action: *a.Action, Skipped: a.Skipped, Symbols: a.Symbols, Explained: string(a.Messages),
	}, nil
}

// symbols are read one by one, in their order, so that their number is known before they take memory.
type symbols []symbol

// UnmarshalJSON reads an object of objects.
func (s *symbols) UnmarshalJSON(text []byte) error {
	*s = nil // What stands twice counts the last time, as elsewhere.
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("symbols are no object")
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		switch {
		case !ok || name == "" || len(name) > maxName || !isWord(name):
			return fmt.Errorf("unexpected name of a symbol %.40q", t)
		case len(*s) == maxSymbols:
			return fmt.Errorf("more than %d symbols", maxSymbols)
		}
		var one struct {
			Score float64 `json:"score"`
		}
		if err := d.Decode(&one); err != nil {
			return fmt.Errorf("symbol %s: %w", name, err)
		}
		*s = append(*s, symbol{name, one.Score})
	}
	return nil
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

// refused is the error of a reply that is none.
func refused(status int, body []byte) error {
	var a struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(body, &a); err != nil || a.Error == "" {
		return fmt.Errorf("rspamd says %d", status)
	}
	return fmt.Errorf("rspamd says %d %.200q", status, a.Error)
}
