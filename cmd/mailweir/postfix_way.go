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
	others   []string // Addresses of the config's other listeners.
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
	if filter, err := cmd.Flags().GetString("filter"); err == nil && filter != "" && len(ways) > 1 {
		ways = slices.DeleteFunc(ways, func(w way) bool { return w.filter != filter })
	}
	if len(ways) != 1 {
		return way{}, errors.New("the config has several listeners: name one by --mode, --filter or both")
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

// waysOf finds the config's listeners, of the mode and at the address that the flags name. If none is at that address, it is the one of the listener that only systemd knows the
// address of, or else of all. If there is no listener, it is what the flags say.
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
	ways := configured(c, conf, postconf.Mode(mode), filter)
	if len(ways) == 0 {
		ways = []way{{conf: conf, mode: postconf.Mode(mode), config: c}}
	}
	if filter == "" {
		return ways, nil
	}
	if i := slices.IndexFunc(ways, func(w way) bool { return w.filter == filter }); i >= 0 {
		return ways[i : i+1], nil
	}
	unknown := slices.ContainsFunc(ways, func(w way) bool { return w.filter == "" })
	for i := range ways {
		if !unknown || ways[i].filter == "" {
			ways[i].filter = filter
		}
	}
	return ways, nil
}

// postfixConfig loads the config, or takes the defaults if none was named and there is none at the usual place.
func postfixConfig(cmd *cobra.Command) (*config.Config, error) {
	if noConfig(cmd) {
		printf(cmd.ErrOrStderr(), "There is no %s: mode and addresses are those of the flags, or the usual ones.\n", defaultConfig)
		return config.Default(), nil
	}
	return loadConfig(cmd)
}

// configured are the ways by the config's listeners of a mode, "" for all. filter stands in the others for an address that only systemd knows.
func configured(c *config.Config, conf postconf.Conf, only postconf.Mode, filter string) []way {
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
		for _, o := range c.Listen {
			if o.Name == l.Name {
				continue
			}
			if o.Address.Network == "systemd" {
				w.others = append(w.others, filter)
				continue
			}
			w.others = append(w.others, o.Address.String())
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
	reinject, err := cmd.Flags().GetString("reinject")
	if err != nil {
		return err
	}
	if reinject != "" {
		w.reinject = reinject
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
		Mode: w.mode, Filter: w.filter, Reinject: w.reinject, Services: w.services, Others: w.others,
		MessageTimeout: c.Timeouts.Message, NextHopTimeout: c.Timeouts.NextHop,
		Messages: c.Limits.Messages, Connections: connections, MessageSize: int64(c.MessageSize),
	}
}
