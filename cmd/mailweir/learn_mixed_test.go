// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestLearnMixed: ham and spam are visited evenly, and each in its order.
func TestLearnMixed(t *testing.T) {
	some := func(name string, n int) sources {
		return func(visit func(source) error) error {
			for i := range n {
				if err := visit(source{name: fmt.Sprint(name, i)}); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, tt := range []struct {
		ham, spam int
		want      string
	}{
		{2, 4, "s0 h0 s1 s2 h1 s3"},
		{3, 1, "h0 h1 s0 h2"},
		{0, 2, "s0 s1"},
		{2, 0, "h0 h1"},
		{0, 0, ""},
	} {
		var got []string
		err := mixed(some("h", tt.ham), some("s", tt.spam))(func(s source) error {
			if s.spam != strings.HasPrefix(s.name, "s") {
				t.Errorf("%s: spam %v", s.name, s.spam)
			}
			got = append(got, s.name)
			return nil
		})
		if strings.Join(got, " ") != tt.want || err != nil {
			t.Errorf("%d and %d: got %v, %v, want %s", tt.ham, tt.spam, got, err, tt.want)
		}
	}
	fault := errors.New("fault")
	visited := 0
	err := mixed(some("h", 5), some("s", 5))(func(source) error { visited++; return fault })
	if !errors.Is(err, fault) || visited != 1 {
		t.Errorf("got %v after %d", err, visited)
	}
	broken := func(func(source) error) error { return fault }
	if err := mixed(some("h", 5), broken)(func(source) error { return nil }); !errors.Is(err, fault) {
		t.Errorf("a broken one: got %v", err)
	}
}

// TestLearnBeginning: ham and spam one after the other is not silently taken, side by side is.
func TestLearnBeginning(t *testing.T) {
	files := map[string]string{}
	for i := range manyAlone {
		files[fmt.Sprintf("ham/%d", i)] = letter(i, "tea")
		files[fmt.Sprintf("spam/%d", i)] = letter(1000+i, "pills")
	}
	dir := write(t, files)
	ham, spam := filepath.Join(dir, "ham"), filepath.Join(dir, "spam")
	const alone = "mailweir: ham and spam were not learned side by side, so verdicts are one-sided; begin anew, with mailweir learn mixed\n"
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"ham", "--user", "a@example.org", ham}, "learned 200, were spam before 0, known 0, unreadable 0\n" + alone},
		{[]string{"mixed", "--ham", ham, "--spam", spam}, "learned 400, were the other before 0, known 0, unreadable 0\n"},
		{[]string{"mixed", "--ham", spam, "--spam", ham}, "learned 0, were the other before 400, known 0, unreadable 0\n"},
		{[]string{"mixed", "--ham", spam}, "exit 2: want both --ham and --spam\n"},
		{[]string{"mixed", "--ham", "-", "--spam", "-"}, "exit 2: - is named twice\n"},
	} {
		if got := learnRun(t, dir, strings.NewReader(""), tt.args...); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.args, got, tt.want)
		}
	}
}
