// SPDX-License-Identifier: Apache-2.0

package mail

// Bodies are the bodies of all fields of that name in order, as they came: with folding and line ends. Names are not case-sensitive. It is for who reads
// addresses or Message-IDs, where it matters what stands between them; Values are without folding.
func (h Header) Bodies(name string) []string {
	var list []string
	for f := range h.All(name) {
		list = append(list, f.body())
	}
	return list
}
