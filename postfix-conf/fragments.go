// SPDX-License-Identifier: Apache-2.0

// Package postfixconf holds the fragments of main.cf and master.cf that put mailweir into a Postfix, as the files that an operator reads. They are the
// one source: "mailweir postfix" takes its commands from them, and the tests run a real Postfix with them.
package postfixconf

import "embed"

// Files has a folder for each way of filtering (after-queue-lmtp, after-queue-smtp, before-queue), with a main.cf and a master.cf.
//
//go:embed after-queue-lmtp after-queue-smtp before-queue
var Files embed.FS
