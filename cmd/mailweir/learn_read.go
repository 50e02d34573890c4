// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/learn"
	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/quarantine"
)

// Limits of what is learned from.
const (
	maxLearned = 64 << 20 // Octets of a message.
	maxEntry   = 64 << 20 // Octets of what the quarantine knows of it.
)

// learnReader reads messages into features. It is safe for many goroutines.
type learnReader struct{ x *learn.Extractor }

func newLearnReader() *learnReader { return &learnReader{x: learn.NewExtractor()} }

// lessonMessage is one message that is to be learned, or why it cannot be.
type lessonMessage struct {
	name string
	item store.Item
	err  error
}

// read reads a message. Whatever it does to the reader, the others are read.
func (r *learnReader) read(src source) (m lessonMessage) {
	m.name = src.name
	defer func() {
		if p := recover(); p != nil {
			m.err = fmt.Errorf("panic: %v", p)
		}
	}()
	m.item, m.err = r.item(src)
	m.item.Spam = src.spam
	return m
}

func (r *learnReader) item(src source) (store.Item, error) {
	content, size, closeContent, err := src.openMessage()
	if err != nil {
		return store.Item{}, err
	}
	defer closeContent()
	if size > maxLearned {
		return store.Item{}, fmt.Errorf("%d octets are too many, want at most %d", size, maxLearned)
	}
	msg, err := mail.Parse(content, size, mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		return store.Item{}, err
	}
	defer func() { _ = msg.Close() }()
	if !isMail(msg.Header()) {
		return store.Item{}, errNoMail
	}
	env, err := keptEnvelope(src)
	if err != nil {
		return store.Item{}, err
	}
	it := store.Item{}
	if it.Features, err = r.x.Features(env, msg); err != nil {
		return store.Item{}, err
	}
	it.Digest, err = r.x.Digest(msg)
	return it, err
}

var errNoMail = errors.New("no message: none of the usual header fields")

// isMail tells if a header section is a message's, so that the model does not learn what lies beside the mail.
func isMail(h mail.Header) bool {
	usual := []string{"From", "To", "Date", "Received", "Subject", "Message-ID", "Return-Path"}
	return slices.ContainsFunc(usual, func(name string) bool { return len(h.Values(name)) > 0 })
}

// keptEnvelope is the envelope of a message in the quarantine; nil for one that is elsewhere. With it the message is learned from as it was looked at when it came.
func keptEnvelope(src source) (*mail.Envelope, error) {
	path, ok := entryBeside(src.path)
	if !ok {
		return nil, nil //nolint:nilnil // no envelope is an answer
	}
	f, err := openRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // as above
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxEntry+1))
	if err == nil && len(text) > maxEntry {
		err = fmt.Errorf("more than %d octets", maxEntry)
	}
	var e quarantine.Entry
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return e.Mail(), nil
}

// entryBeside is the file with what the quarantine knows of the message in a file, if that has a name as in the quarantine.
func entryBeside(path string) (string, bool) {
	base, ok := strings.CutSuffix(path, ".eml")
	if !ok {
		return "", false
	}
	_, err := quarantine.ParseID(filepath.Base(base))
	return base + ".json", err == nil
}
