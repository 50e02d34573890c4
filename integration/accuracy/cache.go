// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// cache keeps answers in a file, one to a line, so that a slow peer is asked once.
type cache struct {
	file *os.File // Nil if nothing is kept.
	have map[string]string
}

// openCache reads what there is. "" keeps answers in memory only.
func openCache(path string) (*cache, error) {
	c := &cache{have: map[string]string{}}
	if path == "" {
		return c, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	in := bufio.NewScanner(f)
	for in.Scan() {
		if key, answer, ok := strings.Cut(in.Text(), "\t"); ok {
			c.have[key] = answer
		}
	}
	c.file = f
	return c, in.Err()
}

func (c *cache) get(key string) (string, bool) {
	answer, ok := c.have[key]
	return answer, ok
}

func (c *cache) put(key, answer string) error {
	c.have[key] = answer
	if c.file == nil {
		return nil
	}
	_, err := fmt.Fprintf(c.file, "%s\t%s\n", key, answer)
	return err
}
