// SPDX-License-Identifier: Apache-2.0

package pdf

import "slices"

// maxLocks is how many encryption dictionaries are tried.
const maxLocks = 4

// unlock finds out if the file is encrypted and tries the empty password and those given; it gives the one that opened it. dicts are
// trailers and the dictionaries of cross-reference streams.
func (d *document) unlock(dicts []object, opts Options) string {
	passwords := append([]string{""}, opts.Passwords[:min(len(opts.Passwords), maxPasswords)]...)
	tried := 0
	var seen []float64 // Object numbers; the same dictionary is named by each trailer.
	for _, t := range dicts {
		if e := t.get("Encrypt"); e.kind == ref {
			if slices.Contains(seen, e.num) {
				continue
			}
			seen = append(seen, e.num)
		}
		for _, enc := range d.definitions(t, t.get("Encrypt")) {
			if enc.kind != dict || tried == maxLocks {
				continue
			}
			tried++
			d.sealed = true
			l, ok := d.lock(enc, d.fileID(t))
			if !ok {
				continue
			}
			for _, p := range passwords {
				if !opts.Try(l.rounds()) {
					break
				}
				if key := l.key(p); key != nil {
					d.crypt, d.sealed = d.keyed(enc, key), false
					return p
				}
			}
		}
	}
	return ""
}

// fileID is the first of the file's identifiers (section 14.4).
func (d *document) fileID(trailer object) string {
	ids := d.sub(trailer, "ID")
	if l := ids.items(); len(l) > 0 {
		return d.resolve(ids, l[0]).value.text
	}
	return ""
}

// lock reads an encryption dictionary; not ok if it is none of the standard security handler's, or damaged.
func (d *document) lock(enc object, id string) (*lock, bool) {
	get := func(key string) object { return d.sub(enc, key) }
	l := &lock{
		revision: get("R").int(), perms: int32(int64(get("P").value.num)), id: []byte(id), metadata: true,
		o: []byte(get("O").value.text), u: []byte(get("U").value.text),
		oe: []byte(get("OE").value.text), ue: []byte(get("UE").value.text),
	}
	if m := get("EncryptMetadata"); m.kind == number {
		l.metadata = m.value.num != 0
	}
	switch v := get("V").int(); v {
	case 1:
		l.length = 5
	case 2, 3:
		l.length = 5
		if n := get("Length").int(); n >= 40 && n <= 128 {
			l.length = int(n / 8)
		}
	case 4:
		l.length = 16
	case 5:
		l.length = 32
	}
	if get("Filter").value.text != "Standard" || l.length == 0 {
		return nil, false
	}
	if l.revision >= 5 {
		return l, l.revision <= 6 && l.length == 32 && len(l.o) >= 48 && len(l.u) >= 48 && len(l.oe) >= 32 && len(l.ue) >= 32
	}
	if len(l.o) < 32 || len(l.u) < 32 {
		return nil, false
	}
	l.o = l.o[:32]
	return l, l.revision >= 2 && l.length <= 16
}

// maxCryptFilters is how many crypt filters of a file are known.
const maxCryptFilters = 64

// methods are those that a crypt filter may name (section 7.6.5).
func methods() map[string]method {
	return map[string]method{"V2": methodRC4, "AESV2": methodAES128, "AESV3": methodAES256}
}

// keyed is how the file is decrypted once its key is known.
func (d *document) keyed(enc object, key []byte) *crypt {
	c := &crypt{key: key, strings: methodRC4, streams: methodRC4, files: methodRC4}
	if d.sub(enc, "V").int() < 4 {
		return c
	}
	filters := d.sub(enc, "CF")
	c.named = map[string]method{}
	if filters.kind == dict {
		for i := 0; i+1 < len(filters.list) && len(c.named) < maxCryptFilters; i += 2 {
			c.named[filters.list[i].text] = methods()[d.sub(d.resolve(filters, filters.list[i+1]), "CFM").value.text]
		}
	}
	method := func(key string, usual method) method {
		if n := d.sub(enc, key); n.kind == name {
			return c.named[n.value.text]
		}
		return usual
	}
	c.streams, c.strings = method("StmF", methodNone), method("StrF", methodNone)
	c.files = method("EFF", c.streams)
	return c
}
