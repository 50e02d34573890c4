// SPDX-License-Identifier: Apache-2.0

package integration

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/internal/postconf"
	"github.com/mailweir/mailweir/internal/rig"
	"github.com/mailweir/mailweir/internal/rigtest"
	"github.com/mailweir/mailweir/internal/sink"
	"github.com/mailweir/mailweir/internal/smtptest"
)

// deliverAll is a config by which nothing that filters find holds a message back, but which looks into everything.
const deliverAll = `scanners: {list: {hashes: {}}}
chain: [[virus: {scanners: [list]}, attachments, html, macros, phishing]]
policies:
  - name: default
    spam: {tag_at: 1000, high_at: 1000}
    do:
      virus: [deliver]
      unscannable: [deliver]
      encrypted: [deliver]
      ambiguous: [deliver]
      file: [deliver]
      file.rename: [deliver]
      html: [deliver]
      macro: [deliver]
      phishing: [deliver]
      phishing.display_name: [deliver]
      phishing.reply_to: [deliver]
      failure: [defer]
`

// doors are what each file goes in by: first without mailweir, then with it.
var doors = [2]string{rig.Beside, rig.In}

// Every file of the corpora's folder "mime" (the whole folder if it has none) that Postfix takes comes out as it does without mailweir, but for
// fields on top and for fields of mailweir's own names.
func TestTorture(t *testing.T) {
	root := corpora.Dir(t)
	if mime := filepath.Join(root, "mime"); isDir(mime) {
		root = mime
	}
	files := filesBelow(t, root)
	rigtest.EachWay(t, func(t *testing.T, way postconf.Mode) {
		need(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		r := start(ctx, t, rig.Options{Mode: way, Extra: deliverAll, Lifetime: 2 * time.Hour})
		const batch = 200 // Messages that the sink holds at a time.
		taken, changed := 0, 0
		for i := 0; i < len(files); i += batch {
			n, c := tortureBatch(ctx, t, r, files[i:min(i+batch, len(files))])
			taken, changed = taken+n, changed+c
		}
		t.Logf("%s: %d files, %d taken by Postfix, %d came out changed", way, len(files), taken, changed)
		if taken == 0 {
			t.Error("Postfix took none")
		}
	})
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func filesBelow(t *testing.T, root string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", root, len(files), err)
	}
	return files
}

// tortureBatch sends files by both doors and compares what comes out.
func tortureBatch(ctx context.Context, t *testing.T, r *rig.Rig, files []string) (taken, changed int) {
	t.Helper()
	r.Sink.Reset()
	var wg sync.WaitGroup
	accepted := map[string]*[2]bool{}
	for i := range files {
		accepted[files[i]] = &[2]bool{}
	}
	todo := make(chan int)
	for range 8 {
		wg.Go(func() {
			for i := range todo {
				for door, name := range doors {
					accepted[files[i]][door] = torture(t, r.Postfix.Addr(name), files[i], fmt.Sprintf("<%s%d@example.net>", name, i))
				}
			}
		})
	}
	for i := range files {
		todo <- i
	}
	close(todo)
	wg.Wait()
	drained(ctx, t, r)
	out := byRecipient(r.Sink.Messages())
	for i, file := range files {
		got := accepted[file]
		if !got[0] && !got[1] {
			continue
		}
		taken++
		beside, through := out[fmt.Sprintf("%s%d@example.net", rig.Beside, i)], out[fmt.Sprintf("%s%d@example.net", rig.In, i)]
		if !sameButFields(t, file, beside, through) {
			changed++
		}
	}
	return taken, changed
}

func torture(t *testing.T, door, file, rcpt string) bool {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return false
	}
	o, err := smtptest.Send(door, smtptest.Mail{From: "<ann@example.org>", To: []string{rcpt}, Body: body})
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return false
	}
	return o.OK()
}

func sameButFields(t *testing.T, file string, beside, through *sink.Message) bool {
	t.Helper()
	if beside == nil || through == nil {
		t.Errorf("%s: out without mailweir: %v, with mailweir: %v", file, beside != nil, through != nil)
		return false
	}
	_, want := stripped(beside.Data)
	_, got := stripped(through.Data)
	want = withoutForged(want)
	if !bytes.Equal(got, want) {
		i := 0
		for i < min(len(got), len(want)) && got[i] == want[i] {
			i++
		}
		t.Errorf("%s: changed at octet %d\n got %s\nwant %s", file, i, clip(got[i:]), clip(want[i:]))
		return false
	}
	return true
}
