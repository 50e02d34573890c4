// SPDX-License-Identifier: Apache-2.0

package seen

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// childEnv tells the test binary to be a process that saves until it is killed: its number, from which its keys count, and the file.
const childEnv = "MAILWEIR_SEEN_CHILD"

func TestMain(m *testing.M) {
	if begin, err := strconv.Atoi(os.Getenv(childEnv)); err == nil {
		child(begin, os.Args[len(os.Args)-1])
	}
	os.Exit(m.Run())
}

// child saves one key after another and says so.
func child(begin int, path string) {
	const most, hot = 4_000, 4 // However fast one child is, nothing has to go for want of room.
	s, err := Open(path, two(nil, 50_000))
	for i := begin; err == nil; i++ {
		put(s, key(min(i, begin+most)), Entry{Class: 1, Count: uint32(i)})
		for n := range hot {
			put(s, key(begin-1-n), Entry{Class: 1, Count: uint32(i)}) // So that the file has to be written anew now and then.
		}
		err = s.Save(context.Background())
		fmt.Println(i)
	}
	fmt.Println(err)
	os.Exit(1)
}

// TestKill: what was saved is there, whenever the processes that save to one file are killed.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seen")
	const lines, apart = 1500, 100_000
	for round := range 3 {
		var children []*exec.Cmd
		for n := 1; n <= 2; n++ {
			cmd := exec.CommandContext(t.Context(), os.Args[0], path)
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", childEnv, (2*round+n)*apart))
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			children = append(children, cmd)
			in := bufio.NewScanner(out)
			if n == 2 {
				for range lines {
					if !in.Scan() {
						t.Fatal("the child has ended")
					}
				}
			} else {
				in.Scan()
				go func() {
					for in.Scan() { // So that it is not held up by a full pipe.
					}
				}()
			}
		}
		for _, cmd := range children {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // It was killed.
		}
		s := open(t, path, two(nil, 50_000))
		begin := (2*round + 2) * apart
		for i := begin + 1; i < begin+lines; i++ {
			if e, known := s.Get(key(i)); !known || e.Count != uint32(i) {
				t.Fatalf("round %d: key %d of %d is %+v, %v", round, i-begin, lines, e, known)
			}
		}
	}
}
