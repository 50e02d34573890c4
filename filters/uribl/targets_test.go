// SPDX-License-Identifier: Apache-2.0

package uribl

import (
	"fmt"
	"hash/maphash"
	"slices"
	"testing"
)

func fill(seed maphash.Seed, n map[string]int, places map[string]places) *targets[string] {
	all := &targets[string]{seed: seed}
	for _, what := range []string{"image", "link", "header", "envelope"} { // The important last.
		for i := range n[what] {
			all.add(fmt.Sprint(what, i), places[what], "")
		}
	}
	return all
}

func count(chosen []*target[string]) map[heap]int {
	n := map[heap]int{}
	for _, x := range chosen {
		n[x.heap()]++
	}
	return n
}

// TestChoice: each heap has its share, however many there are in the others.
func TestChoice(t *testing.T) {
	from := map[string]places{"image": inLinks, "link": inLinks | clickable, "header": inHeader, "envelope": inEnvelope}
	for _, c := range []struct {
		name string
		n    map[string]int
		most int
		want map[heap]int
		left int
	}{
		{"few", map[string]int{"image": 2, "link": 1}, 20, map[heap]int{ofRest: 2, ofClickable: 1}, 0},
		{"images alone", map[string]int{"image": 100}, 20, map[heap]int{ofRest: 20}, 80},
		{"a link among images", map[string]int{"image": 100, "link": 1}, 20, map[heap]int{ofRest: 19, ofClickable: 1}, 81},
		{"a link among addresses of Reply-To", map[string]int{"header": 100, "link": 1}, 20, map[heap]int{ofHeader: 19, ofClickable: 1}, 81},
		{"an image among links", map[string]int{"image": 1, "link": 100}, 20, map[heap]int{ofRest: 1, ofClickable: 19}, 81},
		{"many of all", map[string]int{"image": 100, "link": 100, "header": 100, "envelope": 3}, 20, map[heap]int{ofEnvelope: 3, ofHeader: 5, ofClickable: 8, ofRest: 4}, 283},
		{"the envelope first", map[string]int{"image": 100, "link": 100, "header": 100, "envelope": 3}, 2, map[heap]int{ofEnvelope: 2}, 301},
		{"more than are kept", map[string]int{"image": 3 * maxKept, "link": 2 * maxKept, "header": 1, "envelope": 1}, 8, map[heap]int{ofEnvelope: 1, ofHeader: 1, ofClickable: 4, ofRest: 2}, 5*maxKept - 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			seed := maphash.MakeSeed()
			all := fill(seed, c.n, from)
			chosen, left := all.choose(c.most)
			got := count(chosen)
			if fmt.Sprint(got) != fmt.Sprint(c.want) || left != c.left {
				t.Errorf("got %v, %d left, want %v, %d", got, left, c.want, c.left)
			}
			if again, _ := fill(seed, c.n, from).choose(c.most); len(again) != len(chosen) || !slices.EqualFunc(again, chosen, func(a, b *target[string]) bool { return a.key == b.key }) {
				t.Error("the same message, another choice")
			}
		})
	}
}

// TestChance: who knows the message does not know the choice; the first are no better off than the last, also where more come than are kept.
func TestChance(t *testing.T) {
	for _, n := range []int{100, 3 * maxKept} {
		early := 0
		for range 20 {
			all := fill(maphash.MakeSeed(), map[string]int{"link": n}, map[string]places{"link": inLinks | clickable})
			chosen, _ := all.choose(20)
			for _, x := range chosen {
				var i int
				if _, err := fmt.Sscanf(x.key, "link%d", &i); err != nil {
					t.Fatal(err)
				}
				if i < n/2 {
					early++
				}
			}
			if len(all.all) > maxKept {
				t.Fatalf("%d are kept", len(all.all))
			}
		}
		if early < 100 || early > 300 { // Of 400.
			t.Errorf("of %d, %d of 400 are of the first half", n, early)
		}
	}
}

// TestNames: of one domain some full names are kept, by chance, and it is known that there are more.
func TestNames(t *testing.T) {
	last := 0
	for range 50 {
		seed := maphash.MakeSeed()
		one := &target[string]{}
		for i := range 8 {
			one.name(fmt.Sprintf("h%d.example.org", i), seed)
			one.name("h0.example.org", seed)
			if one.more != (i >= maxNames) {
				t.Fatalf("after %d names: more is %t", i+1, one.more)
			}
		}
		if len(one.names) != maxNames {
			t.Fatalf("%d are kept", len(one.names))
		}
		if slices.Contains(one.names, "h7.example.org") {
			last++
		}
	}
	if last < 5 || last > 45 {
		t.Errorf("the last one is kept %d times of 50", last)
	}
}
