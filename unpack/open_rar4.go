// SPDX-License-Identifier: Apache-2.0

package unpack

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/mailweir/mailweir/unpack/rar"
	"github.com/mailweir/mailweir/unpack/rar3"
)

// old tells if the files are packed as RAR 2.9 to 4 do it, which the library unpacks without bounds. It unpacks one method in one archive.
func (z *rarFile) old() bool {
	if !z.headers.Version4 {
		return false
	}
	i := slices.IndexFunc(z.list, func(f rar.File) bool { return f.Window > 0 })
	return i < 0 || z.list[i].Old
}

// oldRAR unpacks the files of an archive of version 4.
type oldRAR struct {
	*rarFile
	in    rar3.Unpacker
	proof rar3.Unpacker // For passwords.
	model int64         // Octets of its model that were asked for.
	cut   bool          // Something was not unpacked, so what is solid cannot be.
	open  bool          // in has a file that may not have been read to its end.
}

func (z *rarFile) oldFiles() error {
	o := &oldRAR{rarFile: z}
	if err := z.lease(rar3.Window); err != nil {
		return z.refused(err)
	}
	o.in.Ask, o.proof.Ask = o.ask, o.askOnce
	err := o.files()
	z.giveBack(rar3.Window + o.model)
	return err
}

// ask asks for the memory of a model.
func (o *oldRAR) ask(n int64) error {
	if n <= o.model {
		return nil
	}
	if err := o.lease(n); err != nil {
		return err
	}
	o.giveBack(o.model)
	o.model = n
	return nil
}

// askOnce asks for the memory of a model that a password may lead to.
func (o *oldRAR) askOnce(n int64) error {
	if n > MaxDictionary {
		return tooMuchDictionary(n)
	}
	return o.renew(n)
}

func (o *oldRAR) files() error {
	o.empty = len(o.list) == 0
	for n := range o.list {
		f := &o.list[n]
		if err := o.bomb(f.Size); err != nil {
			return err
		}
		if f.Encrypted && o.key != nil && !o.keyed(n) {
			o.problem(Encrypted, "limit of tries with passwords exceeded; what follows was not looked at")
			return nil
		}
		if err := o.oldFile(f); err != nil {
			return err
		}
	}
	return nil
}

// oldFile takes one file out.
func (o *oldRAR) oldFile(f *rar.File) error {
	m := member{names: []string{f.Name}, size: f.Size, open: func() (io.Reader, error) { return strings.NewReader(""), nil }}
	if f.Dir {
		return o.member(m)
	}
	if f.Encrypted {
		if err := o.unlock(f); err != nil {
			return err
		}
	}
	switch {
	case f.Split:
		m.sealed, m.detail = Unscannable, "goes on in another volume"
	case f.Encrypted && o.key == nil:
		m.sealed, m.detail = Encrypted, needsPassword
	case f.Window > 0 && !f.Old:
		m.sealed, m.detail = Unscannable, "RAR: packed by another version than the files before"
	case f.Window > 0 && f.Solid && o.cut:
		m.sealed, m.detail = Unscannable, "needs what was not unpacked before it"
	default:
		return o.unpacked(f, m)
	}
	o.cut = o.cut || f.Window > 0
	return o.member(m)
}

// unpacked takes out a file that can be unpacked.
func (o *oldRAR) unpacked(f *rar.File, m member) error {
	var c *checked
	m.open = func() (io.Reader, error) {
		r, err := o.content4(f)
		if err != nil {
			return nil, err
		}
		c = &checked{r: io.NopCloser(r), want: f.Sum}
		return c, nil
	}
	err := o.member(m)
	if f.Window > 0 && (c == nil || c.broken) {
		o.cut = true
	}
	return err
}

// content4 reads a file.
func (o *oldRAR) content4(f *rar.File) (io.Reader, error) {
	if f.Window == 0 {
		return exactly(f.Data(o.password()), f.Size), nil
	}
	if f.Solid && o.open {
		if err := o.drain(); err != nil {
			return nil, err
		}
	}
	if !f.Solid {
		o.cut = false
	}
	o.in.Open(f.Data(o.password()), f.Solid)
	o.open = true
	return exactly(&o.in, f.Size), nil
}

// drain reads what is left of the last file: how the next one is packed may stand there.
func (o *oldRAR) drain() error {
	page := o.u.page()
	defer o.u.pages.Put(page)
	for {
		n, err := o.in.Read(*page)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = o.spend(int64(n))
		}
		if err != nil {
			return err
		}
	}
}

// exactly reads size octets of r, or all if it is negative; it is an error if there are less.
func exactly(r io.Reader, size int64) io.Reader {
	if size < 0 {
		return r
	}
	return &exact{r: r, left: size}
}

type exact struct {
	r    io.Reader
	left int64
}

func (e *exact) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if errors.Is(err, io.EOF) && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// unlock looks for the password of a file, if the one that is known does not fit.
func (o *oldRAR) unlock(f *rar.File) error {
	if f.Split || o.key != nil && (f.Solid || !f.Noise(f.Head(*o.key, rar.HeadLen))) || o.searches == maxSearches {
		return nil
	}
	o.searches++
	known := o.key
	o.key = nil
	_, err := o.search(f.Lock, func(p string) (bool, error) { return o.fits(f, p) })
	if o.key == nil {
		o.key = known
	}
	return err
}

// fits tells if the file comes out whole under the password: its checksum is right, or so much was unpacked as never comes from noise. What begins
// like noise is not tried.
func (o *oldRAR) fits(f *rar.File, password string) (bool, error) {
	if f.Window > 0 && f.Noise(f.Head(password, rar.HeadLen)) {
		return false, nil
	}
	r := f.Data(password)
	if f.Window > 0 {
		o.proof.Open(r, false)
		r = &o.proof
	}
	c := &checked{r: io.NopCloser(exactly(r, f.Size)), want: f.Sum}
	n, err := io.Copy(io.Discard, io.LimitReader(&patient{walk: o.walk, r: c}, maxProof))
	if o.tap.fault != nil {
		return false, o.tap.fault
	}
	return err == nil && f.Sum != 0 && (n < maxProof || f.Window > 0), nil
}
