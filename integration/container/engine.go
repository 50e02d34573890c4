// SPDX-License-Identifier: Apache-2.0

// Package container proves that the images work: it builds mailweir's and Postfix's, starts both on a network of their
// own, and sends mail through. The many cases of mail run against a native Postfix, in the folders beside this one.
// It speaks to the engine through the docker command.
package container

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// docker runs one docker command and returns what it printed, without the last line end. It fails the test if the command fails.
func docker(t testing.TB, args ...string) string {
	t.Helper()
	out, err := tryDocker(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tryDocker(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	// The classic builder is there with every engine; BuildKit is a plugin.
	cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("docker %s: %w\n%s%s", strings.Join(args, " "), err, out, said.String())
	}
	return strings.TrimRight(string(out), "\n"), nil
}

// needEngine skips the test where no engine answers, unless MAILWEIR_CONTAINERS says that there has to be one.
func needEngine(t testing.TB) {
	t.Helper()
	_, err := tryDocker(t.Context(), "version")
	switch {
	case err == nil:
	case os.Getenv("MAILWEIR_CONTAINERS") != "":
		t.Fatal(err)
	default:
		t.Skip("no container engine answers; scripts/containers starts one")
	}
}

// build builds an image from a folder, with the network of the host, and removes it when the test is over.
func build(t testing.TB, name, folder string, args ...string) {
	t.Helper()
	t.Cleanup(func() { removeStages(context.Background()) })
	cmd := append([]string{"build", "--quiet", "--force-rm", "--network", "host", "--tag", name}, args...)
	docker(t, append(cmd, folder)...)
	t.Cleanup(func() {
		if _, err := tryDocker(context.Background(), "rmi", name); err != nil {
			t.Log(err)
		}
	})
}

// removeStages removes what the classic builder leaves of the stage that compiles, layer by layer, but not the modules below it:
// they are the cache of the next build.
func removeStages(ctx context.Context) {
	for range 10 {
		ids, err := tryDocker(ctx, "images", "--quiet", "--filter", "dangling=true", "--filter", "label=org.mailweir.stage=build")
		if err != nil || ids == "" {
			return
		}
		// What a build that runs now needs cannot be removed.
		_, _ = tryDocker(ctx, append([]string{"rmi", "--no-prune"}, strings.Fields(ids)...)...)
	}
}

// run starts a container that ends with the test; if the test failed, its log is shown. The first of args are options, the
// last the image and its command.
func run(t testing.TB, name string, args ...string) {
	t.Helper()
	docker(t, append([]string{"run", "--detach", "--name", name}, args...)...)
	t.Cleanup(func() {
		ctx := context.Background()
		if t.Failed() {
			out, err := exec.CommandContext(ctx, "docker", "logs", "--tail", "100", name).CombinedOutput()
			t.Logf("log of %s (%v):\n%s", name, err, out)
		}
		if _, err := tryDocker(ctx, "rm", "--force", "--volumes", name); err != nil {
			t.Log(err)
		}
	})
}

// published is the address on this host where a container's port is to be reached.
func published(t testing.TB, name, port string) string {
	t.Helper()
	first, _, _ := strings.Cut(docker(t, "port", name, port), "\n")
	return first
}

// eventually asks until done answers with "", and fails the test with its last answer after a minute.
func eventually(t testing.TB, done func() string) {
	t.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		answer := done()
		if answer == "" {
			return
		}
		select {
		case <-deadline.C:
			t.Fatal(answer)
		case <-tick.C:
		}
	}
}
