// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func sharedMessage(t *testing.T) *Message {
	t.Helper()
	const text = "Subject: a\r\n\r\nb\r\n"
	m, err := Parse(strings.NewReader(text), int64(len(text)), NewBudget(DefaultLimits(), nil))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

type closer struct{ closed int }

func (c *closer) Close() error {
	c.closed++
	return nil
}

func TestSharedIsMadeOnce(t *testing.T) {
	m := sharedMessage(t)
	var made atomic.Int32
	var wg sync.WaitGroup
	got := make([]*closer, 8)
	for i := range got {
		wg.Go(func() {
			c, err := Shared(t.Context(), m, "key", func(context.Context) (*closer, error) {
				made.Add(1)
				return &closer{}, nil
			})
			if err != nil {
				t.Error(err)
			}
			got[i] = c
		})
	}
	wg.Wait()
	for _, c := range got {
		if c != got[0] {
			t.Errorf("got %p and %p", c, got[0])
		}
	}
	if n := made.Load(); n != 1 {
		t.Errorf("made %d times", n)
	}
	for range 2 {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
	if got[0].closed != 1 {
		t.Errorf("closed %d times", got[0].closed)
	}
	if _, err := Shared(t.Context(), m, "key", func(context.Context) (*closer, error) { return nil, nil }); !errors.Is(err, ErrMessageClosed) {
		t.Errorf("after Close: got %v", err)
	}
}

// Who does not want to wait any longer leaves; the others get their answer.
func TestSharedOutlivesAnImpatientCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := sharedMessage(t)
		goOn := make(chan struct{})
		derive := func(ctx context.Context) (int, error) {
			select {
			case <-goOn:
				return 42, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		short, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := Shared(short, m, 1, derive); !errors.Is(err, context.Canceled) {
				t.Errorf("impatient caller: got %v", err)
			}
		})
		wg.Go(func() {
			if v, err := Shared(t.Context(), m, 1, derive); v != 42 || err != nil {
				t.Errorf("patient caller: got %d, %v", v, err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(goOn)
		wg.Wait()
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseEndsWhatIsBeingDerived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := sharedMessage(t)
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := Shared(t.Context(), m, 1, func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
}

func TestSharedPanicsInTheCaller(t *testing.T) {
	m := sharedMessage(t)
	for range 2 {
		func() {
			defer func() {
				v, _ := recover().(error)
				if v == nil || !strings.Contains(v.Error(), "boom") || !strings.Contains(v.Error(), "shared_test.go") {
					t.Errorf("got %v, want the value and where it came from", v)
				}
			}()
			_, _ = Shared(t.Context(), m, 1, func(context.Context) (int, error) { panic("boom") })
		}()
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

func TestSharedErrorAndType(t *testing.T) {
	m := sharedMessage(t)
	bad := errors.New("bad")
	if v, ok := Known[int](m, 2); ok {
		t.Errorf("known before it was made: %d", v)
	}
	if _, err := Shared(t.Context(), m, 1, func(context.Context) (int, error) { return 0, bad }); !errors.Is(err, bad) {
		t.Errorf("got %v, want %v", err, bad)
	}
	if _, err := Shared(t.Context(), m, 2, func(context.Context) (int, error) { return 1, nil }); err != nil {
		t.Error(err)
	}
	if v, ok := Known[int](m, 2); !ok || v != 1 {
		t.Errorf("got %d, %t, want 1", v, ok)
	}
	if v, ok := Known[int](m, 1); ok {
		t.Errorf("an error is known as %d", v)
	}
	if _, err := Shared(t.Context(), m, 2, func(context.Context) (string, error) { return "", nil }); err == nil {
		t.Error("a value of another type was given")
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
