// SPDX-License-Identifier: Apache-2.0

// The program accuracy measures how well spam is told from other mail: the embedded filters, and beside them, on the same messages in the same run,
// bogofilter and SpamAssassin where they are installed. It needs a folder of corpora, and no network. docs/reference/accuracy.md has its results.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/mailweir/mailweir/learn"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}

// options are those of the command line.
type options struct {
	corpora string // Folder.
	peers   map[string]bool
	bits    int    // See learn.New.
	bare    bool   // Without the fields that lists and servers write.
	dev     bool   // First halves only.
	worst   int    // So many messages are named.
	sample  int    // Of how many messages slow peers score one.
	cache   string // File of their answers.
	out     string // File for the tables.
}

func flags() options {
	o := options{peers: map[string]bool{}}
	flag.StringVar(&o.corpora, "corpora", os.Getenv("MAILWEIR_CORPORA"), "folder of the corpora")
	peers := flag.String("peers", "bogofilter,spamassassin", "which peers to run beside, if they are installed")
	flag.IntVar(&o.bits, "bits", learn.DefaultBits, "size of the model, as a power of two")
	flag.BoolVar(&o.bare, "bare", false, "leave out the fields of mailing lists and all Received fields")
	flag.BoolVar(&o.dev, "dev", false, "only the first halves: what settings may be chosen by")
	flag.IntVar(&o.worst, "worst", 0, "so many of the worst messages of each protocol are named")
	flag.IntVar(&o.sample, "sample", 4, "of how many messages SpamAssassin scores one")
	flag.StringVar(&o.cache, "cache", "", "file in which the answers of SpamAssassin are kept for the next run")
	flag.StringVar(&o.out, "out", "", "file for the tables, in Markdown")
	flag.Parse()
	for p := range strings.SplitSeq(*peers, ",") {
		o.peers[p] = true
	}
	return o
}

func run() error {
	o := flags()
	if o.corpora == "" {
		return errors.New("set MAILWEIR_CORPORA to the folder of the corpora")
	}
	c, err := load(o)
	if err != nil {
		return err
	}
	if o.dev {
		c.firstHalves()
	}
	fmt.Printf("%d TREC 2007, %d SpamAssassin, %d phish, %d spam_modern, %d ham_modern; %d cores; %v a message for what does not depend on what was learned (wall, one at a time)\n",
		len(c.trec), len(c.sa), len(c.phish), len(c.spam), len(c.ham), runtime.NumCPU(), c.each)
	r := &report{out: os.Stdout, worst: o.worst}
	list, err := contestants(o, c)
	if err != nil {
		return err
	}
	for _, p := range list {
		if err := protocols(c, p, r); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	r.say("\n%s", r.markdown())
	if o.out == "" {
		return nil
	}
	return os.WriteFile(o.out, []byte(r.markdown()), 0o644)
}
