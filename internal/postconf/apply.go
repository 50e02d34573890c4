// SPDX-License-Identifier: Apache-2.0

package postconf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// stateFile, in the folder of main.cf, keeps what was there before, until Remove puts it back.
const stateFile = "mailweir-undo.json"

// ErrOtherMode is returned by PlanApply if mailweir is in this Postfix already, in another mode.
var ErrOtherMode = errors.New("mailweir is in this Postfix in another mode: remove it first")

// state is what is written to the state file.
type state struct {
	Mode    Mode     `json:"mode"`
	Changes []Change `json:"changes"` // In the order they were made.
}

func (c Conf) statePath(ctx context.Context) (string, error) {
	if c.Dir != "" {
		return filepath.Join(c.Dir, stateFile), nil
	}
	dir, err := c.run(ctx, "-h", "config_directory")
	return filepath.Join(dir, stateFile), err
}

// load reads the state file; nil if there is none.
func (c Conf) load(ctx context.Context) (*state, error) {
	path, err := c.statePath(ctx)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // No state is an answer.
	}
	if err != nil {
		return nil, err
	}
	var s state
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &s, nil
}

// save writes the state file whole or not at all.
func (c Conf) save(ctx context.Context, s *state) error {
	path, err := c.statePath(ctx)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	temp := path + ".new"
	if err := os.WriteFile(temp, append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// PlanApply tells what Apply will change, nothing if all is as the mode wants it.
func (c Conf) PlanApply(ctx context.Context, m Mode, f *Fragment, keys []string) ([]Change, error) {
	s, err := c.load(ctx)
	if err != nil {
		return nil, err
	}
	if s != nil && s.Mode != m {
		return nil, fmt.Errorf("%w (%s)", ErrOtherMode, s.Mode)
	}
	return c.Plan(ctx, f, keys)
}

// Apply makes the changes of PlanApply. What was there before is written down first, so that Remove can put it back even if this is cut short.
// The running Postfix takes the changes up by "postfix reload".
func (c Conf) Apply(ctx context.Context, m Mode, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	s, err := c.load(ctx)
	if err != nil {
		return err
	}
	if s == nil {
		s = &state{Mode: m}
	}
	s.add(changes)
	if err := c.save(ctx, s); err != nil {
		return err
	}
	return c.make(ctx, changes)
}

// add takes changes up. Of a key that was changed before, the oldest value is the one to go back to.
func (s *state) add(changes []Change) {
	for _, n := range changes {
		i := slices.IndexFunc(s.Changes, func(o Change) bool { return o.Kind == n.Kind && o.Key == n.Key })
		if i < 0 {
			s.Changes = append(s.Changes, n)
			continue
		}
		s.Changes[i].New = n.New
	}
}

// make makes the changes in order, neighbours of a kind by one call: for each call postconf(1) may wait until what it reads is two seconds old.
func (c Conf) make(ctx context.Context, changes []Change) error {
	for len(changes) > 0 {
		args := changes[0].args()
		n := 1
		for ; n < len(changes); n++ {
			next := changes[n].args()
			if next[0] != args[0] {
				break
			}
			args = append(args, next[1])
		}
		if _, err := c.run(ctx, args...); err != nil {
			return err
		}
		changes = changes[n:]
	}
	return nil
}

// Removal is what Remove will do.
type Removal struct {
	Changes []Change
	Foreign []Change // Those of Changes whose value is not the one that Apply set: somebody has changed it since.
}

// PlanRemove tells what Remove will change: nothing if mailweir was not applied.
func (c Conf) PlanRemove(ctx context.Context) (*Removal, error) {
	r := &Removal{}
	s, err := c.load(ctx)
	if err != nil || s == nil {
		return r, err
	}
	for _, ch := range slices.Backward(s.Changes) {
		set := ch.New
		back := ch.reversed()
		if back.Old, err = c.current(ctx, ch.Kind, ch.Key); err != nil {
			return nil, err
		}
		if same(back.Old, back.New) {
			continue
		}
		r.Changes = append(r.Changes, back)
		if !same(back.Old, set) {
			r.Foreign = append(r.Foreign, back)
		}
	}
	return r, nil
}

// Remove makes the changes of PlanRemove and forgets what was kept for it. The running Postfix takes the changes up by "postfix reload".
func (c Conf) Remove(ctx context.Context, r *Removal) error {
	if err := c.make(ctx, r.Changes); err != nil {
		return err
	}
	path, err := c.statePath(ctx)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
