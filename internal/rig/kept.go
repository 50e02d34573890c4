// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Kept is a message in quarantine, as the files there have it. They are read as any tool would: package quarantine is not asked about itself.
type Kept struct {
	File string `json:"-"` // Of the message.
	Data []byte `json:"-"`

	ID       string `json:"id"`
	Envelope struct {
		MailFrom string `json:"mail_from"` // With its parameters.
	} `json:"envelope"`
	Recipients []struct {
		Path string `json:"path"` // With its parameters.
		Fate string `json:"fate"`
	} `json:"recipients"`
	Findings []struct {
		Code   string `json:"code"`
		Filter string `json:"filter"`
		Detail string `json:"detail"`
	} `json:"findings"`
}

// Why is the finding that speaks most for keeping the message, "" if there is none.
func (k *Kept) Why() string {
	for _, f := range k.Findings {
		if strings.HasPrefix(f.Code, "virus.") {
			return f.Code + " " + f.Detail
		}
	}
	if len(k.Findings) > 0 {
		return k.Findings[0].Code + " " + k.Findings[0].Detail
	}
	return ""
}

// Kept lists the quarantine.
func (w *Weir) Kept() ([]*Kept, error) {
	var all []*Kept
	err := filepath.WalkDir(w.QuarantineDir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // Renamed or expired in between.
			}
			return err
		}
		k, err := readKept(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, k)
		return nil
	})
	return all, err
}

func readKept(path string) (*Kept, error) {
	k := &Kept{File: strings.TrimSuffix(path, ".json") + ".eml"}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, k); err != nil {
		return nil, err
	}
	k.Data, err = os.ReadFile(k.File)
	return k, err
}
