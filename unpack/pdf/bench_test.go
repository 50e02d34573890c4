// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// hostile are files made to cost much.
func hostile(t testing.TB) map[string]func() []byte {
	repeat := func(s string, n int) func() []byte {
		return func() []byte { return []byte("%PDF-1.7\n" + strings.Repeat(s, n)) }
	}
	numbered := func(n int, body func(i int) string) func() []byte {
		return func() []byte {
			var b bytes.Buffer
			b.WriteString("%PDF-1.7\n")
			for i := range n {
				fmt.Fprintf(&b, "%d 0 obj%s\nendobj\n", i+1, body(i))
			}
			return b.Bytes()
		}
	}
	return map[string]func() []byte{
		"1,000,000 objects":       repeat("1 0 obj\n", 1_000_000),
		"1,000,000 empty dicts":   numbered(1_000_000, func(int) string { return "<<>>" }),
		"objects that never end":  repeat("1 0 obj<</A[(", 200_000),
		"one object, deep":        repeat("[", 4<<20),
		"trailers":                repeat("trailer<</Encrypt 1 0 R>>", 200_000),
		"references in a ring":    numbered(200_000, func(i int) string { return fmt.Sprintf("%d 0 R", (i+1)%200_000+1) }),
		"actions in a ring":       numbered(100_000, func(i int) string { return fmt.Sprintf("<</OpenAction %d 0 R/S/URI/URI(x)/Next %d 0 R>>", i, i) }),
		"one number, all scripts": repeat("1 0 obj<</S/JavaScript/JS 1 0 R/OpenAction 1 0 R/AA<</O 1 0 R>>>>endobj\n", 50_000),
		"files that all hold one": func() []byte {
			return append(made(streamed("", []byte("x"))), "9 0 obj["+strings.Repeat("<</F(a)/EF<</F 1 0 R/UF 1 0 R>>>>", 120_000)+"]endobj"...)
		},
		"object streams that are bombs": func() []byte {
			bomb := streamed("/Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]", deflate(t, deflate(t, make([]byte, 30<<20))))
			return made(slices.Repeat([]string{bomb}, 200)...)
		},
		"object streams of objects": func() []byte {
			return made(packed(t, 10, slices.Repeat([]string{"<</S/JavaScript/JS(x)>>"}, 500_000)...))
		},
		"predictors": func() []byte {
			return made(streamed("/Type/ObjStm/N 1/First 4/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 32/BitsPerComponent 16/Columns 65536>>",
				deflate(t, bytes.Repeat([]byte{4}, 30<<20))))
		},
		"names of 1 octet": repeat("/A#42", 1<<20),
		"comments":         repeat("%\n%x\r", 1<<20),
		"endstream":        repeat("endstream ", 1<<19),
	}
}

// BenchmarkHostile is what hostile files cost at most.
func BenchmarkHostile(b *testing.B) {
	for name, build := range hostile(b) {
		file := build()
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				_, err := Read(bytes.NewReader(file), int64(len(file)), Options{Spend: allowance(neutralOctets)})
				if err != nil && !errors.Is(err, errAllowance) {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRead reads a file of 1,000 objects, half of them in object streams.
func BenchmarkRead(b *testing.B) {
	var objects []string
	for i := range 500 {
		objects = append(objects, fmt.Sprintf("<</Type/Page/Parent 1 0 R/Annots[<</S/URI/URI(https://example.org/%d)>>]/Contents %d 0 R>>", i, i))
	}
	b.ReportAllocs()
	file := made(append(objects[:400:400], packed(b, 1000, objects...))...)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if r := report(b, file, Options{}); len(r.Links) != 500 {
			b.Fatalf("got %d links", len(r.Links))
		}
	}
}
