package etcd_test

import (
	"errors"
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"example.com/im/idl/daemon"
	"example.com/im/idl/etcd"
)

// An outage is news when it begins and when its reason becomes another, however
// often it is met.
func TestOutage(t *testing.T) {
	t.Parallel()
	refused, late := errors.New("connection refused"), errors.New("deadline exceeded")
	settings := daemon.Default[etcd.Settings]()
	var o etcd.Outage
	for i, step := range []struct {
		err  error
		news bool
		want string
	}{
		{refused, true, "refused"},
		{refused, false, "refused"},
		{late, false, "deadline"},
		{rpctypes.ErrUserEmpty, true, "ETCD_USERNAME and ETCD_PASSWORD are missing"},
		{late, false, "deadline"},
		{rpctypes.ErrUserEmpty, false, "ETCD_USERNAME and ETCD_PASSWORD are missing"},
		{rpctypes.ErrAuthFailed, true, "ETCD_USERNAME or ETCD_PASSWORD is wrong"},
		{rpctypes.ErrPermissionDenied, true, "ETCD_USERNAME names a user who may not"},
	} {
		news, told := o.Failed(settings, step.err)
		if news != step.news || !strings.Contains(told.Error(), step.want) || !errors.Is(told, step.err) {
			t.Errorf("step %d: %v, news %v; want %q, news %v", i, told, news, step.want, step.news)
		}
	}
	if !o.Blames() {
		t.Error("no setting is to blame")
	}
	if !o.Ended() || o.Ended() || o.Blames() {
		t.Error("the outage does not end once")
	}
	if news, _ := o.Failed(settings, refused); !news {
		t.Error("the next outage is no news")
	}
}
