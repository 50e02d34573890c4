// SPDX-License-Identifier: Apache-2.0

package rar

// HeadLen is how many octets of packed data are enough to judge by.
const HeadLen = 32

// Memory is how many octets it takes to unpack the file, whose packed data begins with head.
func (f *File) Memory(head []byte) int64 {
	n := f.Window
	if !f.Solid && f.Size >= 0 {
		n = min(n, f.Size)
	}
	return max(n, f.model(head))
}

// model is how many octets the model of PPMd takes; 0 if packed data does not begin with one. Its units of 12 octets take 16 in the library.
func (f *File) model(head []byte) int64 {
	const reset = 0x20
	if !f.Old || len(head) < 2 || head[0]&0x80 == 0 || head[0]&reset == 0 {
		return 0
	}
	return (int64(head[1]) + 1) << 20 / 3 * 4
}

// Noise tells that head is no beginning of packed data, but what comes of a wrong password. It never says so of data that RAR packs.
func (f *File) Noise(head []byte) bool {
	if !f.Old || f.Window == 0 || f.Solid || len(head) < HeadLen {
		return false
	}
	const model, reset, oldTables = 0x80, 0x20, 0x40
	if head[0]&model != 0 {
		return head[0]&reset == 0
	}
	return head[0]&oldTables != 0 || !lengths(head)
}

// lengths tells if the 20 lengths of codes that data begins with make a prefix code: of 4 bits each, where 15 and a number stands for zeros.
func lengths(head []byte) bool {
	at := 2 // Bits.
	four := func() int {
		v := int(head[at/8])<<8 | int(head[at/8+1])
		v = v >> (12 - at%8) & 15
		at += 4
		return v
	}
	sum := 0
	for i := 0; i < 20; i++ {
		n := four()
		if n == 15 {
			if zeros := four(); zeros > 0 {
				i += zeros + 1
				continue
			}
		}
		if n > 0 {
			sum += 1 << (16 - n)
		}
	}
	return sum <= 1<<16
}
