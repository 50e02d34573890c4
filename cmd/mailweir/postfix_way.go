// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/internal/postconf"
)

// way is one way from Postfix to mailweir and back.
type way struct {
	conf     postconf.Conf
	mode     postconf.Mode
	filter   string
	reinject string
	services []string // nil is to find them.
	config   *config.Config
	listener config.Listener
}

// instance is the Postfix that the flags name.
func instance(cmd *cobra.Command) (postconf.Conf, error) {
	dir, err := cmd.Flags().GetString("config-dir")
	return postconf.Conf{Dir: dir}, err
}

// theWay is the one way that the config and the flags speak of.
func theWay(cmd *cobra.Command) (way, error) {
	ways, err := waysOf(cmd)
	if err != nil {
		return way{}, err
	}
	if len(ways) > 1 {
		return way{}, errors.New("the config has several listeners: name one by --mode, or by --mode and --filter")
	}
	err = ways[0].complete(cmd)
	return ways[0], err
}

// theFragment is what the one way needs in the configuration of Postfix.
func theFragment(cmd *cobra.Command) (way, *postconf.Fragment, error) {
	w, err := theWay(cmd)
	if err != nil {
		return way{}, nil, err
	}
	f, err := postconf.Load(w.mode, w.filter, w.reinject)
	return w, f, err
}

// allWays are all ways that the config and the flags speak of.
func allWays(cmd *cobra.Command) ([]way, error) {
	ways, err := waysOf(cmd)
	if err != nil {
		return nil, err
	}
	for i := range ways {
		if err := ways[i].complete(cmd); err != nil {
			return nil, err
		}
	}
	return ways, nil
}

// waysOf finds the config's listeners, of the mode and at the address that the flags name. If there is none, it is what the flags say.
func waysOf(cmd *cobra.Command) ([]way, error) {
	conf, err := instance(cmd)
	if err != nil {
		return nil, err
	}
	c, err := postfixConfig(cmd)
	if err != nil {
		return nil, err
	}
	mode, err := cmd.Flags().GetString("mode")
	if err != nil {
		return nil, err
	}
	filter, err := cmd.Flags().GetString("filter")
	if err != nil {
		return nil, err
	}
	ways := configured(c, conf, postconf.Mode(mode))
	if i := slices.IndexFunc(ways, func(w way) bool { return filter != "" && w.filter == filter }); i >= 0 {
		ways = ways[i : i+1]
	}
	if len(ways) == 0 {
		ways = []way{{conf: conf, mode: postconf.Mode(mode), config: c}}
	}
	return ways, nil
}

// postfixConfig loads the config, or takes the defaults if none was named and there is none at the usual place.
func postfixConfig(cmd *cobra.Command) (*config.Config, error) {
	if noConfig(cmd) {
		return config.Default(), nil
	}
	return loadConfig(cmd)
}

func configured(c *config.Config, conf postconf.Conf, only postconf.Mode) []way {
	var ways []way
	for _, l := range c.Listen {
		w := way{conf: conf, mode: modeOf(l), config: c, listener: l}
		if only != "" && w.mode != only {
			continue
		}
		if l.Address.Network != "systemd" {
			w.filter = l.Address.String()
		}
		if l.NextHop.Network == "tcp" {
			w.reinject = l.NextHop.String()
		}
		ways = append(ways, w)
	}
	return ways
}

func modeOf(l config.Listener) postconf.Mode {
	switch {
	case l.Mode == config.BeforeQueue:
		return postconf.BeforeQueue
	case l.Protocol == config.SMTP:
		return postconf.AfterQueueSMTP
	}
	return postconf.AfterQueueLMTP
}

// complete fills in what the flags say, and what is left out.
func (w *way) complete(cmd *cobra.Command) error {
	if w.mode == "" {
		w.mode = postconf.AfterQueueLMTP
	}
	if !slices.Contains(postconf.Modes(), w.mode) {
		return fmt.Errorf("--mode %s: want one of %s", w.mode, postconf.Modes())
	}
	for flag, value := range map[string]*string{"filter": &w.filter, "reinject": &w.reinject} {
		v, err := cmd.Flags().GetString(flag)
		if err != nil {
			return err
		}
		if v != "" {
			*value = v
		}
	}
	services, err := cmd.Flags().GetStringSlice("service")
	if err != nil {
		return err
	}
	if len(services) > 0 {
		w.services = services
	}
	unlisted := w.listener.Address.IsZero() // The config has no such listener: the addresses of the fragments are good.
	if w.filter == "" && unlisted {
		w.filter = w.mode.DefaultFilter()
	}
	if w.reinject == "" && unlisted {
		w.reinject = w.mode.DefaultReinject()
	}
	if w.filter == "" || w.reinject == "" {
		return fmt.Errorf("listener %s: Postfix needs host:port of it and of its next hop: name them by --filter and --reinject", w.listener.Name)
	}
	return nil
}

// ours is what the check has to know of mailweir.
func (w *way) ours() postconf.Ours {
	c := w.config
	connections := min(c.Limits.Connections, c.Limits.ConnectionsPerClient)
	if n := w.listener.MaxConnections; n > 0 {
		connections = min(connections, n)
	}
	return postconf.Ours{
		Mode: w.mode, Filter: w.filter, Reinject: w.reinject, Services: w.services,
		MessageTimeout: c.Timeouts.Message, NextHopTimeout: c.Timeouts.NextHop,
		Messages: c.Limits.Messages, Connections: connections, MessageSize: int64(c.MessageSize),
	}
}
