package tail_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/tail"
)

// A chat is being loaded. Something happens between the moment when its entry is made
// and the one when its page has been read, or after that.
func TestCommitsDuringALoad(t *testing.T) {
	t.Parallel()
	const name = chat.Name("a:b")
	type step func(t *testing.T, own, other *instance)
	commits := func(text string) step {
		return func(t *testing.T, own, _ *instance) { own.commit(t, name, text) }
	}
	foreign := func(text string) step {
		return func(t *testing.T, _, other *instance) { other.commit(t, name, text) }
	}
	for title, tc := range map[string]struct {
		before, after step
		loaded        []string // what the load answers
		kept          bool
		next          []string // what the next pull answers
	}{
		"own, before the page is read": {
			commits("2"), nil, []string{"2", "1"}, true, []string{"2", "1"},
		},
		"own, after the page is read": {
			nil, commits("2"), []string{"2", "1"}, true, []string{"2", "1"},
		},
		"own, before and after": {
			commits("2"), commits("3"), []string{"3", "2", "1"}, true, []string{"3", "2", "1"},
		},
		"another instance's, before the page is read": {
			foreign("2"), nil, []string{"2", "1"}, true, []string{"2", "1"},
		},
		"another instance's, after the page is read": {
			nil, foreign("2"), []string{"1"}, true, []string{"2", "1"},
		},
		"another instance's and then own": {
			foreign("2"), commits("3"), []string{"2", "1"}, false, []string{"3", "2", "1"},
		},
		"own and then another instance's": {
			commits("2"), foreign("3"), []string{"2", "1"}, true, []string{"3", "2", "1"},
		},
		"own, which ends after the page is read": {
			func(t *testing.T, own, _ *instance) {
				end := own.begin(t, name, "2")
				t.Cleanup(func() { end(nil) }) // later still than the next pull
			}, nil, []string{"2", "1"}, true, []string{"2", "1"},
		},
		"another pull learns of another instance's": {
			func(t *testing.T, own, other *instance) {
				beside := neighbour()
				own.want(t, beside)
				other.commit(t, beside, "1")
				own.want(t, beside, "1")
			}, nil, []string{"1"}, false, []string{"1"},
		},
		"more own ones than are kept": {
			nil, func(t *testing.T, own, _ *instance) {
				for i := range 20 {
					own.commit(t, name, numbers(i*20, i*20+20)...)
				}
			}, nil, false, lastOf(numbers(0, 400)),
		},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			own, other := twoInstances(t)
			hold := own.holdPages()
			own.commit(t, name, "1") // so that complete is not behind
			hold.next()
			load := own.pull(t.Context())
			hold.awaitBefore()
			if tc.before != nil {
				tc.before(t, own, other)
			}
			hold.awaitAfter()
			if tc.after != nil {
				tc.after(t, own, other)
			}
			hold.goOn()
			if got := <-load; got.err != nil {
				t.Error(got.err)
			} else if tc.loaded != nil {
				wantTexts(t, got.page, tc.loaded...)
			}
			if kept := own.Holds(name); kept != tc.kept {
				t.Errorf("the chat is in memory: %v; want %v", kept, tc.kept)
			}
			own.want(t, name, tc.next...)
			own.want(t, name, tc.next...)
		})
	}
}

// numbers returns the numbers from from up to to.
func numbers(from, to int) (texts []string) {
	for i := from; i < to; i++ {
		texts = append(texts, fmt.Sprint(i))
	}
	return texts
}

// lastOf returns the last 20 of texts, newest first.
func lastOf(texts []string) []string {
	texts = texts[len(texts)-20:]
	slices.Reverse(texts)
	return texts
}

// Pulls of a chat that is being loaded wait for the load, and read nothing themselves.
func TestPullsShareALoad(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	hold := own.holdPages()
	own.commit(t, "a:b", "1")
	hold.next()
	pulls := []<-chan pulled{own.pull(t.Context())}
	hold.awaitBefore()
	for range 20 {
		pulls = append(pulls, own.pull(t.Context()))
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if got := <-own.pull(gone); !errors.Is(got.err, store.ErrUnavailable) || !errors.Is(got.err, context.Canceled) {
		t.Errorf("a pull whose time is up = %v; want ErrUnavailable", got.err)
	}
	hold.awaitAfter()
	hold.goOn()
	for _, pull := range pulls {
		wantPulled(t, pull, "1")
	}
	if s := own.Stats(); s.Loads != 1 || s.Index != 0 || s.Memory != 20 {
		t.Errorf("Stats = %+v; want 1 load and 20 pulls from memory", s)
	}
}

// A load that fails leaves nothing behind. A pull that waited for it reads for itself.
func TestLoadFails(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	broken := errors.New("broken")
	fails := true
	own.WrapPages(func(read tail.PageReader) tail.PageReader {
		return func(ctx context.Context, q store.Query) (store.Page, error) {
			page, err := read(ctx, q)
			if fails {
				fails, err = false, broken
			}
			return page, err
		}
	})
	hold := own.holdPages()
	own.commit(t, "a:b", "1")
	hold.next()
	load := own.pull(t.Context())
	hold.awaitBefore()
	waits := own.pull(t.Context())
	hold.awaitAfter()
	hold.goOn()
	if got := <-load; !errors.Is(got.err, broken) {
		t.Errorf("the pull that loads = %v; want the error of its read", got.err)
	}
	wantPulled(t, waits, "1")
	own.want(t, "a:b", "1")
	own.wantFrom(t, "memory", "a:b", "1")
}
