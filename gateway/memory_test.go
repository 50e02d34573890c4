// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"runtime"
	"testing"

	"github.com/mailweir/mailweir/filters"
)

// heavy is a filter that holds much memory, as one does that has learned.
type heavy struct {
	counted
	held []byte
}

// What a config that was replaced held is given back to the system: without that, a process that is reloaded takes several times the memory that it needs.
func TestReplacedConfigGivesMemoryBack(t *testing.T) {
	const octets = 64 << 20
	r := newRig(t, policies)
	c := r.count()
	r.g.kinds = append(r.g.kinds, filters.Kind{Name: "heavy", New: func(any, filters.Deps) (filters.Filter, error) {
		return &heavy{counted{c}, make([]byte, octets)}, nil
	}})
	for range 6 {
		if err := r.g.Reload(r.with("heavy")); err != nil {
			t.Fatal(err)
		}
	}
	r.g.uses.closing.Wait()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if held := m.HeapSys - m.HeapReleased; held > 2*octets {
		t.Errorf("after six reloads the process has %d MiB, the filter needs %d", held>>20, octets>>20)
	}
}
