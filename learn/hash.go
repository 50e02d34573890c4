// SPDX-License-Identifier: Apache-2.0

package learn

// hash is FNV-1a with 64 bits over the pieces of a feature. It is the same on every machine, because models are kept.
type hash uint64

const (
	hashStart   hash = 14695981039346656037 // FNV's offset basis.
	hashPrime   hash = 1099511628211        // FNV's prime.
	goldenRatio hash = 0x9e3779b97f4a7c15   // 2^64 divided by it: what is added when hashes are combined, as Boost's hash_combine does.
	mixer       hash = 0xd6e8feb86659fd93   // The multiplier of the mixing function degski64.
)

// hashOf is the hash of a feature of that kind.
func hashOf(kind, value string) hash { return hashStart.string(kind).with(hashStart.string(value)) }

func (h hash) string(s string) hash {
	for i := range len(s) {
		h = (h ^ hash(s[i])) * hashPrime
	}
	return h
}

// with goes on with another hash, as one more piece.
func (h hash) with(o hash) hash {
	h ^= o + goldenRatio + h<<6 + h>>2
	return h * hashPrime
}

// fold ends a hash: 32 well-mixed bits.
func (h hash) fold() uint32 {
	h ^= h >> 32
	h *= mixer
	h ^= h >> 32
	h *= mixer
	return uint32(h >> 32)
}
