// SPDX-License-Identifier: Apache-2.0

package facts

// aboutWords are the facts of the groups of phrases: three for each.
var aboutWords = func() []About {
	var all []About
	for _, g := range wordGroups {
		all = append(
			all,
			About{"words_" + g.name, Bad, 1, "The text " + g.reason + "."},
			About{"words_" + g.name + "_many", Bad, 1.5, "The text " + g.reason + ", in many phrases."},
			About{"subject_" + g.name, Bad, 1, "The Subject or the author's name " + g.reason + "."},
		)
	}
	return all
}()
