// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	stdmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/mailweir/mailweir/mail"
)

// maxGuessed bounds the recipients that are guessed from a header.
const maxGuessed = 100

// envelope is the one that was given, completed from the header.
func (c *checker) envelope(content io.ReaderAt, size int64) (*mail.Envelope, error) {
	msg, err := mail.Parse(content, size, mail.NewBudget(mail.DefaultLimits(), nil))
	if err != nil {
		return nil, err
	}
	h := msg.Header()
	env := &mail.Envelope{
		ID: "check", Listener: c.listener, Received: arrival(h, time.Now()),
		Client:   mail.Client{Addr: c.opts.client, HELO: c.opts.helo},
		MailFrom: mail.NewPath(sender(h)),
	}
	if c.opts.from != "" {
		env.MailFrom = mail.NewPath(trimPath(c.opts.from))
	}
	for _, r := range c.opts.rcpts {
		env.RcptTo = append(env.RcptTo, mail.NewPath(trimPath(r)))
	}
	if len(env.RcptTo) > 0 {
		return env, nil
	}
	for _, a := range allAddresses(h, "To", "Cc") {
		p := mail.NewPath(a)
		if !slices.ContainsFunc(env.RcptTo, func(old mail.Path) bool { return old.Address == p.Address }) {
			env.RcptTo = append(env.RcptTo, p)
		}
	}
	if len(env.RcptTo) == 0 {
		env.RcptTo = []mail.Path{mail.NewPath("postmaster@" + c.hostname)}
	}
	return env, nil
}

// arrival is when the message came: an old one is not late because it is looked at now. The Received field on top tells; one that does not, or tells of the future, is as good as none.
func arrival(h mail.Header, now time.Time) time.Time {
	at, ok := mail.ParseDate(mail.ParseReceived(h.Get("Received")).Date)
	if !ok || at.After(now) {
		return now
	}
	return at
}

// sender is the reverse-path that a header section speaks of; "" for a notification.
func sender(h mail.Header) string {
	for _, v := range h.Values("Return-Path") {
		if strings.TrimSpace(v) == "<>" {
			return ""
		}
	}
	return firstAddress(h, "Return-Path", "Sender", "From")
}

// firstAddress is the first address in the first of the fields that has one; "" if none has.
func firstAddress(h mail.Header, names ...string) string {
	if list := allAddresses(h, names...); len(list) > 0 {
		return list[0]
	}
	return ""
}

// allAddresses are the addresses in the fields of these names. A field that is not well-formed has none.
func allAddresses(h mail.Header, names ...string) []string {
	var list []string
	for _, name := range names {
		for _, v := range h.Values(name) {
			addrs, err := stdmail.ParseAddressList(v)
			if err != nil {
				continue
			}
			for _, a := range addrs {
				if len(list) < maxGuessed {
					list = append(list, a.Address)
				}
			}
		}
	}
	return list
}

// trimPath takes an address with or without angle brackets.
func trimPath(s string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "<"), ">")
}
