package http1

import (
	"errors"
	"testing"
)

// Hertz must consume exactly the head that was checked.
func TestHertzSeesTheHeadAlone(t *testing.T) {
	t.Parallel()
	e := &Exchange{stage: readsBody, view: []byte("head")}
	if got, err := e.Peek(e.Len()); string(got) != "head" || err != nil {
		t.Errorf("Peek = %q, %v; want the head", got, err)
	}
	if _, err := e.Peek(e.Len() + 1); !errors.Is(err, errView) {
		t.Errorf("a peek beyond the head: %v; want %v", err, errView)
	}
	if err := e.Skip(e.Len() - 1); !errors.Is(err, errView) {
		t.Errorf("a shorter head: %v; want %v", err, errView)
	}
	if err := e.Skip(e.Len()); err != nil {
		t.Errorf("the head: %v", err)
	}
}
