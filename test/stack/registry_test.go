package stack

import "testing"

// The gateway finds the rpc-server from when it joins until it leaves.
func TestRegistry(t *testing.T) {
	t.Parallel()
	r := newRegistry()
	wantNobody(t, r)
	lost, leave, err := r.Join(t.Context(), "127.0.0.1:8888")
	if err != nil || lost != nil {
		t.Fatalf("Join = %v, %v; want no error, and that it is never lost", lost, err)
	}
	found, err := r.Resolve(t.Context(), "")
	if err != nil || len(found.Instances) != 1 || found.Instances[0].Address().String() != "127.0.0.1:8888" {
		t.Errorf("Resolve = %v, %v; want the instance", found.Instances, err)
	}
	leave()
	wantNobody(t, r)
}

func wantNobody(t *testing.T, r *registry) {
	t.Helper()
	if found, err := r.Resolve(t.Context(), ""); err == nil {
		t.Errorf("Resolve = %v; want an error", found.Instances)
	}
}
