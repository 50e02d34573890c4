// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailweir/mailweir/authn/dkim"
	"github.com/mailweir/mailweir/authn/sig"
	"github.com/mailweir/mailweir/config"
	"github.com/mailweir/mailweir/resolver"
)

// dkimCommand is "mailweir dkim": look after the keys that mail is signed with.
func dkimCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dkim",
		Short: "Make and check the keys that mail is signed with",
	}
	cmd.AddCommand(dkimKeygenCommand(), dkimRecordCommand(), dkimCheckCommand())
	return cmd
}

// keyFlags are the flags that name one key.
func keyFlags(cmd *cobra.Command, k *dkim.KeyFile) {
	cmd.Flags().StringVar(&k.Domain, "domain", "", "domain that signs (d=)")
	cmd.Flags().StringVar(&k.Selector, "selector", "", "selector (s=), such as the year")
	cmd.Flags().StringVar(&k.File, "file", "", "file of the private key")
}

func dkimKeygenCommand() *cobra.Command {
	var k dkim.KeyFile
	var kind string
	var bits int
	cmd := &cobra.Command{
		Use:   "keygen",
		Short: "Make a new key",
		Long: "Make a new key in a file that is not there yet, which its owner alone may read, and print the record for the zone. The server reads keys as its own\n" +
			"user: run this as that user, or as root in a folder of that user, to whom the file is given then.",
		Example: "  mailweir dkim keygen --domain example.org --selector s2026 --file /etc/mailweir/dkim/s2026.pem",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if bits != 0 && kind != sig.KeyRSA {
				return fmt.Errorf("--bits is for --kind %s", sig.KeyRSA)
			}
			err := dkim.Keygen(cmd.OutOrStdout(), k, kind, bits)
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("%s is there already; a key is not written over, name another file", k.File)
			}
			if err != nil {
				return err
			}
			return giveToFolder(k.File)
		},
	}
	keyFlags(cmd, &k)
	cmd.Flags().StringVar(&kind, "kind", sig.KeyRSA, "kind of key, "+sig.KeyRSA+" or "+sig.KeyEd25519)
	cmd.Flags().IntVar(&bits, "bits", 0, fmt.Sprintf("length of an RSA key; 0 for %d", dkim.DefaultRSABits))
	for _, flag := range []string{"domain", "selector", "file"} {
		if err := cmd.MarkFlagRequired(flag); err != nil {
			panic(err)
		}
	}
	return cmd
}

func dkimRecordCommand() *cobra.Command {
	var k dkim.KeyFile
	cmd := &cobra.Command{
		Use:   "record",
		Short: "Print the records of keys as a zone file has them",
		Long:  "Print the record of the key that is named by flags, or of all keys of the config, as a zone file has them.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			keys := []dkim.KeyFile{k}
			if k == (dkim.KeyFile{}) {
				cfg, err := loadConfig(cmd)
				if err != nil {
					return err
				}
				if keys, err = signingKeys(cfg); err != nil {
					return err
				}
			}
			for _, k := range keys {
				if err := dkim.ShowRecord(cmd.OutOrStdout(), k); err != nil {
					return err
				}
			}
			return nil
		},
	}
	keyFlags(cmd, &k)
	return cmd
}

func dkimCheckCommand() *cobra.Command {
	var k dkim.KeyFile
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Ask the DNS if others can verify what is signed",
		Long: "Read the key that is named by flags, or all keys of the config, and ask the name servers of the config for their records. What differs is told, with the\n" +
			"record that is wanted and the one that is published. The exit status is 1 if signatures by one of the keys would not verify.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			keys := []dkim.KeyFile{k}
			if k == (dkim.KeyFile{}) {
				keys, err = signingKeys(cfg)
			} else {
				err = k.Validate()
			}
			if err != nil {
				return err
			}
			r, err := commandResolver(cfg)
			if err != nil {
				return err
			}
			defer func() { _ = r.Close() }()
			ctx, cancel := context.WithTimeout(cmd.Context(), lookupLimit)
			defer cancel()
			err = dkim.CheckKeys(ctx, cmd.OutOrStdout(), r, keys)
			if errors.Is(err, dkim.ErrUnpublished) {
				return errFault
			}
			return err
		},
	}
	keyFlags(cmd, &k)
	return cmd
}

// signingKeys are all keys of the config, each once.
func signingKeys(cfg *config.Config) ([]dkim.KeyFile, error) {
	keys := slices.Clone(cfg.Signing.Keys)
	if seal := cfg.Signing.Seal; !seal.IsZero() && !slices.Contains(keys, seal.KeyFile) {
		keys = append(keys, seal.KeyFile)
	}
	if len(keys) == 0 {
		return nil, errors.New("the config names no key (signing.keys, signing.seal)")
	}
	return keys, nil
}

// lookupLimit bounds the wait of one command for the DNS.
const lookupLimit = 2 * time.Minute

// systemServers is where the name servers of the host are, for a config that names none.
const systemServers = "/etc/resolv.conf"

// commandResolver is a resolver by the config, for a command that ends soon.
func commandResolver(cfg *config.Config) (*resolver.Resolver, error) {
	rc := cfg.DNS.Resolver()
	if len(rc.Servers) == 0 {
		var err error
		if rc.Servers, err = resolver.SystemServers(systemServers); err != nil {
			return nil, err
		}
	}
	return resolver.New(rc)
}
