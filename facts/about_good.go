// SPDX-License-Identifier: Apache-2.0

package facts

// aboutGood are facts that speak against spam. There are few: most of what honest mail has is easily had.
var aboutGood = []About{
	{"authenticated_list", Good, 1.5, "The domain of the author is authenticated, and the message comes from a list."},
	{"authenticated_well_known", Good, 2, "The domain of the author is authenticated, and is a well-known one in which nobody else gets a mailbox."},
}
